"""Tables: the one table of the history as SQLAlchemy sees it; see `migrations`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, TypeAlias

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Double,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    func,
)
from sqlalchemy import Row as SelectedRow
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql import ColumnElement, bindparam, column, table
from sqlalchemy.sql.dml import Delete, Insert

from . import words
from .row import Row

__all__ = ["CALLS", "COLUMNS", "SEARCH", "Write", "put", "remove", "row_of"]

CALLS = Table(
    "calls",
    MetaData(),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("call", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("began_ms", BigInteger, nullable=False),
    Column("length_ms", BigInteger),
    Column("reason", Text),
    Column("recording", Text, nullable=False),
    Column("trouble", Text),
    Column("meeting_ms", BigInteger),
    Column("rating", Integer),
    Column("turns", Integer, nullable=False),
    Column("interruptions", Integer, nullable=False),
    Column("latency_ms", BigInteger),
    Column("cost_usd", Double),
    Column("skew_ms", Double),
    # With PostgreSQL only: what was said, each word once.
    Column("words", TSVECTOR, nullable=False),
)

COLUMNS = [it for it in CALLS.columns if it.name not in ("key", "words")]
"What a Row is made of."

SEARCH = table("search", column("rowid", BigInteger), column("words", Text))
"With SQLite only: an index of words (FTS5) by key, tags among them."


Write: TypeAlias = tuple[Insert, dict[str, Any]]
"A statement and its parameters."


def row_of(values: SelectedRow[Any]) -> Row:
    """The row of what was selected as COLUMNS."""
    return Row(**values._mapping)


def put(row: Row, *, sqlite: bool) -> list[Write]:
    """Insert or replace a call, in one transaction.

    Takes a millisecond or more for a long call, so do it beside the loop.
    """
    values: dict[str, Any] = {"key": row.key, **asdict(row)}
    said = words.split(values.pop("text"))
    if not sqlite:
        return [(_PUT_POSTGRESQL, {**values, "words": said})]
    meeting = "no" if row.meeting_ms is None else "yes"
    all_words = " ".join([*said, *words.tags({**values, "meeting": meeting})])
    return [(_PUT_SQLITE, values), (_WORDS, {"rowid": row.key, "words": all_words})]


def remove(key: int, *, sqlite: bool) -> list[Delete]:
    """Forget a call, in one transaction."""
    row = delete(CALLS).where(CALLS.c.key == key)
    return [row, delete(SEARCH).where(SEARCH.c.rowid == key)] if sqlite else [row]


def _upsert(insert: Any, more: dict[str, ColumnElement[Any]]) -> Insert:
    # Two classes with the same method and no common ancestor that has it.
    names = ["key", *(it.name for it in COLUMNS)]
    values = {it: bindparam(it, type_=CALLS.c[it].type) for it in names}
    wish = insert.values({**values, **more})
    replaced = {it: wish.excluded[it] for it in [*names[1:], *more]}
    found: Insert = wish.on_conflict_do_update(index_elements=["key"], set_=replaced)
    return found


_PUT_POSTGRESQL = _upsert(
    postgresql_insert(CALLS),
    {"words": func.array_to_tsvector(bindparam("words", type_=ARRAY(Text)))},
)
_PUT_SQLITE = _upsert(sqlite_insert(CALLS), {})
# Not by a trigger: within one, FTS5 writes out what it has for every statement.
_WORDS = (
    sqlite_insert(SEARCH)
    .prefix_with("OR REPLACE")
    .values(rowid=bindparam("rowid"), words=bindparam("words"))
)
