"""A process whose calls are recorded until it is killed: of `fault/test_recording`.

It stands alone, so that fifty of them can be forked from one that has loaded it.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection
from pathlib import Path

from rtc.opus import Encoder
from rtc.recorder import Recorder
from rtc.recording.files import Fsync
from rtc.recording.spool import Spool
from rtc.recording.writer import Writer
from tests.sound import chirp

__all__ = ["CALLS", "LONGEST_S", "SLOT", "live", "voice"]

CALLS = 20
LONGEST_S = 2.5
"Until which it may be killed."

RATE = 48_000
SLOT = 960


def voice() -> list[bytes]:
    """A hundred packets of 20 ms."""
    pcm, encoder = chirp(seconds=2.0), Encoder(RATE)
    slots = len(pcm) // SLOT
    return [encoder.encode(pcm[k * SLOT :][:SLOT].tobytes()) for k in range(slots)]


def live(folder: Path, policy: Fsync, teller: Connection) -> None:
    """Record, and tell by its number which slot was given to all recorders.

    -1: they are about to be opened.
    """
    asyncio.run(_talk(folder, policy, teller))


async def _talk(folder: Path, policy: Fsync, teller: Connection) -> None:
    packets, spool = voice(), Spool(folder)
    opened = threading.Event()
    teller.send_bytes(b"-1")
    with Writer() as writer:
        async with AsyncExitStack() as stack:
            recorders = []
            for k in range(CALLS):
                recorder = Recorder(
                    folder / f"call-{k}",
                    writer,
                    lambda code, text: sys.exit(text),
                    fsync=policy,
                    spool=spool,
                )
                recorder.meta({"agent": "a", "began": "b", "reason": None})
                recorders.append(await stack.enter_async_context(recorder))
            # Twenty calls do not begin at once: they are running.
            writer.post(opened.set, hurry=True)
            await asyncio.to_thread(opened.wait)
            begun, slot = time.monotonic(), 0
            while True:
                await asyncio.sleep(begun + slot * 0.02 - time.monotonic())
                # Who stood still does not catch up: nobody speaks faster than time.
                begun = max(begun, time.monotonic() - slot * 0.02)
                for recorder in recorders:
                    recorder.caller(packets[slot % 100], slot * SLOT)
                    recorder.agent(packets[-slot % 100], slot * SLOT)
                    recorder.tick(slot * SLOT)
                    if slot % 25 == 0:
                        recorder.event(f'{{"at_ms":{slot * 20}}}')
                teller.send_bytes(b"%d" % slot)
                slot += 1
