"""Transcript: a conversation's events folded into turns, as they were heard.

Three things make this more than a list of texts. An agent's words come before its
voice, all at once; a caller's words come after the voice, sometimes when the agent is
already answering; and what was cut off was never heard. So a turn has the times of its
sound where `Talking` tells them, and turns are put in the order of their start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .events import Corrected, Cut, Event, Party, Ready, Said, Speech, Talking

__all__ = ["Transcript", "Turn"]

_SAME_TURN_MS = 3000
"""Milliseconds of silence after which new sound of the caller is a new turn, when no
words have come for the sound before it: then that was a cough. Recognisers end a turn
after 0.3 to 1.5 s and need up to a second more for the words."""
_MOST_TURNS = 10_000
"Turns kept: days of talk; a provider that counts its replies wildly gets no further."


@dataclass(frozen=True, slots=True)
class Turn:
    who: Party
    text: str
    start_ms: int
    "Since the start of the call; when the turn could first be heard, as far as known."
    end_ms: int | None = None
    "None while the turn goes on, or when nothing told its end."
    final: bool = False
    "False: the text is a guess and may still change."
    interrupted: bool = False
    heard_ms: int | None = None
    "Milliseconds of an interrupted turn that the caller heard."


class Transcript:
    """Feed `note` with every event; read `turns` at any time."""

    def __init__(self) -> None:
        self.dropped = 0
        "Turns beyond the bound."
        self._conversation = ""
        self._rate = 0
        "Hz of the agent's voice; 0 until known."
        self._caller: list[Turn] = []
        self._open: Turn | None = None
        "What the caller is saying, or has said without final words so far."
        self._unended = False
        "The newest final turn got its end from its words: its sound goes on, perhaps."
        self._agent: dict[int, Turn] = {}
        self._corrected: set[int] = set()
        self._voice_ms: dict[int, float] = {}
        "Sound of each reply that is not known to be played to its end."
        self._begun: set[int] = set()
        "Replies whose sound is known to have started."
        self._playing_since: int | None = None

    @property
    def turns(self) -> list[Turn]:
        """Turns with words, in the order in which they started."""
        every = [*self._agent.values(), *self._caller]
        if self._open is not None:
            every.append(self._open)
        return sorted((t for t in every if t.text), key=lambda turn: turn.start_ms)

    def to_json(self) -> dict[str, Any]:
        """The content of `transcript.json`."""
        return {
            "conversation": self._conversation,
            "turns": [
                {
                    "who": turn.who,
                    "text": turn.text,
                    "start_ms": turn.start_ms,
                    "end_ms": turn.end_ms,
                    "final": turn.final,
                    "interrupted": turn.interrupted,
                    "heard_ms": turn.heard_ms,
                }
                for turn in self.turns
            ],
        }

    def note(self, event: Event, at_ms: int) -> None:
        """Take an event that happened `at_ms` milliseconds after the call's start."""
        match event:
            case Ready():
                self._conversation = event.conversation
                self._rate = event.output_rate
            case Said(who="caller"):
                self._caller_said(event, at_ms)
            case Said(who="agent"):
                self._agent_said(event, at_ms)
            case Corrected(reply, text):
                self._correct(reply, text, at_ms)
            case Speech():
                self._spoke(event, at_ms)
            case Cut(reply, heard_ms):
                self._cut(reply, heard_ms, at_ms)
            case Talking("caller", on, ago_ms):
                self._caller_audible(on, at_ms - ago_ms)
            case Talking("agent", on, ago_ms):
                self._agent_audible(on, at_ms - ago_ms)

    # The caller: sound first, words later.

    def _caller_audible(self, on: bool, at_ms: int) -> None:
        turn = self._open
        if not on:
            if turn is not None:
                self._open = replace(turn, end_ms=max(at_ms, turn.start_ms))
            elif self._unended:
                self._end_last(at_ms)
            self._unended = False
        elif turn is None or self._was_noise(turn, at_ms):
            self._open = Turn("caller", "", at_ms)
        else:  # words may come before anybody is sure of the sound
            start_ms = min(turn.start_ms, at_ms)
            self._open = replace(turn, start_ms=start_ms, end_ms=None)

    def _end_last(self, at_ms: int) -> None:
        """The sound of the newest turn ended, which took longer to hear than words."""
        turn = self._caller[-1]
        if turn.end_ms is not None and turn.start_ms <= at_ms < turn.end_ms:
            self._caller[-1] = replace(turn, end_ms=at_ms)

    @staticmethod
    def _was_noise(turn: Turn, at_ms: int) -> bool:
        silent_since = turn.end_ms
        return (
            not turn.text
            and silent_since is not None
            and at_ms - silent_since > _SAME_TURN_MS
        )

    def _caller_said(self, said: Said, at_ms: int) -> None:
        turn = self._open or Turn("caller", "", at_ms)
        if not said.final:
            self._open = replace(turn, text=said.text)
            return
        self._open = None
        if self._room(len(self._caller)):
            self._unended = turn.end_ms is None
            end_ms = at_ms if turn.end_ms is None else turn.end_ms
            self._caller.append(
                replace(turn, text=said.text, end_ms=end_ms, final=True)
            )

    # The agent: words first, sound later.

    def _agent_said(self, said: Said, at_ms: int) -> None:
        known = self._agent.get(said.reply)
        if said.reply in self._corrected or (known and known.final and not said.final):
            return  # late: what is known is about what was heard, or complete
        self._change(said.reply, at_ms, text=said.text, final=said.final)

    def _correct(self, reply: int, text: str, at_ms: int) -> None:
        if self._change(reply, at_ms, text=text, final=True, interrupted=True):
            self._corrected.add(reply)

    def _spoke(self, speech: Speech, at_ms: int) -> None:
        if self._rate and self._change(speech.reply, at_ms):
            if self._playing_since is not None and not self._voice_ms:
                self._begin(speech.reply, at_ms)
            ms = len(speech.pcm) / 2 / self._rate * 1000
            self._voice_ms[speech.reply] = self._voice_ms.get(speech.reply, 0.0) + ms

    def _agent_audible(self, on: bool, at_ms: int) -> None:
        if on:
            self._playing_since = at_ms
            if self._voice_ms:
                self._begin(min(self._voice_ms), at_ms)
        else:
            self._settle(at_ms)
            self._playing_since = None

    def _cut(self, reply: int, heard_ms: int, at_ms: int) -> None:
        if reply in self._voice_ms:
            self._voice_ms[reply] = heard_ms
            self._settle(at_ms)
        if self._change(reply, at_ms, interrupted=True, heard_ms=heard_ms):
            end_ms = self._agent[reply].end_ms
            self._change(reply, at_ms, end_ms=at_ms if end_ms is None else end_ms)

    def _settle(self, at_ms: int) -> None:
        """The sound stopped: share its time out among the replies it was made of."""
        if self._playing_since is None:
            return
        clock: float = self._playing_since
        for reply in sorted(self._voice_ms):
            self._begin(reply, round(clock))
            clock += self._voice_ms.pop(reply)
            end_ms = min(round(clock), at_ms) if self._voice_ms else at_ms
            self._change(reply, at_ms, end_ms=end_ms)
        self._playing_since = at_ms

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
