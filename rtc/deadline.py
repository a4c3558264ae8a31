"""Deadline: the one time limit of a call, which moves as the call goes on.

    PENDING ──enter──> RUNNING ──leave, or the time has come──> OVER

Passing it cancels the block that it guards and leaves `reason` to say why. `end` makes
it pass at once and for good, in any state, so that a call can be ended from outside
whatever it is doing.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from types import TracebackType
from typing import Self

__all__ = ["Deadline"]


class _State(Enum):
    PENDING = "pending"
    RUNNING = "running"
    OVER = "over"


class Deadline:
    """`async with Deadline(15, "setup-timeout") as deadline:`, used once."""

    def __init__(self, seconds: float | None, reason: str) -> None:
        """None: only `move` or `end` give it a time."""
        self.reason = reason
        "What it means when the time has come."
        self._final = False
        self._state = _State.PENDING
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> Self:
        self._state = _State.RUNNING
        await self._timeout.__aenter__()
        if self._final:
            self._pass_in(0.0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Swallows the cancellation if the time has come, and nothing else."""
        self._state = _State.OVER
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            return True
        return False

    def move(self, seconds: float, reason: str) -> None:
        """Have it pass in `seconds` from now, for another reason, unless final."""
        if self._final or self._state is _State.OVER or self._timeout.expired():
            return
        self.reason = reason
        self._pass_in(seconds)

    def end(self, reason: str) -> None:
        """Have it pass now; the first to say so gives the reason."""
        self.move(0.0, reason)
        self._final = True

    def _pass_in(self, seconds: float) -> None:
        if self._state is _State.RUNNING:
            now = asyncio.get_running_loop().time()
            self._timeout.reschedule(now + seconds)
