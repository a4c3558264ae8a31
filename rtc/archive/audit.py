"""Audit: who had what deleted, in a file that only grows.

`audit.jsonl`, a JSON object a line: `at` (ISO 8601, UTC), `what` (`deleting`, then
`deleted`), `call`, `by`, and how many `files` and `bytes`. A deletion that was cut off
is finished at the next start and may have its `deleted` twice, but never not at all.
Nothing that was said is in here.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

__all__ = ["AUDIT", "Audit", "What"]

AUDIT = "audit.jsonl"

What: TypeAlias = Literal["deleting", "deleted"]

MOST_BY = 200
"Characters of who did it; a user name may come from a stranger."


def _now() -> datetime:
    return datetime.now(UTC)


class Audit:
    """The file. Blocks for an fsync: for a thread."""

    def __init__(self, path: Path, now: Callable[[], datetime] = _now) -> None:
        self._path = path
        self._now = now

    def note(self, what: What, call: str, by: str, files: int, size: int) -> None:
        """Append a line and have it on the disk. Raises OSError."""
        content = {
            "at": self._now().astimezone(UTC).isoformat(timespec="milliseconds"),
            "what": what,
            "call": call,
            "by": by[:MOST_BY],
            "files": files,
            "bytes": size,
        }
        line = json.dumps(content).encode() + b"\n"
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        audit = os.open(self._path, flags, 0o600)
        try:
            # A line that another thread or process is just writing looks torn.
            fcntl.flock(audit, fcntl.LOCK_EX)
            if _torn(audit):
                line = b"\n" + line
            if os.write(audit, line) < len(line):
                raise OSError(f"no room for {self._path}")
            os.fsync(audit)
        finally:
            os.close(audit)

    def begun(self, call: str) -> tuple[str, int, int] | None:
        """By whom the call's last deletion was begun, of how many files and bytes.

        Raises OSError.
        """
        found = None
        with self._path.open("rb") as lines:
            # Most lines are not parsed: this is for the start of a server.
            for line in lines:
                if call.encode() in line and b'"deleting"' in line:
                    found = _read(line) or found
        return found


def _read(line: bytes) -> tuple[str, int, int] | None:
    try:
        content = json.loads(line)
        return str(content["by"]), int(content["files"]), int(content["bytes"])
    except (ValueError, TypeError, KeyError):
        return None  # torn


def _torn(audit: int) -> bool:
    """Whether the last line is not whole, from a power-cut."""
    size = os.fstat(audit).st_size
    return size > 0 and os.pread(audit, 1, size - 1) != b"\n"
