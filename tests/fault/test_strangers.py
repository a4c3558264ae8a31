"""Whatever anybody sends to the port of a call: the call connects and goes on."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from aioice import stun
from aiortc import rtcdtlstransport
from OpenSSL import SSL

from rtc import transport
from rtc.transport_ice import MOST_ADDRESSES, MOST_QUEUED, MOST_SOURCES, Connection
from rtc.transport_rtp import connection_of
from tests.caller import Caller, tone
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.office import Office, office
from tests.relay import Address, Relay, addresses

AGENT_HZ = 16_000
FLOOD = 20_000
FLOOD_A_SECOND = 5_000


async def sing(conversation: Conversation) -> None:
    t = np.arange(AGENT_HZ * 30) / AGENT_HZ
    sung = (8000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    await conversation.speak(1, sung.tobytes())
    await conversation.until_gone(timeout=60)


def client_hello() -> bytes:
    """A real one, of a peer with a certificate of its own."""
    certificate = rtcdtlstransport.RTCCertificate.generateCertificate()
    context = certificate._create_ssl_context(rtcdtlstransport.SRTP_PROFILES)
    connection = SSL.Connection(context)
    connection.set_connect_state()
    with pytest.raises(SSL.WantReadError):
        connection.do_handshake()
    return connection.bio_read(1500)


def record(kind: int, body: bytes, *, size: int | None = None) -> bytes:
    """A DTLS record of version 1.2, before any key was agreed on."""
    length = len(body) if size is None else size
    return bytes([kind]) + b"\xfe\xfd" + bytes(8) + length.to_bytes(2, "big") + body


def request(username: str | None, password: str) -> bytes:
    message = stun.Message(
        message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST
    )
    if username is not None:
        message.attributes["USERNAME"] = username
    message.attributes["PRIORITY"] = 1
    message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


def dtls(dice: random.Random) -> Iterator[bytes]:
    hello = client_hello()
    yield from (hello, hello[:50], hello[:13], hello + hello)
    for level in (1, 2):
        for what in (0, 10, 40, 80):
            yield record(21, bytes([level, what]))
    for kind in range(20, 26):
        yield from (record(kind, b""), record(kind, dice.randbytes(40)))
        yield from (record(kind, b"\1", size=65_535), bytes([kind]))


def sound(dice: random.Random) -> Iterator[bytes]:
    """RTP and RTCP that nobody has authenticated."""
    for _ in range(100):
        first, size = dice.randrange(128, 192), dice.choice([0, 3, 11, 60, 1300])
        yield bytes([first]) + dice.randbytes(size)
        yield bytes([0x80, dice.randrange(192, 224)]) + dice.randbytes(size)


def checks(dice: random.Random) -> Iterator[bytes]:
    """STUN: cut short, without a name, with a wrong one, with a wrong password."""
    good = request("abcd:efgh", "x" * 22)
    yield from (good[:size] for size in range(1, len(good), 7))
    yield from (request(None, "x" * 22), request("a" * 300, "x" * 22), good)
    yield from (request("no colon", "x"), request(":", "x"), request("\0:\0", "x"))
    for method in (0x0001, 0x0101, 0x0111, 0x0003, 0x0017, 0x3FFF):
        yield method.to_bytes(2, "big") + bytes(2) + b"\x21\x12\xa4\x42" + bytes(12)
    for _ in range(100):
        body = dice.randbytes(4 * dice.randrange(20))
        head = b"\0\1" + len(body).to_bytes(2, "big") + b"\x21\x12\xa4\x42"
        yield head + dice.randbytes(12) + body


def anything(dice: random.Random) -> Iterator[bytes]:
    """Every first byte there is (RFC 7983), short and long."""
    yield b""
    for first in range(256):
        yield from (bytes([first]), bytes([first]) + dice.randbytes(30))
    for size in (1499, 1500, 1501, 2047, 2048, 2049, 9000, 65_000):
        for first in (0, 22, 0x80, 0x90):
            yield bytes([first, dice.choice([111, 200])]) + dice.randbytes(size - 2)


def everything() -> list[bytes]:
    dice = random.Random(20261122)
    kinds = (anything, checks, dtls, sound)
    return [data for kind in kinds for data in kind(dice)]


class Stranger:
    """Somebody who has the number of the port and nothing else."""

    def __init__(self) -> None:
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.udp.setblocking(False)

    def close(self) -> None:
        self.udp.close()

    async def send(self, datagrams: list[bytes], to: Address) -> None:
        """Slowly enough that the kernel has room for all of them."""
        for data in datagrams:
            self.udp.sendto(data, to)
            await asyncio.sleep(0.0015)


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    it = Stranger()
    yield it
    it.close()


def connection(desk: Office) -> Connection:
    """The server's end of the one call."""
    ((call, *_),) = desk.switchboard._running.values()
    return connection_of(call._peer._pc.getTransceivers()[0].receiver.transport)


