"""Beat: an absolute 20 ms schedule. Pure.

Each tick is due at `start + index * period`, whatever happened to the ones before, so
delays never add up. After a stall at most `BURST` ticks are made up for; the rest are
skipped, and the index (from which timestamps are made) still tells true time.
"""

from __future__ import annotations

import math

__all__ = ["BURST", "PERIOD_S", "Beat"]

PERIOD_S = 0.020
"Seconds between ticks: the packet length that every WebRTC peer prefers for Opus."

BURST = 3
"""Most packets sent back to back after a stall. Three fit into any receiver's jitter
buffer; a longer burst only makes it grow, and with it the delay of the whole call."""


class Beat:
    """When the next tick is due, and which one it is."""

    def __init__(self, start: float, period: float = PERIOD_S) -> None:
        self.start = start
        "Seconds, on the clock whose `now` is given to the methods."
        self.period = period
        self.skipped = 0
        "Ticks that were left out because the process stalled."
        self._next = 0

    @property
    def due(self) -> float:
        """When the next tick is due, in seconds of the clock of `start`."""
        return self.start + self._next * self.period

    def wait(self, now: float) -> float:
        """Seconds until the next tick is due; 0 when it is due already."""
        return max(0.0, self.due - now)

    def take(self, now: float) -> int:
        """Count one tick; its index is how many periods after `start` it stands."""
        behind = (now - self.start) / self.period - self._next
        # A hair of rounding must not turn "exactly three late" into four.
        owed = math.floor(behind + 1e-6) + 1
        if owed > BURST:
            self.skipped += owed - BURST
            self._next += owed - BURST
        index = self._next
        self._next += 1
        return index
