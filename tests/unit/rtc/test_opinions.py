"""Opinions: found beside the calls, one talk at a time, each with all that was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest

from convai.meeting.digest import Digest
from convai.meeting.reading import Reading
from rtc.opinions import Opinion, Opinions
from tests import virtual

READ_S = 0.03


def digest(*words: str) -> Digest:
    return Digest([date(2026, 11, 25)], turns=[("caller", list(words))])


class Reads:
    """Is as sure as there are words; notes what it read."""

    def __init__(self) -> None:
        self.read_so_far: list[list[str]] = []

    def read(self, digest: Digest, *, at_once: bool = False) -> Reading:
        words = [str(it) for it in digest.turns[0][1]]
        self.read_so_far.append(words)
        if "broken" in words:
            raise RuntimeError("the reader has a bug")
        return Reading(len(words) / 10, 0.0)


async def slowly(
    read: Callable[[Digest], Reading | None], digest: Digest
) -> Reading | None:
    await asyncio.sleep(READ_S)
    return read(digest)


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Opinions, Reads]]:
    reads = Reads()
    opinions = Opinions(reads, slowly)
    async with opinions.open():
        yield opinions, reads


def follow(opinion: Opinion) -> list[float]:
    """When it was ready."""
    times: list[float] = []
    opinion.follow(lambda: times.append(asyncio.get_running_loop().time()))
    return times


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    virtual.run(main())


def test_it_is_told_when_the_answer_is_there() -> None:
    async def main() -> None:
        async with opened() as (opinions, _):
            opinion = opinions.of_call()
            ready = follow(opinion)
            assert opinion.read(digest("a", "b")) is None
            await asyncio.sleep(0)
            assert not ready, "the loop is not held up"
            await asyncio.sleep(1)
            assert ready == [pytest.approx(READ_S)]
            assert opinion.read(digest("a", "b")) == Reading(0.2, 0.0)
            assert opinion.read(digest("a", "b", "c")) is None, "of these words only"

    run(main)


def test_what_cannot_wait_is_read_at_once_and_not_again() -> None:
    async def main() -> None:
        async with opened() as (opinions, reads):
            opinion = opinions.of_call()
            ready = follow(opinion)
            assert opinion.read(digest("a")) is None
            assert opinion.read(digest("a"), at_once=True) == Reading(0.1, 0.0)
            assert opinion.read(digest("a")) == Reading(0.1, 0.0)
            await asyncio.sleep(1)
            assert reads.read_so_far == [["a"]] and ready == []

    run(main)


def test_of_a_call_that_talks_on_only_the_newest_is_read() -> None:
    async def main() -> None:
        async with opened() as (opinions, reads):
            opinion, other = opinions.of_call(), opinions.of_call()
            ready, others = follow(opinion), follow(other)
            other.read(digest("x"))
            for count in range(1, 50):
                opinion.read(digest(*["a"] * count))
            await asyncio.sleep(1)
            assert [len(it) for it in reads.read_so_far] == [1, 49]
            assert (len(ready), len(others)) == (1, 1)

    run(main)


def test_what_was_said_meanwhile_is_read_after_it() -> None:
    async def main() -> None:
        async with opened() as (opinions, reads):
            opinion = opinions.of_call()
            ready = follow(opinion)
            opinion.read(digest("a"))
            await asyncio.sleep(READ_S / 2)
            opinion.read(digest("a", "b"))
            await asyncio.sleep(READ_S)
            assert ready == [], "the first answer is old"
            await asyncio.sleep(1)
            assert ready == [pytest.approx(2 * READ_S)]
            assert opinion.read(digest("a", "b")) == Reading(0.2, 0.0)

    run(main)


def test_a_talk_that_cannot_be_read_is_no_others_trouble(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with opened() as (opinions, _):
            one, two = opinions.of_call(), opinions.of_call()
            ready = follow(two)
            one.follow(lambda: pytest.fail("there is nothing to tell"))
            one.read(digest("broken"))
            two.read(digest("a"))
            await asyncio.sleep(1)
            assert len(ready) == 1
            one.read(digest("a"))
            one.follow(ready.clear)
            await asyncio.sleep(1)
            assert ready == [], "and it goes on, too"

    run(main)
    assert "the reader has a bug" in caplog.text


def test_the_end_waits_for_nobody() -> None:
    async def main() -> None:
        async with opened() as (opinions, _):
            opinion = opinions.of_call()
            ready = follow(opinion)
            opinion.read(digest("a"))
            await asyncio.sleep(READ_S / 2)
        assert asyncio.get_running_loop().time() == pytest.approx(READ_S / 2)
        assert ready == []

    run(main)


def test_where_an_opinion_cannot_be_had_at_once_there_is_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with opened() as (opinions, _):
            assert opinions.of_call().read(digest("broken"), at_once=True) is None

    run(main)
    assert "the rules decide alone" in caplog.text


def test_an_error_of_the_server_is_not_wrapped() -> None:
    """It was: a port that was taken was told as a group of errors."""

    async def main() -> None:
        with pytest.raises(OSError, match="taken"):
            async with opened():
                raise OSError("the port is taken")

    run(main)