async def check_sound(caller: Caller, fake: FakeElevenLabs) -> None:
    """Both hear each other, from now on."""
    (conversation,) = fake.conversations
    began, before = asyncio.get_running_loop().time(), len(conversation.heard)
    await asyncio.sleep(1.0)
    # A busy machine may bring the last of it later, but not less of it.
    await conversation.expect_audio(before * 1000 / (2 * AGENT_HZ) + 820)
    assert caller.level(began + 0.4) > 3000
    heard = np.frombuffer(conversation.heard[before:], np.int16)
    assert np.sqrt(np.mean(heard.astype(float) ** 2)) > 3000


async def check_words(caller: Caller, fake: FakeElevenLabs) -> None:
    """The data channel goes on, too."""
    (conversation,) = fake.conversations
    caller.send(type="text.input", text="Are you there?")
    assert (await conversation.expect("user_message"))["text"] == "Are you there?"


def check_bounds(desk: Office) -> None:
    it = connection(desk)
    assert it._queue.qsize() <= MOST_QUEUED
    assert len(it._early_checks) <= 100
    assert len(it._remote_candidates) <= MOST_ADDRESSES
    assert len(it.sources) <= MOST_SOURCES


async def test_strangers_before_during_and_after_the_handshake(
    tmp_path: Path, stranger: Stranger
) -> None:
    datagrams = everything()
    talking, rounds = asyncio.Event(), 0
    async with FakeElevenLabs(sing) as fake, office(fake.url, tmp_path) as desk:

        async def attack() -> None:
            nonlocal rounds
            await stranger.send(datagrams, server[0])
            rounds += 1

        async def attack_on() -> None:
            """For as long as the handshake takes, in whole rounds."""
            while not talking.is_set():
                await attack()

        async def connect(offer: str) -> str:
            """All of it comes when the server has answered and the caller waits."""
            answer = await desk.line("agent")(offer)
            server.append(addresses(answer)[0])
            await attack()
            check_bounds(desk)
            during.append(tasks.create_task(attack_on()))
            return answer

        server: list[Address] = []
        during: list[asyncio.Task[None]] = []
        async with asyncio.TaskGroup() as tasks, Caller(connect) as caller:
            caller.microphone.say(tone(700, 20))
            await caller.event("talking", who="agent", on=True)
            talking.set()
            await during[0]
            await attack()
            await check_sound(caller, fake)
            await check_words(caller, fake)
            check_bounds(desk)
            counted = connection(desk).counted
            assert len(connection(desk)._remote_candidates) == 1
    kinds = {"stranger", "malformed", "empty"}
    assert kinds <= set(counted)
    assert counted["empty"] == rounds
    expected = sum(data[:1] > b"\x03" or not data for data in datagrams) * rounds
    assert sum(counted.values()) >= expected * 0.98  # a busy kernel drops some


