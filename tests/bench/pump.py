"""The media clock of all synthetic callers: one timer, no task or thread per packet.

Every millisecond it serves the lines whose turn it is: each line has one in twenty, so
that the calls are spread over the 20 ms. It sends on an absolute schedule.
"""

from __future__ import annotations

import asyncio
import ctypes
import heapq
import os
import time
from itertools import count
from types import TracebackType
from typing import Self

from .line import Line

__all__ = ["Pump"]

MS = 1_000_000
CLOCK_MONOTONIC, TFD_NONBLOCK, TFD_TIMER_ABSTIME = 1, os.O_NONBLOCK, 1


class _Times(ctypes.Structure):
    """`struct itimerspec`."""

    _fields_ = [
        (name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns")
    ]


def _timer(first: int) -> int:
    """A descriptor that can be read once a millisecond, from `first` (monotonic ns) on.

    The loop's own timers are good for a millisecond or so only.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    timer = libc.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
    times = _Times(0, MS, *divmod(first, 1_000_000_000))
    how = TFD_TIMER_ABSTIME
    if timer < 0 or libc.timerfd_settime(timer, how, ctypes.byref(times), None):
        raise OSError(ctypes.get_errno(), "no timerfd")
    return int(timer)


class Pump:
    """Sends and receives for its lines while it is entered."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self._turns: list[list[Line]] = [[] for _ in range(20)]
        self._held: list[tuple[int, int, Line, bytes]] = []
        "Packets that are delayed, by the time at which they leave."
        self._numbers = count()
        self._ms = 0
        "The next millisecond to serve."
        self._timer = -1

    def __enter__(self) -> Self:
        self._ms = time.monotonic_ns() // MS + 1
        self._timer = _timer(self._ms * MS)
        asyncio.get_running_loop().add_reader(self._timer, self._tick)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._timer)
        os.close(self._timer)

    def add(self, line: Line) -> None:
        """Its turn follows from its number among all calls."""
        self._turns[line.number * 20 // self._calls % 20].append(line)

    def _tick(self) -> None:
        try:
            os.read(self._timer, 8)
        except BlockingIOError:
            return
        now = time.monotonic_ns()
        while self._ms * MS <= now:
            due = self._ms * MS
            self._release(due)
            for line in self._turns[self._ms % 20]:
                if not line.lost:
                    line.take()
                    self._send(line, due)
            self._ms += 1

    def _send(self, line: Line, due: int) -> None:
        packet, late = line.next(due)
        if late is None:
            return
        if late:
            leave = due + round(late * 1e9)
            heapq.heappush(self._held, (leave, next(self._numbers), line, packet))
        else:
            line.send(packet)

    def _release(self, due: int) -> None:
        while self._held and self._held[0][0] <= due:
            _, _, line, packet = heapq.heappop(self._held)
            line.send(packet)
