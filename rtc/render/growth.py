"""Growth: a file that is being made, and those who read it meanwhile.

    WAITING ──begin──> RUNNING ──done──> DONE
       └─────────────────┴──────fail──> FAILED

Whoever wants bytes that are not there yet waits; a failure is told to all who wait.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path

__all__ = ["Busy", "Growth", "RenderError", "State"]


class RenderError(Exception):
    """A rendering was not to be had; the text is for people."""


class Busy(RenderError):
    """... just now; later it is."""


class State(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


MOVES = {
    State.WAITING: {State.RUNNING, State.DONE, State.FAILED},
    State.RUNNING: {State.DONE, State.FAILED},
    State.DONE: set[State](),
    State.FAILED: set[State](),
}


class Growth:
    """One file on its way."""

    def __init__(self, path: Path) -> None:
        self.path = path
        "Where it is now; it gets another name when it is done."
        self.state = State.WAITING
        self.size: int | None = None
        "Bytes that it will have, as soon as that is known."
        self.there = 0
        "Bytes that are good to be read."
        self.waiting = 0
        "How many wait in `sized`."
        self._why = ""
        self._changed = asyncio.Event()

    @classmethod
    def complete(cls, path: Path, size: int) -> Growth:
        """A file that is there already."""
        growth = cls(path)
        growth.grow(size, size)
        growth.done(path)
        return growth

    def begin(self) -> None:
        self._move(State.RUNNING)

    def grow(self, size: int | None, there: int) -> None:
        """So much of it is there."""
        self.size, self.there = size, there
        self._tell()

    def done(self, path: Path) -> None:
        """It is complete, and is called `path` now."""
        self.path = path
        self.there = self.size or 0
        self._move(State.DONE)

    def fail(self, why: str) -> None:
        """It never will be; `why` is for people. No matter when it is over already."""
        if MOVES[self.state]:
            self._why = why
            self._move(State.FAILED)

    async def sized(self) -> int:
        """Wait for its size. Raises RenderError."""
        self.waiting += 1
        try:
            while self.size is None or self.state is State.WAITING:
                await self._change()
            return self.size
        finally:
            self.waiting -= 1

    async def finished(self) -> None:
        """Wait for all of it. Raises RenderError."""
        self.waiting += 1
        try:
            while self.state is not State.DONE:
                await self._change()
        finally:
            self.waiting -= 1

    async def reach(self, at: int) -> int:
        """Wait for the byte at `at`; returns how many are there. Raises RenderError."""
        self._check()
        while self.there <= at and self.state is not State.DONE:
            await self._change()
        return self.there

    async def _change(self) -> None:
        self._check()
        await self._changed.wait()
        self._check()

    def _check(self) -> None:
        if self.state is State.FAILED:
            raise RenderError(self._why)

    def _move(self, to: State) -> None:
        if to not in MOVES[self.state]:
            raise RuntimeError(f"from {self.state.value} to {to.value}")
        self.state = to
        self._tell()

    def _tell(self) -> None:
        """Wake all who wait; who comes now waits for the next."""
        self._changed.set()
        self._changed = asyncio.Event()
