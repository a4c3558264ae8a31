"""Encoding: frames to Opus packets, ahead of their time and off the event loop.

Agents speak in bursts, so there is time: one thread of the process makes the packets
that the next ticks will send, for all calls. libopus works without the GIL, and the
thread gives way to the event loop, which has a beat to keep. What the thread has not
made in time the loop makes itself, so that no frame is ever missed.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from .frame import Frame
from .opus import BIT_RATE, COMPLEXITY, Encoder

__all__ = ["AHEAD", "Encoding", "EncodingThread", "Job"]

log = logging.getLogger(__name__)

AHEAD = 4
"""Frames that are encoded ahead: 80 ms, longer than the thread is ever kept waiting.
More would only be work in vain when the caller interrupts."""

NICE = 5
"How far the thread stands back behind the event loop, in steps of the scheduler."

LEAVE_S = 2.0
"Seconds that the thread has to end; a job takes milliseconds."


class Encoding:
    """The encoder of one call; both the thread and the loop may use it."""

    def __init__(
        self, rate: int, *, bit_rate: int = BIT_RATE, complexity: int = COMPLEXITY
    ) -> None:
        self.late = 0
        "Frames that had to be encoded in the moment in which they were sent."
        self.loss = 0
        "Per cent of packets that the other side loses; above 0 they carry redundancy."
        self._encoder = Encoder(rate, bit_rate=bit_rate, complexity=complexity)
        self._before: dict[int, bytes] = {}
        "States of the encoder before the latest frames, by their numbers."
        self._lock = threading.Lock()

    def make(self, frame: Frame) -> bytes:
        """The packet of a frame; made now if it was not yet. From any thread."""
        with self._lock:
            if frame.packet is None:
                frame.packet = self._encode(frame)
            return frame.packet

    def _encode(self, frame: Frame) -> bytes:
        encoder = self._encoder
        if frame.fresh:
            encoder.reset()
            self._before.clear()
        elif frame.number in self._before:
            encoder.put_back(self._before[frame.number])
        encoder.expect_loss(self.loss)
        self._before[frame.number] = encoder.keep()
        self._forget(frame.number + 1)
        if len(self._before) > 2 * AHEAD:
            del self._before[next(iter(self._before))]
        return encoder.encode(frame.sound())

    def _forget(self, number: int) -> None:
        """States from `number` on: what comes there will come after other frames."""
        while self._before and (last := next(reversed(self._before))) >= number:
            del self._before[last]


Job = tuple[Encoding, Sequence[Frame]]


class EncodingThread:
    """The thread that makes packets ahead; a context manager."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Sequence[Job] | None] = SimpleQueue()
        "Bounded by its users: a call has at most AHEAD frames here, each once a tick."
        self._thread = threading.Thread(target=self._run, name="encoding", daemon=True)

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
        self._thread.join(LEAVE_S)

    @property
    def waiting(self) -> int:
        """Jobs that were posted and not begun."""
        return self._jobs.qsize()

    def post(self, jobs: Sequence[Job]) -> None:
        """Have the frames of these calls encoded soon."""
        self._jobs.put(jobs)

    def _run(self) -> None:
        _stand_back()
        while (jobs := self._jobs.get()) is not None:
            for encoding, frames in jobs:
                for frame in frames:
                    encoding.make(frame)


def _stand_back() -> None:
    """Lower this thread's priority, where threads have one of their own (Linux)."""
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    except (AttributeError, OSError) as error:
        log.debug("the encoding thread keeps its priority: %s", error)
