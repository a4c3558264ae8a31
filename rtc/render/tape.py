"""Tape: the packets of a recording.mka, read a cluster at a time.

Reads what `rtc.recording.matroska` writes, and what became of it: a file that was cut
off in any place, has no cues, or has a damaged stretch in the middle (the next cluster
is looked for, and its own time says where it belongs). Five hours take as much memory
as one: a cluster of half a second, and where each begins.

Errors: OSError; `Unreadable`, when this never was a recording.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ..opus import duration
from ..recording.files import LEGS
from ..recording.matroska import (
    CLUSTER,
    CUES,
    EBML,
    INFO,
    SEEK_HEAD,
    SEGMENT,
    TRACKS,
    VOID,
    Block,
    position,
)

__all__ = ["STEP", "Tape", "Unreadable"]

STEP = 120
"""Samples, 2.5 ms: what every position is a multiple of, as all Opus packets are. So
the file's milliseconds tell the sample."""

MOST_CLUSTER = 1 << 24
"""Bytes. Ours have a second at most, some 64 kB at the highest rate of Opus; a greater
size is damage, and is not to be read into memory."""

STRIDE = 1 << 16
"Bytes read at once when the next cluster is looked for."

OTHERS = {SEEK_HEAD, INFO, TRACKS, CUES, VOID, 0x1043A770, 0x1254C367}
"What else is in a segment: also chapters, tags. Anything but these is damage."

_TIME, _BLOCK = 0xE7, 0xA3
_MARK = CLUSTER.to_bytes(4, "big")
_LONGEST_HEAD = 12
"Bytes of an element's name and size, at most."


class Unreadable(ValueError):
    """The file is no recording of ours; the text is for people."""


class Tape:
    """`with Tape(path) as tape:`"""

    def __init__(self, path: Path) -> None:
        """Finds the clusters. What is appended to the file later is not seen."""
        self._file = path.open("rb", buffering=0)
        try:
            self._size = os.fstat(self._file.fileno()).st_size
            self._clusters = list(self._find())
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

    def _find(self) -> Iterator[tuple[int, int]]:
        """Where the content of each cluster begins, and how many bytes it has."""
        at = self._first()
        while at < self._size:
            name, size, begin = _element(self._read(at, _LONGEST_HEAD))
            if name == CLUSTER and size <= MOST_CLUSTER:
                # The last one may be torn: its blocks that are whole are good.
                yield at + begin, min(size, self._size - at - begin)
            elif name not in OTHERS:
                at = self._seek(at + 1)
                continue
            at += begin + size

    def _first(self) -> int:
        """Where the content of the segment begins."""
        head = self._read(0, 64)
        name, size, begin = _element(head)
        if name != EBML:
            raise Unreadable("it does not begin as a Matroska file does")
        at = begin + size
        name, _, begin = _element(head[at:])
        if name != SEGMENT:
            raise Unreadable("nothing but the beginning of a Matroska file is there")
        return at + begin

    def _seek(self, at: int) -> int:
        """The next place from `at` where a cluster may begin, or the end."""
        while at < self._size:
            found = self._read(at, STRIDE).find(_MARK)
            if found >= 0:
                return at + found
            # The mark may lie across the border.
            at += STRIDE - len(_MARK) + 1
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


def _element(data: bytes, at: int = 0) -> tuple[int, int, int]:
    """Name, bytes of the content, where it begins. Name 0: there is no element here.

    The number of leading zeros says how many bytes a name or a size has (RFC 8794 §4).
    """
    if at >= len(data) or not data[at]:
        return 0, 0, 0
    middle = at + 9 - data[at].bit_length()
    if middle >= len(data) or middle - at > 4 or not data[middle]:
        return 0, 0, 0
    octets = 9 - data[middle].bit_length()
    begin = middle + octets
    if begin > len(data):
        return 0, 0, 0
    size = int.from_bytes(data[middle:begin], "big") ^ 1 << 7 * octets
    return int.from_bytes(data[at:middle], "big"), size, begin


def _blocks(content: bytes) -> list[Block]:
    """The blocks of a cluster that are whole and of our tracks."""
    blocks: list[Block] = []
    at = time = 0
    while at < len(content):  # 360,000 turns for an hour
        name, size, begin = _element(content, at)
        at = begin + size
        if not name or at > len(content):
            break
        if name == _BLOCK:
            track = (content[begin] & 0x7F) - 1
            if size > 4 and 0 <= track < len(LEGS):
                since = int.from_bytes(
                    content[begin + 1 : begin + 3], "big", signed=True
                )
                blocks.append((_position(time + since), track, content[begin + 4 : at]))
        elif name == _TIME:
            time = int.from_bytes(content[begin:at], "big")
    return blocks


def _position(time: int) -> int:
    """The sample of 48 kHz where a block of that time lies; the inverse of `_time`."""
    return max(0, round(position(time) / STEP) * STEP)
