"""Ear: what the caller hears, by packet, with the time at which each one came."""

from __future__ import annotations

from collections.abc import Callable

import av
import numpy as np
from aiortc import RTCRtpReceiver
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket
from av.audio.codeccontext import AudioCodecContext
from av.codec.context import CodecContext
from av.packet import Packet

from .sound import RATE, SLOT, Samples

__all__ = ["Ear"]

NOTHING = 2
"Bytes of an Opus packet at most that only says that there is nothing to say (DTX)."

MOST_PACKETS = 50 * 1800
"Half an hour; calls of a comparison end sooner."

_NOBODY = np.zeros(0, np.int16)


class Ear:
    """One call's. Packets are taken as they come, in front of aiortc's jitter buffer.

    That one holds back four packets, and the last words of an answer until the next
    answer: nothing could be timed behind it.
    """

    def __init__(self, hear: Callable[[float, float], None]) -> None:
        """`hear` gets loop time and RMS of each packet."""
        self.slots: list[tuple[float, int, float]] = []
        "Loop time, position in samples and RMS of each packet."
        self.dropped = 0
        "Packets beyond the bound."
        self.lost = 0
        "Packets that were sent and never came, by their numbers."
        self._hear = hear
        self._sound: dict[int, Samples] = {}
        "By position; silent packets are left out."
        self._decoder = CodecContext.create("libopus", "r")
        assert isinstance(self._decoder, AudioCodecContext)
        self._decoder.format = "s16"
        self._decoder.layout = "mono"
        self._decoder.sample_rate = RATE
        self._origin = 0
        self._next: int | None = None
        "Sequence number that is expected."

    def listen(self, receiver: RTCRtpReceiver, clock: Callable[[], float]) -> None:
        """Take the receiver's packets from now on."""
        streams = getattr(receiver, "_RTCRtpReceiver__remote_streams")

        async def take(packet: RtpPacket, arrival_time_ms: int) -> None:
            # What our receiver reports say is counted here: the server heeds them.
            statistics = streams.setdefault(packet.ssrc, StreamStatistics(RATE))
            statistics.add(packet)
            self.take(packet.sequence_number, packet.timestamp, packet.payload, clock())

        setattr(receiver, "_handle_rtp_packet", take)

    def take(self, number: int, timestamp: int, payload: bytes, now: float) -> None:
        """A packet; `timestamp` is in samples."""
        if len(self.slots) >= MOST_PACKETS:
            self.dropped += 1
            return
        if self._next is None:
            self._origin = timestamp
            self._next = number
        ahead = (number - self._next + 0x8000) % 0x10000 - 0x8000
        if ahead >= 0:
            self.lost += ahead
            self._next = (number + 1) % 0x10000
        else:
            self.lost = max(self.lost - 1, 0)  # late, not lost
        at = (timestamp - self._origin + 0x80000000) % 0x100000000 - 0x80000000
        pcm = self._decoded(payload) if len(payload) > NOTHING else _NOBODY
        level = float(np.sqrt(np.mean(pcm.astype(np.float64) ** 2))) if len(pcm) else 0
        if level >= 1.0:
            self._sound[at] = pcm
        self.slots.append((now, at, level))
        self._hear(now, level)

    def _decoded(self, payload: bytes) -> Samples:
        assert isinstance(self._decoder, AudioCodecContext)
        try:
            frames = self._decoder.decode(Packet(payload))
        except av.FFmpegError:
            return _NOBODY  # a server may send what it likes
        pieces = [
            np.frombuffer(bytes(f.planes[0]), np.int16)[: f.samples] for f in frames
        ]
        return np.concatenate(pieces) if pieces else _NOBODY

    def recording(self, start: float) -> Samples:
        """All that was heard, from loop time `start` on.

        The fastest packet says where the sender's clock stands against ours.
        """
        if not self.slots:
            return _NOBODY
        zero = min(now - at / RATE for now, at, _ in self.slots) - start
        shift = max(round(zero * RATE), 0)
        length = max(self._sound, default=0) + shift + SLOT * 6
        heard = np.zeros(length, np.int16)
        for at, pcm in self._sound.items():
            begin = at + shift
            if begin >= 0:
                heard[begin : begin + len(pcm)] = pcm[: max(length - begin, 0)]
        return heard
