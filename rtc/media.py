"""Media: what all calls of the process share to carry sound.

One clock, one thread that encodes, one poll object for all sockets. Enter it before
the first call and leave it after the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from .clock import Clock
from .encoding import Encoding, EncodingThread, Job
from .frame import Frame
from .health import ProcessHealth
from .housekeeping import Housekeeping, resident_mb
from .opus import BIT_RATE, COMPLEXITY
from .port import Ports

__all__ = ["Media", "Options"]

WATCH_S = 1.0
"Seconds between two looks at the health of the process."

LAG_TICKS = 10
"Ticks between two measurements of the loop's lag: each wakes the loop once more."


@dataclass(frozen=True, slots=True)
class Options:
    """How calls sound and behave; the same for all."""

    lean: bool = True
    "Whether Parley carries the media itself, or leaves it to aiortc."
    bit_rate: int = BIT_RATE
    "Bits per second of the agent's voice."
    complexity: int = COMPLEXITY
    "Of the encoder, 0-10."
    chunk_ms: int = 40
    "Length of the pieces that the agent is given: more saves CPU, less saves time."
    barge_in: Literal["duck", "provider"] = "duck"
    "Who gives way to a caller who begins to speak: we at once, or only the provider."


class Media:
    """The parts that calls share; an async context manager."""

    def __init__(
        self,
        options: Options | None = None,
        *,
        housekeeping: Housekeeping | None = None,
    ) -> None:
        """`housekeeping`, if any, was entered and is told when there is time for it."""
        self.options = options or Options()
        self.clock = Clock()
        self.ports: Ports
        self.figures: Mapping[str, float] = {}
        "The health of the process in the second before (`rtc.health`)."
        self._health = ProcessHealth()
        self._housekeeping = housekeeping
        self._thread = EncodingThread()
        self._jobs: list[Job] = []
        self._ticks = 0
        self._turn = asyncio.Lock()
        self._ticked = asyncio.Event()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._stack.enter_context(self._thread)
        self.ports = Ports()
        self._stack.callback(self.ports.close)
        await self._stack.enter_async_context(self.clock)
        self.clock.late = self._health.ticks.add
        self.clock.after = self._after
        self.clock.running = self.ports.drive
        self.clock.read = self.ports.read
        self.clock.resting = self._rest
        tasks = await self._stack.enter_async_context(asyncio.TaskGroup())
        self._stack.callback(tasks.create_task(self._watch()).cancel)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def encode(self, encoding: Encoding, frames: Sequence[Frame]) -> None:
        """Have the frames encoded; the thread is woken once for all calls of a tick."""
        if frames:
            self._jobs.append((encoding, frames))

    def flush(self) -> None:
        """Wake the thread now."""
        if self._jobs:
            self._thread.post(self._jobs)
            self._jobs = []

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """For work that holds up the loop: one after the other, right after a tick.

        To answer an offer takes several milliseconds. A storm of offers would make
        every call stumble; like this it has to wait its turn, one each 20 ms.
        """
        async with self._turn:
            if len(self.clock):
                self._ticked.clear()
                await self._ticked.wait()
            yield

    def _after(self, due: float) -> None:
        self._ticked.set()
        now = self._loop.time()
        self._ticks += 1
        if self._ticks % LAG_TICKS == 0:
            self._loop.call_soon(self._measure, now)
        if self._housekeeping is not None:
            self._housekeeping.tick(due - now, len(self.clock))

    def _rest(self, until: float) -> None:
        # After the tasks that were woken on the beat: they are the loop's work, too.
        self._loop.call_soon(self._free, until)

    def _free(self, until: float) -> None:
        self._thread.free(until)
        self.flush()

    def _measure(self, since: float) -> None:
        self._health.lags.add(self._loop.time() - since)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            keeping = self._housekeeping
            if not len(self.clock):
                self._ticked.set()
                if keeping is not None:
                    keeping.rest()
            self.figures = self._health.snapshot(
                calls=len(self.clock),
                skipped=self.clock.skipped,
                memory_mb=resident_mb(),
                gc=keeping.counters() if keeping is not None else {},
            )
