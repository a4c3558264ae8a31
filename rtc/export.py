"""Export: a recording as WAV, both legs side by side or one of them.

python -m rtc.recorder export CALL [--leg both|caller|agent] [--format wav]
                                   [--recordings DIR] [--output FILE]
"""

from __future__ import annotations

import argparse
import sys
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from .audio import CLOCK_HZ
from .recording import AUDIO, LEGS

__all__ = ["main", "to_wav"]

Samples = NDArray[np.int16]


def to_wav(recording: Path, output: Path, leg: str = "both") -> float:
    """Write `recording` (a .mka) to `output`, 48 kHz s16; returns its length in s.

    `both` is stereo, caller left and agent right; `caller` and `agent` are mono.
    Raises OSError or av.FFmpegError.
    """
    chosen = LEGS if leg == "both" else (leg,)
    tracks = [_decode(recording, LEGS.index(name)) for name in chosen]
    length = max(len(track) for track in tracks)
    mixed = np.zeros((length, len(tracks)), np.int16)
    for channel, track in enumerate(tracks):
        mixed[: len(track), channel] = track
    with wave.open(str(output), "wb") as file:
        file.setnchannels(len(tracks))
        file.setsampwidth(2)
        file.setframerate(CLOCK_HZ)
        file.writeframes(mixed.tobytes())
    return length / CLOCK_HZ


def _decode(recording: Path, track: int) -> Samples:
    """The samples of one leg from the call's start."""
    with av.open(str(recording)) as container:
        pieces = list(_pieces(container, track))
    length = max((at + len(pcm) for at, pcm in pieces), default=0)
    samples = np.zeros(length, np.int16)
    for at, pcm in pieces:
        samples[at : at + len(pcm)] = pcm
    return samples


def _pieces(
    container: av.container.InputContainer, track: int
) -> Iterator[tuple[int, Samples]]:
    """Decoded frames with their position in samples.

    Matroska keeps whole milliseconds; our packets are back to back, so that counting
    samples from the first one is exact where the time stamps are rounded.
    """
    stream = container.streams.audio[track]
    position: int | None = None
    for frame in container.decode(stream):
        pcm = frame.to_ndarray()[0]
        if frame.format.is_planar:  # floats, one row a channel: the legs are mono
            mono = np.clip(pcm * 32768.0, -32768, 32767).astype(np.int16)
        else:
            mono = pcm[:: frame.layout.nb_channels].astype(np.int16)
        if position is None:
            position = max(0, round(float(frame.time or 0) * CLOCK_HZ))
        yield position, mono
        position += len(mono)


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m rtc.recorder")
    commands = parser.add_subparsers(required=True)
    export = commands.add_parser("export", help="turn a recording into a WAV file")
    export.add_argument("call", help="id of the call, as in the recordings folder")
    export.add_argument("--leg", choices=("both", *LEGS), default="both")
    export.add_argument("--format", choices=("wav",), default="wav")
    export.add_argument("--recordings", type=Path, default=Path("recordings"))
    export.add_argument("--output", type=Path, help="default: CALL-LEG.wav")
    chosen = parser.parse_args(argv)
    recording = chosen.recordings / chosen.call / AUDIO
    if not recording.is_file():
        sys.stderr.write(f"{recording}: there is no such recording\n")
        return 1
    output = chosen.output or Path(f"{chosen.call}-{chosen.leg}.wav")
    try:
        seconds = to_wav(recording, output, chosen.leg)
    except (OSError, av.FFmpegError) as error:
        sys.stderr.write(f"{recording}: {error}\n")
        return 1
    sys.stdout.write(f"{output}: {seconds:.1f} s\n")
    return 0
