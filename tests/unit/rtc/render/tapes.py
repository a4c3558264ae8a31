"""Recordings for the tests of `rtc.render`, as the recorder would have written them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtc.opus import Encoder, silence
from rtc.recording.matroska import Block, Matroska
from tests.sound import RATE, chirp

__all__ = [
    "SLOT",
    "WORD",
    "decoded",
    "opus",
    "probed",
    "quiet",
    "record",
    "sounding",
    "write",
]

SLOT = 960

WORD = chirp(seconds=0.4)

Samples = NDArray[np.int16]


def sounding(seconds: float, *at: float) -> list[bytes]:
    """The packets of a leg with a chirp at these seconds."""
    pcm = np.zeros(round(seconds * RATE), np.int16)
    for second in at:
        begin = round(second * RATE)
        pcm[begin : begin + len(WORD)] = WORD
    return opus(pcm)


def opus(pcm: Samples) -> list[bytes]:
    encoder = Encoder(RATE)
    count = -(-len(pcm) // SLOT)
    return [encoder.encode(pcm[k * SLOT :][:SLOT].tobytes()) for k in range(count)]


def quiet(slots: int) -> list[bytes]:
    return [silence()] * slots


def record(
    path: Path, caller: Sequence[bytes], agent: Sequence[bytes], *, ended: bool = True
) -> Path:
    """Packets of 20 ms, back to back; clusters of 0.4 s."""
    slots = max(len(caller), len(agent))
    legs = (caller, agent)
    blocks = [
        (slot * SLOT, track, leg[slot])
        for slot in range(slots)
        for track, leg in enumerate(legs)
        if slot < len(leg)
    ]
    return write(path, blocks, ended=ended)


def write(path: Path, blocks: Sequence[Block], *, ended: bool = True) -> Path:
    matroska = Matroska(("caller", "agent"))
    with path.open("wb") as file:
        file.write(matroska.head)
        for begin in range(0, len(blocks), 40):
            file.writelines(matroska.clusters(blocks[begin : begin + 40]))
        if ended:
            tail, patches = matroska.end()
            file.write(tail)
            for position, patch in patches:
                file.seek(position)
                file.write(patch)
    return path


def decoded(path: Path, stream: int = 0) -> Samples:
    """What ffmpeg, and so most players, play: 48 kHz, a column for each channel.

    Opus by libopus, as in browsers: ffmpeg's own decoder is 2 ms late with speech.
    """
    channels = int(probed(path, "stream=channels", stream))
    codec = ["-c:a", "libopus"] if path.suffix == ".mka" else []
    command = ["ffmpeg", "-v", "error", *codec, "-i", str(path)]
    command += ["-map", f"0:a:{stream}", "-f", "s16le", "-ar", str(RATE), "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, np.int16).reshape(-1, channels)


def probed(path: Path, entry: str, stream: int = 0) -> str:
    command = ["ffprobe", "-v", "error", "-select_streams", f"a:{stream}"]
    command += ["-show_entries", entry, "-of", "csv=p=0", str(path)]
    done = subprocess.run(
        command, capture_output=True, check=True, timeout=60, text=True
    )
    return done.stdout.strip()
