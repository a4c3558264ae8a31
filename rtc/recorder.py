"""Recorder: both legs of a call, and what was said, to disk as the call goes on.

The call only ever appends to lists here; each 0.4 s they go to the writer's thread,
which does all the rest. A disk that fails ends the recording, never the call.

`python -m rtc.recorder export CALL` turns a recording into WAV files.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .audio import CLOCK_HZ, SLOT
from .recording.files import META, TRANSCRIPT, Recording
from .recording.leg import Leg, Piece
from .recording.writer import Job, Writer

__all__ = ["Failed", "Recorder"]

log = logging.getLogger(__name__)

Failed = Callable[[str], None]
"Told once, on the event loop, when the recording cannot go on; the text is for people."

BATCH = CLOCK_HZ * 2 // 5
"""Samples, 0.4 s, between two hand-overs to the writer's thread. With the rest of 0.2 s
that the thread takes it is what `kill -9` can cost of a voice: less than a second."""

PATIENCE = 10 * SLOT
"""Samples, 200 ms: how long the caller's leg waits for a late packet before silence is
written in its place. Longer than any jitter that leaves speech intelligible."""

CLOSE_S = 5.0
"Seconds that the end of a call waits for its files; a slow disk goes on without it."


class Recorder:
    """What of one call is kept. Never blocks, never fails the call."""

    def __init__(self, folder: Path, writer: Writer, failed: Failed) -> None:
        self.folder = folder
        self.legs = (Leg(), Leg())
        "Touched by the writer's thread only, but for being counted."
        self._writer = writer
        self._failed = failed
        self._caller: list[Piece] = []
        self._agent: list[Piece] = []
        self._lines: list[str] = []
        self._files: dict[str, Mapping[str, Any]] = {}
        self._due = BATCH
        "Samples of the call at which is handed over next."
        self._recording: Recording | None = None
        "Touched by the writer's thread only."
        self._broken = False
        "Written by either thread, and never back to False."
        self._over = False
        "Left: what comes now comes too late."
        self._loop: asyncio.AbstractEventLoop

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._post(self._open)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hand_over(None)
        self._over = True
        done = asyncio.Event()
        try:
            if self._writer.post(functools.partial(self._end, done), hurry=True):
                # Not `asyncio.timeout`: a cancelled call comes here too.
                await asyncio.wait_for(done.wait(), CLOSE_S)
        except TimeoutError:
            log.warning("%s is still being written", self.folder.name)

    def counters(self) -> dict[str, int]:
        """What was not as it should be, so far as it is written."""
        caller, agent = self.legs
        return {
            "caller_silence_filled": caller.filled,
            "caller_not_recorded": caller.dropped,
            "agent_silence_filled": agent.filled,
            "agent_not_recorded": agent.dropped,
        }

    def caller(self, payload: bytes, at: int) -> None:
        """An Opus packet of the caller, at that sample of 48 kHz."""
        if not self._over:
            self._caller.append((payload, at))

    def agent(self, payload: bytes, at: int) -> None:
        """An Opus packet as it was sent to the caller."""
        if not self._over:
            self._agent.append((payload, at))

    def tick(self, at: int) -> None:
        """So much of the call is over, in samples of 48 kHz; comes fifty times a s."""
        if at >= self._due and not self._over:
            self._due = at + BATCH
            self._hand_over(at)

    def event(self, line: str) -> None:
        """A line for `events.jsonl`."""
        self._lines.append(line)

    def transcript(self, content: Mapping[str, Any]) -> None:
        """The transcript as it is now."""
        self._files[TRANSCRIPT] = content

    def meta(self, content: Mapping[str, Any]) -> None:
        """What is known of the call as a whole."""
        self._files[META] = content

    def _hand_over(self, at: int | None) -> None:
        """Have what is here written; up to `at` the call is over, None: altogether."""
        legs, lines, files = (self._caller, self._agent), self._lines, self._files
        self._caller, self._agent, self._lines, self._files = [], [], [], {}
        self._post(functools.partial(self._write, legs, at, lines, files))

    def _post(self, job: Job) -> None:
        if self._broken:
            return
        if not self._writer.post(functools.partial(self._guarded, job)):
            self._give_up("the disk is too slow to record this call")

    # What follows runs on the writer's thread, except `_give_up`.

    def _guarded(self, job: Job) -> None:
        if self._broken:
            return
        try:
            job()
        except (OSError, ValueError) as error:
            # ValueError: a file that is closed already.
            self._broken = True
            self._finish()
            self._tell(self._give_up, f"the recording stopped: {error}")

    def _tell(self, callback: Callable[..., None], *args: Any) -> None:
        """Call back on the call's loop, unless it was closed meanwhile."""
        try:
            self._loop.call_soon_threadsafe(callback, *args)
        except RuntimeError as error:
            log.debug("nobody waits for %s any more: %s", self.folder.name, error)

    def _end(self, done: asyncio.Event) -> None:
        self._finish()
        self._tell(done.set)

    def _finish(self) -> None:
        """Close the files; after an error this mostly fails as well."""
        recording, self._recording = self._recording, None
        if recording is None:
            return
        try:
            recording.close()
        except OSError as error:
            log.warning("%s could not be finished: %s", self.folder.name, error)

    def _open(self) -> None:
        self._recording = Recording(self.folder)

    def _write(
        self,
        packets: tuple[list[Piece], list[Piece]],
        at: int | None,
        lines: list[str],
        files: Mapping[str, Mapping[str, Any]],
    ) -> None:
        assert self._recording is not None
        self._recording.write(self._placed(packets, at))
        self._recording.note(lines)
        for name, content in files.items():
            more = {"recording": self.counters()} if name == META else {}
            self._recording.save(name, {**content, **more})

    def _placed(
        self, packets: tuple[list[Piece], list[Piece]], at: int | None
    ) -> tuple[list[Piece], list[Piece]]:
        """The packets as they follow each other in each leg, silence between them."""
        caller, agent = legs = self.legs
        placed: tuple[list[Piece], list[Piece]] = ([], [])
        for leg, pieces, came in zip(legs, placed, packets, strict=True):
            for payload, position in came:
                pieces += leg.put(payload, position)
        if at is None:
            # Equally long, and not empty: Matroska without a packet cannot be read.
            end = max(SLOT, caller.end, agent.end)
            ends = (end, end)
        else:
            ends = (at - PATIENCE, at - SLOT)
        for leg, pieces, to in zip(legs, placed, ends, strict=True):
            pieces += leg.fill(to)
        return placed

    def _give_up(self, reason: str) -> None:
        self._broken = True
        log.error("%s: %s", self.folder.name, reason)
        self._failed(reason)


if __name__ == "__main__":
    from .render.export import main

    sys.exit(main(sys.argv[1:]))
