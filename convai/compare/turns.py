"""TurnTaking: when the caller speaks, decided by nothing but what it hears. Pure.

                 silent after sound, or nothing came
    LISTENING ───────────────────────────────────────> SPEAKING ──┐ its sound is over
        ^   └── the answer goes on, and it is time to interrupt ──^  │
        └─────────────────────────────────────────────────────────┘
        └── as above, but no turn is left ──> DONE

The first LISTENING is to the greeting, later ones to the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from .sound import FULL_SCALE

__all__ = ["AUDIBLE", "Pace", "Phase", "Spoken", "TurnTaking"]

AUDIBLE = FULL_SCALE * 10 ** (-50 / 20)
"""RMS of 20 ms of the agent's sound from which on somebody on the phone hears a voice;
-50 dBFS: room noise of a good voice is below, its softest endings are above."""

STILL_S = 0.3
"""A pause inside words is shorter: who was heard that lately is speaking."""

SOUNDING_S = 0.06
"""Three slots: a caller interrupts a word, not the pause between two sentences, in
which nobody can tell whether the agent gave way."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the caller is; seconds."""

    quiet: float = 1.0
    "Silence after the agent's sound that ends its turn: sentences have shorter gaps."
    greeting: float = 8.0
    "To wait for a first word."
    answer: float = 10.0
    "To wait for an answer."
    into: float = 1.5
    "How far into the answer the caller interrupts."
    longest: float = 60.0
    "An answer that goes on for so long is not waited for."


class Phase(Enum):
    """Whose move it is."""

    LISTENING = auto()
    SPEAKING = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Spoken:
    """A turn as the caller took it; seconds on the call's clock."""

    turn: int
    begin: float
    "When its sound began: silence at the start of the recording is left out."
    end: float
    "When its last sound was over."
    interrupts: bool = False
    "It was started into the agent's answer, on purpose."

    def since(self, start: float) -> Spoken:
        """The same, on a clock that begins at `start`."""
        begin, end = self.begin - start, self.end - start
        return Spoken(self.turn, begin, end, self.interrupts)


class TurnTaking:
    """One call's. `begin` once; then `hear` each slot received, `tick` each 20 ms."""

    def __init__(
        self,
        turns: Sequence[tuple[float, float, float]],
        *,
        interrupt: int | None = None,
        pace: Pace | None = None,
    ) -> None:
        """`turns`: begin and end of speech, and length, of each recording in seconds.

        `interrupt` is the turn (from 0) that does not wait for the answer's end.
        """
        self.spoken: list[Spoken] = []
        self.notes: list[str] = []
        "What did not go as planned, in words."
        self.phase = Phase.LISTENING
        self._turns = turns
        self._interrupt = interrupt
        self._pace = pace or Pace()
        self._since = 0.0
        "When listening began: at the start, then at the end of each turn's speech."
        self._over = 0.0
        "When the recording that is being played is over."
        self._first: float | None = None
        "The first sound of what is being listened to."
        self._last = float("-inf")
        "The last sound of the agent."

    @property
    def turns(self) -> int:
        """How many there are to speak."""
        return len(self._turns)

    def begin(self, now: float) -> None:
        """The line is open."""
        self._since = now

    def stop(self) -> None:
        """Nobody listens any more."""
        self.phase = Phase.DONE

    def hear(self, now: float, level: float) -> None:
        """A slot of the agent's sound came; `level` is its RMS."""
        if level < AUDIBLE:
            return
        self._last = now
        if self._first is None and now >= self._since:
            self._first = now

    def tick(self, now: float) -> int | None:
        """The turn to begin in this slot, if any."""
        if self.phase is Phase.SPEAKING and now >= self._over:
            self.phase = Phase.LISTENING
        if self.phase is not Phase.LISTENING:
            return None
        upcoming = len(self.spoken)
        interrupts = upcoming == self._interrupt and self._in_full_flow(now)
        if not (interrupts or self._floor_is_free(now)):
            return None
        if upcoming == len(self._turns):
            self.phase = Phase.DONE
            return None
        if upcoming == self._interrupt and not interrupts:
            self.notes.append(
                f"turn {upcoming + 1} could not interrupt: the answer before it was "
                f"over within {self._pace.into:g} s, or never came"
            )
        return self._speak(upcoming, now, interrupts)

    def _speak(self, turn: int, now: float, interrupts: bool) -> int:
        begin, end, length = self._turns[turn]
        self.spoken.append(Spoken(turn, now + begin, now + end, interrupts))
        self.phase = Phase.SPEAKING
        self._over = now + length
        self._since = now + end
        self._first = None
        return turn

    def _in_full_flow(self, now: float) -> bool:
        """The agent has spoken long enough to be interrupted, and still does."""
        first = self._first
        lead = self._turns[len(self.spoken)][0]  # silence before the first word
        return (
            first is not None
            and now + lead - first >= self._pace.into
            and now - self._last < SOUNDING_S
        )

    def _floor_is_free(self, now: float) -> bool:
        """The agent is through, or does not come; the latter is noted."""
        if self._first is not None:
            if now - self._last >= self._pace.quiet:
                return True
            return self._tired(now, self._first, self._pace.longest)
        patience = self._pace.answer if self.spoken else self._pace.greeting
        if now - self._since < patience:
            return False
        what = f"no answer to turn {len(self.spoken)}" if self.spoken else "no greeting"
        self.notes.append(f"{what} within {patience:g} s")
        return True

    def _tired(self, now: float, since: float, patience: float) -> bool:
        if now - since < patience:
            return False
        what = f"answer to turn {len(self.spoken)}" if self.spoken else "greeting"
        self.notes.append(f"the {what} did not end within {patience:g} s")
        return True
