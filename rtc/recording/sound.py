"""Sound: both legs of a call in one growing file. On the writer's thread.

It is written in clusters of about 0.4 s, each complete in itself: after `kill -9` the
file opens, and what was lost is less than a second. `rtc.recording.recovery` then does
what `close` could not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from ..audio import CLOCK_HZ, SLOT
from ..opus import HANGOVER, calm
from .files import AUDIO, LEGS, Growing
from .leg import Leg, Piece
from .matroska import Chapter, Matroska

__all__ = ["MOST_PAUSES", "PAUSED", "Legs", "Packets", "Pause", "Sound", "chapters"]

Legs: TypeAlias = tuple[Leg, Leg]
Packets: TypeAlias = tuple[list[Piece], list[Piece]]
"Of the caller, of the agent."

Pause: TypeAlias = tuple[int, int | None]
"Begin and end in samples of 48 kHz; None: it goes on."

PAUSED = "paused"
"The title of a pause among the chapters."

MOST_PAUSES = 1_000
"Pauses that are marked; of more the oldest are silence like any other."

PATIENCE = 10 * SLOT
"""Samples, 200 ms: how long the caller's leg waits for a late packet before silence is
written in its place. Longer than any jitter that leaves speech intelligible."""


class Sound:
    """The open file. All methods raise OSError."""

    def __init__(self, folder: Path, legs: Legs) -> None:
        self._legs = legs
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / AUDIO
        self._file = Growing(self._path)
        self._matroska = Matroska(LEGS)
        self._end = SLOT
        "Samples that the file is to have at least: without any it cannot be read."
        try:
            self._file.append(self._matroska.head)
        except OSError:
            self._file.close()
            self._path.unlink(missing_ok=True)
            raise

    def write(self, packets: Packets, at: int | None, pauses: Sequence[Pause]) -> None:
        """Append what came; up to `at` the call is over, None: altogether."""
        if pauses:
            # What is left out takes its time all the same.
            latest = [pieces[-1][1] + SLOT for pieces in packets if pieces]
            self._end = max([self._end, *latest])
            packets = _spoken(packets[0], pauses), _spoken(packets[1], pauses)
        blocks = [
            (position, track, payload)
            for track, pieces in enumerate(self._placed(packets, at))
            for payload, position in pieces
        ]
        blocks.sort()
        for cluster in self._matroska.clusters(blocks):
            self._file.append(cluster)

    def sync(self) -> None:
        """Wait until all of it is on the disk."""
        self._file.sync()

    def close(self, pauses: Sequence[Pause], *, fsync: bool) -> None:
        """Finish the file, with the pauses marked in it."""
        try:
            # Have something in the file, and of both legs equally much.
            self.write(([], []), None, ())
            length = max(leg.end for leg in self._legs)
            tail, patches = self._matroska.end(chapters(pauses, length))
            self._file.append(tail)
            if fsync:
                # First what the head will tell of, then the head.
                self._file.sync()
            for position, patch in patches:
                self._file.overwrite(position, patch)
            if fsync:
                self._file.sync()
        finally:
            self._file.close()
            if not self._matroska.length:  # what nobody can open is better not there
                self._path.unlink(missing_ok=True)

    def _placed(self, packets: Packets, at: int | None) -> Packets:
        """The packets as they follow each other in each leg, silence between them."""
        caller, agent = self._legs
        placed: Packets = ([], [])
        for leg, pieces, came in zip(self._legs, placed, packets, strict=True):
            for payload, position in came:
                pieces += leg.put(payload, position)
        if at is None:
            end = max(self._end, caller.end, agent.end)
            ends = (end, end)
        else:
            ends = (at - PATIENCE, at - SLOT)
        for leg, pieces, to in zip(self._legs, placed, ends, strict=True):
            pieces += leg.fill(to)
        return placed


def chapters(pauses: Sequence[Pause], length: int) -> list[Chapter]:
    """The pauses of a recording of so many samples."""
    ended = ((begin, length if end is None else end) for begin, end in pauses)
    cut = [(begin, min(end, length), PAUSED) for begin, end in ended]
    return [chapter for chapter in cut if chapter[0] < chapter[1]]


def _spoken(came: list[Piece], pauses: Sequence[Pause]) -> list[Piece]:
    """Without what belongs into a pause, whenever it came."""
    if not came:
        return came
    first = min(at for _, at in came)
    near = [(begin, end) for begin, end in pauses if end is None or end > first]
    spoken = []
    for payload, at in came:
        begins = (it for it, end in near if it <= at and (end is None or at < end))
        begin = next(begins, None)
        if begin is None:
            spoken.append((payload, at))
        elif (slots := (at - begin) // SLOT) < HANGOVER:
            # In its place silence, or decoders go on with the hum of what was before.
            spoken.append((calm(CLOCK_HZ)[slots], at))
    return spoken
