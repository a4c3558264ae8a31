"""Sound in and out of files: WAV of any kind in, compact Opus out."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from .trouble import WrongInput

__all__ = ["FULL_SCALE", "RATE", "SLOT", "Samples", "read_wav", "speech_span", "webm"]

RATE = 48_000
"Hz of all sound of a comparison: the clock of Opus."

SLOT = 960
"Samples of one packet, 20 ms."

FULL_SCALE = 32768.0

LONGEST_S = 300
"Of one turn of the caller."

EDGE_DB = -32.0
"Against the loudest 10 ms: quieter at both ends of a recording is not speech."

QUIETEST = 30.0
"RMS, -61 dBFS: a recording with nothing louder has no speech in it."

BIT_RATE = 32_000
"Of the recordings in the report, both legs: speech is transparent, 240 kB a minute."

Samples = NDArray[np.int16]


def read_wav(path: Path) -> Samples:
    """Mono at `RATE`, whatever the file's rate and channels. Raises WrongInput."""
    pieces: list[bytes] = []
    try:
        with av.open(str(path), format="wav") as file:
            if not file.streams.audio:
                raise WrongInput(f"{path}: there is no sound in it")
            resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in file.decode(audio=0):
                pieces += map(_bytes, resampler.resample(frame))
                if len(pieces) * 64 > LONGEST_S * RATE:  # a frame has 64 or more
                    _check_length(path, pieces)
            pieces += map(_bytes, resampler.resample(None))
    except OSError as error:
        raise WrongInput(f"{path}: {_why(error)}") from None
    except (av.FFmpegError, ValueError):
        raise WrongInput(f"{path}: this is not a WAV file") from None
    _check_length(path, pieces)
    return np.frombuffer(b"".join(pieces), np.int16)


def _check_length(path: Path, pieces: list[bytes]) -> None:
    if sum(map(len, pieces)) > LONGEST_S * RATE * 2:
        raise WrongInput(f"{path}: longer than {LONGEST_S} s is no turn")


def _why(error: OSError) -> str:
    """PyAV's errors about files are OSErrors; those about their content are not all."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError | IsADirectoryError):
        return str(error.strerror).lower()
    return "this is not a WAV file"


def _bytes(frame: AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]


def speech_span(pcm: Samples) -> tuple[int, int]:
    """Where speech begins and ends, in samples; equal when there is none.

    Leading and trailing silence is not the caller's turn: latency counts from the last
    sound. Resolution is 10 ms.
    """
    step = RATE // 100
    whole = pcm[: len(pcm) // step * step].reshape(-1, step).astype(np.float64)
    if not len(whole):
        return 0, 0
    loudness = np.sqrt(np.mean(whole**2, axis=1))
    least = max(loudness.max() * 10 ** (EDGE_DB / 20), QUIETEST)
    found = np.flatnonzero(loudness >= least)
    if not len(found):
        return 0, 0
    return int(found[0]) * step, (int(found[-1]) + 1) * step


def webm(left: Samples, right: Samples) -> bytes:
    """Two voices as stereo Opus in WebM, which every current browser plays.

    Ogg would be played by Safari only since 18.4.
    """
    stereo = np.zeros((max(len(left), len(right), SLOT), 2), np.int16)
    stereo[: len(left), 0] = left
    stereo[: len(right), 1] = right
    target = io.BytesIO()
    with av.open(target, "w", format="webm") as file:
        stream = file.add_stream("libopus", rate=RATE)
        assert isinstance(stream, AudioStream)
        stream.layout = "stereo"
        stream.bit_rate = BIT_RATE
        for at in range(0, len(stereo), SLOT):
            piece = stereo[at : at + SLOT]
            frame = AudioFrame(format="s16", layout="stereo", samples=len(piece))
            frame.planes[0].update(piece.tobytes())
            frame.sample_rate = RATE
            frame.pts = at
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return target.getvalue()
