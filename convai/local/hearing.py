"""Hearing: a caller's sound from the wire, cut into windows, each with its meaning."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from .formats import Inlet
from .pauses import HEARD_BYTES
from .turns import DOUBT_WINDOWS, PREROLL_WINDOWS, Heard, Turns
from .vad import WINDOW_BYTES, Vad

__all__ = ["Hearing"]


class Hearing:
    """For one caller."""

    def __init__(self, inlet: Inlet, vad: Vad) -> None:
        self.turns = Turns()
        self._inlet = inlet
        self._vad = vad
        self._pcm = b""  # less than a window
        self._before: deque[bytes] = deque(maxlen=PREROLL_WINDOWS)
        self._turn: deque[bytes] = deque(maxlen=HEARD_BYTES // WINDOW_BYTES)

    def windows(
        self, data: bytes, complete: Callable[[], bool]
    ) -> Iterator[tuple[Heard, bytes]]:
        """What the next piece of sound means, with the PCM for the recogniser.

        An onset comes with the sound just before it, so that first consonants, too
        soft for the detector, still reach the recogniser.
        """
        pcm = self._pcm + self._inlet.take(data)
        whole = len(pcm) - len(pcm) % WINDOW_BYTES
        self._pcm = pcm[whole:]
        for start in range(0, whole, WINDOW_BYTES):
            window = pcm[start : start + WINDOW_BYTES]
            pausing = self.turns.pause_windows > 0
            speech = self._vad.probability(window)
            heard = self.turns.window(speech, pausing and complete())
            if not self.turns.speaking:
                self._before.append(window)
            if heard is Heard.ONSET:
                self._turn.clear()
                self._turn.extend([*self._before, window])
                yield heard, b"".join(self._turn)
                self._before.clear()
            else:
                self._turn.append(window)
                yield heard, window

    @property
    def doubtful(self) -> bool:
        """Whether the pause has just become long enough to ask about it."""
        return self.turns.pause_windows in DOUBT_WINDOWS

    @property
    def turn(self) -> bytes:
        """The sound of the turn so far, as much of it as is worth asking about."""
        return b"".join(self._turn)
