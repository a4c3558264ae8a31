"""Writer: the one thread of the process that writes to disk.

The event loop hands it jobs and never waits for a disk. Jobs own their errors; the
queue is bounded, and a job that finds no room is refused.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

__all__ = ["Job", "Writer"]

log = logging.getLogger(__name__)

Job = Callable[[], None]

BOUND = 10_000
"""Jobs that may wait. A call posts five a second: a disk may hang for 20 s under a
hundred calls before anything is lost."""

LEAVE_S = 10.0
"Seconds that the jobs still waiting at the end are given."


class Writer:
    """A thread that runs jobs in order; a context manager."""

    def __init__(self) -> None:
        self.refused = 0
        "Jobs that found no room."
        self._jobs: queue.Queue[Job | None] = queue.Queue(BOUND)
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
        try:
            self._jobs.put(None, timeout=LEAVE_S)
        except queue.Full:
            log.error("the disk hangs: the last recordings may be incomplete")
            return
        self._thread.join(LEAVE_S)

    def post(self, job: Job) -> bool:
        """Have `job` run on the thread; False when there is no room."""
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            self.refused += 1
            return False
        return True

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
