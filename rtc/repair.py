"""Repair: what a caller said, also where a packet is missing.

A lost slot is taken from the copy that the next packet carries (in-band FEC, RFC 6716
§2.1.7); without one libopus goes on with the sound as it was (PLC), for a tenth of a
second at most: longer, it would be an organ tone and no speech.
"""

from __future__ import annotations

from typing import Protocol

from .audio import CLOCK_HZ, SLOT
from .gain import fade_out
from .opus import CELT_ONLY, FRAME_SAMPLES, silk_frames

__all__ = ["Repair", "has_copy"]

MOST_CONCEALED = 5 * SLOT
"Samples in a row that are made up; after 100 ms a word cannot be guessed any more."

STEP = 120
"Samples, 2.5 ms: libopus makes up multiples of it."


class Decoder(Protocol):
    """What `rtc.opus.Decoder` does; its PCM is at the rate given to `Repair`."""

    broken: int

    def decode(self, packet: bytes) -> bytes: ...
    def conceal(self, samples: int) -> bytes: ...
    def recover(self, successor: bytes, samples: int) -> bytes: ...
    def reset(self) -> None: ...


class Repair:
    """Turns packets, holes and pauses into PCM of the same length.

    The counters are in samples of 48 kHz.
    """

    def __init__(self, decoder: Decoder, rate: int) -> None:
        self.decoder = decoder
        self.rate = rate
        "Hz of the PCM."
        self.delivered = 0
        self.recovered = 0
        "Taken from copies."
        self.concealed = 0
        "Made up."
        self.silent = 0
        self._run = MOST_CONCEALED
        "Samples since the last packet: at first there is nothing to make it up from."
        self._owed = 0
        "What rounding to whole samples left over, in 1/`CLOCK_HZ` of them."

    def begin(self) -> None:
        """What follows comes from another encoder."""
        self.decoder.reset()
        self._run = MOST_CONCEALED

    def packet(self, payload: bytes, samples: int, skip: int = 0) -> bytes:
        """Its PCM, without the first `skip` samples; made up when it is broken."""
        pcm = self.decoder.decode(payload)
        if not pcm:
            return self.hole(samples - skip, None)
        self.delivered += samples - skip
        self._run = 0
        return pcm[len(pcm) - 2 * self._whole(samples - skip) :] if skip else pcm

    def hole(self, samples: int, successor: bytes | None) -> bytes:
        """The last slot by the successor's copy, what is before it made up."""
        last = _copied(successor, samples) if successor else 0
        before = samples - last
        parts = [
            self._conceal(min(SLOT, before - start)) for start in range(0, before, SLOT)
        ]
        if successor and last:
            parts.append(self._recover(successor, last))
        return b"".join(parts)

    def pause(self, samples: int) -> bytes:
        """Nothing was said."""
        self.silent += samples
        self._run = MOST_CONCEALED
        return bytes(2 * self._whole(samples))

    def _whole(self, samples: int) -> int:
        """In samples of PCM; what rounding leaves is kept for the next time."""
        whole, self._owed = divmod(self._owed + samples * self.rate, CLOCK_HZ)
        return whole

    def _recover(self, successor: bytes, samples: int) -> bytes:
        pcm = self.decoder.recover(successor, samples)
        if not pcm:
            return self._conceal(samples)
        self.recovered += samples
        self._run = 0
        return pcm

    def _conceal(self, samples: int) -> bytes:
        rest = samples % STEP
        whole = samples - rest
        if not whole or self._run >= MOST_CONCEALED:
            return self.pause(samples)
        pcm = self.decoder.conceal(whole)
        if not pcm:
            return self.pause(samples)
        self.concealed += whole
        self._run += whole
        if self._run >= MOST_CONCEALED:
            pcm = fade_out(pcm)
        return pcm + self.pause(rest) if rest else pcm


def _copied(successor: bytes, samples: int) -> int:
    """How many of the samples before it a packet has a copy of: those of a frame."""
    if not has_copy(successor):
        return 0
    return min(FRAME_SAMPLES[successor[0] >> 3], samples) // STEP * STEP


def has_copy(payload: bytes) -> bool:
    """Whether a packet carries a copy of the frame before it.

    RFC 6716 §4.2.3 and §4.2.4: SILK begins with one bit for the activity of each of its
    20 ms frames and one for a copy; in stereo the same follows for the side channel.
    They are not compressed, so they are simply the first bits of the frame, which with
    one or two equal frames in the packet is its second byte.
    """
    if len(payload) < 2 or payload[0] >> 3 >= CELT_ONLY or payload[0] & 3 > 1:
        return False
    frames = silk_frames(payload)
    mid = payload[1] >> (7 - frames) & 1
    stereo = payload[0] >> 2 & 1
    return bool(mid or (stereo and payload[1] >> (6 - 2 * frames) & 1))
