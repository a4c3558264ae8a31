"""Tape: the packets of a recording.mka, read a cluster at a time.

Reads what `rtc.recording.matroska` writes, and what became of it: a file that was cut
off in any place, has no cues, or has a damaged stretch in the middle (the next cluster
is looked for, and its own time says where it belongs). Five hours take as much memory
as one: a cluster of half a second, and where each begins.

Errors: OSError; `Unreadable`, when this never was a recording.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ..audio import CLOCK_HZ
from ..opus import duration
from ..recording import clusters
from ..recording.files import LEGS
from ..recording.matroska import EBML, SEGMENT, Block, position

__all__ = ["LAG", "STEP", "Tape", "Unreadable"]

STEP = 120
"""Samples, 2.5 ms: what every position is a multiple of, as all Opus packets are. So
the file's milliseconds tell the sample."""

LAG = 5 * CLOCK_HZ
"""Samples by which a leg's packets may come later in the file than those of the other.
The recorder writes both within 0.2 s; what is later than this has had its time."""

STRIDE = 1 << 16
"Bytes read at once when the next cluster is looked for."

HEAD_BYTES = 64
"More than what comes before the content of the segment."


class Unreadable(ValueError):
    """The file is no recording of ours; the text is for people."""


class Tape:
    """`with Tape(path) as tape:`"""

    def __init__(self, path: Path) -> None:
        """Finds the clusters. What is appended to the file later is not seen."""
        self._file = path.open("rb", buffering=0)
        try:
            self._size = os.fstat(self._file.fileno()).st_size
            self._clusters = list(_in_order(list(self._find())))
            self.lengths = self._ends()
            "Samples of 48 kHz from the call's start to the end of each leg."
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    @property
    def length(self) -> int:
        """Samples of 48 kHz from the call's start to the end of the longer leg."""
        return max(self.lengths)

    def clusters(self) -> Iterator[list[Block]]:
        """Position, track and packet of all blocks; in order in each leg."""
        for begin, size in self._clusters:
            yield _blocks(self._read(begin, size))

    def _find(self) -> Iterator[tuple[int, int, int]]:
        """Where each cluster begins, how many bytes to read, its time in samples."""
        self._check()
        at = self._seek(0)
        while at < self._size:
            following = at + self._whole(at)
            if following == at:
                following = self._seek(at + 1)
            # The blocks before the damage are good.
            size = min(following - at, clusters.MOST_BYTES)
            for time, _, _ in clusters.blocks(self._read(at, size)):
                yield at, size, position(time)
                break
            at = following

    def _check(self) -> None:
        head = self._read(0, HEAD_BYTES)
        if not head.startswith(EBML.to_bytes(4, "big")):
            raise Unreadable("it does not begin as a Matroska file does")
        if SEGMENT.to_bytes(4, "big") not in head:
            raise Unreadable("nothing but the beginning of a Matroska file is there")

    def _whole(self, at: int) -> int:
        """Bytes of the cluster there, behind which the next begins; 0: not so."""
        size = clusters.size(self._read(at, clusters.HEAD_BYTES))
        return size if self._read(at + size, len(clusters.NAME)) == clusters.NAME else 0

    def _seek(self, at: int) -> int:
        """The next place from `at` where a cluster may begin, or the end."""
        while at < self._size:
            found = self._read(at, STRIDE).find(clusters.NAME)
            if found >= 0:
                return at + found
            # The mark may lie across the border.
            at += STRIDE - len(clusters.NAME) + 1
        return self._size

    def _ends(self) -> Sequence[int]:
        """Looked for from behind: mostly both are in the last cluster."""
        ends = [0] * len(LEGS)
        for begin, size in reversed(self._clusters):
            for at, track, packet in _blocks(self._read(begin, size)):
                ends[track] = max(ends[track], at + duration(packet))
            if all(ends):
                break
        return ends

    def _read(self, at: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, at)


def _in_order(found: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Those that lie between their neighbours; the time of any other is damaged."""
    latest = 0
    followers = [*(begin for _, _, begin in found[1:]), math.inf]
    for (at, size, begin), after in zip(found, followers, strict=False):
        if latest - LAG <= begin <= after + LAG or latest > after + LAG:
            latest = begin
            yield at, size


def _blocks(cluster: bytes) -> list[Block]:
    """The blocks of a cluster that are whole and of our tracks."""
    return [
        (_position(time), number - 1, packet)
        for time, number, packet in clusters.blocks(cluster)
        if 1 <= number <= len(LEGS)
    ]


def _position(time: int) -> int:
    """The sample of 48 kHz where a block of that time lies; the inverse of `_time`."""
    return max(0, round(position(time) / STEP) * STEP)
