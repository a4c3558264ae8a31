"""Make: one file from one recording, told of as it grows.

What reads and what writes is here put together. Nothing is kept in memory, and nothing
that is told has still to reach the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import av

from ..opus import duration, silence
from ..recording.files import LEGS
from ..recording.matroska import Block, Matroska
from .encode import m4a, mixed_mka, mp3, wav
from .format import FORMATS, mp3_size, wav_size
from .peaks import RATE_HZ, peaks
from .sound import Sound
from .tape import STEP, Tape

__all__ = ["FAULTS", "PEAKS", "Told", "explain", "make", "pour"]

PEAKS = "peaks"
"In place of a format: the peaks of both legs."

PIECES = (960, 480, 240, STEP)
"Samples of 48 kHz that one packet of silence can last."

Told = Callable[[int | None, int], None]
"""The size that the file will have, None while it is not known; and the bytes that are
there for good. A format that does not stream has none until it is complete."""

FAULTS = (OSError, ValueError, av.FFmpegError)
"What `make` raises: of disks; of recordings that are none, or too long; of encoders."


def make(recording: Path, kind: str, leg: str, output: Path, told: Told) -> None:
    """Write the file, over what may be there. Raises `FAULTS`."""
    with Tape(recording) as tape:
        if kind == "m4a":
            told(None, 0)
            for _ in m4a(Sound(tape, FORMATS[kind].rate_hz, leg), output):
                told(None, 0)
        else:
            with output.open("w+b", buffering=0) as file:
                _write(tape, kind, leg, file, told)
    with output.open("rb") as file:
        # It gets its name next, and power may fail after that.
        os.fsync(file.fileno())
    size = output.stat().st_size
    told(size, size)


def pour(recording: Path, kind: str, leg: str, sink: BinaryIO) -> None:
    """Write what streams to where nobody can seek. Raises `FAULTS`."""
    with Tape(recording) as tape:
        for data in _stream(tape, kind, leg):
            sink.write(data)
        sink.flush()


def explain(error: Exception) -> str:
    """What is said to people; without names of folders, which are not theirs."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _write(tape: Tape, kind: str, leg: str, file: BinaryIO, told: Told) -> None:
    if kind == "mka":
        told(None, 0)
        for _ in _matroska(tape, leg, file):
            told(None, 0)
        return
    size = _size(tape, kind, leg)
    told(size, 0)
    there = 0
    for data in _stream(tape, kind, leg):
        _all(file, data)
        there += len(data)
        told(size, there if size is not None else 0)


def _stream(tape: Tape, kind: str, leg: str) -> Iterator[bytes]:
    if kind == PEAKS:
        return peaks(Sound(tape, RATE_HZ))
    sound = Sound(tape, FORMATS[kind].rate_hz, leg)
    return wav(sound) if kind == "wav" else mp3(sound)


def _size(tape: Tape, kind: str, leg: str) -> int | None:
    channels = 2 if leg == "both" else 1
    reckon = {"wav": wav_size, "mp3": mp3_size}.get(kind)
    return reckon(tape.length, channels) if reckon else None


def _matroska(tape: Tape, leg: str, file: BinaryIO) -> Iterator[None]:
    """One leg with its packets as they are, or the mix."""
    matroska = Matroska((leg,))
    _all(file, matroska.head)
    for blocks in _blocks(tape, leg):
        for cluster in matroska.clusters(blocks):
            _all(file, cluster)
        yield
    tail, patches = matroska.end()
    _all(file, tail)
    for position, patch in patches:
        file.seek(position)
        _all(file, patch)


def _blocks(tape: Tape, leg: str) -> Iterator[list[Block]]:
    if not tape.length:
        yield [(0, 0, silence())]  # Matroska without a packet cannot be read
    elif leg == "mix":
        yield from mixed_mka(Sound(tape, FORMATS["mka"].rate_hz, leg))
    else:
        yield from _alone(tape, LEGS.index(leg))


def _alone(tape: Tape, wanted: int) -> Iterator[list[Block]]:
    """The packets of one leg; what is missing is silence."""
    end = 0
    for blocks in tape.clusters():
        kept: list[Block] = []
        for at, track, packet in blocks:
            if track == wanted and at > end - STEP:
                kept += _silence(end, at)
                kept.append((at, 0, packet))
                end = at + duration(packet)
        yield kept
    yield _silence(end, tape.length)


def _silence(begin: int, end: int) -> list[Block]:
    blocks: list[Block] = []
    for samples in PIECES:
        while end - begin >= samples:
            blocks.append((begin, 0, silence(samples)))
            begin += samples
    return blocks


def _all(file: BinaryIO, data: bytes) -> None:
    """Unbuffered files may take less than they are given."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
