"""RTP packets: taken apart as RFC 3550 says, and nothing is raised over others."""

from __future__ import annotations

import pytest
from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from rtc.rtp import HEADER_BYTES, Packet, header, is_rtcp, parse

SIXTEEN = st.integers(0, (1 << 16) - 1)
THIRTY_TWO = st.integers(0, (1 << 32) - 1)

HEAD = header(111, True, 4711, 960, 0xCAFE)


def flagged(bits: int, rest: bytes) -> bytes:
    return bytes((0x80 | bits,)) + HEAD[1:] + rest


@given(st.integers(0, 127), st.booleans(), SIXTEEN, THIRTY_TWO, THIRTY_TWO, st.binary())
def test_what_we_write_we_read(
    kind: int, marker: bool, sequence: int, timestamp: int, ssrc: int, payload: bytes
) -> None:
    head = header(kind, marker, sequence, timestamp, ssrc)
    assert len(head) == HEADER_BYTES
    packet = parse(head + payload)
    assert packet == Packet(kind, marker, sequence, timestamp, ssrc, payload)
    assert isinstance(packet, Packet)


@given(
    st.lists(THIRTY_TWO, max_size=15),
    st.none() | st.integers(0, 5),
    st.integers(0, 255),
    st.binary(max_size=80),
)
def test_sources_extension_and_padding_are_left_out(
    sources: list[int], words: int | None, padding: int, payload: bytes
) -> None:
    data = b"".join(source.to_bytes(4) for source in sources)
    if words is not None:
        data += b"\xbe\xde" + words.to_bytes(2) + b"x" * 4 * words
    data += payload
    if padding:
        data += bytes(padding - 1) + bytes((padding,))
    bits = len(sources) | (words is not None) << 4 | bool(padding) << 5
    packet = parse(flagged(bits, data))
    assert packet == Packet(111, True, 4711, 960, 0xCAFE, payload)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD[:-1],
        b"\x00" + HEAD[1:],  # version 0: STUN, or nothing
        b"\x40" + HEAD[1:],
        b"\xc0" + HEAD[1:],
        flagged(3, bytes(11)),  # three sources, and one octet is missing
        flagged(0x10, b"\xbe\xde\x00"),  # no length
        flagged(0x10, b"\xbe\xde\x00\x02" + bytes(7)),  # shorter than its length
        flagged(0x10, b"\xbe\xde\xff\xff" + bytes(100)),
        flagged(0x20, b"payload\x00"),  # padding counts at least itself
        flagged(0x20, b"payload\x09"),  # more padding than payload
        flagged(0x20, b""),  # the last octet is the SSRC's
        flagged(0x30, b"\xbe\xde\x00\x01....\x05"),  # padding over the extension
    ],
)
def test_malformed_is_none(data: bytes) -> None:
    assert parse(data) is None


def test_nothing_but_padding_is_a_packet_without_payload() -> None:
    packet = parse(flagged(0x20, b"\x00\x02"))
    assert packet is not None and packet.payload == b""


def test_aiortc_writes_what_we_read_and_reads_what_we_write() -> None:
    theirs = RtpPacket(111, 1, 4711, 960, 0xCAFE, b"payload")
    assert theirs.serialize() == HEAD + b"payload"
    theirs.csrc = [1, 2]
    theirs.padding_size = 4
    packet = parse(theirs.serialize())
    assert packet == Packet(111, True, 4711, 960, 0xCAFE, b"payload")


@pytest.mark.parametrize(
    ("data", "rtcp"),
    [
        (b"", False),
        (b"\x80", False),
        (b"\x80\xc8", True),  # sender report, 200
        (b"\x80\xc9", True),
        (b"\x80\xce", True),  # payload-specific feedback, 206
        (b"\x80\xc0", True),
        (b"\x80\xdf", True),
        (b"\x80\xbf", False),
        (b"\x80\xe0", False),
        (b"\x80\x6f", False),  # Opus as most call it, 111
        (b"\x80\xef", False),  # and with its marker
    ],
)
def test_rtp_and_rtcp_are_told_apart(data: bytes, rtcp: bool) -> None:
    assert is_rtcp(data) is rtcp
