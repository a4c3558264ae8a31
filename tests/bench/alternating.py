"""A recorder that can be told to pay no heed: what it costs is the difference."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from weakref import WeakSet

from rtc.recorder import Recorder

__all__ = ["Alternating", "alternate"]

RECORDERS: WeakSet[Alternating] = WeakSet()


class Alternating(Recorder):
    """Records while `on`; what lies between is left out, and costs nothing later."""

    on = True

    async def __aenter__(self) -> Alternating:
        RECORDERS.add(self)
        return await super().__aenter__()

    def caller(self, payload: bytes, at: int) -> None:
        if self.on:
            super().caller(payload, at)

    def agent(self, payload: bytes, at: int) -> None:
        if self.on:
            super().agent(payload, at)

    def tick(self, at: int) -> None:
        self.at = at
        if self.on:
            super().tick(at)

    def skip(self) -> None:
        """Go on from here: filling the gap with silence would be work, too."""
        for leg in self._recording.legs:
            leg.end = max(leg.end, self.at)


async def alternate(window_s: float, out: Path) -> None:
    """Record in every other window; writes the CPU ms of each until cancelled."""
    loop = asyncio.get_running_loop()
    used: list[float] = []
    while not any(hasattr(it, "at") for it in RECORDERS):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    due, before = loop.time(), time.process_time_ns()
    try:
        while True:
            due += window_s
            await asyncio.sleep(due - loop.time())
            now = time.process_time_ns()
            used.append((now - before) / 1e6)
            Alternating.on = not Alternating.on
            if Alternating.on:
                for recorder in RECORDERS:
                    recorder.skip()
            before = time.process_time_ns()
    finally:
        out.write_text(json.dumps(used))
