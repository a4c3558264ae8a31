"""Search: a Query as a statement that an index answers, newest calls first. Pure.

The key of a call is its time, so a range of days, the next page and the order are one
range of keys, and every index ends in the key: whatever is asked for, the database
walks back in time along one index and stops when the page is full.

With SQLite that holds for combinations too. Its index of words yields calls in the
order of keys and can leap to where several words meet; hence agent, profile, reason and
the like are also words there (tags), and a combination is a search for all of them.
PostgreSQL combines indexes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import TSQUERY

from .. import call_id
from . import words
from .query import Query
from .row import plain
from .tables import CALLS, COLUMNS, SEARCH

__all__ = ["choices", "first_key", "found"]

MOST_KEY = 2**63 - 1
"Of a column of integers; people may ask for days until the year 9000."

MOST_CHOICES = 200
"Of an agent and the like; more can be searched for, but not be chosen in a list."


def first_key(ms: int) -> int:
    """The first key of the calls that began at `ms` since 1970 or later.

    Keys count seconds: a second that had begun by then does not belong to it.
    """
    return max(0, min(-(-ms // 1000) << call_id.BITS, MOST_KEY))


def found(query: Query, *, sqlite: bool) -> Select[Any]:
    """The calls of a query, without limit."""
    exact = {name: getattr(query, name) for name in ("agent", "profile", "reason")}
    exact = {**exact, "recording": query.recording}
    exact = {name: plain(value) for name, value in exact.items() if value is not None}
    where = [CALLS.c[name] == value for name, value in exact.items()]
    if query.meeting is not None:
        none = CALLS.c.meeting_ms.is_(None)
        where.append(~none if query.meeting else none)
    said = words.wanted(query.text)
    if sqlite and (said or len(where) > 1):
        meeting = {None: None, True: "yes", False: "no"}[query.meeting]
        return _matched(said, words.tags({**exact, "meeting": meeting}), where, query)
    if said:
        wish = " & ".join([*(f"'{word}'" for word in said[:-1]), f"'{said[-1]}':*"])
        where.append(CALLS.c.words.bool_op("@@")(cast(literal(wish, Text), TSQUERY)))
    where += _range(CALLS.c.key, query)
    return select(*COLUMNS).where(*where).order_by(CALLS.c.key.desc())


def _matched(
    said: Sequence[str],
    tags: Sequence[str],
    where: Sequence[ColumnElement[bool]],
    query: Query,
) -> Select[Any]:
    """By SQLite's index of words. What it finds is still looked at by `where`."""
    last = [f'"{said[-1]}" *'] if said else []
    wish = " AND ".join([*(f'"{word}"' for word in [*tags, *said[:-1]]), *last])
    return (
        select(*COLUMNS)
        .join_from(SEARCH, CALLS, CALLS.c.key == SEARCH.c.rowid)
        .where(text("search MATCH :wish").bindparams(wish=wish))
        .where(*where, *_range(SEARCH.c.rowid, query))
        .order_by(SEARCH.c.rowid.desc())
    )


def _range(key: ColumnElement[int], query: Query) -> list[ColumnElement[bool]]:
    where = []
    if query.since_ms is not None:
        where.append(key >= first_key(query.since_ms))
    ends = [] if query.before is None else [call_id.key(query.before)]
    ends += [] if query.until_ms is None else [first_key(query.until_ms)]
    if ends:
        where.append(key < min(*ends, MOST_KEY))
    return where


def choices(name: str) -> Select[Any]:
    """The different values of a column: one step in its index for each value."""
    value = CALLS.c[name]
    least = select(func.min(value).label("value")).where(value > "")
    seen = least.cte("seen", recursive=True)
    after = select(func.min(value)).where(value > seen.c.value).scalar_subquery()
    seen = seen.union_all(select(after).where(seen.c.value.is_not(None)))
    there = select(seen.c.value).where(seen.c.value.is_not(None))
    return there.limit(MOST_CHOICES)
