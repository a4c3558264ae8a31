"""libopus for the benchmark's own ends: callers that encode, ears that decode.

The servers under test bring their own; what measures them shares nothing with them.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from pathlib import Path

import av

__all__ = ["Decoder", "Encoder"]

VOIP = 2048
SET_BITRATE, SET_MAX_BANDWIDTH, SET_COMPLEXITY = 4002, 4004, 4010
SET_INBAND_FEC, SET_LOSS_PERCENT = 4012, 4014
WIDE_BAND = 1103

MOST_BYTES = 1500
MOST_SAMPLES = 5760
"Of 48 kHz in one packet, 120 ms."


@cache
def _library() -> ctypes.CDLL:
    """PyAV's own copy, else the system's."""
    folder = Path(av.__file__).parents[1] / "av.libs"
    found = sorted(folder.glob("libopus-*"))
    name = str(found[0]) if found else ctypes.util.find_library("opus")
    if name is None:
        raise OSError("there is no libopus, neither PyAV's nor the system's")
    library = ctypes.CDLL(name)
    library.opus_encoder_create.restype = ctypes.c_void_p
    library.opus_decoder_create.restype = ctypes.c_void_p
    return library


class Encoder:
    """Mono PCM to Opus, 20 ms at a time."""

    def __init__(
        self, rate: int, bits: int, complexity: int, *, wide=False, loss: int = 0
    ) -> None:
        """`wide` limits it to wide band; `loss` in per cent turns in-band FEC on."""
        self._opus = _library()
        self._state = ctypes.c_void_p(
            self._opus.opus_encoder_create(rate, 1, VOIP, None)
        )
        self._samples = rate // 50
        self._out = ctypes.create_string_buffer(MOST_BYTES)
        self._set(SET_BITRATE, bits)
        self._set(SET_COMPLEXITY, complexity)
        if wide:
            self._set(SET_MAX_BANDWIDTH, WIDE_BAND)
        if loss:
            self._set(SET_INBAND_FEC, 1)
            self._set(SET_LOSS_PERCENT, loss)

    def encode(self, pcm: bytes) -> bytes:
        size = self._opus.opus_encode(
            self._state, pcm, self._samples, self._out, MOST_BYTES
        )
        return self._out.raw[:size]

    def _set(self, request: int, value: int) -> None:
        if self._opus.opus_encoder_ctl(self._state, request, ctypes.c_int(value)):
            raise ValueError(f"libopus refuses {request} = {value}")


class Decoder:
    """Opus to mono PCM. States are never freed: a run ends with its process."""

    def __init__(self, rate: int) -> None:
        self._opus = _library()
        self._state = ctypes.c_void_p(self._opus.opus_decoder_create(rate, 1, None))
        self._out = ctypes.create_string_buffer(MOST_SAMPLES * 2)

    def decode(self, packet: bytes) -> bytes:
        samples = self._opus.opus_decode(
            self._state, packet, len(packet), self._out, MOST_SAMPLES, 0
        )
        return self._out.raw[: max(0, samples) * 2]
