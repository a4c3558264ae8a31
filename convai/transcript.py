"""Transcript: a conversation's events folded into turns, as they were heard.

Three things make this more than a list of texts. An agent's words come before its
voice, all at once; a caller's words come after the voice, sometimes when the agent is
already answering; and what was cut off was never heard. So a turn has the times of its
sound where `Talking` tells them, and turns are put in the order of their start.

Of what is said while the recording is paused no word is kept, whenever it comes: a turn
that was heard in a pause, if only in part, is left out.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from math import inf
from typing import Any, NamedTuple

from .events import (
    Corrected,
    Cut,
    Ended,
    Event,
    Ready,
    RecordingState,
    ReplyDone,
    Said,
    Speech,
    Talking,
)
from .heard import heard_words
from .pauses import OWED_MS, Pauses
from .turn import Turn

__all__ = ["Transcript", "Turn"]

_SAME_TURN_MS = 3000
"""Milliseconds of silence after which new sound of the caller is a new turn, when no
words have come for the sound before it: then that was a cough. Recognisers end a turn
after 0.3 to 1.5 s and need up to a second more for the words."""
_MOST_TURNS = 10_000
"Turns kept: days of talk; a provider that counts its replies wildly gets no further."
_ON_THE_WAY_MS = 300
"A reply of which no more than this is missing when the sound ends was heard whole."


class _Span(NamedTuple):
    reply: int
    begin_ms: float
    end_ms: float


class Transcript:
    """Feed `note` with every event; read `turns` at any time."""

    def __init__(self) -> None:
        self.dropped = 0
        "Turns beyond the bound."
        self.pauses = Pauses()
        self._conversation = ""
        self._rate = 0
        "Hz of the agent's voice; 0 until known."
        self._caller: list[Turn] = []
        self._open: Turn | None = None
        "What the caller is saying, or has said without final words so far."
        self._open_private = False
        "It was heard in a pause."
        self._caller_since: int | None = None
        "Since when the caller is audible; None: silent."
        self._unended = False
        "The newest final turn got its end from its words: its sound goes on, perhaps."
        self._agent: dict[int, Turn] = {}
        self._corrected: set[int] = set()
        self._length_ms: dict[int, float] = {}
        "Sound of each reply, played or not."
        self._voice_ms: dict[int, float] = {}
        "What of it is not known to be played to its end."
        self._begun: set[int] = set()
        "Replies whose sound is known to have started."
        self._whole: set[int] = set()
        "Replies of which all sound has come."
        self._private: set[int] = set()
        "Replies that were heard, or made, in a pause."
        self._playing_since: int | None = None

    @property
    def turns(self) -> list[Turn]:
        """Turns with words, in the order in which they started."""
        every = [*map(self._as_heard, self._agent), *self._caller]
        if self._open is not None:
            every.append(self._open)
        return sorted((t for t in every if t.text), key=lambda turn: turn.start_ms)

    def to_json(self) -> dict[str, Any]:
        """The content of `transcript.json`."""
        return {
            "conversation": self._conversation,
            "turns": [asdict(turn) for turn in self.turns],
            "pauses": self.pauses.to_json(),
        }

    def note(self, event: Event, at_ms: int) -> bool:
        """Take an event that happened `at_ms` milliseconds after the call's start.

        False: its words were, or may have been, said in a pause.
        """
        match event:
            case Said(who="caller", typed=True):
                return self._typed(event, at_ms)
            case Said(who="caller"):
                return self._caller_said(event, at_ms)
            case Said(who="agent"):
                return self._agent_said(event, at_ms)
            case Corrected(reply, text):
                return self._correct(reply, text, at_ms)
            case Speech():
                self._spoke(event, at_ms)
            case _:
                self._happened(event, at_ms)
        return True

    def _happened(self, event: Event, at_ms: int) -> None:
        """What has no words of its own."""
        match event:
            case Ready():
                self._conversation = event.conversation
                self._rate = event.output_rate
            case ReplyDone(reply) if reply in self._voice_ms:
                self._whole.add(reply)
            case Cut(reply, heard_ms):
                self._cut(reply, heard_ms, at_ms)
            case Talking("caller", on, ago_ms):
                self._caller_audible(on, at_ms - ago_ms)
            case Talking("agent", on, ago_ms):
                self._agent_audible(on, at_ms - ago_ms)
            case RecordingState(state):
                if self.pauses.turn(state, at_ms):
                    self._pause(at_ms)
            case Ended():
                self._end(at_ms)

    def _pause(self, at_ms: int) -> None:
        """What is being said now will go on in the pause."""
        if self._open is not None:
            self._open, self._open_private = replace(self._open, text=""), True
        over = {it.reply for it in self._spans(at_ms)[:-1] if it.end_ms <= at_ms}
        newest = max(self._agent, default=None)
        for reply, turn in self._agent.items():
            waits = reply == newest and turn.end_ms is None
            if reply not in over and (reply in self._voice_ms or waits):
                self._hide(reply)

    def _end(self, at_ms: int) -> None:
        """The call is over: what was still to be heard is not."""
        self.pauses.close(at_ms)
        self._break_off(at_ms)
        self._agent = {key: turn.ended(at_ms) for key, turn in self._agent.items()}

    # The caller: sound first, words later.

    def _caller_audible(self, on: bool, at_ms: int) -> None:
        turn = self._open
        self._caller_since = at_ms if on else None
        if not on:
            if turn is not None:
                self._open = replace(turn, end_ms=max(at_ms, turn.start_ms))
            elif self._unended:
                self._end_last(at_ms)
            self._unended = False
        elif turn is None or self._was_noise(turn, at_ms):
            self._open = Turn("caller", "", at_ms)
            self._open_private = self.pauses.touch(at_ms)
        else:  # words may come before anybody is sure of the sound
            start_ms = min(turn.start_ms, at_ms)
            self._open = replace(turn, start_ms=start_ms, end_ms=None)
            self._open_private |= self.pauses.touch(at_ms)

    def _end_last(self, at_ms: int) -> None:
        """The sound of the newest turn ended, which took longer to hear than words."""
        turn = self._caller[-1]
        if turn.end_ms is not None and turn.start_ms <= at_ms < turn.end_ms:
            self._caller[-1] = replace(turn, end_ms=at_ms)

    def _was_noise(self, turn: Turn, at_ms: int) -> bool:
        silent_since = turn.end_ms
        limit_ms = OWED_MS if self._open_private else _SAME_TURN_MS
        return (
            not turn.text
            and silent_since is not None
            and at_ms - silent_since > limit_ms
        )

    def _caller_said(self, said: Said, at_ms: int) -> bool:
        kept = not self._private_words(at_ms)
        turn = self._open
        if turn is None:
            turn, self._open_private = Turn("caller", "", at_ms), not kept
        if not said.final:
            self._open = replace(turn, text=said.text if kept else "")
            return kept
        self._open, self._unended = None, False
        if kept and self._room(len(self._caller)):
            self._unended = turn.end_ms is None
            end_ms = at_ms if turn.end_ms is None else turn.end_ms
            self._caller.append(
                replace(turn, text=said.text, end_ms=end_ms, final=True)
            )
        return kept

    def _private_words(self, at_ms: int) -> bool:
        """Whether words of the caller that come now may have been said in a pause."""
        if self.pauses.late(at_ms):
            return True
        if self._open is not None:
            return self._open_private
        if self._caller_since is not None:
            return self.pauses.touch(self._caller_since)
        return self.pauses.late(at_ms, OWED_MS)

    def _typed(self, said: Said, at_ms: int) -> bool:
        """Written words come when they are sent; what is being said goes on."""
        if self.pauses.running:
            return False
        if self._room(len(self._caller)):
            self._unended = False
            self._caller.append(Turn("caller", said.text, at_ms, at_ms, final=True))
        return True

    # The agent: words first, sound later.

    def _agent_said(self, said: Said, at_ms: int) -> bool:
        if self._is_private(said.reply):
            return False
        known = self._agent.get(said.reply)
        if said.reply in self._corrected or (known and known.final and not said.final):
            return True  # late: what is known is about what was heard, or complete
        self._change(said.reply, at_ms, text=said.text, final=said.final)
        return True

    def _correct(self, reply: int, text: str, at_ms: int) -> bool:
        if self._is_private(reply):
            return False
        if self._change(reply, at_ms, text=text, final=True, interrupted=True):
            self._corrected.add(reply)
        return True

    def _is_private(self, reply: int) -> bool:
        if self.pauses.running:
            self._hide(reply)
            return True
        return reply in self._private or len(self._private) >= _MOST_TURNS

    def _hide(self, reply: int) -> None:
        """Keep no words of the reply, neither those that are here nor later ones."""
        if len(self._private) < _MOST_TURNS:
            self._private.add(reply)
        if reply in self._agent:
            self._agent[reply] = replace(self._agent[reply], text="")

    def _spoke(self, speech: Speech, at_ms: int) -> None:
        if self.pauses.running:
            self._hide(speech.reply)
        if self._rate and self._change(speech.reply, at_ms):
            if self._agent[speech.reply].heard_ms is not None:
                return  # not played either: it was cut
            if self._playing_since is not None and not self._voice_ms:
                self._begin(speech.reply, at_ms)
            ms = len(speech.pcm) / 2 / self._rate * 1000
            for sound in (self._length_ms, self._voice_ms):
                sound[speech.reply] = sound.get(speech.reply, 0.0) + ms

    def _agent_audible(self, on: bool, at_ms: int) -> None:
        if on:
            self._playing_since = at_ms
            if self._voice_ms:
                self._begin(min(self._voice_ms), at_ms)
        elif self._playing_since is not None:
            # Of what was not heard the `Cut` comes, or its own sound.
            heard = [it for it in self._spans(at_ms) if it.begin_ms < at_ms]
            self._settle(heard, at_ms)
            self._playing_since = None

    def _cut(self, reply: int, heard_ms: int, at_ms: int) -> None:
        if reply in self._voice_ms:
            unheard_ms = self._length_ms[reply] - heard_ms
            self._voice_ms[reply] = max(0.0, self._voice_ms[reply] - unheard_ms)
        # What waited before it is not heard either; what is newer was not meant.
        self._break_off(at_ms, reply)
        if self._change(reply, at_ms, interrupted=True, heard_ms=heard_ms):
            end_ms = self._agent[reply].end_ms
            self._change(reply, at_ms, end_ms=at_ms if end_ms is None else end_ms)

    def _break_off(self, at_ms: int, upto: float = inf) -> None:
        """What of these replies was still to be heard is not."""
        spans = [it for it in self._spans(at_ms) if it.reply <= upto]
        for reply, begin_ms, end_ms in spans:
            if end_ms - at_ms > _ON_THE_WAY_MS:
                unheard_ms = end_ms - max(begin_ms, at_ms)
                heard_ms = round(self._length_ms[reply] - unheard_ms)
                self._change(reply, at_ms, interrupted=True, heard_ms=heard_ms)
        self._settle(spans, at_ms)

    def _settle(self, spans: list[_Span], at_ms: int) -> None:
        """The sound stopped: its replies have a beginning and an end."""
        for reply, begin_ms, end_ms in spans:
            del self._voice_ms[reply]
            self._begin(reply, min(round(begin_ms), at_ms))
            end = at_ms if reply == spans[-1].reply else min(round(end_ms), at_ms)
            self._change(reply, at_ms, end_ms=end)
        if self._playing_since is not None:
            self._playing_since = at_ms

    def _spans(self, at_ms: int) -> list[_Span]:
        """What is, or was, to be heard: the time shared out among its replies."""
        spans = []
        clock: float = at_ms if self._playing_since is None else self._playing_since
        for reply in sorted(self._voice_ms):
            begin_ms, clock = clock, clock + self._voice_ms[reply]
            spans.append(_Span(reply, begin_ms, clock))
        return spans

    def _as_heard(self, reply: int) -> Turn:
        """Of what was cut off the words that were heard, if nobody told them."""
        turn = self._agent[reply]
        if turn.heard_ms is None or reply in self._corrected:
            return turn
        length_ms, whole = self._length_ms.get(reply, 0.0), reply in self._whole
        text = heard_words(turn.text, turn.heard_ms, length_ms, whole=whole)
        return replace(turn, text=text)

    def _begin(self, reply: int, at_ms: int) -> None:
        if reply not in self._begun:
            self._begun.add(reply)
            self._change(reply, at_ms, start_ms=at_ms)

    def _change(self, reply: int, at_ms: int, **changes: Any) -> bool:
        """False when there is no room for another turn."""
        turn = self._agent.get(reply)
        if turn is None:
            if not self._room(len(self._agent)):
                return False
            turn = Turn("agent", "", at_ms)
        self._agent[reply] = replace(turn, **changes)
        return True

    def _room(self, turns: int) -> bool:
        self.dropped += turns >= _MOST_TURNS
        return turns < _MOST_TURNS
