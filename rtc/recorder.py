"""Recorder: both legs of a call, and what was said, to disk as the call goes on.

The call only ever appends to lists here; each 0.4 s they go to the writer's thread,
which does all the rest. A disk that fails ends the recording, sound and words, never
the call; what happened in it, with its figures, is still written if it can be.

`python -m rtc.recorder export CALL` turns a recording into other files.
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

from .audio import CLOCK_HZ
from .recording.files import META, TRANSCRIPT, Fsync
from .recording.leg import Piece
from .recording.recording import STOPPED, Batch, Loss, Recording, Rules
from .recording.sound import MOST_PAUSES
from .recording.spool import Spool
from .recording.writer import Job, Writer, call_back

__all__ = ["Failed", "Recorder"]

log = logging.getLogger(__name__)

Failed = Callable[[str, str], None]
"""Told once, on the event loop, when the sound cannot be recorded (any more): a code,
`recording-refused` or `recording-stopped`, and a text for people."""

BATCH = CLOCK_HZ * 2 // 5
"""Samples, 0.4 s, between two hand-overs to the writer's thread. With the rest of 0.2 s
that the thread takes it is what `kill -9` can cost of a voice: less than a second."""

MOST_LINES = 10_000
"Events that wait for a disk that is too slow: those of an hour."

CLOSE_S = 5.0
"Seconds that the end of a call waits for its files; a slow disk goes on without it."


class Recorder:
    """What of one call is kept. Never blocks, never fails the call."""

    def __init__(
        self,
        folder: Path,
        writer: Writer,
        failed: Failed,
        *,
        sound: bool = True,
        fsync: Fsync = "end",
        spool: Spool | None = None,
        floor_bytes: int = 0,
    ) -> None:
        self.folder = folder
        self._writer = writer
        self._failed: Failed | None = failed
        "None when it was told."
        self._recording = Recording(
            folder,
            writer,
            Rules(sound, fsync, spool, floor_bytes),
            functools.partial(self._tell, self._give_up),
        )
        "Its methods are for the writer's thread."
        self._hearing = sound
        "Packets are wanted."
        self._over = False
        "Left: what comes now comes too late."
        self._caller: list[Piece] = []
        self._agent: list[Piece] = []
        self._lines: list[str] = []
        self._files: dict[str, Mapping[str, Any]] = {}
        self._due = BATCH
        "Samples of the call at which is handed over next."
        self._loop: asyncio.AbstractEventLoop

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        known = {"call": self.folder.name, **self._files.get(META, {})}
        self._post(functools.partial(self._recording.open, known), hurry=True)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        done = asyncio.Event()
        end = functools.partial(self._end, self._batch(None), done)
        posted = self._post(end, hurry=True)
        self._over, self._hearing = True, False
        try:
            if posted:
                # Not `asyncio.timeout`: a cancelled call comes here too.
                await asyncio.wait_for(done.wait(), CLOSE_S)
        except TimeoutError:
            log.warning("%s is still being written", self.folder.name)

    def counters(self) -> dict[str, int]:
        """What was not as it should be, so far as it is written."""
        return self._recording.counters()

    def caller(self, payload: bytes, at: int) -> None:
        """An Opus packet of the caller, at that sample of 48 kHz."""
        if self._hearing:
            self._caller.append((payload, at))

    def agent(self, payload: bytes, at: int) -> None:
        """An Opus packet as it was sent to the caller."""
        if self._hearing:
            self._agent.append((payload, at))

    def tick(self, at: int) -> None:
        """So much of the call is over, in samples of 48 kHz; comes fifty times a s."""
        if at >= self._due and not self._over:
            self._due = at + BATCH
            self._hand_over(at)

    def pause(self, at: int) -> None:
        """What belongs there or later is not kept, until `resume`."""
        pauses = self._recording.pauses
        if not pauses or pauses[-1][1] is not None:
            del pauses[: -MOST_PAUSES + 1]
            pauses.append((at, None))

    def resume(self, at: int) -> None:
        """What belongs there or later is kept again."""
        pauses = self._recording.pauses
        if pauses and pauses[-1][1] is None:
            pauses[-1] = (pauses[-1][0], max(at, pauses[-1][0]))

    def event(self, line: str) -> None:
        """A line for `events.jsonl`."""
        if not self._over:
            self._lines.append(line)

    def transcript(self, content: Mapping[str, Any]) -> None:
        """The transcript as it is now."""
        self._files[TRANSCRIPT] = content

    def meta(self, content: Mapping[str, Any]) -> None:
        """What is known of the call as a whole."""
        self._files[META] = content

    def _batch(self, at: int | None) -> Batch:
        """What is here; up to `at` the call is over, None: altogether."""
        packets = (self._caller, self._agent) if self._hearing else None
        self._caller, self._agent = [], []
        return Batch(packets, at, self._lines, self._files)

    def _hand_over(self, at: int) -> None:
        write = functools.partial(self._recording.write, self._batch(at))
        if self._post(write, hurry=False):
            self._lines, self._files = [], {}
        else:
            # The words may wait, the sound cannot.
            del self._lines[:-MOST_LINES]

    def _post(self, job: Job, *, hurry: bool) -> bool:
        posted = self._writer.post(job, hurry=hurry)
        if not posted and self._hearing:
            self._recording.loss = loss = STOPPED, "the disk is too slow to record this"
            self._give_up(loss)
        return posted

    def _give_up(self, loss: Loss) -> None:
        self._hearing = False
        failed, self._failed = self._failed, None
        if failed is not None:
            log.error("%s: %s", self.folder.name, loss[1])
            failed(*loss)

    # What follows runs on the writer's thread.

    def _tell(self, callback: Callable[..., None], *args: Any) -> None:
        """Have it called on the call's loop, which is known once it has begun."""
        call_back(self._loop, callback, *args)

    def _end(self, batch: Batch, done: asyncio.Event) -> None:
        self._recording.write(batch)
        self._recording.close()
        self._tell(done.set)


if __name__ == "__main__":
    from .render.export import main

    sys.exit(main(sys.argv[1:]))
