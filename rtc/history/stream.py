"""Stream: an answer that comes piece by piece, and is whole or visibly is not.

Like aiohttp's FileResponse it sends its body when it is prepared, after the route and
all middlewares are through, so that they can still add headers to it. That class itself
answers with statuses of its own, which are no problem+json, and looks for neighbours of
a file that are compressed; so files go this way, too.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path
from typing import BinaryIO, NoReturn

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from .faults import FAULTS

__all__ = ["Stream", "begin", "whole"]

log = logging.getLogger(__name__)

STALL_S = 300.0
"""Seconds in which one piece must be there and be taken. A player that is paused takes
nothing; when it is cut off, it asks for the rest once it plays on."""

PIECE = 128 << 10
"Bytes of a file that are read at once."


async def whole(path: Path, kind: str) -> Stream:
    """The stream of a file as it is now. Raises FileNotFoundError, OSError."""
    file = await asyncio.to_thread(path.open, "rb")
    size = os.fstat(file.fileno()).st_size
    return await begin(_read(file, size), {"Content-Type": kind}, length=size)


async def begin(
    pieces: AsyncIterator[bytes],
    headers: Mapping[str, str],
    *,
    status: int = 200,
    length: int | None = None,
) -> Stream:
    """The stream of these pieces, when the first one is there.

    So what fails at once fails with a status of its own: errors of `pieces` go up.
    """
    first = await anext(pieces, b"")
    return Stream(first, pieces, headers, status=status, length=length)


class Stream(web.StreamResponse):
    """Made by `begin`."""

    def __init__(
        self,
        first: bytes,
        rest: AsyncIterator[bytes],
        headers: Mapping[str, str],
        *,
        status: int,
        length: int | None,
    ) -> None:
        super().__init__(status=status, headers=headers)
        self.content_length = length
        "Bytes that the pieces must add up to; None when nobody knows."
        self._first = first
        self._rest = rest

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send all of it. Raises ConnectionError when that could not be done."""
        try:
            writer = await super().prepare(request)
            if request.method != "HEAD":
                await self._send(request)
        except ConnectionError:
            raise  # the client has gone, as clients may
        except FAULTS as error:
            self._break_off(request, str(error) or "it took too long")
        finally:
            if isinstance(self._rest, AsyncGenerator):
                await self._rest.aclose()
        return writer

    async def _send(self, request: web.BaseRequest) -> None:
        sent, piece = 0, self._first
        while piece:
            sent += len(piece)
            if self.content_length is not None and sent > self.content_length:
                break
            async with asyncio.timeout(STALL_S):
                await self.write(piece)
                piece = await anext(self._rest, b"")
        if self.content_length not in (None, sent):
            self._break_off(request, f"{sent} bytes instead of {self.content_length}")

    def _break_off(self, request: web.BaseRequest, why: str) -> NoReturn:
        """End the connection, so that nobody takes what was sent for the whole."""
        log.warning("%s was broken off: %s", request.path, why)
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionAbortedError(why)


async def _read(file: BinaryIO, size: int) -> AsyncIterator[bytes]:
    """So much of a file: it may be growing."""
    with file:
        while size > 0:
            piece = await asyncio.to_thread(file.read, min(size, PIECE))
            if not piece:
                return
            size -= len(piece)
            yield piece
