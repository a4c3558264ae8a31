"""Format: the kinds of files that a recording can be had as. Pure.

| | sound | size |
|---|---|---|
| wav | 48 kHz, 16 bit: what libopus gives, for programs | known in advance |
| mp3 | 24 kHz; 64 kbit/s, a leg alone or the mix 48 | known in advance |
| m4a | AAC, 24 kHz, as mp3; for iPhones | when it is complete |
| mka | Opus: both legs are the recording itself, a leg its very packets | likewise |

All begin at the call's start and last as long as the call; the compressed ones to the
end of their last frame, which is silence.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..audio import CLOCK_HZ

__all__ = ["FORMATS", "MOST_WAV", "Format", "mp3_size", "wav_size"]

WAV_HEAD = 44
"Bytes before the samples."

MOST_WAV = 0xFFFF_FFFF
"Bytes: what the sizes in a WAV file can say. 6.2 hours of both legs."

MP3_FRAME = 576
"Samples in a frame of MPEG-2 (24 kHz and less)."

MP3_LEAST = 4
"Frames, 96 ms. Fewer are not taken for an MP3 file by ffmpeg, and so by Chrome."


@dataclass(frozen=True, slots=True)
class Format:
    """One of them."""

    name: str
    "Also the ending of the file's name."
    content_type: str
    rate_hz: int
    bit_rate: int = 0
    "Bits per second for both legs."
    mono_bit_rate: int = 0
    """... and for one channel. More than half: two people seldom speak at once, so that
    the one who does has most of the other's bits as well."""
    streams: bool = False
    "Its size is known in advance, and it is good to use from the first byte on."


FORMATS = {
    kind.name: kind
    for kind in (
        Format("wav", "audio/wav", 48_000, streams=True),
        Format("mp3", "audio/mpeg", 24_000, 64_000, 48_000, streams=True),
        Format("m4a", "audio/mp4", 24_000, 64_000, 48_000),
        Format("mka", "audio/x-matroska", 24_000, mono_bit_rate=32_000),
    )
}


def wav_size(length: int, channels: int) -> int:
    """Bytes of the whole file; `length` in samples of 48 kHz."""
    return WAV_HEAD + length * channels * 2


def mp3_size(length: int, channels: int) -> int:
    """Bytes of the whole file; `length` in samples of 48 kHz."""
    mp3 = FORMATS["mp3"]
    frames = max(MP3_LEAST, -(-length * mp3.rate_hz // CLOCK_HZ // MP3_FRAME))
    rate = mp3.bit_rate if channels == 2 else mp3.mono_bit_rate
    return frames * (rate * MP3_FRAME // mp3.rate_hz // 8)
