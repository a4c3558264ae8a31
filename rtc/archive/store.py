"""Store: where the files of calls that are over are: in a local folder, or elsewhere.

A call's folder is brought elsewhere file by file, `call.json` last: what has one there
is all there. Only then the local folder goes, in one move, to the copies in the cache.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from .. import call_id
from ..recording.files import AUDIO, EVENTS, META, TRANSCRIPT, draft_of
from .fetched import Fetched
from .locks import Locks
from .remote import Remote, StoreDown

__all__ = ["MOVED", "NAMES", "Store", "StoreDown"]

NAMES = (AUDIO, EVENTS, TRANSCRIPT, META)
"Files that can be asked for."

MOVED = ".moved-"
"Begins the name of a folder whose files are elsewhere, and that is to be removed."

FETCHED_BYTES = 1 << 30
"Of copies: some 2,500 calls of a quarter of an hour."


class Store:
    """The files of calls. Takes ids of calls and the names of their files only."""

    def __init__(self, recordings: Path, url: str | None) -> None:
        """`url` is None for the local folder; ValueError when it cannot be used."""
        self._recordings = recordings
        self._remote = None if url is None else Remote(url)
        if self._remote is not None and self._remote.is_at(recordings):
            raise ValueError(f"{self._remote.url} is the folder of the recordings")
        self._fetched = Fetched(recordings / ".cache" / "fetched", FETCHED_BYTES)
        self._fetching = Locks()

    @property
    def elsewhere(self) -> bool:
        """Whether calls that are over are brought elsewhere."""
        return self._remote is not None

    def counters(self) -> dict[str, int]:
        """What was not as it should be."""
        return {"store_overdue": self._remote.overdue if self._remote else 0}

    async def local(self, call: str, name: str) -> Path:
        """A path here with that file. Raises FileNotFoundError, StoreDown.

        It is to be opened soon: the folder may be on its way elsewhere.
        """
        folder = self._folder(call)
        if name not in NAMES:
            raise FileNotFoundError(f"{name!r} is no file of a call")
        path = folder / name
        if await asyncio.to_thread(path.is_file):
            return path
        if self._remote is None:
            raise FileNotFoundError(path)
        async with self._fetching.of(f"{call}/{name}"):
            return await self._fetch(self._remote, call, name)

    async def has(self, call: str) -> bool:
        """Whether all of a call is elsewhere. Raises StoreDown."""
        self._folder(call)
        return self._remote is not None and await self._remote.has(call, META)

    async def sizes(self, call: str) -> dict[str, int]:
        """Bytes of each file that is elsewhere. Raises StoreDown."""
        self._folder(call)
        return {} if self._remote is None else await self._remote.sizes(call)

    async def keep(self, call: str) -> None:
        """Bring a call's folder to its final place; nothing if it is not here.

        Raises StoreDown; OSError when what is here cannot be read.
        """
        folder = self._folder(call)
        if self._remote is None or not await asyncio.to_thread(folder.is_dir):
            return
        for path in await asyncio.to_thread(_files, folder):
            await self._remote.put(call, path)
        await asyncio.to_thread(self._move, folder)

    async def replace(self, call: str, path: Path) -> None:
        """Have the file `path` elsewhere, in place of the one of that name."""
        self._folder(call)
        if self._remote is None:
            raise FileNotFoundError(call)
        await self._remote.put(call, path)

    async def remove(self, call: str) -> None:
        """Remove what is elsewhere, and copies of it. Raises StoreDown, OSError."""
        await self.forget(call)
        if self._remote is not None:
            await self._remote.remove(call)
            await self.forget(call)  # what was fetched meanwhile

    async def forget(self, call: str) -> None:
        """Remove the copies of a call. Raises OSError."""
        self._folder(call)
        await asyncio.to_thread(self._fetched.drop, call)

    def _folder(self, call: str) -> Path:
        if not call_id.is_call_id(call):
            raise FileNotFoundError(f"{call!r} is not the id of a call")
        return self._recordings / call

    async def _fetch(self, remote: Remote, call: str, name: str) -> Path:
        found = await asyncio.to_thread(self._fetched.find, call, name)
        if found is not None and name != META:
            return found
        draft = await asyncio.to_thread(self._fetched.draft, call, name)
        try:
            await remote.get(call, name, draft)
        except StoreDown:
            if found is not None:  # call.json: may be rated by another server
                return found
            raise
        return await asyncio.to_thread(self._fetched.keep, draft)

    def _move(self, folder: Path) -> None:
        try:
            self._fetched.adopt(folder)
        except OSError:
            # The cache is on another disk, or full. First its name, then its files:
            # half a folder must not look like a call.
            gone = folder.with_name(MOVED + folder.name)
            os.replace(folder, gone)
            shutil.rmtree(gone)


def _files(folder: Path) -> list[Path]:
    """What is to be moved, `call.json` last; drafts that nobody finished are not."""
    drafts = {draft_of(folder / name) for name in NAMES}
    found = [path for path in folder.iterdir() if path.is_file() and path not in drafts]
    return sorted(found, key=lambda path: (path.name == META, path.name))
