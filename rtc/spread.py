"""Spread: how durations are spread, in about a kilobyte. Pure.

A histogram whose buckets grow evenly on a logarithmic scale, so that 0.05 ms and 50 ms
are both told to an eighth. Adding costs the same whatever was added before; quantiles
are read off the buckets, the longest duration is kept exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from operator import add

__all__ = ["Spread"]

PER_DECADE = 20
"Buckets from one power of ten to the next: each is 12 % wider than the one before."

BOUNDS: tuple[float, ...] = tuple(
    10.0 ** (k / PER_DECADE - 5) for k in range(5 * PER_DECADE + 1)
)
"""Upper ends of the buckets in seconds, 0.01 ms to 1 s; a last bucket takes the rest.
Below lies what a clock call costs, above is no longer jitter but an outage."""

LAST = len(BOUNDS)
"Where the bucket is that takes the rest."


class Spread:
    """Durations, in seconds: how many, how long most of them, how long the longest."""

    __slots__ = ("_counts", "longest")

    def __init__(self) -> None:
        self.longest = 0.0
        "Seconds."
        self._counts = [0] * (LAST + 1)

    def add(self, seconds: float) -> None:
        """Count a duration; what is below the first bucket, negative too, is there."""
        # Called for every tick of every call. `bisect` is C, and its seven comparisons
        # cost less than a logarithm and the care for what has none.
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        if seconds > self.longest:
            self.longest = seconds

    def __len__(self) -> int:
        """Durations added."""
        return sum(self._counts)

    def quantile(self, share: float) -> float:
        """Seconds that `share` (0 to 1) of all durations did not exceed.

        The upper end of a bucket, so at most 12 % too high and never too low; 0 when
        nothing was added.
        """
        so_many = list(accumulate(self._counts))
        wanted = share * so_many[-1]
        if not wanted:
            return 0.0
        # A hair of rounding must not cost a bucket.
        bucket = bisect_left(so_many, wanted - 1e-9)
        return min(BOUNDS[bucket], self.longest) if bucket < LAST else self.longest

    def above(self, seconds: float) -> int:
        """How many were longer, to the precision of a bucket."""
        return sum(self._counts[bisect_left(BOUNDS, seconds) + 1 :])

    def merge(self, other: Spread) -> None:
        """Add all that was added to `other`."""
        self._counts[:] = map(add, self._counts, other._counts)
        self.longest = max(self.longest, other.longest)

    def reset(self) -> None:
        """Forget everything."""
        self._counts[:] = [0] * len(self._counts)
        self.longest = 0.0
