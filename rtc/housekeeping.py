"""Housekeeping: the garbage collector of a process that must not stumble.

Python frees most objects at once; what refers to itself in a circle waits for the
collector, which by itself runs in the middle of anything, a tick included, and looks
at every object that is left from starting up. So, while the server runs,

    what was there at its start    is set aside and never looked at again,
    young objects                  are looked at after a tick, if there is time left,
    old ones                       when no call runs, or many have ended since.

A collection is never begun when the last of its kind took longer than the time that is
left. What it took is forgotten by and by, so that one slow run (the machine was busy)
does not end collecting for good.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

__all__ = ["Housekeeping", "resident_mb"]

SWITCH_S = 0.0005
"""Seconds after which a busy thread must give way. With Python's 5 ms a worker thread
may hold up the tick for that long."""

YOUNG = 10_000
"""Objects made and not freed since the last look at the young: at most 0.5 ms of work.
Python's own 700 would mean that it sees all that only waits to be sent, several times:
sound that is queued frees itself, and was 4 % of the CPU of fifty calls."""

TOO_YOUNG = 5 * YOUNG
"""... after which they are looked at whatever time is left: putting it off only makes
it longer, and this is still about a millisecond."""

MIDDLE = 10
"Looks at the young before those that survived them are looked at, as in Python."

MANY = 25
"Ended calls after which old objects are looked at; what they leave is about 1 MB each."

TOO_MANY = 250
"Ended calls after which it is done whatever time is left: rather late than full."

OLD_PER_CALL_S = 0.0003
"""What a running call adds to a look at old objects: they may have been few when it was
done last. Measured with pairs of aiortc's connections: 0.2 to 0.4 ms."""

FORGET = 0.999
"""What a cost shrinks to each time that there was no time for it: 40 ms is taken for
less than 20, and tried again, after 700 ticks or 14 seconds."""


class Housekeeping:
    """The collector in our hands while the context is entered. One per process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.collections = 0
        self.postponed = 0
        "How often there was not enough time left."
        self.longest_ms = 0.0
        "Of those that had to be while calls were running."
        self.total_ms = 0.0
        self._clock = clock
        "Seconds, monotonic."
        self._costs = [0.0, 0.0, 0.0]
        "Seconds that the last collection of each generation took."
        self._looks = 0
        "At the young, since the middle generation was looked at."
        self._calls = 0
        self._ended = 0
        "Calls that ended since old objects were looked at."
        self._found = (True, 0.005)
        "The interpreter's settings at the start: collector on, switch interval in s."

    def __enter__(self) -> Self:
        self._found = (gc.isenabled(), sys.getswitchinterval())
        gc.disable()
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(SWITCH_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        enabled, interval = self._found
        sys.setswitchinterval(interval)
        gc.unfreeze()
        if enabled:
            gc.enable()

    def tick(self, left_s: float, calls: int) -> None:
        """A tick is done, the next is due in `left_s`; `calls` are running."""
        if calls != self._calls:
            self._ended += max(0, self._calls - calls)
            self._calls = calls
        if not calls:
            self.rest()
        elif self._ended >= MANY and self._may(2, left_s, self._ended >= TOO_MANY):
            self._look(2)
        elif (young := gc.get_count()[0]) >= YOUNG:
            generation = 1 if self._looks >= MIDDLE else 0
            if self._may(generation, left_s, young >= TOO_YOUNG):
                self._look(generation)

    def rest(self) -> None:
        """No call is running: look at everything, if there is anything new.

        The last call's clock stops with it, so whoever knows that it is gone says so.
        """
        self._ended += self._calls
        self._calls = 0
        if self._ended or gc.get_count()[0] >= YOUNG:
            self._look(2)

    def counters(self) -> dict[str, float]:
        """What was done, and how long it held up everything else."""
        return {
            "gc_collections": self.collections,
            "gc_postponed": self.postponed,
            "gc_longest_ms": round(self.longest_ms, 2),
            "gc_total_ms": round(self.total_ms, 1),
        }

    def _may(self, generation: int, left_s: float, must: bool) -> bool:
        cost = self._costs[generation]
        if generation == 2:
            cost = max(cost, self._calls * OLD_PER_CALL_S)
        if must or cost < left_s:
            return True
        self._costs[generation] *= FORGET
        self.postponed += 1
        return False

    def _look(self, generation: int) -> None:
        begun = self._clock()
        gc.collect(generation)
        took = self._clock() - begun
        self._costs[generation] = took
        self._looks = self._looks + 1 if generation == 0 else 0
        if generation == 2:
            self._ended = 0
        self.collections += 1
        self.total_ms += took * 1000
        if self._calls:
            self.longest_ms = max(self.longest_ms, took * 1000)


def resident_mb() -> float:
    """Megabytes of memory that the process occupies; its peak where only that is told.

    Takes some 10 us: for once a second, not for a tick.
    """
    try:
        with open("/proc/self/statm", "rb") as statm:
            pages = int(statm.read().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return _peak_mb()


def _peak_mb() -> float:
    """Where there is no /proc."""
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
