"""Export: the command line by which a recording becomes a file.

python -m rtc.recorder export CALL [--leg both|caller|agent|mix]
                                   [--format wav|mp3|m4a|mka]
                                   [--recordings DIR] [--output FILE|-]
python -m rtc.recorder peaks CALL [--recordings DIR] [--output FILE|-]

A call that still runs is exported as far as it is written. Status 0: done; 1: it did
not work, and why is said in one line; 2: the command line is wrong.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ..audio import CLOCK_HZ
from ..recording.files import AUDIO
from .format import FORMATS
from .make import FAULTS, PEAKS, explain, make, pour
from .sound import CHOICES
from .tape import Tape

__all__ = ["main", "to_wav"]

STDOUT = Path("-")


def to_wav(recording: Path, output: Path, leg: str = "both") -> float:
    """Write `recording` (a .mka) to `output`, 48 kHz s16; returns its length in s.

    `both` is stereo, caller left and agent right; the others are mono. Raises `FAULTS`.
    """
    make(recording, "wav", leg, output, lambda size, there: None)
    return _seconds(recording)


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    chosen = _parser().parse_args(argv)
    recording = chosen.recordings / chosen.call / AUDIO
    if not recording.is_file():
        sys.stderr.write(f"{recording}: there is no such recording\n")
        return 1
    ending = "json" if chosen.format == PEAKS else chosen.format
    name = PEAKS if chosen.format == PEAKS else chosen.leg
    output = chosen.output or recording.with_name(f"{name}.{ending}")
    try:
        if output == STDOUT:
            _to_stdout(recording, chosen.format, chosen.leg)
        else:
            _to_file(recording, chosen.format, chosen.leg, output)
            sys.stdout.write(f"{output}: {_seconds(recording):.1f} s\n")
    except BrokenPipeError:
        # Who reads has enough. What is still in Python's buffer has no place to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except FAULTS as error:
        culprit = getattr(error, "filename", None) or recording
        sys.stderr.write(f"{culprit}: {explain(error)}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rtc.recorder")
    commands = parser.add_subparsers(required=True, metavar="export|peaks")
    export = commands.add_parser("export", help="turn a recording into a file to play")
    export.add_argument("--leg", choices=CHOICES, default="both")
    export.add_argument("--format", choices=FORMATS, default="wav")
    drawn = commands.add_parser("peaks", help="loudness of both legs, as JSON")
    drawn.set_defaults(format=PEAKS, leg="both")
    for command in (export, drawn):
        command.add_argument("call", help="name of its folder in the recordings folder")
        command.add_argument("--recordings", type=Path, default=Path("recordings"))
        command.add_argument(
            "--output", type=Path, help="default: beside the recording; -: stdout"
        )
    return parser


def _to_file(recording: Path, kind: str, leg: str, output: Path) -> None:
    """All of it or nothing: what was there before stays until the new is complete."""
    if output.exists() and not output.is_file():
        with output.open("wb") as sink:  # a pipe, a device
            _copy(recording, kind, leg, sink)
        return
    if output.exists() and output.samefile(recording):
        raise ValueError("this is the recording itself; name another file")
    draft = output.with_name(f"{output.name}.part")
    try:
        if _is_itself(kind, leg):
            shutil.copyfile(recording, draft)
        else:
            make(recording, kind, leg, draft, lambda size, there: None)
        os.replace(draft, output)
    finally:
        draft.unlink(missing_ok=True)


def _to_stdout(recording: Path, kind: str, leg: str) -> None:
    _copy(recording, kind, leg, sys.stdout.buffer)


def _copy(recording: Path, kind: str, leg: str, sink: BinaryIO) -> None:
    """What streams goes out as it is made; the rest when it is complete."""
    if _is_itself(kind, leg):
        with recording.open("rb") as file:
            shutil.copyfileobj(file, sink)
    elif kind == PEAKS or FORMATS[kind].streams:
        pour(recording, kind, leg, sink)
    else:
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / "whole"
            make(recording, kind, leg, whole, lambda size, there: None)
            with whole.open("rb") as file:
                shutil.copyfileobj(file, sink)
    sink.flush()


def _is_itself(kind: str, leg: str) -> bool:
    """Both legs as Matroska: the recording as it is."""
    return kind == "mka" and leg == "both"


def _seconds(recording: Path) -> float:
    with Tape(recording) as tape:
        return tape.length / CLOCK_HZ
