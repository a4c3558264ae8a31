"""Yielding: the agent lowers its voice the moment the caller speaks. Pure.

The provider knows best whether the caller means to interrupt, but it says so only
after half a second. Until then the agent is ducked: it goes on, quietly, so that
nothing of the reply is lost when it was only a cough.

          the caller speaks while the agent is audible
    READY ────────────────────────────────────────────> DUCKED
      ^  ^                                                 │ │
      │  │      the provider confirms, or the agent ends   │ │
      │  └─────────────────────────────────────────────────┘ │
      │                                                      │ not confirmed in time
      │ the caller has paused, or the agent has ended        v
      └──────────────────────────────────────────────────── WARY

In mode "provider" the agent is never ducked. In both modes `talking` tells when the
caller talks, for people: without the short gaps, and without the shortest sounds.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["DUCK_GAIN", "State", "Step", "Yielding"]

DUCK_GAIN = 0.2
"-14 dB: the caller hears that the agent noticed, and still understands it."

CONFIRM_S = 0.7
"Providers that confirm at all do so in 0.2 to 0.6 s."

PAUSE_S = 0.3
"Silence after which speech is a new attempt to interrupt."

TALKING_S = 0.25
"Shorter speech is not worth telling people of: the Vad makes 0.23 s of a blip."

QUIET_S = 0.3
"""Silence after which the caller has stopped talking. With the 0.2 s that the Vad has
bridged before it is half a second: gaps in a sentence are shorter."""


HAIR_S = 1e-6
"Rounding must not make a slot more of it."


class State(Enum):
    READY = "ready"
    DUCKED = "ducked"
    WARY = "wary"


class Step(Enum):
    """What the agent's voice is to do now."""

    KEEP = "keep"
    DUCK = "duck"
    RESTORE = "restore"


class Yielding:
    """For one call. `now` is in seconds of a monotonic clock."""

    __slots__ = (
        "_duck",
        "_ducked_at",
        "ducks",
        "false_alarms",
        "last_at",
        "speech_at",
        "state",
        "talking",
    )

    def __init__(self, *, duck: bool) -> None:
        self.state = State.READY
        self.talking = False
        "Whether the caller talks, as people would say."
        self.ducks = 0
        self.false_alarms = 0
        "Ducks that the provider did not confirm."
        self._duck = duck
        self._ducked_at = 0.0
        self.speech_at = float("-inf")
        "When the speech began that goes on, gaps shorter than a pause included."
        self.last_at = float("-inf")
        "When there was speech last."

    def speech(self, on: bool, audible: bool, now: float) -> Step:
        """A slot of the caller's: is there speech, which is no echo, and is the agent
        `audible`? Call it for every slot."""
        if not on and not self.talking and self.state is State.READY:
            return Step.KEEP  # nothing happens: most slots of a call
        paused = now - self.last_at >= PAUSE_S - HAIR_S
        if on:
            if paused:
                self.speech_at = now
            self.last_at = now
        self._follow(on, now)
        if paused and self.state is State.WARY:
            self.state = State.READY
        return self._step(on, now) if audible else self._rest()

    def tick(self, audible: bool, now: float) -> Step:
        """Time has passed and nothing came from the caller."""
        return self.speech(False, audible, now)

    def confirmed(self) -> None:
        """The provider interrupted the agent: the call cuts it, at whatever volume."""
        self.state = State.READY

    def _step(self, on: bool, now: float) -> Step:
        match self.state:
            case State.READY if on and self._duck:
                self.state = State.DUCKED
                self._ducked_at = now
                self.ducks += 1
                return Step.DUCK
            case State.DUCKED if now - self._ducked_at >= CONFIRM_S - HAIR_S:
                self.state = State.WARY
                self.false_alarms += 1
                return Step.RESTORE
        return Step.KEEP

    def _rest(self) -> Step:
        """The agent is silent: what it says next, it says aloud."""
        ducked = self.state is State.DUCKED
        self.state = State.READY
        return Step.RESTORE if ducked else Step.KEEP

    def _follow(self, on: bool, now: float) -> None:
        if not self.talking:
            self.talking = on and now - self.speech_at >= TALKING_S - HAIR_S
        elif now - self.last_at >= QUIET_S - HAIR_S:
            self.talking = False
