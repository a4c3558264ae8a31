"""Export: a recording as WAV, both legs side by side or one of them.

python -m rtc.recorder export CALL [--leg both|caller|agent] [--format wav]
                                   [--recordings DIR] [--output FILE]
"""

from __future__ import annotations

import argparse
import sys
import wave
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from ..audio import CLOCK_HZ
from ..opus import Decoder
from ..recording.files import AUDIO, LEGS

__all__ = ["main", "to_wav"]

Samples = NDArray[np.int16]

LOOKAHEAD = 312
"""Samples of 48 kHz by which libopus delays what it encodes for speech, in Chrome and
Firefox as here (RFC 7845 §4.2 calls it pre-skip and has players drop it)."""


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
    """The samples of one leg from the call's start.

    Its packets lie back to back from zero, so counting samples is exact where the
    file's own time stamps are rounded to milliseconds.
    """
    decoder = Decoder(CLOCK_HZ)
    with av.open(str(recording)) as container:
        stream = container.streams.audio[track]
        pieces = [decoder.decode(bytes(packet)) for packet in container.demux(stream)]
    return np.frombuffer(b"".join(pieces), np.int16)[LOOKAHEAD:]


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m rtc.recorder")
    commands = parser.add_subparsers(required=True)
    export = commands.add_parser("export", help="turn a recording into a WAV file")
    export.add_argument("call", help="the name of its folder in the recordings folder")
    export.add_argument("--leg", choices=("both", *LEGS), default="both")
    export.add_argument("--format", choices=("wav",), default="wav")
    export.add_argument("--recordings", type=Path, default=Path("recordings"))
    export.add_argument(
        "--output", type=Path, help="default: LEG.wav beside the recording"
    )
    chosen = parser.parse_args(argv)
    recording = chosen.recordings / chosen.call / AUDIO
    if not recording.is_file():
        sys.stderr.write(f"{recording}: there is no such recording\n")
        return 1
    output = chosen.output or recording.with_name(f"{chosen.leg}.wav")
    try:
        seconds = to_wav(recording, output, chosen.leg)
    except (OSError, av.FFmpegError) as error:
        sys.stderr.write(f"{recording}: {error}\n")
        return 1
    sys.stdout.write(f"{output}: {seconds:.1f} s\n")
    return 0
