"""History: what was said so far and really heard, for an agent that takes over. Pure.

An agent's words come before its voice, and what is interrupted is never heard. So a
reply counts as far as its sound went:

    corrected by the provider            those words
    cut by the call                      in proportion to what was sent (`convai.heard`)
    its agent died while sending it      in proportion to what had come
    without any sound                    not at all
    anything else                        all of it
"""

from __future__ import annotations

from collections import deque

from ..brief import Utterance
from ..events import Corrected, Event, ReplyDone, Said, Speech
from ..heard import HeardWords

__all__ = ["MOST_CHARACTERS", "MOST_UTTERANCES", "History"]

MOST_UTTERANCES = 200
"A quarter of an hour of quick talk; who needs more of it has it in the profile."

MOST_CHARACTERS = 20_000
"Some 5000 tokens: fits every model, and is read in well under a second."


class _Reply:
    """One reply of the agent, as far as it came and was heard."""

    def __init__(self, number: int, rate: int) -> None:
        self.number = number
        self.words = HeardWords(rate)
        self.text = ""
        self.samples = 0
        self.heard_ms: int | None = None
        "When it was stopped."
        self.corrected: str | None = None
        self.settled = False
        "Nothing more will come of it."

    def heard(self, rate: int) -> str:
        if self.corrected is not None:
            return self.corrected
        if not self.samples:
            return ""
        length_ms = self.samples * 1000 // rate
        if self.heard_ms is None and self.settled:
            return self.text
        heard_ms = length_ms if self.heard_ms is None else self.heard_ms
        found = self.words.cut(self.number, min(heard_ms, length_ms))
        return found.text if found else ""


class History:
    """Feed `note`, `cut` and `broke_off`; read `utterances` at any time."""

    def __init__(self, rate: int) -> None:
        self.dropped = 0
        "Utterances beyond the bound."
        self.length = 0
        "Grows with whatever is said."
        self._rate = rate
        "Hz of the agents' voice."
        self._order: deque[Utterance | _Reply] = deque()
        self._replies: dict[int, _Reply] = {}
        self._guess = ""
        "What the caller seems to be saying."

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """What was heard, oldest first, within the bounds."""
        newest: list[Utterance] = []
        room = MOST_CHARACTERS
        guess = [Utterance("caller", self._guess)] if self._guess else []
        for one in [*guess, *reversed(self._order)]:
            if isinstance(one, _Reply):
                one = Utterance("agent", one.heard(self._rate))
            if one.text:
                newest.append(one)
                room -= len(one.text)
            if room < 0:
                who, text = newest.pop()
                if not newest:  # a single one, longer than all that may be
                    newest.append(Utterance(who, text[-MOST_CHARACTERS:]))
                break
        return tuple(reversed(newest[:MOST_UTTERANCES]))

    def note(self, event: Event) -> None:
        """Take an event of the agent."""
        match event:
            case Said("caller", text, final, late=late):
                self._caller_said(text.strip(), final, late)
            case Said("agent", text, _, number):
                reply = self._reply(number)
                reply.words.note(event)
                reply.text = text
            case Speech(number, pcm):
                reply = self._reply(number)
                reply.words.note(event)
                reply.samples += len(pcm) // 2
            case ReplyDone(number) if number in self._replies:
                self._replies[number].words.note(event)
                self._replies[number].settled = True
            case Corrected(number, text) if number in self._replies:
                self._replies[number].corrected = text

    def cut(self, number: int, heard_ms: int) -> None:
        """The call stopped playing a reply."""
        if reply := self._replies.get(number):
            known = reply.heard_ms
            reply.heard_ms = heard_ms if known is None else min(known, heard_ms)

    def broke_off(self) -> Corrected | None:
        """The agent died in the middle of its newest reply: what is left of it."""
        reply = next(reversed(self._replies.values()), None)
        if reply is None or reply.corrected is not None:
            return None
        reply.settled = False
        heard = reply.heard(self._rate)
        if reply.heard_ms is None:
            reply.heard_ms = reply.samples * 1000 // self._rate
        return Corrected(reply.number, heard) if heard != reply.text else None

    def _caller_said(self, text: str, final: bool, late: bool) -> None:
        self.length += 1
        if not final:
            self._guess = text
            return
        self._guess = ""
        said = Utterance("caller", text)
        if late and text and self._order and isinstance(self._order[-1], _Reply):
            self._order.insert(-1, said)  # before the answer, which goes on
            self._bound()
            return
        self._settle()
        # A provider may repeat as heard what it was told as typed.
        if text and not (self._order and self._order[-1] == said):
            self._append(said)

    def _reply(self, number: int) -> _Reply:
        reply = self._replies.get(number)
        if reply is None:
            self._settle()
            reply = self._replies[number] = _Reply(number, self._rate)
            self._append(reply)
        return reply

    def _settle(self) -> None:
        """Not every provider tells the end of a reply: what comes next does."""
        if self._replies:
            next(reversed(self._replies.values())).settled = True

    def _append(self, one: Utterance | _Reply) -> None:
        self.length += 1
        self._order.append(one)
        self._bound()

    def _bound(self) -> None:
        # Some to spare: replies that were never heard take no room in the end.
        if len(self._order) > 2 * MOST_UTTERANCES:
            self.dropped += 1
            first = self._order.popleft()
            if isinstance(first, _Reply):
                del self._replies[first.number]
