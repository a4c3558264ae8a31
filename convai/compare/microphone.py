"""Microphone: the caller's voice as a track, turn by turn, to the sample."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from .script import Line
from .sound import RATE, SLOT, Samples
from .turns import TurnTaking

__all__ = ["Microphone"]

SLOT_S = SLOT / RATE


class Microphone(MediaStreamTrack):
    """Asks the turn-taking in each slot, and plays the turn that it wants.

    A slot leaves when it is full, as with a real microphone: sample n of a turn has
    left 20 ms after the slot that it lies in began.
    """

    kind = "audio"

    def __init__(self, lines: Sequence[Line], taking: TurnTaking) -> None:
        super().__init__()
        self.open = asyncio.Event()
        "The line is open: slots are asked for."
        self.start: float | None = None
        "Loop time at which the first slot began; it left 20 ms later."
        self.placed: list[tuple[int, int]] = []
        "Which turns were played, and at which sample since the start."
        self.late_s = 0.0
        "Most that a slot left after its time since the first turn: our own clock."
        self.late_before_s = 0.0
        "The same before the first turn, when calls are still being set up."
        self._lines = lines
        self._taking = taking
        self._rest = np.zeros(0, np.int16)
        self._index = 0

    async def recv(self) -> AudioFrame:
        """The next slot, when it is time."""
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        if self.start is None:
            self.start = loop.time()
            self._taking.begin(self.start)
            self.open.set()
        due = self.start + (self._index + 1) * SLOT_S
        await asyncio.sleep(due - loop.time())
        late = loop.time() - due
        if self.placed:
            self.late_s = max(self.late_s, late)
        else:
            self.late_before_s = max(self.late_before_s, late)
        # By the schedule and not by the clock: sound is cut at slots, not when we wake.
        turn = self._taking.tick(due - SLOT_S)
        if turn is not None:
            self._rest = self._lines[turn].pcm
            self.placed.append((turn, self._index * SLOT))
        return self._frame()

    def _frame(self) -> AudioFrame:
        slot, self._rest = self._rest[:SLOT], self._rest[SLOT:]
        pcm = np.zeros(SLOT, np.int16)
        pcm[: len(slot)] = slot
        frame = AudioFrame(format="s16", layout="mono", samples=SLOT)
        frame.planes[0].update(pcm.tobytes())
        frame.sample_rate = RATE
        frame.pts = self._index * SLOT
        frame.time_base = Fraction(1, RATE)
        self._index += 1
        return frame

    def recording(self) -> Samples:
        """All that was said since the start, silence included."""
        said = np.zeros(self._index * SLOT, np.int16)
        for turn, at in self.placed:
            pcm = self._lines[turn].pcm[: len(said) - at]
            said[at : at + len(pcm)] = pcm
        return said
