"""Lanes: a few worker threads, and every conversation's work in order on one of them.

A recogniser may only be used by one thread at a time and its pieces of sound must stay
in order. A pool would need a lock and a queue for each caller; single threads, each
with its share of the callers, give both for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

__all__ = ["Lanes"]


class Lanes:
    """Threads to share out. Leave through `close`."""

    def __init__(self, name: str, count: int) -> None:
        self._lanes = [
            ThreadPoolExecutor(1, thread_name_prefix=f"{name}-{number}")
            for number in range(count)
        ]
        self._users = [0] * count

    @contextmanager
    def lane(self) -> Iterator[ThreadPoolExecutor]:
        """The lane with the fewest users, for as long as the context lasts."""
        index = self._users.index(min(self._users))
        self._users[index] += 1
        try:
            yield self._lanes[index]
        finally:
            self._users[index] -= 1

    def close(self) -> None:
        """Forget what waits, wait for what runs: both are short."""
        for lane in self._lanes:
            lane.shutdown(wait=False, cancel_futures=True)
