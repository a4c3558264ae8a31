"""Sweep: what is looked through at the start, and hourly, beside the calls.

trash             deletions that were cut off are finished
markers           calls that are not finally in the history are recovered
running rows      of servers that died
folders           from before there was a history, or before its database was lost
hourly            calls older than they may be are deleted
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from .. import call_id
from ..recording.files import META
from ..recording.recovery import recover
from . import content
from .archive import ArchiveDown
from .backlog import Backlog
from .clerk import Entry, State
from .deletion import Busy, Deletion, Order, order_of
from .means import Means
from .reach import Backoff
from .row import iso
from .store import MOVED, StoreDown

__all__ = ["Sweep"]

log = logging.getLogger(__name__)

BATCH = 100
"Calls that are looked at in one go: a running call that ends waits for no more."

MOST_REST_S = 1.0
"Between two batches as long is rested as the last one took, up to this."

HOUR_S = 3600.0

EVER = datetime.min.replace(tzinfo=UTC)

MOST_FOREIGN = 10_000
"Old rows of others that are looked past."


class Sweep:
    """Finds calls, and hands them to those who deal with them."""

    def __init__(
        self,
        means: Means,
        deletion: Deletion,
        rows: Backlog[Entry],
        removals: Backlog[Order],
        delete: Callable[[str, str], Awaitable[bool]],
        occupied: Callable[[str], bool],
        *,
        shared: bool,
        keep_days: float,
        now: Callable[[], datetime],
    ) -> None:
        self.recoveries = Backlog[Mapping[str, Any]]("recovery", (), Backoff())
        "What is known of calls that may have to be finished."
        self.recovered = 0
        "Calls whose files had to be mended."
        self.expired = 0
        "Calls deleted for their age."
        self._mended = asyncio.Event()
        "What can be done without the database has been, of the start."
        self._means = means
        self._deletion = deletion
        self._rows = rows
        self._removals = removals
        self._delete = delete
        self._occupied = occupied
        "Whether a call is in somebody's hands."
        self._shared = shared
        self._keep = timedelta(days=keep_days)
        self._now = now

    @property
    def mended(self) -> bool:
        """Whether the calls of servers that died are finished, so far as files are."""
        return self._mended.is_set()

    async def start(self) -> None:
        """Once, when the server starts."""
        try:
            await self._cut_off()
            await self.spooled()
            self._mended.set()
            await self._ran()
            await self._folders()
        except OSError as error:
            log.error("the recordings cannot be looked through: %s", error)
        finally:
            self._mended.set()

    async def hourly(self) -> None:
        """For ever."""
        dropped = 0
        await self._mended.wait()
        while True:
            try:
                await self._expire()
                if dropped != self._rows.dropped:
                    dropped = self._rows.dropped
                    await self.spooled()
            except OSError as error:
                log.error("the recordings cannot be looked through: %s", error)
            except (ArchiveDown, StoreDown) as error:
                log.debug("old rows are deleted in an hour: %s", error)
            await asyncio.sleep(HOUR_S)

    async def recover(self, call: str, meta: Mapping[str, Any]) -> None:
        """Finish the files of a call whose server died, and have its row put."""
        means = self._means

        def mend() -> bool:
            folder = means.folder(call)
            if not folder.is_dir() and means.store.elsewhere:
                return False  # all of it may be there
            whole = content.meta_of(folder).get("reason") and not means.marked(call)
            return not whole and recover(folder, meta)

        if self._occupied(call) or not await self._unfinished(call):
            return
        if await asyncio.to_thread(mend):
            self.recovered += 1
            log.info("call %s: recovered, its server died", call)
        self._rows.put(call, Entry(meta, State.FOUND))

    async def _unfinished(self, call: str) -> bool:
        """Whether it is still so: calls end, and are deleted, while we look through."""
        means = self._means
        if await asyncio.to_thread(means.marked, call):
            return True
        folder = await asyncio.to_thread(means.folder(call).is_dir)
        row = await means.database.persist(partial(means.archive.get, call))
        if row is None:
            return folder
        if row.reason is None:
            return folder or not self._occupied(call)
        return folder and means.store.elsewhere  # it was to be brought there

    async def spooled(self) -> None:
        """Calls with a marker that nobody holds."""
        spool = self._means.spool
        waiting = await asyncio.to_thread(spool.waiting)
        for batch in _batches(call for call in waiting if call_id.is_call_id(call)):
            for call in batch:
                if self._occupied(call):
                    continue
                marker = await asyncio.to_thread(spool.read, call)
                order = order_of(marker)
                if order is None:
                    self.recoveries.put(call, marker)
                else:
                    self._removals.put(call, order)
            await self.recoveries.idle()

    async def _cut_off(self) -> None:
        """Deletions and moves that were."""
        for call in await asyncio.to_thread(self._deletion.leftovers):
            order = await asyncio.to_thread(self._deletion.resumed, call)
            self._removals.put(call, order)
        await asyncio.to_thread(self._moved)

    def _moved(self) -> None:
        for folder in self._means.recordings.glob(f"{MOVED}*"):
            shutil.rmtree(folder)

    async def _ran(self) -> None:
        """Rows without an end, whose files are here."""
        means = self._means
        for call in await means.database.persist(means.archive.running):
            if self._occupied(call) or await asyncio.to_thread(means.marked, call):
                continue
            if not await self._ours(call):
                continue  # another server's, which may well run
            row = await means.database.persist(partial(means.archive.get, call))
            if row is not None:
                known = {"agent": row.agent, "profile": row.profile}
                began = {"began": iso(row.began_ms)}
                self.recoveries.put(call, {"call": call, **known, **began})

    async def _ours(self, call: str) -> bool:
        """Whether a row is this server's affair."""
        if not self._shared:
            return True
        means = self._means
        if await asyncio.to_thread(means.folder(call).is_dir):
            return True
        if not means.store.elsewhere:
            return False
        return await means.storage.persist(partial(means.store.has, call))

    async def _folders(self) -> None:
        """Folders that the database knows nothing of, the newest first."""
        clock = asyncio.get_running_loop().time
        means = self._means
        found = 0
        days = await asyncio.to_thread(self._names)
        for batch in _batches(it for day in reversed(days) for it in reversed(day)):
            begun = clock()
            calls = await asyncio.to_thread(self._complete, batch)
            known = await means.database.persist(partial(means.archive.known, calls))
            if means.store.elsewhere:
                known = set()  # they are to be there, and were not brought
            new = [it for it in calls if it not in known and not self._occupied(it)]
            for call in new:
                self.recoveries.put(call, {"call": call})
            await self.recoveries.idle()
            await self._rows.idle()
            found += len(new)
            await asyncio.sleep(min(clock() - begun, MOST_REST_S))
        if found:
            log.info("%d calls found in their folders are in the history now", found)

    def _names(self) -> list[list[str]]:
        """Folders that look like calls, by day, oldest first."""
        days: dict[str, list[str]] = {}
        if self._means.recordings.is_dir():
            for folder in self._means.recordings.iterdir():
                if folder.name[0].isdigit():
                    days.setdefault(folder.name[:8], []).append(folder.name)
        # To sort all at once would hold up the event loop, from any thread.
        return [sorted(names) for _, names in sorted(days.items())]

    def _complete(self, names: Iterable[str]) -> list[str]:
        """Of these, calls that do not run, and are not too old."""
        means = self._means
        oldest = self._oldest()
        return [
            it
            for it in names
            if call_id.is_call_id(it)
            and (means.folder(it) / META).is_file()
            and not means.marked(it)
            and call_id.began(it) >= oldest
        ]

    async def _expire(self) -> None:
        """Delete calls that are too old: first those here, which needs no database."""
        if not self._keep:
            return
        oldest = self._oldest()
        days = await asyncio.to_thread(self._names)
        # The next day is not looked into: nothing in it can be old enough.
        last = f"{oldest:%Y%m%d}"
        for call in (it for day in days if day[0][:8] <= last for it in day):
            if call_id.is_call_id(call) and call_id.began(call) < oldest:
                await self._expired(call)
        for call in sorted(self._means.beside.calls()):
            if call_id.is_call_id(call) and call_id.began(call) < oldest:
                await self._expired(call)
        older = round(oldest.timestamp() * 1000)
        means = self._means
        spared: set[str] = set()
        while len(spared) < MOST_FOREIGN:
            calls = await means.archive.older_than(older, BATCH + len(spared))
            new = [call for call in calls if call not in spared]
            if not new:
                return
            for call in new:
                if not await self._ours(call) or not await self._expired(call):
                    spared.add(call)

    def _oldest(self) -> datetime:
        """Calls that began before this are to be deleted."""
        return self._now() - self._keep if self._keep else EVER

    async def _expired(self, call: str) -> bool:
        try:
            gone = await self._delete(call, "keep-days")
        except (OSError, Busy) as error:
            log.warning("%s is too old, but cannot be deleted: %s", call, error)
            return False
        self.expired += gone
        return gone


def _batches(calls: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(calls)
    while batch := list(islice(rest, BATCH)):
        yield batch
