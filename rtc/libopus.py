"""libopus, the reference implementation of Opus, called as the C library it is.

PyAV brings a copy along but reaches only a part of it: not the concealment of lost
packets, not the redundancy for them, not decoding at other rates than 48 kHz. Here all
of it is at hand, and each call releases the GIL. Without PyAV's copy (a build from
source) the system's is taken.

The names are those of `opus.h` and `opus_defines.h`, version 1.1 or newer.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from pathlib import Path

import av

__all__ = [
    "APPLICATION_AUDIO",
    "APPLICATION_VOIP",
    "RESET_STATE",
    "SET_BITRATE",
    "SET_COMPLEXITY",
    "SET_INBAND_FEC",
    "SET_PACKET_LOSS_PERC",
    "SET_SIGNAL",
    "SIGNAL_VOICE",
    "library",
]

APPLICATION_VOIP = 2048
APPLICATION_AUDIO = 2049
SIGNAL_VOICE = 3001

RESET_STATE = 4028
SET_BITRATE = 4002
SET_COMPLEXITY = 4010
SET_INBAND_FEC = 4012
SET_PACKET_LOSS_PERC = 4014
SET_SIGNAL = 4024

_BUNDLED = ("av.libs/libopus*", "av.libs/opus*", "av/.dylibs/libopus*")
"Where PyAV's wheels keep their libraries: Linux, Windows, macOS."


def _places() -> Iterator[str]:
    packages = Path(av.__file__).parent.parent
    for pattern in _BUNDLED:
        yield from map(str, sorted(packages.glob(pattern)))
    if system := ctypes.util.find_library("opus"):
        yield system


def _load() -> ctypes.CDLL:
    for place in _places():
        try:
            return ctypes.CDLL(place)
        except OSError:
            continue  # of another architecture, say: there may be a next one
    raise ImportError(
        "libopus was not found: PyAV's wheels contain it (pip install av), and so does"
        " Debian's package libopus0"
    )


def _declared(opus: ctypes.CDLL) -> ctypes.CDLL:
    """The functions that we call, with their types: pointers do not fit into an int."""
    state, data = ctypes.c_void_p, ctypes.c_void_p
    number, octets = ctypes.c_int, ctypes.c_char_p
    opus.opus_encoder_init.argtypes = (state, ctypes.c_int32, number, number)
    # What follows is variadic; arm64 macOS has to know where that begins.
    opus.opus_encoder_ctl.argtypes = (state, number)
    opus.opus_encode.argtypes = (state, octets, number, data, ctypes.c_int32)
    opus.opus_decoder_init.argtypes = (state, ctypes.c_int32, number)
    # Not `opus_decode`: with its six types a call costs 0.4 µs more, fifty times a
    # second for every caller. It is given arrays, which ctypes passes as pointers.
    return opus


library = _declared(_load())
