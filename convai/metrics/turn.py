"""A turn of the caller and the agent's answer to it, in figures. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Turn", "TurnFigures"]

EARLY_MS = 300
"""Milliseconds before the caller's end at which an agent may begin and still be taken
to answer: people do so all the time. Earlier, it talks over the caller."""


@dataclass(frozen=True, slots=True)
class TurnFigures:
    """Times and durations in milliseconds; None is not known, or did not happen."""

    number: int
    "Counts from 1, false alarms included."
    typed: bool
    "The caller wrote; then `voice_to_voice_ms` and `first_byte_ms` begin there."
    start_ms: int | None
    "When the caller began; None for words without a sound that we heard."
    end_ms: int | None
    words: int
    "Of the caller."
    answer_ms: int | None
    "When the agent's answer was first heard; None without an answer."
    voice_to_voice_ms: int | None
    """From the end of the caller's speech to the first sound of the answer that left
    for the caller; None also where the agent was speaking on, or spoke over the caller.
    """
    first_byte_ms: int | None
    "... to the first sound that came from the agent."
    words_ms: int | None
    "... to the final words of the caller."
    interrupted: bool
    "With this turn the caller interrupted the agent."
    stop_ms: int | None
    "From the caller's first sound over the agent's to the agent's silence."
    false_alarm: bool
    "The agent was interrupted, and nobody has said a word."
    talked_over: bool
    "The agent began while the caller was still speaking."

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class Turn:
    """A turn that is under way, as far as it is known."""

    typed: bool = False
    start_ms: int | None = None
    end_ms: int | None = None
    "None while the caller speaks."
    spurts: int = 0
    "How often the caller began to speak."
    spurt_ms: int = 0
    "When it did last."
    ended_over: bool = False
    "It ended while the agent was audible."
    words: int = 0
    finals: int = 0
    words_at_ms: int | None = None
    begun_ms: int | None = None
    "When the sound of an answer came from the agent."
    answered_ms: int | None = None
    talked_over: bool = False
    cut: bool = False
    stop_ms: int | None = None
    told: bool = False
    "Its figures were given out."

    @property
    def pending(self) -> bool:
        return self.answered_ms is None

    @property
    def remark(self) -> bool:
        """Something like "mhm", into which the agent spoke on."""
        return self.ended_over and not self.cut

    @property
    def expects_words(self) -> bool:
        return self.pending or self.finals < self.spurts

    @property
    def worth(self) -> bool:
        """Not a mere noise that nobody took for something."""
        answered = not self.pending and not self.remark
        return self.words > 0 or self.typed or self.cut or answered

    def speak(self, at_ms: int) -> None:
        """The caller begins, or goes on after a pause."""
        if self.start_ms is None:
            self.start_ms = at_ms
        self.spurts += 1
        self.spurt_ms = at_ms
        self.end_ms = self.begun_ms = None
        self.ended_over = False

    def pause(self, at_ms: int, *, over: bool) -> None:
        """The caller ceases to speak."""
        self.end_ms = at_ms
        if self.answered_ms is None:
            self.ended_over = over
        elif self.talked_over and at_ms - self.answered_ms <= EARLY_MS:
            self.talked_over = False

    def say(self, words: int, at_ms: int) -> None:
        """Final words of the caller."""
        self.words += words
        self.finals += 1
        self.words_at_ms = at_ms

    def figures(self, number: int) -> TurnFigures:
        end_ms, answered = self.end_ms, self.answered_ms
        measured = end_ms is not None and not self.remark and not self.talked_over

        def since_end(at_ms: int | None) -> int | None:
            if end_ms is None or at_ms is None:
                return None
            return max(0, at_ms - end_ms)

        return TurnFigures(
            number=number,
            typed=self.typed,
            start_ms=self.start_ms,
            end_ms=end_ms,
            words=self.words,
            answer_ms=answered,
            voice_to_voice_ms=since_end(answered) if measured else None,
            first_byte_ms=since_end(self.begun_ms) if measured else None,
            words_ms=None if self.typed else since_end(self.words_at_ms),
            interrupted=self.cut,
            stop_ms=self.stop_ms,
            false_alarm=self.cut and not self.words,
            talked_over=self.talked_over,
        )
