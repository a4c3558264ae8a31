"""Backlog: calls that wait for something to be done with them, each once.

One worker takes them in order. When the service it needs is away, the call goes to the
end of the line and the worker rests, longer each time. A call with which something else
is wrong is set aside with a line in the log: it does not stop the others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from .reach import Backoff

__all__ = ["Backlog"]

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST = 20_000
"""Calls that wait. A hundred at once, of ten minutes each, are 14,400 in a day: when
the database is away for longer, the rest is found on the disk."""


class Backlog(Generic[T]):
    """What waits, by call; a newer item takes the place of the older one."""

    def __init__(
        self,
        name: str,
        down: tuple[type[Exception], ...],
        backoff: Backoff,
        most: int = MOST,
    ) -> None:
        self.dropped = 0
        "Found no room."
        self.set_aside = 0
        "Could not be done, and not for want of a service."
        self._name = name
        self._down = down
        self._backoff = backoff
        self._most = most
        self._items: dict[str, T] = {}
        self._doing = ""
        "The call that something is being done with."
        self._some = asyncio.Event()
        self._idle = asyncio.Event()
        "Nothing waits, nothing is being done."
        self._idle.set()

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, call: str) -> bool:
        return call in self._items or call == self._doing

    def put(self, call: str, item: T) -> bool:
        """Have `item` done; False when there is no room. Never blocks."""
        if call not in self._items and len(self._items) >= self._most:
            self.dropped += 1
            return False
        self._items[call] = item
        self._some.set()
        self._idle.clear()
        return True

    def waiting(self, call: str) -> T | None:
        """What is to be done with it, unless that has begun."""
        return self._items.get(call)

    def drop(self, call: str) -> None:
        """It need not be done any more; what is being done goes on."""
        self._items.pop(call, None)

    async def idle(self) -> None:
        """Wait until all is done."""
        await self._idle.wait()

    async def run(self, work: Callable[[str, T], Awaitable[None]]) -> None:
        """Do what comes, for ever."""
        waits = self._backoff.waits()
        while True:
            if not self._items:
                self._some.clear()
                self._idle.set()
                await self._some.wait()
            call = next(iter(self._items), "")
            if not call:
                continue  # dropped while we woke up
            waits = await self._attempt(work, call, waits)

    async def _attempt(
        self,
        work: Callable[[str, T], Awaitable[None]],
        call: str,
        waits: Iterator[float],
    ) -> Iterator[float]:
        item = self._items.pop(call)
        self._doing = call
        try:
            await work(call, item)
        except self._down as error:
            log.debug("%s: %s has to wait: %s", self._name, call, error)
            self._items.setdefault(call, item)  # unless something newer came
            await asyncio.sleep(next(waits))
            return waits
        except (OSError, ValueError) as error:
            self.set_aside += 1
            log.error("%s: %s is set aside: %s", self._name, call, error)
        except Exception:
            # A wall: a bug that one call meets must not cost the others their rows,
            # nor the calls that are running their lives.
            self.set_aside += 1
            log.exception("%s: %s is set aside, by a bug", self._name, call)
        finally:
            self._doing = ""
        return self._backoff.waits()
