"""Keeper: brings calls into the history and out of it, whatever is down meanwhile.

A call's files are the truth, its row is made from them. What waits is in the spool on
disk, so that nothing is lost when the server dies; what is here only saves looking.

Several servers may share a database, each with recordings of its own: a server touches
rows of its own calls, and others' only when their files are here or in its store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .. import call_id
from ..recording.spool import Spool
from .archive import Archive, ArchiveDown
from .audit import AUDIT, Audit
from .backlog import Backlog
from .beside import NOTHING, Beside
from .clerk import Clerk, Entry, State
from .deletion import Busy, Deletion, Order
from .means import Means
from .reach import Backoff, Reach
from .store import Store, StoreDown
from .sweep import Sweep

__all__ = ["Busy", "Keeper"]

log = logging.getLogger(__name__)

DOWN = (ArchiveDown, StoreDown)

BACKOFF = Backoff()
"For database and store."

LEAVE_S = 5.0
"Seconds that what waits is given at the end; the next start finds the rest."

SETTLE_S = 10.0
"Seconds that a rating waits for the bill: both write `call.json`."

MOST_NOTE = 2000
"Characters of a rating's note."


def _now() -> datetime:
    return datetime.now(UTC)


def _forget(call: str) -> None:
    """Nobody keeps renders."""


class Keeper:
    """An async context; leaving it ends what it does beside the calls."""

    def __init__(
        self,
        archive: Archive,
        store: Store,
        spool: Spool,
        recordings: Path,
        *,
        keep_days: float = 0,
        shared: bool = True,
        forget: Callable[[str], None] = _forget,
        beside: Beside = NOTHING,
        now: Callable[[], datetime] = _now,
        backoff: Backoff = BACKOFF,
    ) -> None:
        """`shared`: other servers, with other folders, may use the same database.
        `forget`: drops renders of a call; `beside`: where else there is something.
        """
        database = Reach("the database", ArchiveDown, backoff)
        storage = Reach("the store", StoreDown, backoff)
        means = Means(recordings, spool, archive, database, store, storage, beside)
        audit = Audit(recordings / AUDIT, now)
        self._means = means
        self._rows = Backlog[Entry]("history", DOWN, backoff)
        self._moves = Backlog[None]("store", DOWN, backoff)
        self._removals = Backlog[Order]("deletion", DOWN, backoff)
        self._clerk = Clerk(means, self._moves)
        self._deletion = Deletion(means, audit, forget, self._clerk.locks)
        self._sweep = Sweep(
            means,
            self._deletion,
            self._rows,
            self._removals,
            self.delete,
            self._occupied,
            shared=shared,
            keep_days=keep_days,
            now=now,
        )
        self._running: set[str] = set()
        self._unsettled: dict[str, asyncio.Event] = {}
        "Calls that are over, but for their bill."
        self._tasks = asyncio.TaskGroup()
        self._working: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._working = [
            self._tasks.create_task(work)
            for work in (
                self._sweep.start(),
                self._sweep.hourly(),
                self._sweep.recoveries.run(self._sweep.recover),
                self._rows.run(self._clerk.enter),
                self._moves.run(self._clerk.move),
                self._removals.run(self._remove),
            )
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            sweeping = self._working[:2]
            for task in sweeping:
                task.cancel()
            if not self._means.database.away:
                async with asyncio.timeout(LEAVE_S):
                    await self._rows.idle()
                    await self._moves.idle()
        except TimeoutError:
            log.info("calls that wait are finished at the next start")
        finally:
            for task in self._working:
                task.cancel()
            await self._tasks.__aexit__(None, None, None)

    def began(self, meta: Mapping[str, Any]) -> None:
        """A call runs. Never blocks, never raises."""
        if call := _call(meta):
            self._running.add(call)
            self._rows.put(call, Entry(dict(meta), State.RUNS))

    def ended(self, meta: Mapping[str, Any], *, settled: bool = True) -> None:
        """Its files are closed; `meta` is `call.json` as it should be.

        Comes again when it is not `settled`: the bill is still to come. Never blocks,
        never raises.
        """
        call = _call(meta)
        if not call:
            return
        self._running.discard(call)
        if not settled:
            self._unsettled[call] = asyncio.Event()
        elif call in self._unsettled:
            self._unsettled.pop(call).set()
        if call in self._clerk.gone:
            if settled and call not in self._removals:
                self._clerk.gone.discard(call)
            return
        state = State.SETTLED if settled else State.ENDED
        self._rows.put(call, Entry(dict(meta), state))

    async def delete(self, call: str, by: str) -> bool:
        """Delete everything of a call; False when there is no such call.

        Sound and words are gone when this returns; what is left to be done while
        database or store are away is done when they are back. Raises Busy while the
        call runs; ArchiveDown or StoreDown when nobody can tell whether there is such a
        call; OSError.
        """
        if not call_id.is_call_id(call) or not await self._there(call):
            return False
        if await self._runs(call):
            raise Busy(f"{call} still runs")
        if call in self._clerk.gone:
            return True  # somebody else is at it
        self._clerk.gone.add(call)
        self._rows.drop(call)
        self._moves.drop(call)
        try:
            order = await self._deletion.begin(call, by)
        except OSError:
            self._clerk.gone.discard(call)
            raise
        try:
            await self._remove(call, order)
        except DOWN as error:
            log.info("%s is deleted, what is elsewhere will be: %s", call, error)
            self._removals.put(call, order)
        return True

    async def rate(self, call: str, stars: int, note: str) -> bool:
        """Say how good a call was, from 1 to 5; False when there is no such call.

        Raises Busy, ValueError, StoreDown, OSError.
        """
        if not 1 <= stars <= 5:
            raise ValueError(f"stars: {stars}; allowed: 1 to 5")
        if not call_id.is_call_id(call):
            return False
        if await self._runs(call):
            raise Busy(f"{call} still runs")
        if settled := self._unsettled.get(call):
            try:
                await asyncio.wait_for(settled.wait(), SETTLE_S)
            except TimeoutError:
                log.info("%s is rated before its bill came", call)
        rating = {"stars": stars, "note": note[:MOST_NOTE]}
        if not await self._clerk.amend(call, {"rating": rating}):
            return False
        # While the bill is to come, the files stay here to be amended.
        state = State.ENDED if call in self._unsettled else State.SETTLED
        entry = Entry({"call": call}, state)
        try:
            await self._clerk.enter(call, entry)
        except DOWN:
            if call not in self._rows:
                self._rows.put(call, entry)
        return True

    async def amend(self, call: str, fields: Mapping[str, Any]) -> bool:
        """Change fields of a call's `call.json`, and its row; a None takes one away.

        False: not now, it runs, waits for its bill, or what it is kept in is away. True
        also when there is no such call. Raises OSError.
        """
        if not call_id.is_call_id(call):
            return True
        busy = await self._runs(call) or call in self._unsettled
        if busy or not self._sweep.mended:
            return False
        try:
            if not await self._clerk.amend(call, fields):
                return True
        except DOWN:
            return False
        if (waiting := self._rows.waiting(call)) is not None:
            # What is known there may not be on the disk, when that is full.
            self._rows.put(call, Entry({**waiting.meta, **fields}, waiting.state))
            return True
        entry = Entry({"call": call, **fields}, State.SETTLED)
        try:
            await self._clerk.enter(call, entry)
        except DOWN:
            self._rows.put(call, entry)
        return True

    def counters(self) -> dict[str, int]:
        """What waits, and what was not as it should be."""
        means, lines = self._means, (self._rows, self._moves, self._removals)
        lost = sum(line.set_aside for line in (*lines, self._sweep.recoveries))
        return {
            "rows_waiting": len(self._rows),
            "moves_waiting": len(self._moves),
            "deletions_waiting": len(self._removals),
            "calls_not_queued": sum(line.dropped for line in lines),
            "calls_set_aside": lost,
            "calls_recovered": self._sweep.recovered,
            "calls_expired": self._sweep.expired,
            "database_away": int(means.database.away),
            "database_failures": means.database.failures,
            "store_away": int(means.storage.away),
            "store_failures": means.storage.failures,
            **means.store.counters(),
        }

    async def _remove(self, call: str, order: Order) -> None:
        try:
            await self._deletion.finish(call, order)
        except OSError:
            self._clerk.gone.discard(call)  # nobody is at it: who asks again is heard
            raise
        if call not in self._unsettled:  # else it would come back with its bill
            self._clerk.gone.discard(call)

    async def _runs(self, call: str) -> bool:
        # First what takes time: the rest still holds when the caller goes on.
        held = await asyncio.to_thread(self._means.held, call)
        return held or call in self._running or call in self._sweep.recoveries

    async def _there(self, call: str) -> bool:
        """Whether anything of a call is left."""
        means = self._means
        folder = means.folder(call)
        if call in self._running or call in self._rows or call in self._clerk.gone:
            return True
        if call in means.beside.calls():
            return True
        if await asyncio.to_thread(folder.is_dir):
            return True
        try:
            row = await means.database.through(means.archive.get(call), proof=False)
            if row is not None:
                return True
        except ArchiveDown:
            if means.store.elsewhere and await means.store.has(call):
                return True
            raise
        return await means.store.has(call)

    def _occupied(self, call: str) -> bool:
        """Whether the call is in somebody's hands here."""
        lines = (self._rows, self._moves, self._removals)
        mine = call in self._running or call in self._unsettled
        return mine or call in self._clerk.gone or any(call in line for line in lines)


def _call(meta: Mapping[str, Any]) -> str:
    """Its id; "" when there is none."""
    call = meta.get("call")
    if isinstance(call, str) and call_id.is_call_id(call):
        return call
    log.error("a call without an id is not entered: %r", call)
    return ""
