"""Pauses: does the caller only breathe, or was that the end?

`SmartTurn` listens to the melody of the last eight seconds and can end a turn after
0.3 s; `Unsure` is the stand-in that never shortens a pause.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import onnxruntime

__all__ = ["HEARD_BYTES", "Pauses", "SmartTurn", "Unsure", "load", "log_mel"]

log = logging.getLogger(__name__)

Floats: TypeAlias = npt.NDArray[np.floating]

RATE = 16_000

HEARD_SAMPLES = 8 * RATE
"What the model was trained on: the last eight seconds, silence before if shorter."

HEARD_BYTES = 2 * HEARD_SAMPLES

FRAME, HOP, BANDS = 400, 160, 80
"Samples, samples and mel bands of the Whisper front end."

FINISHED = 0.5
"Probability from which a turn counts as finished."


class Pauses(Protocol):
    """The engine, shared by all callers."""

    async def finished(self, pcm: bytes) -> bool:
        """Whether a turn, s16le at 16 kHz up to a pause, sounds finished."""

    def close(self) -> None:
        """Let the thread go."""


class Unsure:
    """Cannot tell."""

    async def finished(self, pcm: bytes) -> bool:
        return False

    def close(self) -> None:
        """Nothing to let go."""


class SmartTurn:
    """smart-turn v3: some 60 to 120 ms of one core for a pause, in its own thread."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        # One: were it late under load, turns would end as they do without it.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pauses")

    async def finished(self, pcm: bytes) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._finished, pcm)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _finished(self, pcm: bytes) -> bool:
        samples = np.frombuffer(pcm[-HEARD_BYTES:], np.int16).astype(np.float32)
        heard = np.zeros(HEARD_SAMPLES, np.float32)
        heard[HEARD_SAMPLES - len(samples) :] = samples / 32_768
        (found,) = self._session.run(None, {"input_features": log_mel(heard)[None]})
        return float(found.reshape(-1)[0]) >= FINISHED


def load(model: Path | None) -> Pauses:
    """As good as the files allow."""
    if model is None:
        log.warning("pauses: no smart-turn model, answers come half a second later")
        return Unsure()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return SmartTurn(
        onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
    )


def log_mel(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The input of Whisper-like models: 80 mel bands, every 10 ms, in about -1..1."""
    level = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    padded = np.pad(level.astype(np.float64), FRAME // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    hann = np.hanning(FRAME + 1)[:-1]
    power = np.abs(np.fft.rfft(frames * hann, axis=1)) ** 2
    bands = np.log10(np.maximum(_mel_bands() @ power[:-1].T, 1e-10))
    bands = (np.maximum(bands, bands.max() - 8) + 4) / 4
    features: npt.NDArray[np.float32] = bands.astype(np.float32)
    return features


@cache
def _mel_bands() -> Floats:
    """Triangles, evenly spaced on Slaney's mel scale and of equal area."""
    edges = _hertz(np.linspace(0, _mel(RATE / 2), BANDS + 2))
    bins = np.linspace(0, RATE / 2, FRAME // 2 + 1)
    left, top, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - left) / (top - left), (right - bins) / (right - top)
    area: Floats = 2 / (right - left)
    return np.maximum(0, np.minimum(rising, falling)) * area


def _mel(hertz: float) -> float:
    """Linear to 1 kHz (15 mel), logarithmic above: 27 steps for a factor of 6.4."""
    if hertz < 1_000:
        return hertz * 3 / 200
    return 15 + float(np.log(hertz / 1_000)) * 27 / float(np.log(6.4))


def _hertz(mel: Floats) -> Floats:
    high = 1_000 * np.exp((mel - 15) * np.log(6.4) / 27)
    hertz: Floats = np.where(mel < 15, mel * 200 / 3, high)
    return hertz
