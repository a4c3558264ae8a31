"""Recordings: whether and how the calls of this process are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from convai.cast import Wish

from .archive.row import Kept
from .recorder import Failed, Recorder
from .recording.files import Fsync
from .recording.spool import Spool
from .recording.writer import Writer

__all__ = ["Mode", "Recordings", "Register"]

Mode: TypeAlias = Literal["on", "off", "ask"]


class Register(Protocol):
    """Who enters calls in the history. `meta` is the content of `call.json`."""

    def began(self, meta: Mapping[str, Any]) -> None:
        """A call runs. Never blocks, never raises."""

    def ended(self, meta: Mapping[str, Any], *, settled: bool = True) -> None:
        """Its files are closed; unless `settled`, its bill is still to come."""


class NoRegister:
    """For those who want no history."""

    def began(self, meta: Mapping[str, Any]) -> None:
        pass

    def ended(self, meta: Mapping[str, Any], *, settled: bool = True) -> None:
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """The same for all calls."""

    folder: Path
    writer: Writer
    mode: Mode = "on"
    announcement: bytes = b""
    "PCM at 48 kHz, heard first in a call that is recorded."
    fsync: Fsync = "end"
    floor_bytes: int = 0
    "Must be free on the disk for a call to be recorded."
    spool: Spool | None = None
    "Where calls wait that are not in the history yet."
    register: Register = NoRegister()

    def kept(self, wish: Wish) -> Kept:
        """What becomes of the recording of a caller with this wish."""
        if self.mode == "off":
            return "off"
        return "declined" if self.mode == "ask" and wish.record is not True else "kept"

    def announced(self, kept: Kept) -> bytes:
        """What the caller hears first in such a call."""
        return self.announcement if kept == "kept" else b""

    def recorder(self, call: str, kept: Kept, failed: Failed) -> Recorder:
        """For one call."""
        return Recorder(
            self.folder / call,
            self.writer,
            failed,
            sound=kept == "kept",
            fsync=self.fsync,
            spool=self.spool,
            floor_bytes=self.floor_bytes,
        )
