"""Whatever a caller sends as RTP: nothing is raised, and memory stays bounded."""

from __future__ import annotations

import random

from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from rtc.jitter import MOST_MISORDER, MOST_RETIRED, MOST_WAITING
from rtc.opus import duration
from rtc.reception import Reception
from rtc.recording.leg import Leg
from rtc.rtp import Packet, header, parse
from rtc.uplink import BOUND_MS, CREDIT, Uplink

MUTANTS = 100_000
ROUNDS = 20_000
RATE = 16_000
CHUNK_MS = 40


def check(data: bytes) -> None:
    """What is read lies in the packet, and aiortc reads the same."""
    packet = parse(data)
    if packet is None:
        return
    assert packet.payload in data[12:]
    assert data[2:12] == header(0, False, *packet[2:5])[2:]
    try:
        theirs = RtpPacket.parse(data)
    except (ValueError, IndexError):
        return  # it also reads what is in the extension
    assert packet == (
        theirs.payload_type, bool(theirs.marker), theirs.sequence_number,
        theirs.timestamp, theirs.ssrc, theirs.payload,
    )  # fmt: skip


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    check(data)


@given(st.binary(max_size=60), st.integers(0x80, 0xBF))
def test_any_bytes_that_begin_as_rtp(data: bytes, first: int) -> None:
    check(bytes((first,)) + data)


def seeds() -> list[bytes]:
    plain = RtpPacket(111, 1, 4711, 123_456, 0xCAFE, bytes(range(60)))
    padded = RtpPacket(111, 0, 4711, 123_456, 0xCAFE, bytes(range(60)))
    padded.csrc, padded.padding_size = [1, 2, 3], 8
    extended = bytearray(plain.serialize())
    extended[0] |= 0x10
    extended[12:12] = b"\xbe\xde\x00\x02\x10\x85\x22\x10\x11\x12\x00\x00"
    return [plain.serialize(), padded.serialize(), bytes(extended)]


def mutant(dice: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 5)):
        place = dice.randrange(len(changed)) if changed else 0
        match dice.randrange(5):
            case 0:
                del changed[place:]
            case 1:
                changed[place:place] = dice.randbytes(dice.randrange(1, 9))
            case 2:
                del changed[place : place + dice.randrange(1, 9)]
            case _ if changed:
                # Most that matters is in the first octets.
                place = dice.choice([0, 0, place, len(changed) - 1])
                changed[place] ^= 1 << dice.randrange(8)
    return bytes(changed)


def test_mutants_of_packets() -> None:
    dice, good, read = random.Random(20261122), seeds(), 0
    for one in good:
        check(one)
        assert parse(one) is not None
    for _ in range(MUTANTS):
        data = mutant(dice, dice.choice(good))
        packet = parse(data)
        if packet is not None:
            read += 1
            assert packet.payload in data[12:]
        if read % 10 == 0:
            check(data)
    assert MUTANTS / 5 < read < MUTANTS  # neither all refused nor all taken


def payload(dice: random.Random) -> bytes:
    """Mostly short, often with a plausible first byte."""
    return dice.randbytes(dice.choice([0, 1, 1, 2, 3, 40, 120, 1400]))


def check_bounds(uplink: Uplink) -> None:
    jitter = uplink._jitter
    assert len(uplink._chunks) <= BOUND_MS // CHUNK_MS
    assert len(jitter._waiting) <= MOST_WAITING
    assert len(jitter._retired) <= MOST_RETIRED
    assert len(jitter.gone._missing) <= MOST_MISORDER


def test_packets_of_a_stranger() -> None:
    dice = random.Random(20261122)
    leg, reception, kept, listened = Leg(), Reception(), 0, 0

    def heard(data: bytes, at: int) -> None:
        nonlocal kept
        if at >= 0:  # a recording begins with the call
            kept += sum(duration(piece) for piece, _ in leg.put(data, at))

    def listen(pcm: bytes, at: int, voice: bool) -> None:
        nonlocal listened
        listened += len(pcm)

    uplink = Uplink(RATE, 0.0, chunk_ms=CHUNK_MS, heard=heard, listen=listen)
    now, ticks, sequence, timestamp = 0.0, 0, 0, 0
    for _ in range(ROUNDS):
        step = [1, 1, 1, 1, 2, 0, -1, dice.getrandbits(16)]
        sequence = (sequence + dice.choice(step)) % 65536
        jump = [960, 960, 960, 1920, -960, 0, 1, dice.getrandbits(32)]
        timestamp = (timestamp + dice.choice(jump)) % (1 << 32)
        ssrc = dice.choice([1, 1, 1, 1, 2, dice.getrandbits(32)])
        uplink.take(Packet(111, False, sequence, timestamp, ssrc, payload(dice)), now)
        reception.add(sequence, timestamp, now * 48_000)
        assert 0 <= reception.fraction_lost <= 255
        assert 0 <= reception.lost_share <= 1
        assert reception.max_seq >> 32 == reception.jitter >> 32 == 0
        check_bounds(uplink)
        now += dice.choice([0, 0.02, 0.02, 0.02, 0.5])
        while ticks * 0.02 < now:
            ticks += 1
            uplink.tick(ticks * 0.02)
    # However packets jump, recording and PCM are no longer than the time that passed.
    assert abs(leg.end / 48_000 - now) < 5
    assert kept == leg.end
    assert listened / 2 / RATE < now * 1.01 + CREDIT / 48_000
