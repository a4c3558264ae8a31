"""Entries: the diary's meetings, in memory while something happens to them.

What is put is in memory at once and on disk soon, or when `flush` returns. Who asks for
a meeting that rests gets it from the disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from .diary import Diary
from .entry import Entry

__all__ = ["Away", "Entries"]

log = logging.getLogger(__name__)

MOST = 100_000
"Meetings on disk, of which the names are in memory. Some years of a busy server."

MOST_OF_A_CALL = 20
"More in one call is no conversation, and each may become mail to a stranger."

BATCH = 200
"Files that are read in one go at the start."

RETRY_S = 2.0
"Between two tries when the disk takes nothing."

Away = Callable[..., Awaitable[Any]]
"Calls something that blocks, without blocking the loop: `asyncio.to_thread`."


class Entries:
    """By id. `run` must be running for what is put to get onto the disk."""

    def __init__(self, diary: Diary, away: Away = asyncio.to_thread) -> None:
        self.dropped = 0
        "Found no room."
        self.unwritten = 0
        "Times that the disk refused one."
        self._diary = diary
        self._away = away
        self._calls: dict[str, str] = {}
        "Id of each meeting -> its call."
        self._of: dict[str, list[str]] = {}
        "Call -> ids."
        self._here: dict[str, Entry] = {}
        self._written: dict[str, Entry] = {}
        "As the disk has it, of those that are here."
        self._some = asyncio.Event()
        "Something is not written."
        self._writing = asyncio.Lock()

    async def open(self) -> list[Entry]:
        """Look through the disk; gives those to which something is to happen."""
        names: list[tuple[str, str]] = await self._away(self._diary.names)
        for call, meeting in names:
            self._enter(call, meeting)
        open_ends: list[Entry] = []
        for at in range(0, len(names), BATCH):
            open_ends += await self._away(self._open_ends, names[at : at + BATCH])
        for entry in open_ends:
            self._here[entry.id] = self._written[entry.id] = entry
        return open_ends

    def _open_ends(self, names: list[tuple[str, str]]) -> list[Entry]:
        """Those of these to which something is to happen. Blocks."""
        found = (self._diary.load(call, meeting) for call, meeting in names)
        return [it for it in found if it and (it.pending or not it.amended)]

    def __contains__(self, meeting: str) -> bool:
        return meeting in self._calls

    def calls(self) -> list[str]:
        """Calls of which there are meetings."""
        return list(self._of)

    def here(self, call: str) -> list[Entry]:
        """The meetings of a call that are in memory."""
        found = (self._here.get(it) for it in self._of.get(call, ()))
        return [it for it in found if it is not None]

    def now(self, meeting: str) -> Entry | None:
        """If it is in memory."""
        return self._here.get(meeting)

    async def get(self, meeting: str) -> Entry | None:
        """None: there is none. Raises OSError."""
        if (entry := self._here.get(meeting)) is not None:
            return entry
        call = self._calls.get(meeting)
        if call is None:
            return None
        found: Entry | None = await self._away(self._diary.load, call, meeting)
        # Meanwhile it may have been changed, or forgotten.
        if meeting not in self._calls:
            return None
        return self._here.get(meeting, found)

    async def of(self, call: str) -> list[Entry]:
        """All of a call, in the order in which they were found. Raises OSError."""
        found = [await self.get(it) for it in list(self._of.get(call, ()))]
        known = [it for it in found if it is not None]
        return sorted(known, key=lambda entry: entry.number)

    def put(self, entry: Entry) -> bool:
        """Have it so; False when there is no room for another one. Never blocks."""
        if entry.id not in self._calls and not self._room(entry.talk.call):
            self.dropped += 1
            return False
        self._enter(entry.talk.call, entry.id)
        self._here[entry.id] = entry
        self._some.set()
        return True

    async def flush(self, meeting: str) -> None:
        """Return when it is on disk as it is now. Raises OSError."""
        async with self._writing:
            entry = self._here.get(meeting)
            if entry is None or self._written.get(meeting) is entry:
                return
            await self._away(self._diary.save, entry)
            if meeting in self._calls:
                self._written[meeting] = entry

    def rest(self, call: str) -> None:
        """Nobody looks at this call any more: drop from memory what only rests."""
        for entry in self.here(call):
            written = self._written.get(entry.id) is entry
            if written and not entry.pending and entry.amended:
                del self._here[entry.id], self._written[entry.id]

    async def forget(self, call: str) -> None:
        """Delete all of a call. Raises OSError; then it can be tried again."""
        async with self._writing:
            for meeting in list(self._of.get(call, ())):
                self._here.pop(meeting, None)
                self._written.pop(meeting, None)
                await self._away(self._diary.forget, call, meeting)
                del self._calls[meeting]
                self._of[call].remove(meeting)
            self._of.pop(call, None)

    async def run(self) -> None:
        """Bring to disk what is put, for ever."""
        while True:
            await self._some.wait()
            self._some.clear()
            try:
                await self.flush_all()
            except OSError as error:
                self.unwritten += 1
                log.error("a meeting cannot be written down: %s", error)
                await asyncio.sleep(RETRY_S)
                self._some.set()

    async def flush_all(self) -> None:
        """Return when everything is on disk, or all but what raised this OSError."""
        failure: OSError | None = None
        for meeting in list(self._here):
            try:
                await self.flush(meeting)
            except OSError as error:
                failure = error
        if failure is not None:
            raise failure

    def _enter(self, call: str, meeting: str) -> None:
        if meeting not in self._calls:
            self._calls[meeting] = call
            self._of.setdefault(call, []).append(meeting)

    def _room(self, call: str) -> bool:
        full = len(self._of.get(call, ())) >= MOST_OF_A_CALL
        return not full and len(self._calls) < MOST
