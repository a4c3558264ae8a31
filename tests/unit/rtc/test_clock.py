"""Clock: one beat for all, its two halves, and the wall between its lines."""

from __future__ import annotations

import asyncio
import math
import os
import sys

import pytest

from rtc.clock import Clock
from tests import virtual


class Ticker:
    """A line that notes what the clock does with it."""

    def __init__(self, diary: list[str] | None = None, name: str = "") -> None:
        self.diary = diary if diary is not None else []
        self.name = name
        self.sent: list[tuple[int, float]] = []
        self.now: list[float] = []
        self.error: Exception | None = None
        self.bug: Exception | None = None

    def send(self, index: int, due: float) -> None:
        self.sent.append((index, due))
        self.diary.append(f"send {self.name}")
        if self.bug:
            raise self.bug

    def chores(self, now: float) -> None:
        self.now.append(now)
        self.diary.append(f"chores {self.name}")

    def broken(self, error: Exception) -> None:
        self.error = error


def test_every_line_sends_before_any_does_its_chores() -> None:
    async def main() -> None:
        diary: list[str] = []
        async with Clock(precise=False) as clock:
            for name in "abc":
                clock.join(Ticker(diary, name))
            await asyncio.sleep(0.001)
        assert diary == [
            f"{act} {name}" for act in ("send", "chores") for name in "abc"
        ]

    virtual.run(main())


def test_what_came_is_read_after_sending_and_halfway_to_the_next_tick() -> None:
    async def main() -> None:
        diary: list[str] = []
        ticker = Ticker(diary)
        loop = asyncio.get_running_loop()
        times: list[float] = []
        async with Clock(precise=False) as clock:
            clock.read = lambda: (diary.append("read"), times.append(loop.time()))
            clock.running = lambda on: diary.append(f"running {on}")
            clock.join(ticker)
            await asyncio.sleep(0.035)
            clock.leave(ticker)
            await asyncio.sleep(0.1)
        tick = ["send ", "read", "chores "]
        assert diary == ["running True", *tick, "read", *tick, "read", "running False"]
        assert [round(at * 1000) for at in times] == [0, 10, 20, 30]

    virtual.run(main())


def test_a_bug_in_what_is_read_does_not_stop_the_clock() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        told: list[str] = []
        loop.set_exception_handler(lambda _, what: told.append(str(what["exception"])))
        ticker = Ticker(diary := [])
        async with Clock(precise=False) as clock:
            clock.read = lambda: 1 // 0
            clock.join(ticker)
            await asyncio.sleep(0.045)
            clock.leave(ticker)
        assert diary == ["send "] * 3
        assert len(told) == 5

    virtual.run(main())


def test_it_is_told_until_when_there_is_nothing_to_do() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        told: list[tuple[float, float]] = []
        ticker = Ticker([])
        async with Clock(precise=False) as clock:
            clock.resting = lambda until: told.append((loop.time(), until))
            clock.join(ticker)
            await asyncio.sleep(0.025)
            clock.leave(ticker)
        assert [(round(at, 3), round(until, 3)) for at, until in told[:-1]] == [
            (0.0, 0.01),
            (0.01, 0.02),
            (0.02, 0.03),
        ]
        assert told[-1][1] == math.inf

    virtual.run(main())


def test_the_schedule_is_absolute_and_shared() -> None:
    async def main() -> None:
        early, late = Ticker(), Ticker()
        async with Clock(precise=False) as clock:
            clock.join(early)
            await asyncio.sleep(0.105)
            clock.join(late)
            await asyncio.sleep(0.1)
        assert [round(due * 1000) for _, due in early.sent] == [*range(0, 201, 20)]
        assert late.sent == early.sent[-5:]

    virtual.run(main())


def test_a_stall_is_made_up_for_by_three_ticks_at_most() -> None:
    async def main() -> None:
        ticker = Ticker()
        async with Clock(precise=False) as clock:
            clock.join(ticker)
            await asyncio.sleep(0.05)
            assert clock.beat
            clock.beat.start -= 0.5  # as if the process had stood still
            await asyncio.sleep(0.1)
            skipped = clock.skipped
            clock.leave(ticker)
            assert clock.skipped == skipped == 23
        indices = [index for index, _ in ticker.sent]
        assert indices[:6] == [0, 1, 2, 26, 27, 28]

    virtual.run(main())


def test_a_bug_of_one_line_ends_that_line_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        good, bad = Ticker(), Ticker()
        async with Clock(precise=False) as clock:
            clock.join(bad)
            clock.join(good)
            await asyncio.sleep(0.05)
            bad.bug = ZeroDivisionError()
            await asyncio.sleep(0.04)
            assert len(clock) == 1
        assert bad.error is bad.bug and good.error is None
        assert len(bad.sent) == 4 and len(good.sent) == 5
        assert len(bad.now) == 3  # no chores after it

    virtual.run(main())
    assert "off the clock" in caplog.text


def test_with_nobody_on_it_the_clock_rests() -> None:
    async def main() -> None:
        told: list[float] = []
        ticker = Ticker()
        async with Clock(precise=False) as clock:
            clock.late = told.append
            await asyncio.sleep(1)
            clock.join(ticker)
            await asyncio.sleep(0.05)
            clock.leave(ticker)
            clock.leave(ticker)
            await asyncio.sleep(1)
            clock.join(ticker)
            await asyncio.sleep(0.03)
        assert told == [0.0] * 5
        assert len(ticker.sent) == 5

    virtual.run(main())


def test_a_line_may_leave_in_its_own_tick_and_another_line_with_it() -> None:
    async def main() -> None:
        first, second = Ticker(), Ticker()
        async with Clock(precise=False) as clock:
            clock.join(first)
            clock.join(second)

            def send(index: int, due: float) -> None:
                clock.leave(first)
                clock.leave(second)

            first.send = send  # type: ignore[method-assign]
            await asyncio.sleep(0.1)
        assert first.now == second.now == []
        assert len(second.sent) == 1

    virtual.run(main())


@pytest.mark.skipif(sys.platform != "linux", reason="timers with a descriptor")
async def test_the_kernels_timer_ticks_on_the_loops_clock_and_is_given_back() -> None:
    before = len(os.listdir("/proc/self/fd"))
    ticker = Ticker()
    loop = asyncio.get_running_loop()
    async with Clock(precise=True) as clock:
        started = loop.time()
        clock.join(ticker)
        while len(ticker.sent) < 10:  # noqa: ASYNC110, a clock tells nobody
            await asyncio.sleep(0.01)
        clock.leave(ticker)
        count = len(ticker.sent)
        await asyncio.sleep(0.05)
        assert len(ticker.sent) == count
    assert len(os.listdir("/proc/self/fd")) == before
    assert ticker.sent[0][1] >= started - 0.001
    assert all(
        now >= due for now, (_, due) in zip(ticker.now, ticker.sent, strict=True)
    )
