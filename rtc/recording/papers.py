"""Papers: what is kept of a call beside its sound. On the writer's thread.

A disk that refuses them is a line in the log, and each is tried again: the call's entry
in the history hangs on `call.json`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .files import EVENTS, Fsync, Growing, lines_of, save, sync_folder

__all__ = ["Papers"]

log = logging.getLogger(__name__)


class Papers:
    """Events and JSON files of one call. No method raises."""

    def __init__(self, folder: Path, fsync: Fsync) -> None:
        self.lost = 0
        "Lines and files that could not be written."
        self._folder = folder
        self._fsync = fsync
        self._events: Growing | None = None
        self._fresh = False
        "There are events that were not forced to the disk."

    def note(self, lines: Sequence[str]) -> None:
        """Append lines of JSON to the events."""
        if lines:
            self._try(EVENTS, lambda: self._append(lines), len(lines))

    def save(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file whole, or leave the older one."""
        path = self._folder / name
        durable = self._fsync != "off"
        self._try(name, lambda: save(path, content, fsync=durable))

    def sync(self) -> None:
        """Force the events to the disk; the other files were when they were saved."""
        if self._fresh and self._events is not None:
            self._fresh = False
            self._try(EVENTS, self._events.sync)

    def sync_names(self) -> None:
        """Force it through to the disk which files there are."""
        self._try(".", self._sync_names)

    def close(self) -> None:
        if self._fsync != "off":
            self.sync()
            self.sync_names()
        if self._events is not None:
            self._try(EVENTS, self._events.close)

    def open(self) -> None:
        """Make the folder, and in it the events."""
        self._try(EVENTS, self._begin)

    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._events = Growing(self._folder / EVENTS)

    def _append(self, lines: Sequence[str]) -> None:
        if self._events is None:  # it could not be made before
            self._begin()
        assert self._events is not None
        self._events.append(lines_of(lines))
        self._fresh = True

    def _sync_names(self) -> None:
        sync_folder(self._folder)
        sync_folder(self._folder.parent)

    def _try(self, name: str, work: Callable[[], None], worth: int = 1) -> None:
        try:
            work()
        except OSError as error:
            if not self.lost:
                log.error("%s: %s cannot be written: %s", self._folder, name, error)
            self.lost += worth
