"""Reach: whether a service is there; said once when it goes, and once when back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Backoff", "Reach"]

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Backoff:
    """How long to wait before something is tried again."""

    first_s: float = 1.0
    "Most services that go away are back at once: they were restarted."
    most_s: float = 60.0
    "What a service that is back may have to wait for us."

    def waits(self) -> Iterator[float]:
        """Seconds, doubling, without an end."""
        wait = self.first_s
        while True:
            yield wait
            wait = min(2 * wait, self.most_s)


class Reach:
    """What is known of one service, such as the database."""

    def __init__(self, name: str, down: type[Exception], backoff: Backoff) -> None:
        self.away = False
        self.failures = 0
        "Attempts that found it away."
        self._name = name
        self._down = down
        self._backoff = backoff

    async def through(self, work: Awaitable[T], *, proof: bool = True) -> T:
        """Await `work`, and learn from it whether the service is there.

        Without `proof` it may succeed while other work still fails: a database that
        can be read but not written is not back.
        """
        try:
            result = await work
        except self._down as error:
            self.failures += 1
            if not self.away:
                log.warning("%s is away, its work waits: %s", self._name, error)
            self.away = True
            raise
        if self.away and proof:
            self.away = False
            log.info("%s is back", self._name)
        return result

    async def persist(self, work: Callable[[], Awaitable[T]]) -> T:
        """Ask for something, as often as it takes until the service is there."""
        for wait in self._backoff.waits():
            try:
                return await self.through(work(), proof=False)
            except self._down:
                await asyncio.sleep(wait)
        raise AssertionError("waits() has no end")
