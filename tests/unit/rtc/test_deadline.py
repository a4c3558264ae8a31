"""Deadline: it moves, it passes, it says why; in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from rtc.deadline import Deadline
from tests import virtual


async def forever() -> None:
    await asyncio.Event().wait()


def test_it_passes_and_says_why() -> None:
    async def main() -> None:
        async with Deadline(5.0, "too slow") as deadline:
            await forever()
        assert deadline.reason == "too slow"
        assert asyncio.get_running_loop().time() == pytest.approx(5.0)
        await asyncio.sleep(1)  # the task is not cancelled any more

    virtual.run(main())


def test_it_moves_with_another_reason() -> None:
    async def main() -> None:
        async with Deadline(5.0, "setup") as deadline:
            await asyncio.sleep(4)
            deadline.move(100.0, "limit")
            await forever()
        assert deadline.reason == "limit"
        assert asyncio.get_running_loop().time() == pytest.approx(104.0)

    virtual.run(main())


def test_the_first_end_is_final() -> None:
    async def main() -> None:
        async with Deadline(5.0, "setup") as deadline:
            deadline.end("first")
            deadline.end("second")
            deadline.move(100.0, "third")
            await forever()
        assert deadline.reason == "first"
        deadline.end("fourth")
        assert deadline.reason == "first"

    virtual.run(main())


def test_it_can_be_ended_before_it_began_and_while_it_passes() -> None:
    async def main() -> None:
        deadline = Deadline(5.0, "setup")
        deadline.end("early")
        async with deadline:
            await forever()
        assert deadline.reason == "early"
        slow = Deadline(1.0, "setup")
        async with slow:
            try:
                await forever()
            finally:
                slow.end("too late")
                await asyncio.sleep(1)
        assert slow.reason == "setup"

    virtual.run(main())


def test_other_errors_and_cancellations_go_through() -> None:
    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            async with Deadline(5.0, "setup"):
                raise ZeroDivisionError
        with pytest.raises(TimeoutError):
            async with Deadline(5.0, "setup"):
                raise TimeoutError
        async with asyncio.TaskGroup() as tasks:

            async def waiting() -> None:
                async with Deadline(5.0, "setup"):
                    await forever()

            task = tasks.create_task(waiting())
            await asyncio.sleep(1)
            task.cancel()
        assert task.cancelled()

    virtual.run(main())
