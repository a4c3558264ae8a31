"""Turn: what one party said at a time, and when it was heard. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .events import Party
from .heard import WORDS_PER_S

__all__ = ["Turn"]


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

    def ended(self, at_ms: int) -> Turn:
        """With an end, by `at_ms`: estimated where nothing told it."""
        if self.end_ms is not None:
            return self
        spoken_ms = len(self.text.split()) * 1000 / WORDS_PER_S
        return replace(self, end_ms=min(at_ms, self.start_ms + round(spoken_ms)))
