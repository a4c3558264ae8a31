"""A stand-in agent in the server's own process, and the log of what it did.

It talks for two seconds and is silent for two, as long as the call lasts, and takes its
turn when the caller stops. A reply comes
faster than it is spoken, in chunks, as providers send it. What it does costs as good as
nothing, so that a server is measured and not its agent.
"""

from __future__ import annotations

import asyncio
import random
import time
from array import array
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from convai.events import Event, Interrupted, Ready, ReplyDone, Speech

from .speech import CYCLE_S, EAR_HZ, STAGGER, TURN_S, reply

__all__ = ["Behaviour", "StandIn", "StandIns"]

VOICE_HZ = 24_000
TALK_S = 2.0
CHUNK_S = 0.25
CHUNK_EVERY_S = 0.02
"Twelve times as fast as speech."

FIRST_S = 1.0
"Nobody speaks before the line is there."


@dataclass(frozen=True)
class Behaviour:
    """What is asked of the agents of one run."""

    interrupts: bool = False
    "Each reply is broken off at a random moment, as if the caller had barged in."
    kept: int = 2
    """Calls, from number 1 on, of which the PCM is kept; of all, it would be seen in
    the server's memory. Number 0 is a call to warm up with."""


class StandIn:
    """One conversation; looks like any `convai.agent.Agent`."""

    input_rate = EAR_HZ
    output_rate = VOICE_HZ

    def __init__(self, number: int, behaviour: Behaviour) -> None:
        self.number = number
        self.arrivals = array("q")
        "Monotonic ns at which a piece of the caller's audio came."
        self.samples = array("q")
        "Samples that had come by then, that piece included."
        self.replies = array("q")
        "Monotonic ns at which the first chunk of a reply was given away."
        self.cuts = array("q")
        "Monotonic ns at which a reply was interrupted."
        self.pcm: list[bytes] = []
        self._interrupts = behaviour.interrupts
        self._keeps = 0 < number <= behaviour.kept
        self._total = 0
        self._dice = random.Random(number)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    async def hear(self, pcm: bytes) -> None:
        self._total += len(pcm) // 2
        self.arrivals.append(time.monotonic_ns())
        self.samples.append(self._total)
        if self._keeps:
            self.pcm.append(pcm)

    async def cut(self, reply: int, heard_ms: int) -> None:
        pass

    async def say(self, text: str) -> None:
        pass

    async def answer(self, call_id: str, result: str, error: bool = False) -> None:
        pass

    async def __aiter__(self) -> AsyncIterator[Event]:
        yield Ready(f"stand-in {self.number}", self.input_rate, self.output_rate)
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(FIRST_S)
        start = clock() + self._until_its_turn()
        for number in count(1):
            # Not in step with anybody's clock.
            begin = start + (number - 1) * CYCLE_S + self._dice.uniform(0, 0.02)
            await asyncio.sleep(begin - clock())
            self.replies.append(time.monotonic_ns())
            for chunk in _chunks(number):
                yield Speech(number, chunk)
                await asyncio.sleep(CHUNK_EVERY_S)
            yield ReplyDone(number)
            if self._interrupts:
                late = self._dice.uniform(0.3 * TALK_S, 0.8 * TALK_S)
                await asyncio.sleep(begin + late - clock())
                self.cuts.append(time.monotonic_ns())
                yield Interrupted(number)

    def _until_its_turn(self) -> float:
        """Seconds until the caller, whose habits are known, stops speaking."""
        said = STAGGER * self.number * 0.02 + self._total / EAR_HZ
        return (TURN_S - said) % CYCLE_S


def _chunks(number: int) -> list[bytes]:
    pcm = reply(VOICE_HZ, TALK_S, number)
    size = int(VOICE_HZ * CHUNK_S) * 2
    return [pcm[i : i + size] for i in range(0, len(pcm), size)]


class StandIns:
    """The agents of one server; calls come one by one and get them in turn."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._all: list[StandIn] = []
        for number in range(3):
            _chunks(number)  # once, before anything is measured

    def next(self) -> StandIn:
        self._all.append(StandIn(len(self._all), self._behaviour))
        return self._all[-1]

    def save(self, path: Path) -> None:
        """Their logs, as `{number}_{what}`."""
        columns = {}
        for agent in self._all:
            for name in ("arrivals", "samples", "replies", "cuts"):
                log = np.frombuffer(getattr(agent, name) or array("q"), np.int64)
                columns[f"{agent.number}_{name}"] = log
            pcm = np.frombuffer(b"".join(agent.pcm), np.int16)
            columns[f"{agent.number}_pcm"] = pcm
        np.savez(path, **columns)
