"""Recording: the files of one call, written by the writer's thread.

    recording.mka     two Opus tracks, caller and agent, on one timeline
    events.jsonl      the conversation's events, one JSON object a line
    transcript.json   the turns, rewritten whole whenever one is complete
    call.json         who, when, how it ended

The sound is written in clusters of about 0.4 s, each complete in itself: after
`kill -9` the file opens, and what was lost is less than a second.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from .leg import Piece
from .matroska import Matroska

__all__ = ["AUDIO", "EVENTS", "LEGS", "META", "TRANSCRIPT", "Recording", "amend"]

log = logging.getLogger(__name__)

AUDIO = "recording.mka"
EVENTS = "events.jsonl"
TRANSCRIPT = "transcript.json"
META = "call.json"

LEGS = ("caller", "agent")
"The tracks of a recording, in their order."


class Recording:
    """The open files of one call. All methods raise OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._events: TextIO = (folder / EVENTS).open("w", encoding="utf-8")
        # Unbuffered: what is written is whole clusters, and it is to be on the disk.
        self._audio = (folder / AUDIO).open("wb", buffering=0)
        self._matroska = Matroska(LEGS)
        self._append(self._matroska.head)

    def write(self, legs: Iterable[Iterable[Piece]]) -> None:
        """Append what goes on for each leg: of the caller, of the agent."""
        blocks = [
            (at, track, payload)
            for track, pieces in enumerate(legs)
            for payload, at in pieces
        ]
        blocks.sort()
        for cluster in self._matroska.clusters(blocks):
            self._append(cluster)

    def _append(self, whole: bytes) -> None:
        """Write at the end of the sound; `whole` or, when that fails, nothing of it."""
        before = self._audio.tell()
        rest = memoryview(whole)
        try:
            while rest:
                rest = rest[self._audio.write(rest) :]
        except OSError:
            self._audio.truncate(before)
            self._audio.seek(before)
            raise

    def note(self, lines: Iterable[str]) -> None:
        """Append lines of JSON to the events."""
        self._events.writelines(f"{line}\n" for line in lines)
        self._events.flush()

    def save(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file whole or not at all."""
        _save(self.folder / name, content)

    def close(self) -> None:
        """Finish the files."""
        try:
            cues, patches = self._matroska.end()
            self._append(cues)
            for position, patch in patches:
                self._audio.seek(position)
                self._audio.write(patch)
        finally:
            self._audio.close()
            self._events.close()


def amend(folder: Path, lines: Iterable[str], meta: Mapping[str, Any]) -> None:
    """Add to a call that is over: events, and fields of `call.json`.

    What cannot be written is logged: by now there is nobody left to tell.
    """
    path = folder / META
    try:
        with (folder / EVENTS).open("a", encoding="utf-8") as events:
            events.writelines(f"{line}\n" for line in lines)
        _save(path, {**json.loads(path.read_text(encoding="utf-8")), **meta})
    except (OSError, ValueError) as error:
        log.warning("%s cannot be amended: %s", folder.name, error)


def _save(path: Path, content: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".tmp")
    draft.write_text(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    os.replace(draft, path)