async def test_a_flood(tmp_path: Path, stranger: Stranger) -> None:
    """The call is disturbed while it lasts, others are not, and then all is well."""
    dice = random.Random(1)
    flood = [bytes([0x80, 111]) + dice.randbytes(80) for _ in range(100)]
    async with (
        FakeElevenLabs(sing) as fake,
        office(fake.url, tmp_path, ["flooded", "other"]) as desk,
    ):
        relay = Relay()
        async with (
            relay,
            Caller(relay.through(desk.line("flooded"))) as flooded,
            Caller(desk.line("other")) as other,
        ):
            for caller in (flooded, other):
                caller.microphone.say(tone(700, 20))
                await caller.event("talking", who="agent", on=True)
            now = asyncio.get_running_loop().time
            began = now()
            for k in range(FLOOD):
                stranger.udp.sendto(flood[k % 100], relay.server)
                if k % 50 == 49:
                    await asyncio.sleep(began + k / FLOOD_A_SECOND - now())
            ended = now()
            undisturbed = fake.of_agent("other").heard
            await asyncio.sleep(2.0)
            assert other.level(began + 0.5, ended) > 3000
            slots = np.frombuffer(undisturbed, np.int16)[-AGENT_HZ * 3 :]
            loud = np.abs(slots[: len(slots) // 320 * 320].reshape(-1, 320)).max(axis=1)
            assert (loud > 3000).mean() > 0.95
            assert flooded.level(ended + 1.0) > 3000
            heard = np.frombuffer(fake.of_agent("flooded").heard, np.int16)
            assert np.abs(heard[-AGENT_HZ // 2 :]).mean() > 2000
            call = desk.switchboard._running[desk.calls["flooded"]].call
            counted = transport.counters(call._peer._pc)
            assert counted["stranger"] + counted["unauthentic"] > 1000


def forged(dice: random.Random) -> list[bytes]:
    """What the caller's own address may send once DTLS is done, and not mean it."""
    kinds: list[Callable[[random.Random], Iterator[bytes]]]
    kinds = [dtls, sound, anything]
    return [data for kind in kinds for data in kind(dice)]


async def test_datagrams_with_the_callers_own_address(tmp_path: Path) -> None:
    """Forged ones, or of a caller gone mad: without the keys they do nothing."""
    async with FakeElevenLabs(sing) as fake, office(fake.url, tmp_path) as desk:
        async with (
            Relay() as relay,
            Caller(relay.through(desk.line("agent"))) as caller,
        ):
            caller.microphone.say(tone(700, 20))
            await caller.event("talking", who="agent", on=True)
            for data in forged(random.Random(3)):
                relay.forge(data)
                await asyncio.sleep(0.0015)
            await check_sound(caller, fake)
            await check_words(caller, fake)
            check_bounds(desk)
            counted = connection(desk).counted
            assert counted["unauthentic"] > 100
            assert counted["malformed"] > 100
            assert not counted["stranger"]


FORGED = {
    "short": bytes([22]),
    "change cipher": record(20, b"\1"),
    "cut": record(22, b"", size=65_535),
    "version": bytes([22, 1, 2]) + bytes(60),
    "rtp": bytes([0x80, 111]) + bytes(50),
    "rtcp": bytes([0x80, 200]) + bytes(50),
    "long rtcp": bytes([0x80, 200]) + bytes(1700),
    "empty": b"",
}


async def test_forged_datagrams_do_not_end_the_handshake(tmp_path: Path) -> None:
    """Those that DTLS lets be ignored.

    An alert or a handshake message in clear text that the caller's address sends within
    these milliseconds does end it: nobody can tell it from the caller's own (RFC 6347
    §4.1.2.7), and OpenSSL believes it.
    """

    async def call(name: str) -> None:
        async with Relay() as relay, asyncio.TaskGroup() as tasks:

            async def forge() -> None:
                while True:
                    relay.forge(FORGED[name])
                    await asyncio.sleep(0.002)

            async def connect(offer: str) -> str:
                answer = await relay.through(desk.line(name))(offer)
                attack.append(tasks.create_task(forge()))
                return answer

            attack: list[asyncio.Task[None]] = []
            async with Caller(connect) as caller:
                await caller.event("talking", who="agent", on=True)
                attack[0].cancel()
                await asyncio.sleep(1.0)
                assert caller.level() > 1000, name

    async with (
        FakeElevenLabs(sing) as fake,
        office(fake.url, tmp_path, FORGED) as desk,
        asyncio.TaskGroup() as calls,
    ):
        for name in FORGED:
            calls.create_task(call(name))


async def test_a_caller_of_many_addresses_is_known_by_some(tmp_path: Path) -> None:
    """Each of its checks is authentic; there must be an end to what they cost."""
    async with FakeElevenLabs(sing) as fake, office(fake.url, tmp_path) as desk:
        async with (
            Relay() as relay,
            Caller(relay.through(desk.line("agent"))) as caller,
        ):
            caller.microphone.say(tone(700, 20))
            await caller.event("talking", who="agent", on=True)
            ice = connection(desk)
            name = f"{ice.local_username}:{ice.remote_username}"
            check = request(name, ice.local_password)
            for _ in range(MOST_ADDRESSES + 50):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                    other.sendto(check, relay.server)
                await asyncio.sleep(0.002)
            await check_sound(caller, fake)
            assert len(ice._remote_candidates) == MOST_ADDRESSES
            assert ice.counted["crowded"] > 40
