"""Rate: sound for a call that was built for another agent's rate.

The first agent of a conversation decides how the call hears and speaks; whoever takes
over may work at other rates.
"""

from __future__ import annotations

from av import AudioFrame, AudioResampler

__all__ = ["Rate"]


class Rate:
    """A stream of mono s16le from one rate (Hz) to another, in pieces of any size."""

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._target = target
        self._inner: AudioResampler | None = None

    @property
    def same(self) -> bool:
        """Nothing has to be done."""
        return self._source == self._target

    def feed(self, pcm: bytes) -> bytes:
        """What comes out so far: about 1 ms stays inside until more comes."""
        if self.same or not pcm:
            return pcm
        if self._inner is None:
            self._inner = AudioResampler("s16", "mono", self._target)
        frame = AudioFrame("s16", "mono", len(pcm) // 2)
        frame.sample_rate = self._source
        frame.planes[0].update(pcm)
        return _pcm(self._inner.resample(frame))

    def rest(self) -> bytes:
        """The end of the sound, which was still inside; what comes next is new."""
        inner, self._inner = self._inner, None
        return b"" if inner is None else _pcm(inner.resample(None))


def _pcm(frames: list[AudioFrame]) -> bytes:
    return b"".join(bytes(f.planes[0])[: f.samples * 2] for f in frames)
