"""Cache: the files that were rendered, in a folder that may be deleted at any time.

    <call>.<leg>.<tag>.<format>         complete
    <call>.<leg>.<tag>.<format>.part    being made

The tag stands for the recording as it was (size, time of its last change) and for how
we render; with another tag a file is not found, and goes. What was not asked for the
longest time goes first when there is too much. Other files in the folder are left
alone. All methods block briefly; what cannot be deleted stays, and is logged.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["PART", "Cache", "delete", "tag"]

log = logging.getLogger(__name__)

VERSION = 1
"To be raised when renderings come out differently: what is in the cache is then old."

PART = ".part"

_OURS = re.compile(
    r"(?P<call>.+)\.(?P<leg>\w+)\.[0-9a-f]{16}\.(wav|mp3|m4a|mka|json)(?P<part>\.part)?"
)


def tag(recording: Path, kind: str, leg: str) -> tuple[int, str]:
    """Size of the recording, and 16 digits that change with it. Raises OSError."""
    found = recording.stat()
    text = f"{VERSION} {found.st_size} {found.st_mtime_ns} {kind} {leg}"
    return found.st_size, hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


class Cache:
    """What was rendered lately, `most_bytes` at most."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self.evicted = 0
        "Files that went for want of room."

    def open(self) -> None:
        """Make the folder; delete what another process left half done. OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path, match in self._ours():
            if match["part"]:
                delete(path)
        self.make_room(0)

    def find(self, path: Path) -> int | None:
        """The size of a complete file, which is the latest asked for now."""
        try:
            os.utime(path)
            return path.stat().st_size
        except FileNotFoundError:
            return None

    def make_room(self, size: int) -> None:
        """Delete the oldest until `size` bytes more fit."""
        files = []
        for path, match in self._ours():
            try:
                found = path.stat()
            except OSError:
                continue  # gone meanwhile
            size += found.st_size
            if not match["part"]:
                files.append((found.st_mtime_ns, found.st_size, path))
        for _, freed, path in sorted(files):
            if size <= self.most_bytes:
                break
            delete(path)
            self.evicted += 1
            size -= freed

    def outdate(self, path: Path) -> None:
        """Delete what is the same of the recording as it was before."""
        wanted = _OURS.fullmatch(path.name)
        assert wanted is not None
        for other, match in self._ours():
            same = (match["call"], match["leg"]) == (wanted["call"], wanted["leg"])
            alike = other.suffix == path.suffix and other != path
            if same and alike and not match["part"]:
                delete(other)

    def drop(self, call: str) -> None:
        """Delete all that is complete of a call."""
        for path, match in self._ours():
            if match["call"] == call and not match["part"]:
                delete(path)

    def _ours(self) -> Iterator[tuple[Path, re.Match[str]]]:
        try:
            paths = list(self.folder.iterdir())
        except OSError as error:
            log.warning("the render cache cannot be read: %s", error)
            return
        for path in paths:
            if match := _OURS.fullmatch(path.name):
                yield path, match


def delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s stays in the render cache: %s", path.name, error)
