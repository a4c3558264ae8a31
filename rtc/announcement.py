"""Announcement: what a caller hears first when the call is recorded.

It is sent before anything of the agent, and nothing can cut it: it is no part of a
reply. Meanwhile the agent, whose greeting waits behind it, hears silence: neither the
caller's "hello?" nor an echo of the announcement is to interrupt a greeting that has
not begun. The time until the greeting is heard is longer by it, no other figure is.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av import AudioResampler

from .audio import CLOCK_HZ
from .downlink import Downlink, Outgoing
from .encoding import Encoding
from .opus import Encoder
from .playout import Playout

__all__ = ["MOST_S", "Announcing", "beep", "load", "packets"]

MOST_S = 20
"Seconds. The agent's service believes that its greeting is heard, and does not wait."

BEEP_S = 0.2
BEEP_HZ = 1000
BEEP_LEVEL = 10 ** (-12 / 20)
"-12 dBFS: as loud as a voice."
BEEP_FADE_S = 0.02
"A tone that begins at once begins with a click."

BEFORE_MS = 300
"Silence in front: a browser that was just connected may miss the first of the sound."
AFTER_MS = 200
"Silence behind: the greeting does not belong to it."

BIT_RATE = 32_000
"Bits per second: there may be music in it."


def load(value: str) -> bytes:
    """The PCM at 48 kHz of "off" (nothing), "beep", or the path of a WAV file.

    Raises ValueError with a text for people. What is returned is also encoded, so that
    no call has to wait for that.
    """
    if value == "off":
        return b""
    pcm = beep() if value == "beep" else _read(Path(value).expanduser())
    packets(pcm)
    return pcm


def beep() -> bytes:
    """A short, friendly tone."""
    time = np.arange(round(BEEP_S * CLOCK_HZ)) / CLOCK_HZ
    edge = np.minimum(time, BEEP_S - time) / BEEP_FADE_S
    volume = np.sin(np.clip(edge, 0, 1) * np.pi / 2) ** 2
    wave = np.sin(2 * np.pi * BEEP_HZ * time) * volume * BEEP_LEVEL * 32767
    pcm: bytes = wave.astype("<i2").tobytes()
    return pcm


@lru_cache(4)
def packets(pcm: bytes) -> tuple[bytes, ...]:
    """The Opus packets of it, with silence before and behind; the same for all calls.

    20 s of sound take a quarter of a second the first time.
    """
    if not pcm:
        return ()
    before, after = (bytes(CLOCK_HZ * ms // 1000 * 2) for ms in (BEFORE_MS, AFTER_MS))
    whole = before + pcm + after
    encoder = Encoder(CLOCK_HZ, bit_rate=BIT_RATE, faithful=True)
    size = encoder.frame
    return tuple(
        encoder.encode(whole[at : at + size]) for at in range(0, len(whole), size)
    )


class Announcing(Downlink):
    """A downlink that has something to say before the agent."""

    def __init__(
        self, playout: Playout, encoding: Encoding, announcement: tuple[bytes, ...]
    ) -> None:
        super().__init__(playout, encoding)
        self._waiting = deque(announcement)

    @property
    def left(self) -> int:
        """Packets of the announcement that are still to be sent."""
        return len(self._waiting)

    def next(self) -> Outgoing | None:
        """What to send on this tick; None when nothing needs to be."""
        if not self._waiting:
            return super().next()
        marker = self._quiet > 0
        self._quiet = 0
        # No frame: it is not the agent that is heard.
        return Outgoing(self._waiting.popleft(), marker, None)


def _read(path: Path) -> bytes:
    try:
        pcm = _decoded(path)
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}") from None
    except (av.FFmpegError, OSError) as error:
        why = getattr(error, "strerror", None) or error
        raise ValueError(f"{path} cannot be read as a WAV file: {why}") from None
    if not np.any(np.frombuffer(pcm, np.int16)):
        raise ValueError(f"{path} has no sound in it")
    return pcm


def _decoded(path: Path) -> bytes:
    """Mono s16le at 48 kHz. Raises ValueError for what is too long."""
    resampler = AudioResampler("s16", "mono", CLOCK_HZ)
    pieces: list[bytes] = []
    samples = 0
    with av.open(str(path), format="wav") as file:
        # The last, None, asks for what is still in the resampler.
        for frame in chain(file.decode(audio=0), [None]):
            for piece in resampler.resample(frame):
                pieces.append(bytes(piece.planes[0])[: piece.samples * 2])
                samples += piece.samples
            if samples > MOST_S * CLOCK_HZ:
                raise ValueError(f"{path} is longer than {MOST_S} seconds")
    return b"".join(pieces)
