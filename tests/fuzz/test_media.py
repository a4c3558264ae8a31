"""100,000 packets of RTP and RTCP in a call, with and without the caller's keys.

The call goes on, nothing is raised or logged as an error, and what agent and caller are
given stays a stream: pieces of equal length, no faster than time.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiortc.rtp import (
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    pack_remb_fci,
)
from pylibsrtp import Error, Session

from rtc.opus import Encoder
from rtc.port import BUFFER
from rtc.transport_ice import MOST_QUEUED, MOST_SOURCES, Connection
from rtc.transport_rtp import MOST_STREAMS, connection_of
from rtc.uplink import BOUND_MS, CREDIT
from tests.caller import Caller
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.office import office
from tests.peers import pair

AGENT_HZ = 16_000
CHUNK_MS = 40
WITHOUT_KEYS = 50_000
WITH_KEYS = 48_000
BY_SOCKET = 2_000
A_SECOND = 800
"Through the socket, which is read that fast at least."


async def sing(conversation: Conversation) -> None:
    t = np.arange(AGENT_HZ * 60) / AGENT_HZ
    sung = (8000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    await conversation.speak(1, sung.tobytes())
    for k in itertools.count(1):
        await conversation.ping(k)
        await asyncio.sleep(2)


class Evil:
    """Makes packets that are nearly right; the same ones in each run."""

    def __init__(self, seed: int, payload_type: int, caller: int, server: int) -> None:
        self.dice = random.Random(seed)
        self.payload_type = payload_type
        self.ssrc = 7
        "Not the caller's, whose numbers begin anywhere: libsrtp would find ours old."
        self.caller = caller
        "The SSRC of its voice, for reports by it."
        self.server = server
        "The SSRC of the agent's voice, for reports on it."
        self.sequence = self.timestamp = 0
        encoder = Encoder(AGENT_HZ)
        noise = np.random.default_rng(seed).normal(0, 3000, AGENT_HZ).astype("<i2")
        pcm = noise.tobytes()
        step = encoder.frame
        self.opus = [encoder.encode(pcm[k : k + step]) for k in range(0, 30000, step)]

    def bits(self, count: int) -> int:
        return self.dice.getrandbits(count)

    def rtp(self) -> bytes:
        dice = self.dice
        self.sequence += dice.choice([1] * 30 + [2, 2, 0, -1, 40, self.bits(16)])
        self.timestamp += dice.choice([960] * 6 + [1920, -960, 0, 1, self.bits(32)])
        sources = dice.choice([0, 0, 0, 1, 15])
        extended, padded = dice.random() < 0.3, dice.random() < 0.2
        kinds = [self.payload_type] * 8 + [0, 13, 63, 96, self.bits(7)]
        kind = dice.choice(kinds) | dice.choice([0, 0x80])
        if 64 <= kind & 127 < 96:
            kind = self.payload_type  # else it would be RTCP
        ssrcs = [self.ssrc] * 90 + [1, 2, 3, self.bits(32)]
        head = struct.pack(
            "!BBHII",
            0x80 | padded << 5 | extended << 4 | sources,
            kind,
            self.sequence & 0xFFFF,
            self.timestamp & 0xFFFFFFFF,
            dice.choice(ssrcs),
        )
        body = dice.randbytes(4 * sources) + (self.extension() if extended else b"")
        return head + body + self.payload() + (self.padding() if padded else b"")

    def extension(self) -> bytes:
        words = self.dice.choice([0, 1, 2, 5])
        profile = self.dice.choice([0xBEDE, 0x1000, 0x100F, self.bits(16)])
        told = words if self.dice.random() < 0.9 else self.bits(16)
        return struct.pack("!HH", profile, told) + self.dice.randbytes(4 * words)

    def padding(self) -> bytes:
        size = self.dice.randrange(1, 9)
        told = size if self.dice.random() < 0.5 else self.bits(8)
        return bytes(size - 1) + bytes([told])

    def payload(self) -> bytes:
        """Opus, Opus that broke on its way, or anything."""
        match self.dice.randrange(4):
            case 0 | 1:
                return self.dice.choice(self.opus)
            case 2:
                return self.mutant(self.dice.choice(self.opus))
        return self.dice.randbytes(self.dice.choice([0, 1, 1, 2, 3, 40, 120, 1200]))

    def mutant(self, data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(self.dice.randrange(1, 4)):
            if changed:
                place = self.dice.randrange(min(40, len(changed)))
                changed[place] ^= 1 << self.dice.randrange(8)
        return bytes(changed[: self.dice.choice([len(changed), self.bits(6)])])

    def rtcp(self) -> bytes:
        """Some packets in one, cut or changed in half of the cases."""
        parts = [self.report() for _ in range(self.dice.choice([1, 1, 2, 3]))]
        data = b"".join(parts)[:1300]
        if self.dice.random() < 0.5:
            data = data[:8] + self.mutant(data[8:])
        return data

    def report(self) -> bytes:
        dice, ssrc = (
            self.dice,
            self.dice.choice([self.caller] * 60 + [1, self.bits(32)]),
        )
        count = dice.choice([0, 1, 1, 1, 1, 2, 2, 31])
        blocks = [self.block() for _ in range(count)]
        info = RtcpSenderInfo(self.bits(64), self.bits(32), self.bits(32), 0)
        first, step = self.bits(14), dice.choice([1, 7, 50])
        lost = list(range(first, first + step * dice.choice([1, 10, 200]), step))
        item = (self.bits(8), dice.randbytes(dice.randrange(40)))
        fci = dice.choice([dice.randbytes(8), pack_remb_fci(self.bits(40), [1])])
        made: Any = dice.choice(
            [
                RtcpRrPacket(ssrc, blocks),
                RtcpRrPacket(ssrc, blocks),
                RtcpSrPacket(ssrc, info, blocks),
                RtcpSdesPacket([RtcpSourceInfo(ssrc, [item])]),
                RtcpByePacket([ssrc]),
                RtcpRtpfbPacket(dice.choice([1, 15, 3]), ssrc, self.server, lost),
                RtcpPsfbPacket(dice.choice([1, 4, 15]), ssrc, self.server, fci),
            ]
        )
        return bytes(made)

    def block(self) -> RtcpReceiverInfo:
        """What it says it received of the agent."""
        return RtcpReceiverInfo(
            ssrc=self.dice.choice([self.server, self.server, self.bits(32)]),
            fraction_lost=self.bits(8),
            packets_lost=self.dice.choice([0, 7, -7, self.bits(23), -self.bits(23)]),
            highest_sequence=self.bits(32),
            jitter=self.dice.choice([0, 480, self.bits(32)]),
            lsr=self.bits(32),
            dlsr=self.bits(32),
        )


@dataclass
class Scene:
    """A call whose caller has turned evil."""

    caller: Caller
    conversation: Conversation
    call: Any
    connection: Connection
    evil: Evil

    def feed(self, data: bytes, source: tuple[str, int]) -> None:
        """As if a socket had brought it."""
        BUFFER[: len(data)] = data
        now = asyncio.get_running_loop().time()
        protocol = self.connection._nominated[1].protocol
        self.connection.datagram(protocol, len(data), source, now)

    @property
    def address(self) -> tuple[str, int]:
        """The caller's."""
        return self.connection._nominated[1].remote_addr

    @property
    def keys(self) -> Session:
        return self.caller.pc.getSenders()[0].transport._tx_srtp

    def made(self) -> bytes | None:
        """A packet with the caller's keys; None if even libsrtp finds it too odd."""
        try:
            if self.evil.dice.random() < 0.8:
                return self.keys.protect(self.evil.rtp())
            return self.keys.protect_rtcp(self.evil.rtcp())
        except Error:
            return None


