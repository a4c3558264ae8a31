"""Media: what calls share is there when it is entered, and gone when it is left."""

from __future__ import annotations

import asyncio
import os
import threading
import time

from rtc.housekeeping import Housekeeping
from rtc.media import Media
from tests import virtual
from tests.media import virtual_media


class Ticker:
    def __init__(self) -> None:
        self.ticks: list[float] = []

    def send(self, index: int, due: float) -> None:
        self.ticks.append(due)

    def chores(self, now: float) -> None: ...

    def broken(self, error: Exception) -> None: ...


async def test_nothing_is_left_behind() -> None:
    files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    async with Media() as media:
        media.clock.join(Ticker())
        await asyncio.sleep(0.05)
        assert threading.active_count() == threads + 1
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == files


async def test_the_health_of_the_process_is_known_after_a_second() -> None:
    with Housekeeping(time.perf_counter) as housekeeping:
        async with Media(housekeeping=housekeeping) as media:
            media.clock.join(Ticker())
            async with asyncio.timeout(10):
                while not media.figures:  # noqa: ASYNC110, nobody waits for figures
                    await asyncio.sleep(0.05)
            assert media.figures["calls"] == 1
            assert media.figures["memory_mb"] > 10
            assert "gc_longest_ms" in media.figures
            assert media.figures["tick_max_ms"] >= 0


def test_turns_come_one_after_the_other_right_after_a_tick() -> None:
    async def main() -> None:
        media, ticker = virtual_media(), Ticker()
        loop = asyncio.get_running_loop()
        turns: list[float] = []
        media.clock.after = lambda due: media._ticked.set()

        async def take_turn() -> None:
            async with media.turn():
                turns.append(loop.time())

        async with media.clock:
            await take_turn()  # with nobody to disturb, at once
            media.clock.join(ticker)
            await asyncio.sleep(0.005)
            async with asyncio.TaskGroup() as tasks:
                for _ in range(3):
                    tasks.create_task(take_turn())
        assert [round(at * 1000) for at in turns] == [0, 20, 40, 60]

    virtual.run(main())
