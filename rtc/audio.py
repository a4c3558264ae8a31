"""PCM and its few constants, and resampling between the rates of call and agent.

PCM in Parley is `bytes`: mono, signed 16 bit, little endian. WebRTC's Opus clock runs
at 48 kHz whatever the audio's own rate (RFC 7587 §4.1), so positions in a call are
counted in samples of `CLOCK_HZ`.
"""

from __future__ import annotations

from av import AudioFrame, AudioResampler

__all__ = ["CLOCK_HZ", "SLOT", "Resampler", "frame_of"]

CLOCK_HZ = 48_000
"Hz of the RTP clock of Opus, and of every position on a call's timeline."

SLOT = 960
"Samples of `CLOCK_HZ` in one 20 ms packet."


def frame_of(pcm: bytes, rate: int) -> AudioFrame:
    """The PCM as PyAV wants it; `rate` in Hz."""
    frame = AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.sample_rate = rate
    frame.planes[0].update(pcm)
    return frame


class Resampler:
    """A stream of PCM from one rate to another, in pieces of any size.

    About 1 ms stays inside until later pieces push it out.
    """

    def __init__(self, source_hz: int, target_hz: int) -> None:
        self._source_hz = source_hz
        self._inner = (
            AudioResampler(format="s16", layout="mono", rate=target_hz)
            if source_hz != target_hz
            else None
        )

    def feed(self, pcm: bytes) -> bytes:
        """What comes out at the target rate; may be shorter than expected."""
        if self._inner is None or not pcm:
            return pcm
        frames = self._inner.resample(frame_of(pcm, self._source_hz))
        return b"".join(bytes(f.planes[0])[: f.samples * 2] for f in frames)
