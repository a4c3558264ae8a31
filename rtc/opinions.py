"""Opinions: what a reader makes of the talks of all calls, found in a thread.

A reader computes for up to 30 ms, and the 20 ms clock of all calls would wait so long.
So a call asks, goes on, and is told when the answer is there:

    read(digest) ── None ──> … thread … ──> ready() ──> read(digest) ── Reading ──>

One talk is read at a time. Who has asked, and says more before its turn comes, is read
once, with all of it: what waits is never more than one talk a call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from convai.meeting.digest import Digest
from convai.meeting.reading import Reader, Reading

__all__ = ["Opinion", "Opinions"]

log = logging.getLogger(__name__)

Away = Callable[[Callable[[Digest], Reading | None], Digest], Awaitable[Reading | None]]
"Calls something that computes, without blocking the loop: `asyncio.to_thread`."


class Opinions:
    """Of one server."""

    def __init__(self, reader: Reader, away: Away = asyncio.to_thread) -> None:
        self._reader = reader
        self._away = away
        self._waiting: dict[Opinion, None] = {}
        "In the order in which they asked."
        self._asked = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Meanwhile talks are read."""
        tasks = asyncio.TaskGroup()
        await tasks.__aenter__()
        working = tasks.create_task(self._work())
        try:
            yield
        finally:
            working.cancel()
            # Not told of the error that ends us: it would wrap it.
            await tasks.__aexit__(None, None, None)

    def of_call(self) -> Opinion:
        return Opinion(self._reader, self._ask)

    def _ask(self, opinion: Opinion) -> None:
        self._waiting[opinion] = None
        self._asked.set()

    async def _work(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            while self._waiting:
                opinion = next(iter(self._waiting))
                del self._waiting[opinion]
                await opinion.think(self._away)


class Opinion:
    """Of one call: a `Reader` that may answer later."""

    def __init__(self, reader: Reader, ask: Callable[[Opinion], None]) -> None:
        self._reader = reader
        self._ask = ask
        self._ready: Callable[[], None] = _nobody
        self._wanted: Digest | None = None
        "What is to be read."
        self._known: tuple[Digest, Reading | None] | None = None
        "What was read last."

    def follow(self, ready: Callable[[], None]) -> None:
        """`ready` is called when what was asked for is known; it must not block."""
        self._ready = ready

    def read(self, digest: Digest, *, at_once: bool = False) -> Reading | None:
        """None: ask again when it is ready; `at_once`: there is no opinion."""
        if self._known is not None and self._known[0] == digest:
            return self._known[1]
        if at_once:
            return self._read_now(digest)
        self._wanted = digest
        self._ask(self)
        return None

    def _read_now(self, digest: Digest) -> Reading | None:
        self._wanted = None
        try:
            reading = self._reader.read(digest)
        except Exception:  # a wall: between calls
            log.exception("a talk could not be read: the rules decide alone")
            return None
        self._known = (digest, reading)
        return reading

    async def think(self, away: Away) -> None:
        """Read what was asked for, and say so."""
        digest = self._wanted
        if digest is None:
            return  # it was read at once
        try:
            reading = await away(self._reader.read, digest)
            if self._wanted is digest:  # else more was said, and it is asked for anew
                self._wanted, self._known = None, (digest, reading)
                self._ready()
        except Exception:  # a wall: between calls
            log.exception("a talk could not be read: its meetings may be missed")


def _nobody() -> None:
    """Nobody is told before `follow`."""
