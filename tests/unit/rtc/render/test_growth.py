"""Growth: who waits is told, of bytes as of failure."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from rtc.render.growth import Growth, RenderError, State
from tests import virtual


def test_those_who_wait_are_told() -> None:
    async def main() -> list[int]:
        growth = Growth(Path("x.part"))
        async with asyncio.TaskGroup() as tasks:
            waits = [
                tasks.create_task(it)
                for it in (growth.sized(), growth.reach(0), growth.reach(99))
            ]
            await asyncio.sleep(1)
            assert growth.waiting == 1
            growth.begin()
            growth.grow(100, 1)
            await asyncio.sleep(1)
            assert [wait.done() for wait in waits] == [True, True, False]
            growth.done(Path("x"))
        assert growth.path == Path("x")
        await growth.finished()
        return [wait.result() for wait in waits]

    assert virtual.run(main()) == [100, 1, 100]


def test_a_failure_is_told_to_all_and_to_who_comes_later() -> None:
    async def main() -> None:
        growth = Growth(Path("x.part"))
        growth.begin()
        async with asyncio.TaskGroup() as tasks:
            for waiting in (growth.sized(), growth.reach(5), growth.finished()):
                tasks.create_task(_fails(waiting))
            await asyncio.sleep(1)
            growth.fail("no disk")
            growth.fail("something else")
        await _fails(growth.sized())
        await _fails(growth.reach(0))

    virtual.run(main())


async def _fails(waiting: object) -> None:
    with pytest.raises(RenderError, match="no disk"):
        await waiting  # type: ignore[misc]


def test_what_is_over_does_not_begin_again() -> None:
    growth = Growth.complete(Path("x"), 7)
    assert (growth.state, growth.size, growth.there) == (State.DONE, 7, 7)
    growth.fail("too late")
    assert growth.state is State.DONE
    with pytest.raises(RuntimeError, match="from done to running"):
        growth.begin()
