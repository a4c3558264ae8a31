"""Matroska: Opus packets of several tracks as the bytes of a `.mka` file. Pure.

What we need of RFC 9559 fits on a page: a head, then clusters that are appended as the
call goes on, each of them whole and readable without what follows.

    EBML header
    Segment           its size unknown until the end
        SeekHead      where the others are; a Void until the end
        Info          the scale of time; a Void where the duration will be
        Tracks        one Opus track for each title
        Cluster ...   a time, and blocks: track, time since the cluster's, packet
        Chapters      spans of time that have a title, if there are any; at the end
        Cues          where to begin to read for a time; at the end

A file without its end plays as well: players then look for the place themselves. (We
had libavformat write it: that took four times as long, and could cost a cluster.)
`rtc.recording.clusters` reads what is whole of a file that was cut off.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from ..audio import CLOCK_HZ
from ..opus import duration

__all__ = ["CLUSTER", "Block", "Chapter", "Matroska", "Patch", "position", "void_head"]

Block = tuple[int, int, bytes]
"Position in samples of 48 kHz, track counted from 0, Opus packet."

Chapter = tuple[int, int, str]
"Begin and end in samples of 48 kHz, title."

Patch = tuple[int, bytes]
"Where in the file to overwrite, and with what."

LONGEST = CLOCK_HZ
"""Samples, a second, from the first to the last block of a cluster. Their distance has
16 bits, in ms; and what fits on a disk that is nearly full fits by the cluster."""

CUE_EVERY = 5 * CLOCK_HZ
"Samples between two cues: how far a player that jumps has to read on, at most."

PRE_SKIP = 312
"""Samples by which libopus delays what it encodes (RFC 7845 §4.2). All blocks are later
by as much, and the tracks say so: for players the first one is at 0."""

SEEK_PRE_ROLL_NS = 80_000_000
"How much a decoder needs to find in: RFC 7845 §4.6."

SCALE_NS = 1_000_000
"Nanoseconds in a unit of time: a millisecond, as everybody expects."

UNIT = CLOCK_HZ // 1000
"Samples in it."

EBML, SEGMENT, SEEK_HEAD, INFO = 0x1A45DFA3, 0x18538067, 0x114D9B74, 0x1549A966
TRACKS, CHAPTERS, CUES = 0x1654AE6B, 0x1043A770, 0x1C53BB6B
VOID, DURATION = 0xEC, 0x4489
CLUSTER = 0x1F43B675
"Names of elements (RFC 8794 §11.3, RFC 9559 §5.1); those used once stand at their use."

UNKNOWN = b"\x01" + b"\xff" * 7
"A size that is not known, in eight bytes."

VOID_BYTES = 9
"What `void_head` takes."

SEEK_BYTES = 21
"What the place of one element takes in the SeekHead."

SEEK_HEAD_BYTES = 5 + 4 * SEEK_BYTES
DURATION_BYTES = 11
"What the elements take that are put in at the end."

_CLUSTER_HEAD = struct.Struct(">IIBBI")
"Name, size in four bytes, then the cluster's time: its name, its size, four bytes."

_BLOCK_HEAD = struct.Struct(">IBhB")
"Name and size in three bytes, number of the track, time since the cluster's, flags."

_BLOCK = 0xA3_20_00_00
_NUMBER = 0x81
"Of the first track; the highest bit says that the number has one byte."

_KEY = 0x80
"Flag: decoding can begin here. True of every Opus packet, after the pre-roll."


class Matroska:
    """One file: `head`, then what `clusters` gives, and at last `end`."""

    def __init__(self, titles: Sequence[str]) -> None:
        header = _element(EBML, _ebml()) + _name(SEGMENT) + UNKNOWN
        info = _element(INFO, _info(_void(DURATION_BYTES)))
        tracks = _element(
            TRACKS, b"".join(_track(k + 1, title) for k, title in enumerate(titles))
        )
        self.head = header + _void(SEEK_HEAD_BYTES) + info + tracks
        "The beginning of the file."
        self._begin = len(header)
        "Where the content of the segment begins, from where it counts positions."
        self._info = self._begin + SEEK_HEAD_BYTES
        self._tracks = self._info + len(info)
        self._size = len(self.head)
        self.length = 0
        "Samples, to the end of the latest block; 0: players cannot open the file."
        self._cues: list[tuple[int, int]] = []
        "Time of a cluster in samples, and where it is; 720 in an hour."

    def clusters(self, blocks: Sequence[Block]) -> Iterator[bytes]:
        """What is to be appended for these blocks, which are in order of time."""
        begin = 0
        while begin < len(blocks):
            end = bisect_left(blocks, (blocks[begin][0] + LONGEST,), begin)
            cluster = self._cluster(blocks[begin:end])
            yield cluster
            # Back again, so it was written: a disk that refuses it ends this here.
            at, _, packet = blocks[end - 1]
            self.count(blocks[begin][0], at + duration(packet), len(cluster))
            begin = end

    def count(self, begin: int, end: int, size: int) -> None:
        """A cluster of `size` bytes, `begin` to `end` in samples, is in the file."""
        if not self._cues or begin - self._cues[-1][0] >= CUE_EVERY:
            self._cues.append((begin, self._size))
        self._size += size
        self.length = max(self.length, end)

    def skip(self, size: int) -> None:
        """So many bytes that are of no use are in the file."""
        self._size += size

    def end(self, chapters: Sequence[Chapter] = ()) -> tuple[bytes, list[Patch]]:
        """What is to be appended at last; then what is to be overwritten, and where.

        The last of the patches says that the file is complete: see `complete`.
        """
        titled = _chapters(chapters) if chapters else b""
        places = [(INFO, self._info), (TRACKS, self._tracks)]
        places += [(CHAPTERS, self._size)] if titled else []
        places.append((CUES, self._size + len(titled)))
        cues = _element(CUES, b"".join(self._cue(*cue) for cue in self._cues))
        tail = titled + cues
        size = self._size + len(tail) - self._begin
        return tail, [
            (self._begin, self._seek_head(places)),
            (self._tracks - DURATION_BYTES, self._duration()),
            (self._begin - len(UNKNOWN), (1 << 56 | size).to_bytes(8, "big")),
        ]

    @property
    def patches(self) -> list[tuple[int, int]]:
        """Which bytes of the head `end` overwrites: from, to."""
        return [
            (self._begin - len(UNKNOWN), self._begin + SEEK_HEAD_BYTES),
            (self._tracks - DURATION_BYTES, self._tracks),
        ]

    def complete(self, head: bytes, size: int) -> bool:
        """Whether a file of `size` bytes that begins so has its end."""
        said = int.from_bytes(head[self._begin - len(UNKNOWN) : self._begin], "big")
        return said == 1 << 56 | size - self._begin

    def length_of(self, head: bytes) -> int:
        """Samples in a complete file that begins so, to the millisecond."""
        content = head[self._tracks - 8 : self._tracks]
        (time,) = struct.unpack(">d", content)
        return max(0, position(int(time))) if 0 <= time < 1 << 32 else 0

    def _cluster(self, blocks: Sequence[Block]) -> bytes:
        time = _time(blocks[0][0])
        parts = []
        pack = _BLOCK_HEAD.pack
        for at, track, packet in blocks:  # a hundred a second for each call
            size = _BLOCK + 4 + len(packet)
            parts.append(pack(size, _NUMBER + track, _time(at) - time, _KEY))
            parts.append(packet)
        content = b"".join(parts)
        size = 1 << 28 | 6 + len(content)
        return _CLUSTER_HEAD.pack(CLUSTER, size, 0xE7, 0x84, time) + content

    def _cue(self, at: int, position: int) -> bytes:
        place = _number(0xF7, 1) + _number(0xF1, position - self._begin)
        return _element(0xBB, _number(0xB3, _time(at)) + _element(0xB7, place))

    def _seek_head(self, places: Sequence[tuple[int, int]]) -> bytes:
        found = [
            _element(0x53AB, _name(name))
            + _element(0x53AC, (position - self._begin).to_bytes(8, "big"))
            for name, position in places
        ]
        head = _element(SEEK_HEAD, b"".join(_element(0x4DBB, it) for it in found))
        free = SEEK_HEAD_BYTES - len(head)
        return head + (_void(free) if free else b"")

    def _duration(self) -> bytes:
        return _element(DURATION, struct.pack(">d", _time(self.length)))


def _time(at: int) -> int:
    """In units of the file, rounded."""
    return (at + PRE_SKIP + UNIT // 2) // UNIT


def position(time: int) -> int:
    """Of a block by its time in the file: in samples, right to half a millisecond."""
    return time * UNIT - PRE_SKIP


def _chapters(chapters: Sequence[Chapter]) -> bytes:
    """One edition; times are in nanoseconds whatever the scale (RFC 9559 §5.1.7)."""
    atoms = []
    for number, (begin, end, title) in enumerate(chapters, 1):
        shown = _element(0x85, title.encode()) + _element(0x437C, b"und")
        atoms.append(
            _element(
                0xB6,
                _number(0x73C4, number)  # unique, if only in this file
                + _number(0x91, begin * 1_000_000_000 // CLOCK_HZ)
                + _number(0x92, end * 1_000_000_000 // CLOCK_HZ)
                + _element(0x80, shown),
            )
        )
    return _element(CHAPTERS, _element(0x45B9, b"".join(atoms)))


def _ebml() -> bytes:
    """This is Matroska; who can read version 2 can read it, though it has Opus (4)."""
    return _element(0x4282, b"matroska") + _number(0x4287, 4) + _number(0x4285, 2)


def _info(duration: bytes) -> bytes:
    written_by = _element(0x4D80, b"Parley") + _element(0x5741, b"Parley")
    return _number(0x2AD7B1, SCALE_NS) + written_by + duration


def _track(number: int, title: str) -> bytes:
    """An Opus track as Matroska's codec specification wants it."""
    delay_ns = PRE_SKIP * 1_000_000_000 // CLOCK_HZ
    return _element(
        0xAE,
        b"".join(
            (
                _number(0xD7, number),
                _number(0x73C5, number),  # unique, if only in this file
                _number(0x83, 2),  # audio
                _number(0x9C, 0),  # its blocks hold one packet each
                _element(0x536E, title.encode()),
                _element(0x22B59C, b"und"),  # without it, it is English
                _element(0x86, b"A_OPUS"),
                _element(0x63A2, _opus_head()),
                _number(0x56AA, delay_ns),
                _number(0x56BB, SEEK_PRE_ROLL_NS),
                _element(
                    0xE1,
                    _element(0xB5, struct.pack(">d", CLOCK_HZ)) + _number(0x9F, 1),
                ),
            )
        ),
    )


def _opus_head() -> bytes:
    """The identification header of RFC 7845 §5.1: mono, no gain."""
    return b"OpusHead" + struct.pack("<BBHIhB", 1, 1, PRE_SKIP, CLOCK_HZ, 0, 0)


def _name(name: int) -> bytes:
    return name.to_bytes((name.bit_length() + 7) // 8, "big")


def _number(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _element(name: int, content: bytes) -> bytes:
    """Its name, its size in one byte or in four, its content."""
    size = len(content)
    code = bytes((0x80 | size,)) if size < 0x7F else (1 << 28 | size).to_bytes(4, "big")
    return _name(name) + code + content


def _void(size: int) -> bytes:
    """Nothing, in `size` bytes; at most 128."""
    return _element(VOID, bytes(size - 2))


def void_head(size: int) -> bytes:
    """What makes a Void of the `size` bytes that begin with it."""
    return _name(VOID) + (1 << 56 | size - VOID_BYTES).to_bytes(8, "big")
