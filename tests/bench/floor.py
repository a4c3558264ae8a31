"""The physical floor: what a call costs when nothing is done but what must be.

The caller's packets are received, decrypted and decoded; the agent's voice is encoded
(half of the time), encrypted and sent: libopus, libsrtp and the kernel, called one
after the other in one thread. Each of 50 packets a second and direction is there, as a
textbook server sends them; in silence they hold one byte.

    python -m tests.bench.floor     CPU ms of one call-second, as JSON
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
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
    mouth: socket.socket, crypt: _Crypt, opus: Encoder, pcm: list[bytes], number: int
) -> None:
    """A batch, each second piece of 20 ms voiced."""
    buffer = crypt.buffer
    for index in range(BATCH):
        voiced = index < BATCH // 2
        packet = _rtp(number + index, opus.encode(pcm[index]) if voiced else SILENCE)
        buffer[: len(packet)] = packet
        mouth.send(buffer[: crypt.work(len(packet))])


def measure(call_seconds: int = CALL_SECONDS) -> float:
    """CPU ms for each second of a call."""
    with (
        socket.socket(type=socket.SOCK_DGRAM) as ours,
        socket.socket(type=socket.SOCK_DGRAM) as theirs,
    ):
        for end in (ours, theirs):
            end.bind(("127.0.0.1", 0))
        ours.connect(theirs.getsockname())
        theirs.connect(ours.getsockname())
        return _run(ours, theirs, call_seconds) / 1e6 / call_seconds


def _run(ours: socket.socket, theirs: socket.socket, call_seconds: int) -> int:
    """CPU ns used on our side."""
    key = os.urandom(30)
    far, near, out = _Crypt(False, key), _Crypt(True, key), _Crypt(False, key)
    decoder = Decoder(EAR_HZ)
    encoder = Encoder(VOICE_HZ, VOICE_BITS, VOICE_COMPLEXITY)
    caller = cycle(speech.encoded(True, False))
    voice = _voice()
    used = 0
    for begin in range(0, call_seconds * EACH_SECOND, BATCH):
        for index in range(BATCH):
            packet = _rtp(begin + index, next(caller))
            far.buffer[: len(packet)] = packet
            theirs.send(far.buffer[: far.work(len(packet))])
        pcm = list(islice(voice, BATCH))
        before = time.process_time_ns()
        _receive(ours, near, decoder, BATCH)
        _speak(ours, out, encoder, pcm, begin)
        used += time.process_time_ns() - before
        for _ in range(BATCH):
            theirs.recv(1600)
    return used


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()) + "\n")
