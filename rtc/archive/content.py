"""Content: what the files of a call say, as far as they can be read. Blocks.

running    what the server knows
ended      the files, and over them what the server knows: it may not be on the
           disk, when that is full
found      what was known when it began, and over it the files: all that is left
           of a call whose server died
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..recording.files import META, TRANSCRIPT
from ..recording.recovery import DIED
from .row import Row, fold

__all__ = ["ended", "found", "meta_of", "turns_of"]

MOST_BYTES = 50_000_000
"Of a file that is read whole; a day's talk is a tenth of it."


def meta_of(folder: Path) -> dict[str, Any]:
    """`call.json`; {} when it cannot be read."""
    content = _json(folder / META)
    return content if isinstance(content, dict) else {}


def turns_of(folder: Path) -> list[Mapping[str, Any]]:
    """The turns of the transcript; none when it cannot be read."""
    content = _json(folder / TRANSCRIPT)
    turns = content.get("turns") if isinstance(content, dict) else None
    if not isinstance(turns, list):
        return []
    return [turn for turn in turns if isinstance(turn, dict)]


def ended(folder: Path, meta: Mapping[str, Any]) -> Row:
    """The row of a call that ended here. Raises ValueError."""
    file = meta_of(folder)
    recording = {**_mapping(meta, "recording"), **_mapping(file, "recording")}
    return fold({**file, **meta, "recording": recording}, turns_of(folder))


def found(folder: Path, call: str, meta: Mapping[str, Any]) -> Row:
    """The row of a call that nobody remembers. Raises ValueError."""
    content = {"call": call, **meta, **meta_of(folder)}
    if content["call"] != call:
        raise ValueError(f"its call.json is that of {content['call']!r}")
    if not isinstance(content.get("reason"), str):
        content["reason"] = DIED
    return fold(content, turns_of(folder))


def _json(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None


def _mapping(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = content.get(name)
    return dict(value) if isinstance(value, Mapping) else {}