@asynccontextmanager
async def scene(folder: Path, seed: int) -> AsyncIterator[Scene]:
    raised: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: raised.append(context))
    async with FakeElevenLabs(sing) as fake, office(fake.url, folder) as desk:
        async with Caller(desk.line("agent")) as caller:
            await caller.event("talking", who="agent", on=True)
            began = loop.time()
            ((call, *_),) = desk.switchboard._running.values()
            (conversation,) = fake.conversations
            transceiver = call._peer._pc.getTransceivers()[0]
            sender = caller.pc.getSenders()[0]
            sender.replaceTrack(None)
            await asyncio.sleep(0.1)
            codecs = transceiver.receiver._RTCRtpReceiver__codecs
            evil = Evil(seed, min(codecs), sender._ssrc, transceiver.sender._ssrc)
            connection = connection_of(transceiver.receiver.transport)
            it = Scene(caller, conversation, call, connection, evil)
            yield it
            check_bounds(it, transceiver)
            await check_goes_on(it, loop.time() - began)
            assert len(desk.switchboard) == 1
    assert not raised


def check_bounds(it: Scene, transceiver: Any) -> None:
    assert it.connection._queue.qsize() <= MOST_QUEUED
    # What is under way through the queue was admitted while there was room.
    assert len(it.connection.sources) <= MOST_SOURCES + MOST_QUEUED
    assert len(transceiver.receiver._RTCRtpReceiver__remote_streams) <= MOST_STREAMS
    assert len(it.call._line.uplink._chunks) <= BOUND_MS // CHUNK_MS


