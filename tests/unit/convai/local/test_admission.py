from __future__ import annotations

import asyncio

import pytest

from convai.local import admission
from convai.local.admission import Admission, Full, Left, Waited
from tests import virtual


async def patiently() -> None:
    await asyncio.sleep(1_000)


async def hold(places: Admission, seconds: float, log: list[str], name: str) -> None:
    async with places.place(60, patiently) as waited:
        log.append(f"{name} waited" if waited else name)
        await asyncio.sleep(seconds)


def test_places_are_given_in_order() -> None:
    async def main() -> None:
        places, log = Admission(2), list[str]()
        async with asyncio.TaskGroup() as group:
            for name in ("a", "b", "c", "d"):
                group.create_task(hold(places, 10, log, name))
                await asyncio.sleep(1)
        assert log == ["a", "b", "c waited", "d waited"]
        await hold(places, 0, log, "e")
        assert log[-1] == "e"

    virtual.run(main())


def test_waiting_has_a_limit_and_leaves_no_trace() -> None:
    async def main() -> None:
        places, log = Admission(1), list[str]()
        async with asyncio.TaskGroup() as group:
            group.create_task(hold(places, 10, log, "a"))
            await asyncio.sleep(1)
            with pytest.raises(Waited):
                async with places.place(5, patiently):
                    raise AssertionError("there was no place")
            assert asyncio.get_running_loop().time() == pytest.approx(6)
        await hold(places, 0, log, "b")
        assert log == ["a", "b"]

    virtual.run(main())


def test_who_leaves_the_queue_is_passed_over() -> None:
    async def leave() -> None:
        await asyncio.sleep(3)

    async def main() -> None:
        places, log = Admission(1), list[str]()
        async with asyncio.TaskGroup() as group:
            group.create_task(hold(places, 10, log, "a"))
            await asyncio.sleep(1)
            later = group.create_task(hold(places, 1, log, "b"))
            with pytest.raises(Left):
                async with places.place(60, leave):
                    raise AssertionError("there was no place")
            assert not later.done()
        assert log == ["a", "b waited"]

    virtual.run(main())


def test_a_place_given_to_one_who_is_cancelled_goes_to_the_next() -> None:
    async def main() -> None:
        places, log = Admission(1), list[str]()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(hold(places, 10, log, "a"))
            await asyncio.sleep(1)
            second = group.create_task(hold(places, 10, log, "b"))
            group.create_task(hold(places, 1, log, "c"))
            await asyncio.sleep(1)
            first.cancel()
            second.cancel()  # in the same moment: its turn comes, and it is gone
        assert log == ["a", "c waited"]
        await hold(places, 0, log, "d")
        assert log[-1] == "d"

    virtual.run(main())


def test_the_queue_itself_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "WAITING_LIMIT", 1)

    async def main() -> None:
        places, log = Admission(1), list[str]()
        async with asyncio.TaskGroup() as group:
            group.create_task(hold(places, 5, log, "a"))
            group.create_task(hold(places, 5, log, "b"))
            await asyncio.sleep(1)
            with pytest.raises(Full):
                async with places.place(60, patiently):
                    raise AssertionError("there was no place")
        assert log == ["a", "b waited"]

    virtual.run(main())
