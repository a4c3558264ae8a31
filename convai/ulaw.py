"""G.711 u-law, the telephone's one-byte sample, to and from mono s16le PCM.

Tables after ITU-T G.711 (11/1988), table 2a: eight segments of sixteen steps on each
side of zero, all bits inverted on the wire. G.711 counts in 14 bits, PCM here has 16,
so every value of the recommendation appears times four.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["decode", "encode"]

_BIAS = 132
"33 of the recommendation, times four: makes each segment start at a power of two."
_CLIP = 32635
"8158.75 times four: louder samples have no code of their own."


def _pcm_of_code() -> npt.NDArray[np.int16]:
    bits = ~np.arange(256, dtype=np.int32) & 0xFF
    segment = bits >> 4 & 7
    magnitude = (((bits & 15) << 3) + _BIAS << segment) - _BIAS
    return np.where(bits & 0x80, -magnitude, magnitude).astype("<i2")


def _code_of_pcm() -> npt.NDArray[np.uint8]:
    """Codes indexed by the sample's bits, so that no sample needs arithmetic."""
    pcm = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(pcm), _CLIP) + _BIAS
    starts = 1 << np.arange(8, 15)
    segment = np.searchsorted(starts, magnitude, side="right")
    step = magnitude >> segment + 3 & 15
    sign = np.where(pcm < 0, 0x80, 0)
    code: npt.NDArray[np.int64] = ~(sign | segment << 4 | step) & 0xFF
    return code.astype(np.uint8)


_PCM = _pcm_of_code()
_CODE = _code_of_pcm()


def encode(pcm: bytes) -> bytes:
    """One byte for each sample; half a sample at the end is left out."""
    whole = len(pcm) & ~1
    return bytes(_CODE[np.frombuffer(pcm[:whole], dtype="<u2")])


def decode(data: bytes) -> bytes:
    return bytes(_PCM[np.frombuffer(data, dtype=np.uint8)])
