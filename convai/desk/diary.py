"""Diary: meetings on disk, a JSON file each, until their call is deleted.

Files are there whole or not at all, also after a power cut. What cannot be read is left
alone, with a line in the log: somebody may have edited it.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

from ..post.disk import DRAFT, remove, write
from .entry import Entry, read

__all__ = ["Diary", "is_name"]

log = logging.getLogger(__name__)

MOST_BYTES = 2_000_000
"Of a file; one with an hour of talk has a tenth."

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FILE = re.compile(rf"({_NAME.pattern})\.({_NAME.pattern})\.json")


def is_name(text: str) -> bool:
    """Whether a meeting or a call, asked for by a stranger, can have that name."""
    return _NAME.fullmatch(text) is not None


class Diary:
    """One folder. All methods block and raise OSError: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[tuple[str, str]]:
        """Call and id of every meeting."""
        if not self._folder.is_dir():
            return []
        found = []
        for path in self._folder.iterdir():
            if path.name.endswith(DRAFT):
                remove(path)  # of a process that died
            elif match := _FILE.fullmatch(path.name):
                found.append((match[1], match[2]))
        return sorted(found)

    def load(self, call: str, meeting: str) -> Entry | None:
        """None when there is none, or none that can be understood."""
        path = self._path(call, meeting)
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return None
        try:
            entry = read(json.loads(content))
            if (entry.talk.call, entry.id) != (call, meeting):
                raise ValueError("it is that of another meeting")
        except (ValueError, RecursionError) as error:
            log.error("%s is left alone: %s", path, error)
            return None
        return entry

    def save(self, entry: Entry) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = json.dumps(entry.to_json(), ensure_ascii=False, indent=1)
        # Half a surrogate pair, as a provider may send it, becomes a "?".
        write(
            self._path(entry.talk.call, entry.id),
            content.encode("utf-8", "replace"),
        )

    def forget(self, call: str, meeting: str) -> None:
        """No error when there is none."""
        remove(self._path(call, meeting))

    def _path(self, call: str, meeting: str) -> Path:
        if not is_name(call) or not is_name(meeting):
            raise ValueError("not the name of a call or a meeting")
        return self._folder / f"{call}.{meeting}.json"
