"""Files: what a call leaves in its folder, and how it is written.

    recording.mka     two Opus tracks, caller and agent, on one timeline
    events.jsonl      the conversation's events, one JSON object a line
    transcript.json   the turns, rewritten whole whenever one is complete
    call.json         who, when, how it ended

What grows does so by whole pieces, and JSON files are replaced whole: whenever the
process is killed, or the disk is full, everything can be read.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, TypeAlias

__all__ = [
    "AUDIO",
    "EVENTS",
    "LEGS",
    "META",
    "TRANSCRIPT",
    "Fsync",
    "Growing",
    "amend",
    "draft_of",
    "lines_of",
    "load",
    "save",
    "sync_folder",
]

log = logging.getLogger(__name__)

AUDIO = "recording.mka"
EVENTS = "events.jsonl"
TRANSCRIPT = "transcript.json"
META = "call.json"

LEGS = ("caller", "agent")
"The tracks of a recording, in their order."

MOST_JSON = 10_000_000
"Bytes of a JSON file; a longer one is damage, and not to be read into memory."

Fsync: TypeAlias = Literal["off", "end", "second"]
"""When files are forced through to the disk, for the case of a power cut: left to the
system (half a minute may be lost), at the end of each call, or each second as well."""


class Growing:
    """A file that grows by whole pieces. All methods raise OSError."""

    def __init__(self, path: Path, mode: Literal["wb", "ab"] = "wb") -> None:
        # Unbuffered: what is written is whole, and it is to outlive the process.
        self._file = path.open(mode, buffering=0)
        self._size = self._file.tell()

    def append(self, whole: bytes) -> None:
        """Write at the end: `whole` or, when that fails, nothing of it."""
        rest = memoryview(whole)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise
        self._size += len(whole)

    def overwrite(self, position: int, patch: bytes) -> None:
        """Write in the middle."""
        os.pwrite(self._file.fileno(), patch, position)

    def sync(self) -> None:
        """Wait until all of it is on the disk."""
        # Its times of change may be lost with the power; its size is not.
        os.fdatasync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def save(
    path: Path,
    content: Mapping[str, Any],
    *,
    draft: Path | None = None,
    fsync: bool = False,
) -> None:
    """Write a JSON file whole or not at all. Raises OSError."""
    draft = draft or draft_of(path)
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    try:
        with draft.open("wb") as file:
            # Half a surrogate pair, as a provider may send it, becomes a "?".
            file.write(text.encode("utf-8", "replace"))
            if fsync:
                file.flush()
                # Or a power cut could leave the new name with nothing behind it.
                os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def load(path: Path) -> dict[str, Any]:
    """What `save` wrote. Raises OSError, and ValueError when it is something else."""
    with path.open("rb") as file:
        try:
            content = json.loads(file.read(MOST_JSON))
        except RecursionError as error:
            raise ValueError("nested too deep") from error
    if not isinstance(content, dict):
        raise ValueError("not an object")
    return content


def lines_of(lines: Iterable[str]) -> bytes:
    """Lines of `events.jsonl`, as they are to be appended."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def draft_of(path: Path) -> Path:
    """Where a JSON file is written before it takes the other's place."""
    return path.with_suffix(".tmp")


def sync_folder(folder: Path) -> None:
    """Wait until its names are on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def amend(folder: Path, lines: Iterable[str], meta: Mapping[str, Any]) -> None:
    """Add to a call that is over: events, and fields of `call.json`.

    What cannot be written is logged: by now there is nobody left to tell.
    """
    path = folder / META
    try:
        with closing(Growing(folder / EVENTS, "ab")) as events:
            events.append(lines_of(lines))
        # Through to the disk: what it replaces may have been there already.
        save(path, {**load(path), **meta}, fsync=True)
    except (OSError, ValueError) as error:
        log.warning("%s cannot be amended: %s", folder.name, error)