async def check_goes_on(it: Scene, seconds: float) -> None:
    """For another second, and well."""
    now = asyncio.get_running_loop().time
    began, before = now(), len(it.conversation.pieces)
    await asyncio.sleep(1.2)
    took = now() - began
    assert it.caller.level(began + 0.5) > 3000
    pieces = it.conversation.pieces
    assert 16 * took <= len(pieces) - before <= 34 * took
    assert {len(piece.data) for piece in pieces} == {AGENT_HZ * 2 * CHUNK_MS // 1000}
    heard_s = len(pieces) * CHUNK_MS / 1000
    assert heard_s < (seconds + 5) * 1.01 + CREDIT / 48_000
    it.caller.send(type="text.input", text="Are you there?")
    await it.conversation.expect("user_message")


def delivered(it: Scene) -> int:
    """Milliseconds of sound, from the caller's packets."""
    found: int = it.call._line.counters()["caller_delivered_ms"]
    return found


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What Parley calls an error, and aiortc a warning: a task of it that broke."""
    return [
        one.getMessage()
        for one in caplog.records
        if one.levelno >= logging.ERROR
        or (
            one.levelno >= logging.WARNING and one.name.startswith(("aiortc", "aioice"))
        )
    ]


async def test_packets_without_keys(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene(tmp_path, 1) as it:
        evil, dice = it.evil, random.Random(2)
        sources = [it.address, it.address, ("127.0.0.1", 9), ("192.0.2.7", 4000)]
        before = delivered(it)
        for k in range(WITHOUT_KEYS):
            data = evil.rtp() if dice.random() < 0.8 else evil.rtcp()
            it.feed(evil.mutant(data), dice.choice(sources))
            if k % 100 == 99:
                await asyncio.sleep(0.001)
        counted = it.connection.counted
        assert counted["unauthentic"] + counted["stranger"] > WITHOUT_KEYS / 2
        assert delivered(it) - before < 200
    assert errors(caplog) == []


async def test_packets_of_an_evil_caller(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene(tmp_path, 3) as it:
        fed = 0
        while fed < WITH_KEYS:
            data = it.made()
            if data is not None:
                it.feed(data, it.address)
                fed += 1
                if fed % 200 == 0:
                    await asyncio.sleep(0.001)
        counted, counters = it.connection.counted, it.call._line.counters()
        assert counted["foreign"] > 1000
        assert counted["malformed"] > 1000
        assert counters["timeline_jumps"] > 20
        assert counters["packets_refused"] + counters["packets_late"] > 1000
        assert counters["packets_broken"] > 10
    assert errors(caplog) == []


async def test_an_evil_caller_on_the_wire(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene(tmp_path, 4) as it:
        now = asyncio.get_running_loop().time
        began = now()
        sent = 0
        while sent < BY_SOCKET:
            data = it.made()
            if data is not None:
                await it.caller.pc.getSenders()[0].transport.transport._send(data)
                sent += 1
                await asyncio.sleep(began + sent / A_SECOND - now())
        assert it.call._line.counters()["timeline_jumps"] > 10
    assert errors(caplog) == []


async def test_what_is_rtcp_to_us_and_rtp_to_aiortc() -> None:
    """RFC 5761 §4 keeps types 192 to 223 for RTCP, aiortc looks to 208.

    A header extension of a wrong length in such a packet would end its transport.
    """
    async with pair() as it:
        dtls, session = it.sender.transport, it.caller.getSenders()[0].transport
        for kind in (209, 213, 223):
            for identity in range(1, 15):
                extension = struct.pack("!HHB3s", 0xBEDE, 1, identity << 4 | 2, b"abc")
                head = struct.pack("!BBHII", 0x90, kind, identity, 0, kind)
                data = session._tx_srtp.protect(head + extension + b"x")
                await session.transport._send(data)
        async with asyncio.timeout(5):
            while connection_of(dtls).counted["malformed"] < 42:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert dtls.state == "connected"
