"""Files: what of a call's files the history reads, wherever they are.

They may be missing, torn, huge or edited by somebody: what cannot be understood counts
as not there, and no file is read beyond a bound. A store that is down is another thing:
then StoreDown or OSError goes up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from convai.agent import AgentProtocolError
from convai.untrusted import parse, plain

from ..archive.store import Store
from ..recording.files import EVENTS
from .marks import marks

__all__ = ["Files"]

MOST_JSON = 4 << 20
"""Bytes of a JSON file that is understood: a transcript of more than eight hours.
Parsing holds Python's lock for 10 ms per MiB, and calls wait for it."""

MOST_EVENTS = 64 << 20
"Bytes of events that are looked through for marks: those of some eight hours."

MOST_LINE = 64 << 10
"Bytes of a line that are read at once; the rest is a line of its own, and odd."

AT_ONCE = 2
"Calls whose events are looked through at once: that takes CPU, which calls need more."


class Files:
    """The files of calls, read in threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looking = asyncio.Semaphore(AT_ONCE)

    async def path(self, call: str, name: str) -> Path | None:
        """Where the file is on this machine; None: there is none."""
        try:
            return await self._store.local(call, name)
        except FileNotFoundError:
            return None

    async def json(self, call: str, name: str) -> dict[str, Any] | None:
        """The object that a JSON file is; None when there is none in it."""
        path = await self.path(call, name)
        return None if path is None else await asyncio.to_thread(_object, path)

    async def marks(self, call: str) -> list[dict[str, Any]]:
        """What of the call's events belongs on its timeline."""
        path = await self.path(call, EVENTS)
        if path is None:
            return []
        async with self._looking:
            return await asyncio.to_thread(_marks, path)


def _object(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_JSON + 1)
        if len(content) > MOST_JSON:
            return None
        found: dict[str, Any] = plain(parse(content))
    except (FileNotFoundError, AgentProtocolError):
        return None  # deleted meanwhile; or not JSON
    return found


def _marks(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            return marks(_lines(file))
    except FileNotFoundError:
        return []


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while file.tell() < MOST_EVENTS and (line := file.readline(MOST_LINE)):
        yield line
