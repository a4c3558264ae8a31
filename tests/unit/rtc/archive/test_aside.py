"""Aside: threads with deadlines."""

from __future__ import annotations

import asyncio
import threading

import pytest

from rtc.archive.aside import Aside


async def test_what_it_gives_or_raises() -> None:
    aside = Aside()
    assert await aside.run("a", 5, lambda: 7) == 7
    with pytest.raises(KeyError):
        await aside.run("a", 5, lambda: {}["x"])
    assert not aside.busy("a")


async def test_one_that_hangs_is_left_and_takes_its_room_until_it_ends() -> None:
    aside, end = Aside(1), threading.Event()
    with pytest.raises(TimeoutError):
        await aside.run("a", 0.05, end.wait)
    assert aside.busy("a") and not aside.busy("b")
    with pytest.raises(TimeoutError):
        await aside.run("b", 0.05, lambda: 1)
    assert aside.overdue == 2
    end.set()
    assert await aside.run("b", 5, lambda: 1) == 1
    assert not aside.busy("a")


async def test_who_is_cancelled_need_not_wait() -> None:
    aside, end = Aside(), threading.Event()
    async with asyncio.TaskGroup() as group:
        waits = group.create_task(aside.run("a", 60, end.wait))
        await asyncio.sleep(0)
        waits.cancel()
    end.set()
    assert aside.overdue == 0
    for _ in range(1000):
        await asyncio.sleep(0.001)
        if not aside.busy("a"):
            return
    raise AssertionError("still busy")


def test_a_thread_may_end_after_its_loop() -> None:
    end = threading.Event()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await Aside().run("a", 0.01, end.wait)

    asyncio.run(main())
    end.set()  # an error in the thread would be a warning, which is an error here
    for thread in threading.enumerate():
        if thread.name == "aside":
            thread.join(5)
