"""Packet: an RTP packet (RFC 3550 §5.1), taken apart and put together. Pure.

`parse` reads what the network brought: it never raises, and gives None for whatever is
not an RTP packet. `header` writes ours, which never have extensions or padding.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

__all__ = ["HEADER_BYTES", "RTCP_TYPES", "Packet", "header", "is_rtcp", "parse"]

HEADER_BYTES = 12
"Of a header without contributing sources and extension."

RTCP_TYPES = range(192, 224)
"What the second byte is in RTCP and never in RTP on the same port (RFC 5761 §4)."

FIXED = struct.Struct("!BBHII")
WORD = 4
VERSION_2 = 0x80
PADDING = 0x20
EXTENSION = 0x10
SOURCES = 0x0F
MARKER = 0x80


class Packet(NamedTuple):
    """What of a packet matters to a receiver of sound."""

    payload_type: int
    marker: bool
    sequence: int
    "16 bits."
    timestamp: int
    "32 bits, in samples of the payload's clock."
    ssrc: int
    payload: bytes


def parse(data: bytes) -> Packet | None:
    """The packet, or None when it is malformed."""
    if len(data) < HEADER_BYTES:
        return None
    flags, kind, sequence, timestamp, ssrc = FIXED.unpack_from(data)
    if flags == VERSION_2:  # nothing but the header: three of four packets
        payload = data[HEADER_BYTES:]
    else:
        place = _payload(data, flags)
        if place is None:
            return None
        payload = data[place]
    # Half the price of Packet(...), fifty times a second for every caller.
    return tuple.__new__(
        Packet, (kind & 0x7F, kind >= MARKER, sequence, timestamp, ssrc, payload)
    )


def _payload(data: bytes, flags: int) -> slice | None:
    """Where the payload lies in a packet that has more than the fixed header."""
    if flags & 0xC0 != VERSION_2:
        return None
    start = HEADER_BYTES + WORD * (flags & SOURCES)
    end = len(data)
    if flags & EXTENSION:
        # Two octets of profile, two of length "in 32-bit words, excluding the
        # four-octet extension header" (RFC 3550 §5.3.1).
        if end < start + WORD:
            return None
        start += WORD + WORD * (data[start + 2] << 8 | data[start + 3])
    if flags & PADDING:
        # "The last octet of the padding contains a count [...], including itself."
        if not data[-1]:
            return None
        end -= data[-1]
    return slice(start, end) if start <= end else None


def header(
    payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int
) -> bytes:
    """The twelve bytes that go before a payload; numbers must fit their fields."""
    kind = payload_type | MARKER if marker else payload_type
    return FIXED.pack(VERSION_2, kind, sequence, timestamp, ssrc)


def is_rtcp(data: bytes | memoryview) -> bool:
    """Which of the two protocols on one port it is."""
    return len(data) > 1 and data[1] in RTCP_TYPES
