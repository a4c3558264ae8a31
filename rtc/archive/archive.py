"""Archive: finished and running calls as rows of a database, SQLite or PostgreSQL.

Nothing in here is the only copy of anything: a row is made from the files of its call
(`rtc.archive.row`) and can be made again. Nobody in the path of sound waits for it.

Every operation ends within DEADLINE_S and raises ArchiveDown when the database does not
do it; the next one tries anew, so that a database may go and come back. Only the first
that reaches it may take longer: it brings the tables up to date.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Executable, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import call_id
from . import address, search, tables
from .down import ArchiveDown, within
from .engine import WRITES, engine
from .query import Query
from .row import Row
from .schema import TooNew, current, migrate
from .tables import CALLS, COLUMNS

__all__ = ["Archive", "ArchiveDown", "Page"]

DEADLINE_S = 10.0
"Of each operation: whoever waits so long has gone already."

MIGRATE_S = 300.0
"Changing the tables of a great many calls takes its time, but happens once."

CLOSE_S = 3.0
"For taking leave of a database, which may be gone."

STEP = 200
"Rows fetched at a time for an export, ids asked for at a time."


@dataclass(frozen=True, slots=True)
class Page:
    """Calls, newest first."""

    rows: list[Row]
    next: str | None
    "For `Query.before`, to go on; None: there are no more."


class Archive:
    """All calls. The text of rows that come back is empty: it is in the files."""

    def __init__(self, url: str) -> None:
        """Raises ValueError when `url` is none of those in `rtc.archive.address`."""
        self._address = address.read(url)
        self._sqlite = self._address.path is not None
        self._engine = engine(self._address)
        self._migrating = asyncio.Lock()
        self._migrated = False

    async def __aenter__(self) -> Self:
        try:
            await self.open()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Bring the tables up to date; raises ArchiveDown, or TooNew, which stays so.

        Whoever can live without a database for a while may go on all the same: the
        first operation that reaches it does this then. But call `close` in the end.
        """
        await self._ready()

    async def close(self) -> None:
        """Take leave of the database; it is connected to again when it is needed."""
        try:
            async with within(CLOSE_S, self._address):
                await self._engine.dispose()
        except ArchiveDown:
            pass  # It does not listen any more, and we have nothing to say.

    async def put(self, row: Row) -> None:
        """Insert the call, or replace all that is known of it."""
        writes = await asyncio.to_thread(tables.put, row, sqlite=self._sqlite)
        async with self._writing() as connection:
            for statement, values in writes:
                await connection.execute(statement, values)

    async def get(self, call: str) -> Row | None:
        """The row of a call."""
        if not call_id.is_call_id(call):
            return None
        rows = await self._rows(select(*COLUMNS).where(*_is(call)))
        return rows[0] if rows else None

    async def page(self, query: Query) -> Page:
        """The newest calls that the query is about."""
        statement = search.found(query, sqlite=self._sqlite)
        rows = await self._rows(statement.limit(query.limit + 1))
        more = len(rows) > query.limit
        rows = rows[: query.limit]
        return Page(rows, rows[-1].call if more and rows else None)

    async def every(self, query: Query) -> AsyncIterator[Row]:
        """All calls that the query is about, whatever its limit; for exports."""
        before = query.before
        while True:
            page = await self.page(replace(query, before=before, limit=STEP))
            for row in page.rows:
                yield row
            before = page.next
            if before is None:
                return

    async def remove(self, call: str) -> bool:
        """Forget a call; False when it was not there."""
        if not call_id.is_call_id(call):
            return False
        there = select(CALLS.c.key).where(*_is(call))
        async with self._writing() as connection:
            if (await connection.execute(there)).first() is None:
                return False
            for statement in tables.remove(call_id.key(call), sqlite=self._sqlite):
                await connection.execute(statement)
            return True

    async def known(self, calls: Collection[str]) -> set[str]:
        """Those of the calls that are here and over."""
        keys = {call_id.key(it): it for it in calls if call_id.is_call_id(it)}
        found: set[str] = set()
        for place in range(0, len(keys), STEP):
            some = list(keys)[place : place + STEP]
            over = CALLS.c.key.in_(some), CALLS.c.reason.is_not(None)
            found.update(await self._values(select(CALLS.c.call).where(*over)))
        return found.intersection(calls)

    async def older_than(self, ms: int, limit: int) -> list[str]:
        """Calls that are over and began before `ms` since 1970, oldest first."""
        old = CALLS.c.key < search.first_key(ms), CALLS.c.reason.is_not(None)
        first = select(CALLS.c.call).where(*old).order_by(CALLS.c.key).limit(limit)
        return await self._values(first)

    async def running(self) -> list[str]:
        """Calls without a reason, oldest first: they run, or their server died."""
        rows = select(CALLS.c.call).where(CALLS.c.reason.is_(None))
        return await self._values(rows.order_by(CALLS.c.key))

    async def choices(self) -> dict[str, list[str]]:
        """What there is to choose from, in alphabetical order."""
        names = ("agent", "profile", "reason")
        return {
            name: sorted(await self._values(search.choices(name))) for name in names
        }

    async def _rows(self, statement: Executable) -> list[Row]:
        async with self._reading() as connection:
            found = await connection.execute(statement)
            return [tables.row_of(values) for values in found]

    async def _values(self, statement: Executable) -> list[Any]:
        async with self._reading() as connection:
            return list((await connection.execute(statement)).scalars())

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        await self._ready()
        within_time = within(DEADLINE_S, self._address)
        async with within_time, self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        await self._ready()
        async with within(DEADLINE_S, self._address), self._transaction() as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection:
            await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                yield connection

    async def _ready(self) -> None:
        """See to it that the tables are as they should be, once."""
        if self._migrated:
            return
        async with within(DEADLINE_S, self._address):
            await self._migrating.acquire()
        try:
            if not self._migrated:
                await self._migrate()
                self._migrated = True
        finally:
            self._migrating.release()

    async def _migrate(self) -> None:
        there = self._address
        try:
            async with within(DEADLINE_S, there), self._engine.connect() as connection:
                fine = await connection.run_sync(current)
            if not fine:
                async with within(MIGRATE_S, there), self._transaction() as connection:
                    await connection.run_sync(migrate)
        except TooNew as error:
            raise TooNew(f"{there.name}: {error}") from error


def _is(call: str) -> tuple[Any, Any]:
    return CALLS.c.key == call_id.key(call), CALLS.c.call == call
