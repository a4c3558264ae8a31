"""Resampler: a stream of PCM from one rate to another."""

from __future__ import annotations

from av import AudioFrame, AudioResampler

__all__ = ["Resampler"]


class Resampler:
    """Mono s16le from one rate (Hz) to another, in pieces of any size."""

    def __init__(self, source_hz: int, target_hz: int) -> None:
        self._source_hz = source_hz
        self._target_hz = target_hz
        self._inner: AudioResampler | None = None
        "Made with the first sound, and anew after each end."

    @property
    def idle(self) -> bool:
        """The rates are the same: nothing has to be done."""
        return self._source_hz == self._target_hz

    def feed(self, pcm: bytes) -> bytes:
        """What comes out so far: about 1 ms stays inside until more comes."""
        if self.idle or not pcm:
            return pcm
        if self._inner is None:
            self._inner = AudioResampler("s16", "mono", self._target_hz)
        frame = AudioFrame("s16", "mono", len(pcm) // 2)
        frame.sample_rate = self._source_hz
        frame.planes[0].update(pcm)
        return _pcm(self._inner.resample(frame))

    def rest(self) -> bytes:
        """The end of the sound, which was still inside; what comes next is new."""
        inner, self._inner = self._inner, None
        return b"" if inner is None else _pcm(inner.resample(None))


def _pcm(frames: list[AudioFrame]) -> bytes:
    return b"".join(bytes(f.planes[0])[: f.samples * 2] for f in frames)
