"""Pauses: when nothing that is said may be kept, and which words that concerns. Pure.

Words come after the sound that they are made of, sometimes seconds after it. So words
that come soon after a pause count as said in it unless the contrary is certain: to lose
a sentence is a pity, to keep a card number is a wrong.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["LATE_MS", "OWED_MS", "Pauses", "State"]

State: TypeAlias = Literal["on", "paused", "off", "failed"]

LATE_MS = 3000
"""Milliseconds after a pause in which all words may still be of it. Recognisers end a
turn after 0.3 to 1.5 s of silence and need up to a second more for the words."""

OWED_MS = 10_000
"Milliseconds after a pause for which words without a sound of their own are not kept."

MOST_PAUSES = 1000
"Beyond, the last one is told as if it had gone on: nobody presses so often in earnest."


class Pauses:
    """Feed `turn` with each state of the recording; times are ms of the call."""

    def __init__(self) -> None:
        self.running = False
        "Nothing said now may be kept."
        self._spans: list[tuple[int, int | None]] = []
        self._resumed_ms: float = float("-inf")
        "When the last pause ended."

    def turn(self, state: State, at_ms: int) -> bool:
        """The recording is now like this; True when a time begins that is not kept."""
        if state == "on":
            if self.running:
                self.close(at_ms)
                self.running, self._resumed_ms = False, at_ms
            return False
        begins = not self.running
        if state == "paused":
            if begins:
                self._open(at_ms)
        else:
            self.close(at_ms)  # nothing is kept any more, but nobody paused it
        self.running = True
        return begins

    def late(self, at_ms: float, window_ms: int = LATE_MS) -> bool:
        """Whether words that come now may have been said in a pause."""
        return self.running or at_ms < self._resumed_ms + window_ms

    def touch(self, since_ms: float) -> bool:
        """Whether a sound that began then, and goes on, was heard in a pause."""
        return self.running or since_ms < self._resumed_ms

    def close(self, at_ms: int) -> None:
        """The pause that goes on, if there is one, ends here."""
        if self._spans and self._spans[-1][1] is None:
            self._spans[-1] = (self._spans[-1][0], at_ms)

    def to_json(self) -> list[dict[str, int | None]]:
        """As they stand in `transcript.json`; the end of one that goes on is None."""
        return [{"start_ms": start, "end_ms": end} for start, end in self._spans]

    def _open(self, at_ms: int) -> None:
        if len(self._spans) < MOST_PAUSES:
            self._spans.append((at_ms, None))
        else:
            self._spans[-1] = (self._spans[-1][0], None)
