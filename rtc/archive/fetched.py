"""Fetched: copies of files that are elsewhere, the least recently used go first.

All methods block: for a thread. The whole folder may be deleted at any time.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

__all__ = ["Fetched"]


class Fetched:
    """`.cache/fetched/CALL/NAME`."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def find(self, call: str, name: str) -> Path | None:
        """The copy, which counts as used now."""
        path = self._folder / call / name
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def draft(self, call: str, name: str) -> Path:
        """Where to write a copy that is not whole yet."""
        path = self._folder / call / f".{name}.part"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, draft: Path) -> Path:
        """The copy is whole; room is made for it."""
        path = draft.with_name(draft.name[1:].removesuffix(".part"))
        os.replace(draft, path)
        self._trim(path)
        return path

    def adopt(self, folder: Path) -> None:
        """Take a call's folder, whose files are elsewhere from now on, as copies."""
        self.drop(folder.name)
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / folder.name
        os.replace(folder, target)
        self._trim(target)

    def drop(self, call: str) -> None:
        """Forget all copies of a call. Raises OSError when they cannot be removed."""
        try:
            shutil.rmtree(self._folder / call)
        except FileNotFoundError:
            pass

    def _trim(self, spared: Path) -> None:
        """Remove what was not used for longest, but not what was just asked for."""
        found = []
        for path in self._folder.glob("*/*"):
            try:
                stat = path.stat()
            except OSError:
                continue  # dropped meanwhile
            found.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._most_bytes:
                return
            if spared in (path, path.parent):
                continue
            path.unlink(missing_ok=True)
            total -= size
            try:
                path.parent.rmdir()
            except OSError:
                pass  # there are others
