"""Engine: connections to the database, set up as the archive needs them."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .address import Address

__all__ = ["WRITES", "engine"]

WRITES = "parley_writes"
"Option of a connection that is going to write."

CONNECTIONS = 4
"""At once, and no more when busy: writers of SQLite wait for each other anyhow, and
PostgreSQL has a hundred for everybody."""

BUSY_MS = 5000
"How long SQLite waits for another process; less than any operation's deadline."

PAUSE_MS = 20
"Until a statement is tried again for which SQLite does not wait by itself."

CACHE_KIB = 16_384
"Of a connection to SQLite. The 2 MB that it has by itself are a sixth of the indexes."

STATEMENT_MS = 30_000
"After this PostgreSQL gives up a statement by itself: nobody waits for it any more."


def engine(address: Address) -> AsyncEngine:
    """Connects to nothing yet."""
    # Errors would show parameters, and these are what people said.
    common = {"hide_parameters": True, "pool_size": CONNECTIONS, "max_overflow": 0}
    if address.path is None:
        return _postgresql(address, common)
    url = URL.create("sqlite+aiosqlite", database=address.path)
    made = create_async_engine(url, **common)
    event.listen(made.sync_engine, "connect", _set_up)
    event.listen(made.sync_engine, "begin", _begin)
    return made


def _postgresql(address: Address, common: dict[str, Any]) -> AsyncEngine:
    async def connect() -> Any:
        connection = await asyncpg.connect(address.dsn)
        # A plan that suits a rare word does not suit a common one. And not among the
        # parameters of the connection: poolers refuse those that they do not know.
        await connection.execute(
            "SET plan_cache_mode = force_custom_plan;"
            f"SET statement_timeout = {STATEMENT_MS}"
        )
        return connection

    return create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, pool_pre_ping=True, **common
    )


def _set_up(connection: Any, _: object) -> None:
    # From here on a transaction begins when we say so, and covers changes of tables.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        "journal_mode = WAL",
        # A power cut may cost the last rows; they are made again from the files.
        "synchronous = NORMAL",
        f"cache_size = -{CACHE_KIB}",
    ):
        _execute(connection, cursor, f"PRAGMA {pragma}")
    cursor.close()


def _execute(connection: Any, cursor: Any, statement: str) -> None:
    """As busy_timeout would: to change the journal, SQLite does not wait by itself when
    another server is just doing that."""
    for _ in range(BUSY_MS // PAUSE_MS):
        try:
            cursor.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
        connection.run_async(lambda _: asyncio.sleep(PAUSE_MS / 1000))
    cursor.execute(statement)


def _begin(connection: Connection) -> None:
    # Who reads first and wants to write then would be refused without waiting.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
