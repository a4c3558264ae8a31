"""Opus: encode the agent, decode the caller, and know how long a packet is.

Encoding and decoding are PyAV's libopus. `duration` and `silence` read and write the
first byte of a packet, the table of contents (RFC 6716 §3.1).
"""

from __future__ import annotations

import logging

from av import CodecContext, FFmpegError, Packet
from av.audio.codeccontext import AudioCodecContext

from .audio import CLOCK_HZ, Resampler, frame_of

__all__ = ["Decoder", "Encoder", "duration", "silence"]

log = logging.getLogger(__name__)

BIT_RATE = 32_000
"Bits per second: transparent for one voice; twice of it is not heard as better."

COMPLEXITY = 5
"Of 0-10. Ten costs a quarter more CPU than five and is not told apart in speech."

NATIVE_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)
"Rates that libopus takes as they are (RFC 6716 §2)."

FRAME_SAMPLES = (
    *(480, 960, 1920, 2880) * 3,  # SILK: narrow, medium, wide band
    *(480, 960) * 2,  # hybrid: super-wide, full band
    *(120, 240, 480, 960) * 4,  # CELT: narrow to full band
)
"Samples of `CLOCK_HZ` in one frame, by configuration number (RFC 6716 §3.1, table 2)."

SILENT_TOC = {960: 0xF8, 480: 0xF0, 240: 0xE8, 120: 0xE0}
"""First byte of a CELT full-band mono packet by its length. Such a byte alone is a
packet whose frame was not transmitted (RFC 6716 §3.4): decoders fade to silence."""


def duration(packet: bytes) -> int:
    """Samples of `CLOCK_HZ` that an Opus packet lasts; 0 when it is not one."""
    if not packet:
        return 0
    frame = FRAME_SAMPLES[packet[0] >> 3]
    match packet[0] & 3:
        case 0:
            return frame
        case 1 | 2:
            return frame * 2
    if len(packet) < 2:
        return 0
    total = frame * (packet[1] & 0x3F)
    # "The audio duration contained within a packet MUST NOT exceed 120 ms."
    return total if total <= 5760 else 0


def silence(samples: int = 960) -> bytes:
    """A discontinuous-transmission packet: one byte that lasts `samples`.

    `samples` of `CLOCK_HZ` is 960, 480, 240 or 120 (20, 10, 5 or 2.5 ms).
    """
    return bytes((SILENT_TOC[samples],))


class Encoder:
    """The agent's PCM to Opus packets of 20 ms, mono."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        "Hz of the PCM given to `encode`."
        native = next((hz for hz in NATIVE_HZ if hz >= rate), CLOCK_HZ)
        self._resampler = Resampler(rate, native)
        self._frame = native // 50 * 2
        self._rest = b""
        self._native = native
        codec = CodecContext.create("libopus", "w")
        assert isinstance(codec, AudioCodecContext)
        codec.sample_rate = native
        codec.layout = "mono"
        codec.format = "s16"
        codec.bit_rate = BIT_RATE
        codec.options = {
            "application": "voip",
            "frame_duration": "20",
            "compression_level": str(COMPLEXITY),
        }
        self._codec = codec

    def encode(self, pcm: bytes) -> bytes:
        """One packet for 20 ms of PCM.

        The resampler keeps a millisecond back at first; it is made up with silence in
        front, once per encoder.
        """
        self._rest += self._resampler.feed(pcm)
        if len(self._rest) < self._frame:
            self._rest = self._rest.rjust(self._frame, b"\0")
        frame, self._rest = self._rest[: self._frame], self._rest[self._frame :]
        packets = self._codec.encode(frame_of(frame, self._native))
        return b"".join(bytes(packet) for packet in packets) or silence()


class Decoder:
    """The caller's Opus packets to PCM at the agent's rate."""

    def __init__(self, rate: int) -> None:
        codec = CodecContext.create("libopus", "r")
        assert isinstance(codec, AudioCodecContext)
        codec.sample_rate = CLOCK_HZ
        codec.layout = "mono"
        codec.format = "s16"
        self._codec = codec
        self._resampler = Resampler(CLOCK_HZ, rate)
        self.broken = 0
        "Packets that libopus refused."

    def decode(self, packet: bytes) -> bytes:
        """Mono s16le at the agent's rate; b"" when the packet is not Opus."""
        if not duration(packet):
            self.broken += 1
            return b""
        try:
            frames = self._codec.decode(Packet(packet))
        except FFmpegError as error:
            self.broken += 1
            log.debug("a packet of %d bytes is not Opus: %s", len(packet), error)
            return b""
        pcm = b"".join(bytes(f.planes[0])[: f.samples * 2] for f in frames)
        return self._resampler.feed(pcm)
