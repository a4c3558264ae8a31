"""Means: what the keeping of calls works with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..recording.spool import FOLDER, Spool
from .archive import Archive
from .beside import NOTHING, Beside
from .reach import Reach
from .store import Store

__all__ = ["Means"]


@dataclass(frozen=True, slots=True)
class Means:
    """Where rows, files and markers of calls are."""

    recordings: Path
    spool: Spool
    archive: Archive
    database: Reach
    "Through which the archive is called."
    store: Store
    storage: Reach
    "Through which the store is called."
    beside: Beside = NOTHING
    "Where else there is something of calls."

    def folder(self, call: str) -> Path:
        """Of a call whose files are here."""
        return self.recordings / call

    def marked(self, call: str) -> bool:
        """Whether there is a marker: the call runs, here or in another process, or
        waits. Blocks."""
        return (self.recordings / FOLDER / call).exists()

    def held(self, call: str) -> bool:
        """Whether the call runs, here or in another process. Blocks."""
        return self.spool.held(call)
