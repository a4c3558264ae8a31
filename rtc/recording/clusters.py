"""Clusters: what is whole in a file that was cut off. Pure.

Reads what `rtc.recording.matroska` writes, and nothing else: whatever is not exactly so
is no cluster.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from ..opus import duration
from .matroska import CLUSTER, position

__all__ = ["HEAD_BYTES", "MOST_BYTES", "NAME", "Found", "blocks", "content", "size"]

NAME = CLUSTER.to_bytes(4, "big")
"What a cluster begins with."

HEAD_BYTES = 8
"Name and size: enough to know how much to read."

MOST_BYTES = 4_000_000
"""Of a cluster: a second of both legs in the shortest packets at Opus' highest rate
takes half of it. A size beyond is damage, and not to be read into memory."""

_BLOCK_HEAD = struct.Struct(">IBhB")
_TIME = struct.Struct(">BBI")


class Found(NamedTuple):
    """A cluster that is whole."""

    begin: int
    "Position of its first block, in samples."
    end: int
    "Where its last packet ends."
    size: int
    "Bytes of it."


def size(head: bytes) -> int:
    """Bytes of the whole cluster that begins so; 0: none does."""
    if len(head) < HEAD_BYTES:
        return 0
    name, coded = struct.unpack_from(">II", head)
    length = coded - (1 << 28)
    fine = name == CLUSTER and 0 <= length <= MOST_BYTES - HEAD_BYTES
    return HEAD_BYTES + length if fine else 0


def content(cluster: bytes, tracks: int) -> Found | None:
    """What a cluster holds; None when anything in it is not as it is written."""
    found = list(blocks(cluster))
    whole = HEAD_BYTES + _TIME.size
    end = 0
    for time, number, packet in found:
        samples = duration(packet)
        if not 1 <= number <= tracks or not samples:
            return None
        whole += _BLOCK_HEAD.size + len(packet)
        end = max(end, position(time) + samples)
    if not found or whole != len(cluster):
        return None
    return Found(position(min(found)[0]), end, whole)


def blocks(cluster: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Time, number of the track and packet of each block, until something is none."""
    end = HEAD_BYTES + _TIME.size
    if len(cluster) < end:
        return
    name, code, begin = _TIME.unpack_from(cluster, HEAD_BYTES)
    if (name, code) != (0xE7, 0x84):
        return
    while (at := end + _BLOCK_HEAD.size) <= len(cluster):  # 360,000 turns for an hour
        head, number, later, _ = _BLOCK_HEAD.unpack_from(cluster, end)
        end = at + (head & 0x1F_FFFF) - 4
        named = head >> 21 == 0xA3_20_00_00 >> 21
        if not named or later < 0 or not at < end <= len(cluster):
            return
        yield begin + later, number & 0x7F, cluster[at:end]
