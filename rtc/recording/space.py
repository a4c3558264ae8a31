"""Space: whether the disk has room for recordings.

Beside the recordings the disk has the log, the database and everybody else's files.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["CHECK_S", "free", "may_begin", "may_go_on"]

CHECK_S = 5
"""Seconds of a call between two looks: a hundred calls write 4 MB meanwhile."""

RESERVE = 4
"""The part of the floor, a fourth, at which calls that run stop recording, too. The
rest is theirs: begun under 500 MB, twenty calls have 40 minutes more. What remains is
for events, transcripts and `call.json`, so that each call gets into the history."""


def free(folder: Path) -> int:
    """Bytes left where `folder` is or will be; it may block. Raises OSError."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def may_begin(folder: Path, floor_bytes: int) -> bool:
    """Whether another call may be recorded; with no floor without a look."""
    return not floor_bytes or free(folder) >= floor_bytes


def may_go_on(folder: Path, floor_bytes: int) -> bool:
    """Whether a call that is recorded may go on with it."""
    return not floor_bytes or free(folder) >= floor_bytes // RESERVE
