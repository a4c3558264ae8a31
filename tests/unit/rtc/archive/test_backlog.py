"""Backlog and Reach: back-off in virtual time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from rtc.archive.backlog import Backlog
from rtc.archive.reach import Backoff, Reach
from tests import virtual


class Down(Exception):
    pass


def backlog(most: int = 100) -> Backlog[int]:
    return Backlog("history", (Down,), Backoff(), most)


async def during(
    line: Backlog[int],
    work: Callable[[str, int], Awaitable[None]],
    seconds: float,
) -> None:
    try:
        async with asyncio.timeout(seconds):
            await line.run(work)
    except TimeoutError:
        pass


def test_it_is_tried_again_later_and_later() -> None:
    tries: list[float] = []

    async def work(call: str, item: int) -> None:
        tries.append(asyncio.get_running_loop().time())
        raise Down

    async def main() -> None:
        line = backlog()
        line.put("a", 1)
        await during(line, work, 250)
        assert "a" in line

    virtual.run(main())
    gaps = [round(b - a) for a, b in zip(tries, tries[1:], strict=False)]
    assert gaps == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_one_that_never_succeeds_does_not_hold_up_the_others() -> None:
    done: list[str] = []

    async def work(call: str, item: int) -> None:
        if call == "bad":
            raise Down
        if call == "odd":
            raise ValueError("nonsense")
        if call == "bug":
            raise KeyError("a bug")
        done.append(call)

    async def main() -> Backlog[int]:
        line = backlog()
        for call in ("bad", "odd", "bug", *(f"{n}" for n in range(50))):
            line.put(call, 0)
        await during(line, work, 10)
        return line

    line = virtual.run(main())
    assert done == [f"{n}" for n in range(50)]
    assert (len(line), line.set_aside) == (1, 2)


def test_the_newest_counts_and_there_is_a_bound() -> None:
    done: list[tuple[str, int]] = []

    async def work(call: str, item: int) -> None:
        if call == "a" and item == 1:
            line.put("a", 3)
            raise Down
        done.append((call, item))

    line = backlog(2)

    async def main() -> None:
        assert line.put("a", 0) and line.put("b", 0)
        assert not line.put("c", 0)
        assert line.put("a", 1)
        async with asyncio.TaskGroup() as group:
            runs = group.create_task(line.run(work))
            await line.idle()
            assert line.put("d", 5)
            line.drop("d")
            await line.idle()
            runs.cancel()

    virtual.run(main())
    assert done == [("b", 0), ("a", 3)]
    assert line.dropped == 1


def test_it_is_said_once_that_a_service_is_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    reach = Reach("the database", Down, Backoff())
    answers = iter([Down("asleep"), Down("asleep"), 5, 6])

    async def ask() -> int:
        answer = next(answers)
        if isinstance(answer, Down):
            raise answer
        return answer

    async def main() -> None:
        assert await reach.persist(ask) == 5
        assert asyncio.get_running_loop().time() == 3
        assert reach.away, "that it can be read is no proof"
        assert await reach.through(ask()) == 6

    virtual.run(main())
    assert caplog.messages == [
        "the database is away, its work waits: asleep",
        "the database is back",
    ]
    assert (reach.failures, reach.away) == (2, False)
