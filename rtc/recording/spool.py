"""Spool: which calls are not finally in the history yet.

A small file for each, `.spool/CALL`, with what was known of the call when it began. It
is locked while the call runs: the lock dies with the process, and then somebody else
may finish what is there. A file without a lock is a call that waits.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from .files import load, save, sync_folder

__all__ = ["FOLDER", "Marker", "Spool"]

FOLDER = ".spool"


class Marker:
    """The lock on the file of a call that runs."""

    def __init__(self, file: BinaryIO, folder: Path) -> None:
        self._file = file
        self._folder = folder

    def sync(self) -> None:
        """Have it outlive a power cut, too: it may block. Raises OSError."""
        os.fsync(self._file.fileno())
        sync_folder(self._folder)

    def release(self) -> None:
        """Unlock; the file stays."""
        self._file.close()


class Spool:
    """The waiting calls of one folder of recordings.

    All methods block briefly and raise OSError: call them in a thread.
    """

    def __init__(self, recordings: Path, *, fsync: bool = True) -> None:
        self._folder = recordings / FOLDER
        self._fsync = fsync
        "Whether what is added is to outlive a power cut."

    def begin(self, call: str, meta: Mapping[str, Any]) -> Marker:
        """Write down that a call runs."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._draft(call)
        file = draft.open("wb", buffering=0)
        try:
            # Before the file has its name: nobody is to find it without its lock.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            content = json.dumps(meta).encode()
            if file.write(content) < len(content):
                raise OSError(f"no room for {draft}")
            os.replace(draft, self._folder / call)
        except OSError:
            file.close()
            draft.unlink(missing_ok=True)
            raise
        return Marker(file, self._folder)

    def waiting(self) -> list[str]:
        """Calls that nobody holds, oldest first."""
        if not self._folder.is_dir():
            return []
        names = sorted(path.name for path in self._folder.iterdir())
        return [it for it in names if not it.startswith(".") and not self.held(it)]

    def read(self, call: str) -> dict[str, Any]:
        """What `begin` or `add` wrote; {} when it cannot be read."""
        try:
            return load(self._folder / call)
        except (OSError, ValueError):
            return {}

    def add(self, call: str, meta: Mapping[str, Any]) -> None:
        """Have a call that is over wait, again; one that runs does so anyway."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self.held(call):
            save(self._folder / call, meta, draft=self._draft(call), fsync=self._fsync)
            if self._fsync:
                sync_folder(self._folder)

    def done(self, call: str) -> None:
        """It waits no more; no error if it did not."""
        (self._folder / call).unlink(missing_ok=True)

    def held(self, call: str) -> bool:
        """Whether somebody, here or in another process, has it locked."""
        try:
            with (self._folder / call).open("rb") as file:
                # Shared: two who look at once are not in each other's way.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def _draft(self, call: str) -> Path:
        return self._folder / f".{call}.tmp"
