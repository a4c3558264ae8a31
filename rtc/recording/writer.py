"""Writer: the one thread of the process that writes to disk.

The event loop hands it jobs and never waits for a disk. Jobs own their errors; the
queue is bounded, and a job that finds no room is refused.

What forces a file through to the disk takes long, and comes when no job waits: one by
one, so that nobody's sound waits for more than one of them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

__all__ = ["Job", "Writer", "call_back"]

log = logging.getLogger(__name__)

Job = Callable[[], None]

BOUND = 4_000
"""Jobs that may wait. A call posts five in two seconds: a disk may hang for 16 s under
a hundred calls before anything is lost."""

REST_S = 0.2
"""Seconds that the thread rests when all is done. What all calls post meanwhile is then
done in one go: to wake up, take over the interpreter and have everything in the
processor's cache again costs more than a job (measured with 20 calls: 0.14 ms of CPU
for a second of a call, 0.36 without)."""

SYNC_S = 1.0
"Seconds between two times that the files of a call are forced through to the disk."

LEAVE_S = 10.0
"Seconds that the jobs still waiting at the end are given."


class Writer:
    """A thread that runs jobs in order; a context manager."""

    def __init__(self) -> None:
        self.refused = 0
        "Jobs that found no room."
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._hurry = threading.Event()
        "Set: do not rest, there is somebody who waits."
        self._later: dict[Job, float] = {}
        "What comes when no job waits, and not before that time. Of the thread only."
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._jobs.put(None)
        self._hurry.set()
        self._thread.join(LEAVE_S)
        if self._thread.is_alive():
            log.error("the disk hangs: the last recordings may be incomplete")

    def post(self, job: Job, *, hurry: bool = False) -> bool:
        """Have `job` run on the thread; False when there is no room.

        In a `hurry` somebody waits for it, and it is not refused: the end of a call.
        Others may rest with the thread.
        """
        full = self._jobs.qsize() >= BOUND and not hurry
        if full or not self._thread.is_alive():
            self.refused += 1
            return False
        self._jobs.put(job)
        if hurry:
            self._hurry.set()
        return True

    def later(self, job: Job, wait_s: float = 0.0) -> None:
        """Have `job` run when no other waits, once however often asked. On the thread.

        After `wait_s` it shares its moment with others that wait as long: a disk that
        is made to write for one of them writes much of the others, too.
        """
        now = time.monotonic()
        due = (now // wait_s + 1) * wait_s if wait_s else now
        self._later.setdefault(job, due)

    def never(self, job: Job) -> None:
        """It need not be run any more. On the thread."""
        self._later.pop(job, None)

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=REST_S if self._later else None)
            except Empty:
                self._catch_up()
                continue
            if job is None:
                return
            job()
            if self._jobs.empty():
                self._catch_up()
            if self._jobs.empty():
                self._hurry.wait(REST_S)
                self._hurry.clear()

    def _catch_up(self) -> None:
        """Do what is due for as long as no job waits, in the order it was asked for."""
        now = time.monotonic()
        for job in [job for job, due in self._later.items() if due <= now]:
            if not self._jobs.empty():
                return
            del self._later[job]
            job()


def call_back(
    loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *args: Any
) -> None:
    """For jobs: call on the event loop, unless it was closed meanwhile."""
    try:
        loop.call_soon_threadsafe(callback, *args)
    except RuntimeError as error:
        log.debug("nobody waits for the writer any more: %s", error)
