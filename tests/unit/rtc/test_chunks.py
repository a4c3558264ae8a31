"""Chunks: pieces of one size, in order, and a bound."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from rtc.chunks import Chunks
from tests import virtual


async def taken(chunks: Chunks) -> list[bytes]:
    pieces = []
    while (piece := await chunks.next()) is not None:
        pieces.append(piece)
    return pieces


@given(st.lists(st.binary(max_size=50), max_size=30), st.integers(1, 40))
def test_what_goes_in_comes_out_in_pieces_of_one_size(
    parts: list[bytes], size: int
) -> None:
    async def main() -> None:
        chunks = Chunks(size, 10_000)
        for part in parts:
            chunks.put(part)
        chunks.end()
        pieces = await taken(chunks)
        assert b"".join(pieces) == b"".join(parts)
        assert all(len(piece) == size for piece in pieces[:-1])
        assert not pieces or 0 < len(pieces[-1]) <= size
        assert await chunks.next() is None  # and so for ever

    virtual.run(main())


def test_the_oldest_is_dropped() -> None:
    async def main() -> None:
        chunks = Chunks(2, 3)
        chunks.put(b"aabbccddee")
        assert (len(chunks), chunks.dropped) == (3, 2)
        chunks.end()
        assert await taken(chunks) == [b"cc", b"dd", b"ee"]

    virtual.run(main())


def test_nothing_is_lost_when_a_taker_is_cancelled_and_another_comes() -> None:
    async def main() -> None:
        chunks = Chunks(2, 3)
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(chunks.next())
            await asyncio.sleep(1)
            first.cancel()
            chunks.put(b"aa")  # before it could notice
            second = tasks.create_task(taken(chunks))
            await asyncio.sleep(1)
            chunks.put(b"bbcc")
            await asyncio.sleep(1)
            chunks.end()
        assert first.cancelled()
        assert second.result() == [b"aa", b"bb", b"cc"]

    virtual.run(main())


def test_a_taker_waits_for_a_piece_and_for_the_end() -> None:
    async def main() -> None:
        chunks = Chunks(2, 3)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(taken(chunks))
            for part in (b"a", b"ab", b"b"):
                await asyncio.sleep(1)
                chunks.put(part)
            await asyncio.sleep(1)
            assert not chunks
            chunks.end()
        assert task.result() == [b"aa", b"bb"]

    virtual.run(main())
