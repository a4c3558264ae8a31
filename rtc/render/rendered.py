"""Rendered: a file that somebody asked for, read while it may still be growing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

from .growth import Growth, RenderError

__all__ = ["Rendered"]

PIECE = 1 << 17
"Bytes read and handed on at once: 16 s of MP3."


class Rendered:
    """One of them."""

    def __init__(self, growth: Growth, size: int, content_type: str, etag: str) -> None:
        self.size = size
        "Bytes of the final file, exactly."
        self.content_type = content_type
        self.etag = etag
        "Without quotes. The same as long as the recording is."
        self._growth = growth

    async def read(self, begin: int, end: int) -> AsyncIterator[bytes]:
        """Bytes [begin, end) of the final file; waits for what is still to be made.

        Raises RenderError.
        """
        end = min(end, self.size)
        file = -1
        try:
            while begin < end:
                there = await self._growth.reach(begin)
                if file < 0:
                    file = os.open(self._growth.path, os.O_RDONLY)
                size = min(PIECE, there - begin, end - begin)
                piece = await asyncio.to_thread(os.pread, file, max(0, size), begin)
                if not piece:
                    raise RenderError("the file became shorter while it was read")
                begin += len(piece)
                yield piece
        except OSError as error:
            raise RenderError(f"the file cannot be read: {error.strerror}") from error
        finally:
            if file >= 0:
                os.close(file)
