"""Encoding: frames to Opus packets, ahead of their time and off the event loop.

Agents speak in bursts, so there is time: one thread of the process makes the packets
that the next ticks will send, for all calls. The event loop has a beat to keep, so the
thread works while the loop is at rest and stops before the next beat: two threads that
pass the GIL and the core to and fro cost a tenth more than one after the other, and
the beat stumbles. What the thread has not made in time the loop makes itself, so that
no frame is ever missed.
"""

from __future__ import annotations

import logging
import math
import os
import sys
import threading
from collections import deque
from collections.abc import Sequence
from queue import SimpleQueue
from time import monotonic
from types import TracebackType
from typing import Self

from .frame import Frame
from .opus import BIT_RATE, COMPLEXITY, Encoder

__all__ = ["AHEAD", "PATIENCE_S", "Encoding", "EncodingThread", "Job"]

log = logging.getLogger(__name__)

AHEAD = 4
"""Frames that are encoded ahead: 80 ms, longer than the thread is ever kept waiting.
More would only be work in vain when the caller interrupts."""

KEEP_EVERY = 4
"""Frames between two states of the encoder that are kept. Each is 30 kB to copy, and to
go back, which is rare, a few frames can be encoded again."""

NICE = 5
"How far the thread stands back behind the event loop, in steps of the scheduler."

STOP_S = 0.0005
"""Seconds before a beat at which nothing new is begun: the two frames a call mostly
asks for take 0.3 ms, and the scheduler may let the thread finish them first."""

PATIENCE_S = 0.03
"""Seconds for which the thread lets the event loop go first. What a reply under way
asks for is sent in two ticks at the earliest: what is begun then is made in time."""

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
        self._latest: deque[tuple[Frame, bytes | None]] = deque(maxlen=3 * AHEAD)
        "Frames that were encoded, before some of them the state that the encoder had."
        self._next = 0
        "The number of the frame that goes on where the encoder is."
        self._lock = threading.Lock()

    def make(self, frame: Frame) -> bytes:
        """The packet of a frame; made now if it was not yet. From any thread."""
        with self._lock:
            if frame.packet is None:
                frame.packet = self._encode(frame)
            return frame.packet

    def _encode(self, frame: Frame) -> bytes:
        if frame.fresh:
            self._encoder.reset()
            self._latest.clear()
        elif frame.number != self._next:
            self._go_back_to(frame.number)
        self._encoder.expect_loss(self.loss)
        kept = self._encoder.keep() if frame.number % KEEP_EVERY == 0 else None
        self._latest.append((frame, kept))
        self._next = frame.number + 1
        return self._encoder.encode(frame.sound())

    def _go_back_to(self, number: int) -> None:
        """Undo what was encoded from `number` on: it was not sent, and will not be."""
        while self._latest and self._latest[-1][0].number >= number:
            self._latest.pop()
        again: list[Frame] = []
        for frame, kept in reversed(self._latest):
            again.append(frame)
            if kept is not None:
                self._encoder.put_back(kept)
                break
            if frame.fresh:
                self._encoder.reset()
                break
        for frame in reversed(again):
            self._encoder.encode(frame.sound())


Job = tuple[Encoding, Sequence[Frame]]


class EncodingThread:
    """The thread that makes packets ahead; a context manager.

    Times are seconds of `time.monotonic`, the clock of asyncio's loops.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Sequence[Job] | None] = SimpleQueue()
        "Bounded by its users: a call has at most AHEAD frames here, each once a tick."
        self._until = math.inf
        "When the event loop begins to work again."
        self._resting = False
        "Whether the thread waits for it to be at rest, or is about to."
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

    def post(self, jobs: Sequence[Job]) -> None:
        """Have the frames of these calls encoded soon."""
        if self._thread.is_alive():  # else nothing would ever be taken out
            self._jobs.put(jobs)

    def free(self, until: float) -> None:
        """The event loop is at rest until then."""
        self._until = until - STOP_S
        if self._resting:
            self._jobs.put(())

    def _run(self) -> None:
        _stand_back()
        waiting: dict[Encoding, Sequence[Frame]] = {}
        since = 0.0
        while True:
            while not waiting or self._must_rest(since):
                jobs = self._jobs.get()
                if jobs is None:
                    return
                if not waiting:
                    since = monotonic()
                # What a call asked for before was sent meanwhile, or is in it again.
                waiting.update(jobs)
            encoding = next(iter(waiting))
            for frame in waiting.pop(encoding):
                encoding.make(frame)

    def _must_rest(self, since: float) -> bool:
        self._resting = True  # first, or `free` could find it unset and be missed
        now = monotonic()
        self._resting = now > self._until and now - since < PATIENCE_S
        return self._resting


def _stand_back() -> None:
    """Lower this thread's priority, where threads have one of their own."""
    if sys.platform != "linux":
        return  # the number of a thread would be taken for that of a process
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    except OSError as error:
        log.debug("the encoding thread keeps its priority: %s", error)
