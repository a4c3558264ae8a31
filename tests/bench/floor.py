"""The physical floor: what a call costs when nothing is done but what must be.

The caller's packets are received, decrypted and decoded; the agent's voice is encoded
(half of the time), encrypted and sent: libopus, libsrtp and the kernel, called one
after the other in one thread. Each of 50 packets a second and direction is there, as a
textbook server sends them; in silence they hold one byte.

A server does not work in a tight loop: between two packets the machine does something
else, and what was in its caches is gone. So the same work is also done `paced`: for so
many calls, each with codecs of its own, once every 20 ms, and asleep in between.

    python -m tests.bench.floor [CALLS]     CPU ms of one call-second, as JSON
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

from . import speech
from .opus import Decoder, Encoder

__all__ = ["measure"]

VOICE_HZ, VOICE_BITS, VOICE_COMPLEXITY = 24_000, 32_000, 5
EAR_HZ = 16_000
BATCH = 100
"Packets that are put into the socket's buffer at once, which is not measured."

CALL_SECONDS = 300
EACH_SECOND = 50
"Packets, in each direction."

SILENCE = b"\xf8"


class _Crypt:
    """libsrtp in place, without a copy on the way."""

    def __init__(self, inbound: bool, key: bytes) -> None:
        kind = Policy.SSRC_ANY_INBOUND if inbound else Policy.SSRC_ANY_OUTBOUND
        self._session = Session(Policy(key=key, ssrc_type=kind))
        self._srtp = self._session._srtp[0]
        self._run = lib.srtp_unprotect if inbound else lib.srtp_protect
        self._data = ffi.new("char[]", 1600)
        self.buffer = ffi.buffer(self._data)
        self._size = ffi.new("int *")

    def work(self, size: int) -> int:
        """Turn the first `size` bytes of the buffer; gives how many they are then."""
        self._size[0] = size
        if self._run(self._srtp, self._data, self._size):
            raise ValueError("libsrtp refuses a packet")
        return int(self._size[0])


def _rtp(number: int, payload: bytes) -> bytes:
    head = number % 65536, number * 960 % 2**32, 1
    return b"\x80\x60%b%b%b%b" % (
        head[0].to_bytes(2, "big"),
        head[1].to_bytes(4, "big"),
        head[2].to_bytes(4, "big"),
        payload,
    )


def _voice() -> Iterator[bytes]:
    """PCM of 20 ms without end."""
    pcm = speech.reply(VOICE_HZ, 2.0, 0)
    size = VOICE_HZ // 50 * 2
    return cycle([pcm[i : i + size] for i in range(0, len(pcm), size)])


def _receive(ears: socket.socket, crypt: _Crypt, opus: Decoder, count: int) -> None:
    buffer = crypt.buffer
    for _ in range(count):
        size = crypt.work(ears.recv_into(buffer))
        opus.decode(buffer[12:size])


def _speak(
    mouth: socket.socket,
    crypt: _Crypt,
    opus: Encoder,
    pcm: list[bytes],
    number: int,
    count: int,
) -> None:
    """A batch, voiced as long as there is PCM."""
    buffer = crypt.buffer
    for index in range(count):
        voiced = index < len(pcm)
        packet = _rtp(number + index, opus.encode(pcm[index]) if voiced else SILENCE)
        buffer[: len(packet)] = packet
        mouth.send(buffer[: crypt.work(len(packet))])


class _Call:
    """Both directions of one call."""

    def __init__(self, ours: socket.socket, theirs: socket.socket) -> None:
        key = os.urandom(30)
        self.ours, self.theirs = ours, theirs
        self.far, self.near = _Crypt(False, key), _Crypt(True, key)
        self.out = _Crypt(False, key)
        self.decoder = Decoder(EAR_HZ)
        self.encoder = Encoder(VOICE_HZ, VOICE_BITS, VOICE_COMPLEXITY)
        self.caller = cycle(speech.encoded(True, False))
        self.voice = _voice()

    def work(self, begin: int, count: int, voiced: int) -> int:
        """So many packets each way; CPU ns used on our side."""
        for index in range(count):
            packet = _rtp(begin + index, next(self.caller))
            self.far.buffer[: len(packet)] = packet
            self.theirs.send(self.far.buffer[: self.far.work(len(packet))])
        pcm = list(islice(self.voice, voiced))
        before = time.thread_time_ns()
        _receive(self.ours, self.near, self.decoder, count)
        _speak(self.ours, self.out, self.encoder, pcm, begin, count)
        used = time.thread_time_ns() - before
        for _ in range(count):
            self.theirs.recv(1600)
        return used


@contextmanager
def _calls(count: int) -> Iterator[list[_Call]]:
    with ExitStack() as stack:
        calls = []
        for _ in range(count):
            ends = [
                stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in "ab"
            ]
            for end in ends:
                end.bind(("127.0.0.1", 0))
            ends[0].connect(ends[1].getsockname())
            ends[1].connect(ends[0].getsockname())
            calls.append(_Call(*ends))
        yield calls


def measure(call_seconds: int = CALL_SECONDS) -> float:
    """CPU ms for each second of a call, one batch after the other."""
    with _calls(1) as (call,):
        used = sum(
            call.work(begin, BATCH, BATCH // 2)
            for begin in range(0, call_seconds * EACH_SECOND, BATCH)
        )
    return used / 1e6 / call_seconds


def paced(count: int, seconds: int = 8) -> float:
    """The same for so many calls at once, each 20 ms, asleep in between."""
    used = 0
    with _calls(count) as calls:
        start = time.monotonic()
        for tick in range(seconds * EACH_SECOND):
            time.sleep(max(0.0, start + tick / EACH_SECOND - time.monotonic()))
            for number, call in enumerate(calls):
                speaks = (tick // 100 + number) % 2
                used += call.work(tick, 1, speaks)
    return used / 1e6 / seconds / count


if __name__ == "__main__":
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    sys.stdout.write(json.dumps(paced(calls) if calls else measure()) + "\n")
