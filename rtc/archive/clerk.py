"""Clerk: does with one call what is to be done, one thing at a time.

Raises ArchiveDown and StoreDown when it must be done later, ValueError and OSError when
something is wrong with the call itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ..recording.files import META, TRANSCRIPT, save
from . import content
from .backlog import Backlog
from .locks import Locks
from .means import Means
from .row import Row, fold

__all__ = ["Clerk", "Entry", "State"]


class State(Enum):
    """What a row is made from.

    RUNS ──> ENDED ──> SETTLED
               FOUND ─────┘
    """

    RUNS = "what the server knows"
    ENDED = "files that will still be amended"
    SETTLED = "files that stay as they are"
    FOUND = "files of a call that nobody remembers"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that is to be put."""

    meta: Mapping[str, Any]
    "What is known beside the files."
    state: State


class Clerk:
    """Puts rows, moves files, changes what `call.json` says."""

    def __init__(self, means: Means, moves: Backlog[None]) -> None:
        self.gone: set[str] = set()
        "Calls that are being deleted: nothing must make them anew."
        self.locks = Locks()
        "By call."
        self._means = means
        self._moves = moves

    async def enter(self, call: str, entry: Entry) -> None:
        """Put the row; then the files may go to where they stay."""
        means = self._means
        async with self.locks.of(call):
            if call in self.gone:
                return
            row = await self._row(call, entry)
            await means.database.through(means.archive.put(row))
            if entry.state in (State.RUNS, State.ENDED):
                return
            if means.store.elsewhere:
                self._moves.put(call, None)  # without room: at the next start
            else:
                await asyncio.to_thread(means.spool.done, call)

    async def move(self, call: str, _: None) -> None:
        """Bring the files to where they stay."""
        means = self._means
        async with self.locks.of(call):
            if call in self.gone:
                return
            await means.storage.through(means.store.keep(call))
            await asyncio.to_thread(means.spool.done, call)

    async def amend(self, call: str, fields: Mapping[str, Any]) -> bool:
        """Write them into `call.json`, a None takes one away; False: there is none."""
        async with self.locks.of(call):
            folder = await self._folder(call)
            if call in self.gone:
                return False
            if not await asyncio.to_thread(_amend, folder, fields):
                return False
            if folder != self._means.folder(call):
                await self._replace(call, folder)
            await asyncio.to_thread(self._means.spool.add, call, {"call": call})
        return True

    async def _replace(self, call: str, copies: Path) -> None:
        store = self._means.store
        try:
            await self._means.storage.through(store.replace(call, copies / META))
        except BaseException:
            await store.forget(call)  # the copy says what is not so
            raise

    async def _row(self, call: str, entry: Entry) -> Row:
        if entry.state is State.RUNS:
            return fold(entry.meta)
        folder = await self._folder(call)
        if entry.state is State.FOUND:
            return await asyncio.to_thread(content.found, folder, call, entry.meta)
        return await asyncio.to_thread(content.ended, folder, entry.meta)

    async def _folder(self, call: str) -> Path:
        """A folder here with the JSON files of the call, so far as there are any."""
        means = self._means
        folder = means.folder(call)
        if not means.store.elsewhere or await asyncio.to_thread(folder.is_dir):
            return folder
        for name in (TRANSCRIPT, META):
            try:
                fetch = means.store.local(call, name)
                path = await means.storage.through(fetch, proof=False)
            except FileNotFoundError:
                continue
            folder = path.parent
        return folder


def _amend(folder: Path, fields: Mapping[str, Any]) -> bool:
    meta = content.meta_of(folder)
    if not meta:
        return False
    gone = {key for key, it in fields.items() if it is None}
    changed = {key: it for key, it in {**meta, **fields}.items() if key not in gone}
    save(folder / META, changed, fsync=True)
    return True
