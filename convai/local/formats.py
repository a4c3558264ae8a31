"""AudioFormat: how sound is written on the wire, and the way to and from it.

Inside, the caller is always 16 kHz (what the engines hear) and the voice speaks at its
own rate; `Inlet` and `encode` do the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from convai import ulaw
from convai.resampler import Resampler

__all__ = ["FORMATS", "HEARING_RATE", "AudioFormat", "Inlet", "encode", "resampled"]

HEARING_RATE = 16_000
"Hz; both the recogniser and the voice-activity model were trained at it."


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """One of the seven formats of the protocol."""

    name: str
    rate: int
    "Hz"
    law: bool = False
    "u-law bytes instead of s16le."

    @property
    def bytes_per_second(self) -> int:
        return self.rate * (1 if self.law else 2)


FORMATS = {
    f"pcm_{rate}": AudioFormat(f"pcm_{rate}", rate)
    for rate in (8_000, 16_000, 22_050, 24_000, 44_100, 48_000)
} | {"ulaw_8000": AudioFormat("ulaw_8000", 8_000, law=True)}


class Inlet:
    """Wire bytes of one caller, in pieces of any size, to PCM at 16 kHz."""

    def __init__(self, given: AudioFormat) -> None:
        self._format = given
        self._resampler = Resampler(given.rate, HEARING_RATE)
        self._half = b""  # the first byte of a sample that a piece was cut in

    def take(self, data: bytes) -> bytes:
        pcm = ulaw.decode(data) if self._format.law else self._whole_samples(data)
        return self._resampler.feed(pcm)

    def _whole_samples(self, data: bytes) -> bytes:
        data = self._half + data
        whole = len(data) & ~1
        self._half = data[whole:]
        return data[:whole]


def resampled(pcm: bytes, rate: int, wanted: int) -> bytes:
    """A finished piece of PCM at another rate, its tail included."""
    resampler = Resampler(rate, wanted)
    return resampler.feed(pcm) + resampler.rest()


def encode(pcm: bytes, rate: int, wanted: AudioFormat) -> bytes:
    """PCM at `rate` as the bytes of a format."""
    pcm = resampled(pcm, rate, wanted.rate)
    return ulaw.encode(pcm) if wanted.law else pcm
