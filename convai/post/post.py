"""Post: has every parcel delivered once, however often anything has to be tried.

What is `put` is on disk, and stays there until a carrier has delivered it or gives it
up; a restart goes on where it was. Only a process that dies between the server's word
that it has the letter and our note of it, some milliseconds on the same disk, leaves a
doubt: then the letter goes out again, byte for byte the same, with the same Message-ID,
by which mail servers and readers know it. SMTP has no way to ask (RFC 5321, 4.2.5).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from .book import Book
from .dispatch import Dispatch
from .line import Line
from .parcel import Carrier, Kind, Later, Parcel, Report
from .record import Record, fresh
from .schedule import LONGEST_S
from .spool import Hold, Spool

__all__ = ["Full", "Post"]

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 4
"Deliveries of one kind: mail servers mostly take some ten connections from anybody."

MOST_WAITING = 5_000
"Parcels. A hundred calls at once, each with a meeting every ten minutes, make 1,800/h."

MOST_SETTLED = 20_000
"Records that are kept to be shown, and to know a parcel that is put again."

LOOK_S = 60.0
"Seconds between looks for parcels that another process has left."

LEAVE_S = 5.0
"Seconds that deliveries are given at the end; the next start finds the rest."


class Full(Exception):
    """Too much waits already."""


class Beside(Protocol):
    """Runs blocking work beside the loop."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


def _now() -> datetime:
    return datetime.now(UTC)


