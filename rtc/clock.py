"""Clock: one 20 ms tick for all calls of the process.

The schedule is absolute (`rtc.beat`). Where the kernel has timers with a descriptor
(Linux) the tick comes within some 20 µs of its time; elsewhere the event loop's own
timers serve, which epoll rounds up to a millisecond.

In a tick every line first sends its packet, because that is what has to be even; then
what has arrived is read; then every line does its other chores. It is read once more
halfway to the next tick. So the process wakes up a hundred times a second, however many
calls there are: on a machine that is mostly idle, waking up is what costs.

While there is no line, there is no tick.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import math
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, Self

from .beat import Beat

__all__ = ["Clock", "Ticking"]

log = logging.getLogger(__name__)


class Ticking(Protocol):
    """Who is to be called with each tick. An error that it raises ends it alone."""

    def send(self, index: int, due: float) -> None:
        """Send what is to leave on tick `index`, due at `due` s of the loop's clock."""

    def chores(self, now: float) -> None:
        """Everything else that is to be done fifty times a second."""

    def broken(self, error: Exception) -> None:
        """It raised: it is off the clock and has to end its call."""


class Clock:
    """The beat of the process; an async context manager."""

    def __init__(self, *, precise: bool = sys.platform == "linux") -> None:
        self.beat: Beat | None = None
        "The schedule; None while nobody needs it."
        self._skipped = 0
        self._precise = precise
        self._lines: dict[Ticking, None] = {}
        "In the order in which they came, so that each keeps its place in the tick."
        self._timer: int | None = None
        self._later: asyncio.TimerHandle | None = None
        self.late: Callable[[float], None] = lambda seconds: None
        "Told how many seconds after its time each tick began."
        self.read: Callable[[], object] = lambda: None
        "Called in each tick when every line has sent, and halfway between two ticks."
        self.running: Callable[[bool], None] = lambda on: None
        "Told when ticks begin to come, and when they end."
        self.after: Callable[[float], None] = lambda due: None
        "Called when every line is done, with the time at which the next tick is due."
        self.resting: Callable[[float], None] = lambda until: None
        "Told when the beat is over, and until when: `math.inf` with no line left."

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        if self._precise:
            self._timer = _timer_open()
            self._loop.add_reader(self._timer, self._ring)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.clear()
        self._rest()
        if self._timer is not None:
            self._loop.remove_reader(self._timer)
            os.close(self._timer)
            self._timer = None

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    @property
    def skipped(self) -> int:
        """Ticks that were left out since the start, because the process stalled."""
        return self._skipped + (self.beat.skipped if self.beat else 0)

    def join(self, line: Ticking) -> None:
        """Call the line from the next tick on."""
        self._lines[line] = None
        if self.beat is None:
            self.beat = Beat(self._loop.time())
            self._start(self.beat)

    def leave(self, line: Ticking) -> None:
        """Do not call it again."""
        self._lines.pop(line, None)
        if not self._lines:
            self._rest()

    def _start(self, beat: Beat) -> None:
        self.running(True)
        if self._timer is not None:
            _timer_set(self._timer, beat.start, beat.period / 2)
        else:
            self._later = self._loop.call_at(beat.due, self._ring)

    def _rest(self) -> None:
        if self.beat is not None:
            self._skipped, self.beat = self.skipped, None
            self.running(False)
            self.resting(math.inf)
        if self._timer is not None:
            _timer_set(self._timer, 0.0, 0.0)
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _ring(self) -> None:
        if self._timer is not None:
            try:
                os.read(self._timer, 8)
            except BlockingIOError:
                return  # it was set anew since it rang
        beat = self.beat
        if beat is None:
            return
        try:
            self._work(beat)
        finally:
            if self.beat is beat:
                self._wait(beat)

    def _work(self, beat: Beat) -> None:
        if self._loop.time() < beat.due:
            self.read()
        while (now := self._loop.time()) >= beat.due and self.beat is beat:
            self.late(now - beat.due)
            index = beat.take(now)
            self._tick(index, beat.start + index * beat.period)

    def _wait(self, beat: Beat) -> None:
        halfway = beat.due - beat.period / 2
        due = halfway if self._loop.time() < halfway else beat.due
        if self._timer is None:
            self._later = self._loop.call_at(due, self._ring)
        self.resting(due)

    def _tick(self, index: int, due: float) -> None:
        for line in (lines := tuple(self._lines)):
            self.guard(line, line.send, index, due)
        self.read()
        now = self._loop.time()
        for line in lines:
            if line in self._lines:
                self.guard(line, line.chores, now)
        if self.beat is not None:
            self.after(self.beat.due)

    def guard(self, line: Ticking, act: Callable[..., None], *args: Any) -> None:
        """The wall between calls, where they meet on the clock: a bug ends one line."""
        try:
            act(*args)
        except Exception as error:
            log.exception("a call is taken off the clock")
            self.leave(line)
            line.broken(error)


_MONOTONIC = 1
"CLOCK_MONOTONIC, which is also the clock of asyncio's loops on Linux."

_ABSOLUTE = 1
"TFD_TIMER_ABSTIME"


class _Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


class _Itimerspec(ctypes.Structure):
    _fields_ = [("interval", _Timespec), ("value", _Timespec)]


def _timer_open() -> int:
    """timerfd_create(2); Python has it from 3.13 on."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = libc.timerfd_create(_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
    if number < 0:
        raise OSError(ctypes.get_errno(), "timerfd_create failed")
    return int(number)


def _timer_set(timer: int, start: float, period: float) -> None:
    """Ring at `start` s of the monotonic clock and each `period` s; 0: not at all."""
    libc = ctypes.CDLL(None, use_errno=True)
    spec = _Itimerspec(_timespec(period), _timespec(start))
    if libc.timerfd_settime(timer, _ABSOLUTE, ctypes.byref(spec), None) < 0:
        raise OSError(ctypes.get_errno(), "timerfd_settime failed")


def _timespec(seconds: float) -> _Timespec:
    nanoseconds = round(seconds * 1e9)
    return _Timespec(nanoseconds // 10**9, nanoseconds % 10**9)
