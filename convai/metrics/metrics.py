"""Metrics: a call in figures, folded from its events. Pure.

The events are taken in the form in which they stand in `events.jsonl`, so that a call
that runs and one of last year are measured by the same code:

    message ──> Moments ──> Turns    who answered whom, and how fast
                (in order)  Sound    who was audible for how long
                            Words    how much was said
                            Cost     what it cost
                            Happened what else there was

All that is told of sound comes from what was received and sent, never from what a
provider says about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from ..agent import AgentProtocolError
from ..untrusted import Fields, optional_text, parse
from .cost import Cost
from .happened import Happened
from .moments import Moment, Moments
from .prices import Prices
from .sound import Sound
from .spread import spread
from .turn import TurnFigures
from .turns import Turns
from .words import Words

__all__ = ["Metrics"]

MOST_TURNS = 10_000
"Turns remembered: a day of talk."

LEAST_TALK_MS = 2000
"Milliseconds of talk from which words per minute say something."


class Metrics:
    """Of one call. Feed `note` with each message; ask `summary` at any time.

    Figures are a second behind the events, until the call has ended.
    """

    def __init__(self, agent: str = "", prices: Prices | None = None) -> None:
        """`agent` is the name of the first one; without prices there is no cost."""
        self.turns: list[TurnFigures] = []
        "Those that are over; bounded."
        self._agent = agent
        self._moments = Moments()
        self._sound = Sound()
        self._turns = Turns()
        self._words = Words()
        self._cost = Cost(agent, prices)
        self._happened = Happened()
        self._started_ms: int | None = None
        "When the agent was connected."
        self._ended = False

    @classmethod
    def of(
        cls,
        lines: Iterable[str | bytes],
        agent: str = "",
        prices: Prices | None = None,
    ) -> Self:
        """The metrics of an `events.jsonl`; lines that are none are left out."""
        metrics = cls(agent, prices)
        for line in lines:
            try:
                metrics.note(parse(line))
            except AgentProtocolError:
                metrics._moments.odd += 1
        metrics.finish()
        return metrics

    def note(self, message: Fields) -> list[TurnFigures]:
        """Take an event; returns the turns that are complete by now."""
        moments = self._moments.put(message)
        if message.get("type") == "conversation.ended":
            moments += self._moments.flush()
        return self._settle(moments)

    def finish(self) -> list[TurnFigures]:
        """Nothing more will come: a call may end without saying so."""
        told = self._settle(self._moments.flush())
        return told + self._keep(self._end(self._moments.now_ms or 0))

    def summary(self) -> dict[str, Any]:
        """The whole call so far; `_ms` are milliseconds, None is not known."""
        turns, sound, words = self._turns, self._sound, self._words
        spoken = [turn for turn in self.turns if not turn.typed]
        greeting_ms, started_ms = turns.greeting_ms, self._started_ms
        if greeting_ms is not None and started_ms is not None:
            greeting_ms = max(0, greeting_ms - started_ms)
        end_ms = (sound.begin_ms or 0) + sound.length_ms
        return {
            "agent": self._agent,
            "agents": self._cost.agents,
            "length_ms": sound.length_ms,
            "greeting_ms": greeting_ms,
            "voice_to_voice_ms": spread(it.voice_to_voice_ms for it in spoken),
            "first_byte_ms": spread(it.first_byte_ms for it in spoken),
            "words_ms": spread(it.words_ms for it in spoken),
            "typed_to_voice_ms": spread(
                it.voice_to_voice_ms for it in self.turns if it.typed
            ),
            "stop_ms": spread(it.stop_ms for it in spoken),
            "longest_wait_ms": turns.longest_wait_ms,
            "turns": turns.figures(),
            "interruptions": turns.interruptions(),
            "talk": sound.figures(),
            "words": {
                "caller": words.caller,
                "agent": words.agent,
                "caller_per_min": _per_minute(words.caller, sound.caller_ms),
                "agent_per_min": _per_minute(words.agent, sound.agent_ms),
            },
            **self._happened.figures(),
            "cost": self._cost.figures(end_ms, sound.every_silence()),
            "odd_lines": self._moments.odd,
        }

    def _settle(self, moments: list[Moment]) -> list[TurnFigures]:
        told: list[TurnFigures] = []
        for moment in moments:
            self._take(moment)
            told += self._turns.take()
            if moment.kind == "conversation.ended":
                told += self._end(moment.at_ms)
        return self._keep(told)

    def _keep(self, told: list[TurnFigures]) -> list[TurnFigures]:
        self.turns += told[: max(0, MOST_TURNS - len(self.turns))]
        return told

    def _end(self, at_ms: int) -> list[TurnFigures]:
        if self._ended:
            return []
        self._ended = True
        self._sound.go_on(at_ms)
        self._turns.finish(at_ms)
        self._cost.end(at_ms)
        return self._turns.take()

    def _take(self, moment: Moment) -> None:
        at_ms, _, kind, fields = moment
        if not self._ended:
            self._sound.go_on(at_ms)
            self._talk(at_ms, kind, fields)
        match kind:
            case "usage":
                self._cost.usage(fields, at_ms)
            case "transcript.corrected":
                self._words.corrected(fields)
            case _:
                self._happened.note(kind, fields)

    def _talk(self, at_ms: int, kind: str, fields: Fields) -> None:
        """What belongs to the talk itself; nothing of it counts after the end."""
        match kind:
            case "conversation.started":
                if self._started_ms is None:
                    self._started_ms = at_ms
                self._cost.begin(at_ms)
            case "agent.changed":
                self._cost.change(fields, at_ms)
            case "talking":
                self._talking(at_ms, optional_text(fields, "who"), fields.get("on"))
            case "transcript.user":
                self._user(at_ms, fields)
            case "transcript.agent":
                self._words.reply(fields)
            case "reply.begun":
                self._turns.begun(at_ms)
            case "conversation.interrupted":
                self._words.cut(fields)
                self._turns.cut(at_ms)

    def _talking(self, at_ms: int, who: str, on: object) -> None:
        if who in ("caller", "agent") and isinstance(on, bool):
            self._sound.talking(who, on, at_ms)
            self._turns.talking(who, on, at_ms)
            if who == "caller":
                self._happened.caller_talks = on

    def _user(self, at_ms: int, fields: Fields) -> None:
        words = self._words.user(fields)
        if fields.get("typed") is not True:
            self._turns.said(words, at_ms)
        elif words:
            self._turns.typed(words, at_ms)
            self._cost.typed()


def _per_minute(words: int, talk_ms: int) -> float | None:
    if talk_ms < LEAST_TALK_MS:
        return None
    return round(words / talk_ms * 60_000, 1)
