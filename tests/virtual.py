"""An event loop whose clock jumps: an hour of a call passes in a second.

`run(main())` runs a coroutine on a loop where waiting costs nothing: whenever every
task waits, the clock is put forward to the next timer. Nothing in such a test may wait
for the world outside (sockets, threads): the clock would run away meanwhile.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["run"]

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """Instead of waiting for a timeout, move the clock by it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("every task waits and no timer is set: deadlock")
            self.now += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end in virtual time; a task left behind is an error."""
    loop = _Loop()
    try:
        result = loop.run_until_complete(main)
        left = asyncio.all_tasks(loop)
        if left:
            raise RuntimeError(f"tasks left behind: {left}")
        loop.run_until_complete(loop.shutdown_asyncgens())
        return result
    finally:
        loop.close()
