"""Admission: how many conversations there may be, and the queue for a place.

Full      so many wait already that waiting is pointless
Waited    no place became free in time
Left      the client went away while it waited
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

__all__ = ["Admission", "Full", "Left", "Waited"]

WAITING_LIMIT = 100
"Most that may wait; who comes after that many will not be served in time anyway."


class Full(Exception):
    """The queue is full as well."""


class Waited(Exception):
    """Waiting took too long."""


class Left(Exception):
    """Nobody waits any more."""


class Admission:
    """Places, given in the order in which they were asked for."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def place(
        self, wait_s: float, meanwhile: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[bool]:
        """Hold a place; gives whether it had to be waited for.

        `meanwhile` runs only while waiting, and returns when the client has left.
        Raises Full, Waited after `wait_s` seconds, or Left.
        """
        waited = self._free <= 0
        if waited:
            await self._queue(wait_s, meanwhile)
        else:
            self._free -= 1
        try:
            yield waited
        finally:
            self._release()

    async def _queue(
        self, wait_s: float, meanwhile: Callable[[], Awaitable[None]]
    ) -> None:
        if len(self._waiting) >= WAITING_LIMIT:
            raise Full
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        admitted = False
        try:
            left = await _first_of(turn, meanwhile, wait_s)
            if not turn.done():
                raise Left if left else Waited
            admitted = True
        finally:
            if not admitted:
                self._give_up(turn)

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if turn.done():
            self._release()  # the place came just when we gave up: pass it on
        else:
            self._waiting.remove(turn)

    def _release(self) -> None:
        if self._waiting:
            self._waiting.popleft().set_result(None)
        else:
            self._free += 1


async def _first_of(
    turn: asyncio.Future[None], meanwhile: Callable[[], Awaitable[None]], wait_s: float
) -> bool:
    """Wait for the turn, the end of `meanwhile`, or the time; True: `meanwhile`."""

    async def pass_time() -> None:
        await meanwhile()

    async with asyncio.TaskGroup() as group:
        passing = group.create_task(pass_time())
        await asyncio.wait(
            {turn, passing}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED
        )
        return not passing.cancel()