class Post:
    """An async context; leaving it ends what it does, and loses nothing."""

    def __init__(
        self,
        folder: Path,
        carriers: Mapping[Kind, Carrier],
        *,
        tell: Callable[[Report], None],
        now: Callable[[], datetime] = _now,
        beside: Beside = asyncio.to_thread,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`tell` is called on the loop whenever something is new of a parcel; it must
        neither block nor raise.
        """
        self._spool = Spool(folder)
        self._dispatch = Dispatch(carriers, chance)
        self._tell = tell
        self._now = now
        self._beside = beside
        self._counts: Counter[str] = Counter()
        self._book = Book()
        self._line = Line(AT_ONCE)
        self._stir = asyncio.Event()
        "Something is to be done earlier than it seemed."
        self._tasks = asyncio.TaskGroup()
        self._working: set[asyncio.Task[None]] = set()
        self._deliveries: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Raises OSError when the folder cannot be used."""
        found = await self._beside(partial(self._spool.open, self._now()))
        for name, record in found.items():
            # What waits for a person: that person may be why we are started anew.
            again = replace(record, due=self._now()) if record.slow else record
            self._admit(name, again)
        await self._tasks.__aenter__()
        for work in (self._run(), self._look()):
            self._working.add(self._tasks.create_task(work))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._working:
            task.cancel()
        try:
            if self._deliveries:
                await asyncio.wait(self._deliveries, timeout=LEAVE_S)
            async with asyncio.timeout(LEAVE_S):
                for task in self._deliveries:
                    task.cancel()
                await self._tasks.__aexit__(None, None, None)
        except TimeoutError:
            log.error("the disk hangs: some letters may go out twice")

    async def put(self, parcel: Parcel) -> None:
        """Have it delivered; on disk when this returns. Once for each id.

        Raises Full, and OSError when it cannot be kept.
        """
        if parcel.id in self._book:
            return
        if len(self._line) >= MOST_WAITING:
            self._counts["dropped"] += 1
            raise Full(f"{MOST_WAITING} letters wait already")
        await self._beside(partial(self._spool.add, parcel))
        if parcel.id not in self._book:
            record = fresh(parcel, self._now())
            self._admit(parcel.id, record)
            if self._line.resting(parcel.kind, self._clock()):
                self._tell(self._report(parcel.id, record))
        await self._make_room()

    def reports(self, meeting: str) -> list[Report]:
        """How it goes with all parcels of a meeting, oldest first."""
        return [
            self._report(name, record)
            for name in self._book.of_meeting(meeting)
            if (record := self._book.get(name))
        ]

    async def retry(self, name: str) -> None:
        """Try one that failed again, as if it were new; others are left alone.

        Raises OSError.
        """
        record = self._book.get(name)
        if record is None or record.state != "failed":
            return
        record = record.retried(self._now())
        self._book.put(name, record)
        await self._beside(partial(self._spool.mark, name, record))
        self._admit(name, record)
        self._tell(record.report(name))

    async def forget(self, call: str) -> None:
        """Drop all of a call, also what waits or lies in the outbox. Raises OSError."""
        for name in self._book.of_call(call):
            record = self._book.get(name)
            if record is not None and record.state == "outbox":
                await self._dispatch.discard(record.kind, name)
            self._book.drop(name)
            self._line.drop(name)
            await self._beside(partial(self._spool.erase, name))

    def counters(self) -> dict[str, int]:
        """Since the start; `waiting` is now."""
        names = ("attempts", "sent", "outbox", "failed", "doubts", "dropped")
        return {
            **{name: self._counts[name] for name in names},
            "bugs": self._dispatch.bugs,
            "set_aside": self._spool.set_aside,
            "waiting": len(self._line),
        }

    def _admit(self, name: str, record: Record) -> None:
        """Know it, and have it delivered when its time comes."""
        self._book.put(name, record)
        if not record.settled:
            wait_s = (record.due - self._now()).total_seconds()
            # The wall clock may have jumped since.
            wait_s = min(max(wait_s, 0.0), LONGEST_S)
            self._line.add(name, record.kind, self._clock() + wait_s)
            self._stir.set()

    async def _make_room(self) -> None:
        """Keep a bound on what is settled."""
        while len(self._book) - len(self._line) > MOST_SETTLED:
            if (name := self._book.oldest_settled()) is None:
                return
            self._book.drop(name)
            await self._beside(partial(self._spool.erase, name))

    async def _run(self) -> None:
        """Begin what is due, for ever."""
        while True:
            self._stir.clear()
            for name in self._line.take(self._clock()):
                task = self._tasks.create_task(self._deliver(name))
                self._deliveries.add(task)
                task.add_done_callback(self._deliveries.discard)
            try:
                async with asyncio.timeout(self._line.wait(self._clock())):
                    await self._stir.wait()
            except TimeoutError:
                pass

    async def _look(self) -> None:
        """Find what another process left, for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                for name in await self._beside(self._spool.names):
                    if name not in self._book:
                        look = partial(self._spool.look, name, self._now())
                        record = await self._beside(look)
                        if record is not None and name not in self._book:
                            self._admit(name, record)
            except OSError as error:
                log.warning("the letters that wait cannot be looked at: %s", error)

    async def _deliver(self, name: str) -> None:
        """One attempt, with the parcel's lock."""
        hold = self._spool.hold(name)
        try:
            await self._attempt(hold, name)
        except OSError as error:
            # BlockingIOError is one: another process is at it.
            if not isinstance(error, BlockingIOError):
                log.error("%s cannot be delivered now: %s", name, error)
            if (record := self._book.get(name)) is not None and not record.settled:
                self._line.add(name, record.kind, self._clock() + LOOK_S)
        finally:
            hold.release()
            self._line.done(name)
            self._stir.set()

    async def _attempt(self, hold: Hold, name: str) -> None:
        known, now = self._book.get(name), self._now()
        take = partial(hold.take, lambda it: self._dispatch.begun(it, now), now)
        parcel, record = await self._beside(take)
        if record is None:
            self._book.drop(name)  # another process has forgotten it
            return
        if parcel is None:
            self._book.put(name, record)  # ... or delivered it
            self._tell(record.report(name))
            return
        self._counts["attempts"] += 1
        if known is not None and known.trying:
            self._counts["doubts"] += 1
            log.warning("%s may go out twice: the last attempt was cut off", name)
        if record.left is not None:
            parcel = replace(parcel, recipients=record.left)
        verdict = await self._dispatch.attempt(parcel)
        record = self._dispatch.after(record, verdict, self._now())
        if isinstance(verdict, Later) and verdict.slow:
            # All that goes this way would fare the same.
            wait_s = (record.due - self._now()).total_seconds()
            self._line.rest(record.kind, self._clock() + wait_s, record.why)
        await self._note(hold, name, record)

    async def _note(self, hold: Hold, name: str, record: Record) -> None:
        """Keep how it went: at once, and also when we are being cancelled."""
        if name in self._book:
            self._book.put(name, record)
            marking = self._tasks.create_task(self._mark(hold, name, record))
            await asyncio.shield(marking)
        if name not in self._book:  # forgotten meanwhile
            await self._beside(partial(self._spool.erase, name))
            return
        if record.settled:
            self._counts[record.state] += 1
        else:
            self._admit(name, record)
        self._say(name, record)
        self._tell(record.report(name))

    async def _mark(self, hold: Hold, name: str, record: Record) -> None:
        try:
            await self._beside(partial(hold.mark, record))
        except OSError as error:
            log.error("that %s is %s cannot be kept: %s", name, record.state, error)

    def _report(self, name: str, record: Record) -> Report:
        """Says also what holds up one that was not tried yet."""
        report = record.report(name)
        if record.settled or record.why:
            return report
        return replace(report, why=self._line.resting(record.kind, self._clock()))

    def _say(self, name: str, record: Record) -> None:
        if record.state == "failed":
            log.error("%s %s is given up: %s", record.kind, name, record.why)
        elif not record.settled:
            log.warning("%s %s has to wait: %s", record.kind, name, record.why)
        else:
            log.info("%s %s: %s %s", record.kind, name, record.state, record.why)

    def _clock(self) -> float:
        return asyncio.get_running_loop().time()
