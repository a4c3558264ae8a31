"""The command: which meeting was agreed on in a transcript, if one was.

python -m convai.meeting [--now 2026-11-25T10:00 --zone Europe/Vienna] FILE|-

Prints one JSON object. It ends with 0 when it could read the transcript, whatever it
found, and with 1 when it could not. Any Python does: that of `make run` is used where
the packages of `requirements.txt` are missing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..agent import AgentProtocolError
from ..untrusted import parse, plain
from .detect import Finding, detect
from .meeting import known_zone
from .reading import Reader
from .transcripts import TranscriptError, lines_of

__all__ = ["main"]

META = "call.json"
MOST_BYTES = 32 << 20
OURS = Path(__file__).parents[2] / ".venv" / "bin" / "python"
LOCAL = Path("/etc/localtime")
"On Linux and macOS a link to the file of the zone."


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    chosen = _parser().parse_args(argv)
    opinion = _reader()
    try:
        content = _read(chosen.file)
        meta = _meta(chosen.file)
        zone = _zone(chosen.zone or str(meta.get("zone") or ""))
        now = _now(chosen.now or "", str(meta.get("began") or ""), zone)
        found = detect(lines_of(content), now, reader=opinion)
    except (TranscriptError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        sys.stderr.write(f"{chosen.file}: {why}\n")
        return 1
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(shown(found, zone), ensure_ascii=False) + "\n")
    return 0


def shown(found: Finding, zone: ZoneInfo) -> dict[str, Any]:
    """What is printed."""
    meeting = found.meeting
    if meeting is None:
        nothing = {"status": "none", "start": None, "zone": str(zone)}
        return {**nothing, "duration_min": None, "confidence": 0.0, "evidence": []}
    content = meeting.to_json()
    names = ["status", "start", "zone", "duration_min", "confidence", "evidence"]
    if meeting.status == "draft":
        names[2:2] = ["day", "time", "missing"]
    return {name: content[name] for name in names}


def _reader() -> Reader | None:
    """The second opinion; None, and a word of it, where it cannot be had."""
    try:
        from .reader import reader

        return reader()
    except (ImportError, OSError) as error:
        sys.stderr.write(f"by the rules alone: {error}; `make run` sets all up\n")
        return None


def _at_home(argv: Sequence[str]) -> None:
    """Go on in the environment of `make run` if our packages are only there."""
    there = OURS.is_file() and Path(sys.prefix) != OURS.parent.parent
    if there and find_spec("onnxruntime") is None:
        os.execv(OURS, [str(OURS), "-m", "convai.meeting", *argv])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m convai.meeting",
        description="Find the meeting that was agreed on in a transcript.",
    )
    parser.add_argument(
        "file",
        help="lines `agent: ...` and `caller: ...`, or a transcript.json; - is stdin",
    )
    parser.add_argument(
        "--now",
        help="when the talk took place, such as 2026-11-25T10:00; default: as the"
        " call.json beside the file says, or now",
    )
    parser.add_argument(
        "--zone",
        help="where the caller is, such as Europe/Vienna; default: as the call.json"
        " says, or the zone of this machine",
    )
    return parser


def _read(file: str) -> bytes:
    if file == "-":
        content = sys.stdin.buffer.read(MOST_BYTES + 1)
    else:
        with Path(file).open("rb") as source:
            content = source.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise TranscriptError("it is too large")
    return content


def _meta(file: str) -> dict[str, Any]:
    """What the call's own file says, if the transcript lies beside it."""
    if file == "-" or Path(file).name != "transcript.json":
        return {}
    try:
        found: dict[str, Any] = plain(parse((Path(file).parent / META).read_bytes()))
    except (OSError, AgentProtocolError):
        return {}
    return found


def _zone(name: str) -> ZoneInfo:
    if name:
        zone = known_zone(name)
        if zone is None:
            raise ValueError(f"--zone: there is no time zone {name}")
        return zone
    parts = str(LOCAL.resolve()).split("/zoneinfo/")
    return known_zone(parts[-1]) or ZoneInfo("UTC")


def _now(text: str, began: str, zone: ZoneInfo) -> datetime:
    if not text and not began:
        return datetime.now(zone)
    try:
        moment = datetime.fromisoformat(text or began)
    except ValueError:
        raise ValueError(
            f"--now: {text or began} is no moment; write it as 2026-11-25T10:00"
        ) from None
    return (
        moment.replace(tzinfo=zone)
        if moment.tzinfo is None
        else moment.astimezone(zone)
    )


if __name__ == "__main__":
    _at_home(sys.argv[1:])
    sys.exit(main(sys.argv[1:]))
