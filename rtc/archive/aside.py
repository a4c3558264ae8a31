"""Aside: blocking work in threads that are never in the way.

Unlike `asyncio.to_thread` for what may hang: each piece of work has a deadline, few run
at a time, and a thread that hangs does not keep the process from ending.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Aside"]

T = TypeVar("T")

AT_ONCE = 4
"Threads, hanging ones included: who comes when all hang waits for his deadline only."


class Aside:
    """Runs work beside the event loop; work on one `key` can be asked for."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.overdue = 0
        "Pieces of work that missed their deadline."
        self._room = asyncio.Semaphore(at_once)
        self._busy: Counter[str] = Counter()

    def busy(self, key: str) -> bool:
        """Whether a thread still works on it, though nobody may wait any more."""
        return self._busy[key] > 0

    async def run(self, key: str, deadline_s: float, work: Callable[[], T]) -> T:
        """What `work` gives or raises. TimeoutError: it goes on, but unheard."""
        try:
            async with asyncio.timeout(deadline_s):
                await self._room.acquire()
                return await self._started(key, work)
        except TimeoutError:
            self.overdue += 1
            raise

    def _started(self, key: str, work: Callable[[], T]) -> asyncio.Future[T]:
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        thread = threading.Thread(
            target=self._work, args=(key, work, result), name="aside", daemon=True
        )
        self._busy[key] += 1
        try:
            thread.start()
        except RuntimeError:  # the system gives no more threads
            self._ended(key)
            raise
        return result

    def _work(
        self, key: str, work: Callable[[], Any], result: asyncio.Future[Any]
    ) -> None:
        """On the thread. Nothing is swallowed: an error goes to who waits for it."""
        loop = result.get_loop()
        deliver: Callable[[Any], None] = result.set_result
        try:
            outcome = work()
        except Exception as error:  # noqa: BLE001, it is passed on
            deliver, outcome = result.set_exception, error

        def over() -> None:
            self._ended(key)
            if not result.done():
                deliver(outcome)

        try:
            loop.call_soon_threadsafe(over)
        except RuntimeError:
            pass  # the loop was closed meanwhile: nobody waits

    def _ended(self, key: str) -> None:
        self._room.release()
        self._busy[key] -= 1
        if not self._busy[key]:
            del self._busy[key]
