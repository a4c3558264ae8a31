"""The process of the synthetic callers: N calls to one server, and what came of them.

    python -m tests.bench.callers ORDER    (JSON, see `Order`)

Calls are set up one after the other; then all are steady, and the server's use of the
CPU is read at both ends of a window.
"""

from __future__ import annotations

import asyncio
import gc
import json
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp
import numpy as np
from numpy.typing import NDArray

from . import impairment, loopback, process, speech
from .impairment import Fate
from .line import HEADER, Line, dial
from .opus import Decoder
from .pump import Pump

__all__ = ["Order", "State", "order"]

DECODE_HZ = 16_000
WARM_S = 0.5
AFTER_GC_S = 0.2
"What the last collection held up leaves before the window begins."

STAMP = struct.Struct("qq")
FULL = 32768.0


@dataclass(frozen=True)
class Order:
    """What a run of callers is to do."""

    url: str
    pid: int
    "Of the server."
    core: int
    "The server's."
    calls: int
    settle_s: float
    "From the last call's set-up to the window."
    window_s: float
    out: str
    "Path of the arrays."
    patterns: tuple[str, ...] = ()
    "Of `impairment.PATTERNS`, one for each call; none: all clean."
    seed: int = 0


@dataclass(frozen=True)
class State:
    """The server and its core at one moment."""

    at_ns: int
    cpu_ns: int
    busy_ns: int
    "Of the server's core, whoever uses it."
    own_cpu_ns: int
    "Of the callers."
    memory: int


def _state(order: Order) -> State:
    return State(
        time.monotonic_ns(),
        process.cpu_ns(order.pid),
        process.busy_ns(order.core),
        time.process_time_ns(),
        process.memory(order.pid),
    )


@dataclass
class Calls:
    """The lines of a run, in order."""

    lines: list[Line]
    setups: list[tuple[int, int]]
    "Monotonic ns of each offer and of the first packet before take-over, 0 for none."
    states: list[State]
    "Before the first call that counts, at the begin and at the end of the window."


async def _talk(order: Order) -> Calls:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        await _warm_up(order, session)
        calls = Calls([], [], [_state(order)])
        with Pump(order.calls) as pump:
            await _media(order, calls, pump, session, stack)
    return calls


async def _warm_up(order: Order, session: aiohttp.ClientSession) -> None:
    """A call that is not counted: the first one loads what all others need, too."""
    for wide in (False, True):
        speech.encoded(wide, bool(order.patterns))
    async with AsyncExitStack() as stack:
        await dial(session, order.url, 0, False, [], stack)
        await asyncio.sleep(WARM_S)


async def _media(
    order: Order,
    calls: Calls,
    pump: Pump,
    session: aiohttp.ClientSession,
    stack: AsyncExitStack,
) -> None:
    for number in range(order.calls):
        fates: list[Fate] = []
        if order.patterns:
            fates = impairment.fates(order.patterns[number], order.seed)
        fec = bool(order.patterns)
        line, *setup = await dial(session, order.url, number, fec, fates, stack)
        pump.add(line)
        calls.lines.append(line)
        calls.setups.append((setup[0], setup[1]))
    await asyncio.sleep(order.settle_s)
    gc.collect()
    gc.disable()
    await asyncio.sleep(AFTER_GC_S)
    calls.states.append(_state(order))
    await asyncio.sleep(order.window_s)
    calls.states.append(_state(order))


def _columns(calls: Calls) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Everything by packet, as `{number}_{what}`."""
    behind = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.monotonic_ns()
    for line in calls.lines:
        yield f"{line.number}_sent", np.array(line.sent, np.int64)
        yield f"{line.number}_due", np.array(line.due, np.int64)
        for name, column in _received(line, behind).items():
            yield f"{line.number}_{name}", column


def _received(line: Line, behind: int) -> dict[str, NDArray[np.generic]]:
    """What came, decrypted and decoded; `behind` takes a stamp to the monotonic clock.

    The level is the RMS of the packet's sound, 1 being a full-scale square wave.
    """
    session = line.pc.getSenders()[0].transport._rx_srtp
    decoder = Decoder(DECODE_HZ)
    arrived, sequences, timestamps, levels, sizes = [], [], [], [], []
    for stamp, data in line.received:
        packet = session.unprotect(data)
        first, _, sequence, timestamp, _ = HEADER.unpack_from(packet)
        payload = packet[_payload_at(packet, first) :]
        pcm = np.frombuffer(decoder.decode(payload), np.int16).astype(float)
        seconds, ns = STAMP.unpack(stamp)
        arrived.append(seconds * 1_000_000_000 + ns - behind)
        sequences.append(sequence)
        timestamps.append(timestamp)
        levels.append(np.sqrt(np.mean(pcm**2)) / FULL if len(pcm) else 0.0)
        sizes.append(len(payload))
    return {
        "arrived": np.array(arrived, np.int64),
        "sequence": np.array(sequences, np.int64),
        "timestamp": np.array(timestamps, np.int64),
        "level": np.array(levels, float),
        "size": np.array(sizes, np.int64),
    }


def _payload_at(packet: bytes, first: int) -> int:
    """Past header, CSRCs and extension (RFC 3550 §5.1, §5.3.1)."""
    at = 12 + 4 * (first & 15)
    if first & 0x10:
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
    return at


def order(calls: Order) -> str:
    """As it stands on the command line."""
    return json.dumps(asdict(calls))


def main(text: str) -> None:
    wanted = Order(**json.loads(text))
    loopback.only()
    calls = asyncio.run(_talk(wanted))
    about = {
        "setups": calls.setups,
        "states": [asdict(state) for state in calls.states],
        "lost": sum(line.lost for line in calls.lines),
        "starts": [line.start for line in calls.lines],
        "wide": [line.wide for line in calls.lines],
    }
    columns = dict(_columns(calls))
    np.savez(Path(wanted.out), about=np.array(json.dumps(about)), **columns)


if __name__ == "__main__":
    main(sys.argv[1])
