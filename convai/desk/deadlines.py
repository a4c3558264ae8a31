"""Deadlines: what is due when, by the clock of the loop."""

from __future__ import annotations

import asyncio

__all__ = ["Deadlines"]


class Deadlines:
    """One for each name; as many as there are names that wait for something."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        "Seconds of the loop's clock."
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._at)

    def put(self, name: str, wait_s: float = 0.0) -> None:
        """It is due then, and no more when it was before."""
        self._at[name] = asyncio.get_running_loop().time() + wait_s
        self._changed.set()

    def drop(self, name: str) -> None:
        """It is not due any more."""
        self._at.pop(name, None)

    def left_s(self, name: str) -> float:
        """Seconds until it is due; 0 when it is, or never will be."""
        at = self._at.get(name)
        now = asyncio.get_running_loop().time()
        return 0.0 if at is None else max(0.0, at - now)

    async def next(self) -> str:
        """Wait until something is due, and take it."""
        while True:
            now = asyncio.get_running_loop().time()
            name = min(self._at, key=self._at.__getitem__, default=None)
            if name is not None and self._at[name] <= now:
                del self._at[name]
                return name
            self._changed.clear()
            wait_s = None if name is None else self._at[name] - now
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                pass
