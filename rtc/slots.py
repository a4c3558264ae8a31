"""Slots: PCM in pieces of any length in, slots of 20 ms out at once, with their place.

Nearly every piece is a slot already, and is passed on as it is.
"""

from __future__ import annotations

from collections.abc import Callable

from .audio import CLOCK_HZ, SLOT

__all__ = ["Listen", "Slots"]

Listen = Callable[[bytes, int, bool], None]
"""Told of 20 ms of PCM, of its position in samples of `CLOCK_HZ`, and whether there may
be a voice in it: the caller's encoder can rule that out."""


class Slots:
    """Cuts what is put into it for one listener."""

    def __init__(self, rate: int, listen: Listen) -> None:
        self._rate = rate
        "Hz of the PCM."
        self._listen = listen
        self._size = 2 * (rate * SLOT // CLOCK_HZ)
        "Bytes of a slot."
        self._rest = b""
        "What is not a whole slot yet."

    def put(self, pcm: bytes, at: int, voice: bool = True) -> None:
        """The next piece, and its position; may there be a voice in it?"""
        size = self._size
        if not self._rest and len(pcm) == size:
            self._listen(pcm, at, voice)
            return
        at -= len(self._rest) // 2 * CLOCK_HZ // self._rate
        whole = self._rest + pcm
        end = len(whole) // size * size
        for start in range(0, end, size):
            self._listen(whole[start : start + size], at, True)
            at += SLOT
        self._rest = whole[end:]
