"""Stream: a file is sent as it was when it was asked for, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtc.history import stream as module
from rtc.history.stream import whole

from .desk import CALL, desk


async def test_a_growing_file_is_sent_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"a" * (module.PIECE + 7))
    stream = await whole(path, "application/jsonl")
    with path.open("ab") as file:
        file.write(b"later")
    assert stream.content_length == module.PIECE + 7
    rest = [piece async for piece in stream._rest]
    assert b"".join([stream._first, *rest]) == b"a" * (module.PIECE + 7)


async def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    stream = await whole(tmp_path / "x", "text/plain")
    assert (stream.content_length, stream._first) == (0, b"")


async def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await whole(tmp_path / "x", "text/plain")


async def test_head_tells_the_length_and_sends_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.store.write(CALL, "events.jsonl", b"x" * 300_000)
        path = f"/calls/{CALL}/events.jsonl"
        status, headers, body = await found.ask(path, "HEAD")
        assert (status, headers["Content-Length"], body) == (200, "300000", b"")
        # The connection is still good.
        assert (await found.ask("/calls/choices"))[0] == 200
