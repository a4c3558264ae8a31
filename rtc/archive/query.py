"""Query: which calls somebody wants to see, read from an address's parameters. Pure.

q           words that were said, all of them
agent, profile, reason
day         YYYY-MM-DD; with `until` the first of several
zone        IANA name of the zone in which days begin; UTC
meeting     yes, no
recording   kept, off, declined, refused, failed
before      id of a call: only older ones, for the next page
limit       1 to 200 calls at a time
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .. import call_id
from .row import KEPT

__all__ = ["LIMIT", "BadQuery", "Query", "read"]

LIMIT = 50
"Calls on a page, unless asked otherwise."

MOST = 200
"Calls at a time; an export has no such limit."

MOST_TEXT = 200
"Characters of a parameter."


class BadQuery(ValueError):
    """A parameter is wrong; the text is for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Fields that are None do not narrow the search."""

    text: str | None = None
    "Words, all of which were said; the last one may be the beginning of a word."
    agent: str | None = None
    profile: str | None = None
    reason: str | None = None
    since_ms: int | None = None
    "Calls that began at or after this, since 1970."
    until_ms: int | None = None
    "Calls that began before this."
    meeting: bool | None = None
    recording: str | None = None
    before: str | None = None
    "Id of a call; only older ones."
    limit: int = LIMIT


NAMES = (
    *("q", "day", "until", "zone", "agent", "profile", "reason"),
    *("meeting", "recording", "before", "limit"),
)
"What may stand in an address."


def read(given: Mapping[str, str]) -> Query:
    """The query of an address's parameters; empty ones count as left out.

    Raises BadQuery.
    """
    for name, value in given.items():
        if name not in NAMES:
            raise BadQuery(f"{name}: unknown; allowed: {', '.join(NAMES)}")
        if len(value) > MOST_TEXT:
            raise BadQuery(f"{name}: longer than {MOST_TEXT} characters")
    wish = {name: value.strip() for name, value in given.items() if value.strip()}
    since_ms, until_ms = _days(wish)
    return Query(
        text=wish.get("q"),
        agent=wish.get("agent"),
        profile=wish.get("profile"),
        reason=wish.get("reason"),
        since_ms=since_ms,
        until_ms=until_ms,
        meeting=_yes(wish.get("meeting")),
        recording=_one_of("recording", wish.get("recording"), KEPT),
        before=_call(wish.get("before")),
        limit=_limit(wish.get("limit")),
    )


def _days(wish: Mapping[str, str]) -> tuple[int | None, int | None]:
    """From when until when, in ms since 1970."""
    zone = _zone(wish.get("zone", "UTC"))
    first = _day("day", wish.get("day"))
    last = _day("until", wish.get("until")) or first
    if first is None and last is None:
        return None, None
    if first and last and last < first:
        raise BadQuery("until: before day")
    since = None if first is None else _midnight(first, zone)
    return since, _midnight(last + timedelta(days=1), zone) if last else None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadQuery(
            f"zone: {name!r} is no time zone, as Europe/Vienna is"
        ) from error


def _day(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007, a date only
    except ValueError as error:
        raise BadQuery(f"{name}: {text!r} is no day; write YYYY-MM-DD") from error
    if not 1971 <= day.year <= 9000:
        raise BadQuery(f"{name}: {text!r} is not in our time")
    return day


def _midnight(day: datetime, zone: ZoneInfo) -> int:
    moment = datetime.combine(day, time(), zone)
    return round(moment.astimezone(UTC).timestamp() * 1000)


def _yes(text: str | None) -> bool | None:
    found = _one_of("meeting", text, ("yes", "no"))
    return None if found is None else found == "yes"


def _one_of(name: str, text: str | None, allowed: tuple[str, ...]) -> str | None:
    if text is not None and text not in allowed:
        raise BadQuery(f"{name}: {text!r}; allowed: {', '.join(allowed)}")
    return text


def _call(text: str | None) -> str | None:
    if text is not None and not call_id.is_call_id(text):
        raise BadQuery(f"before: {text!r} is not the id of a call")
    return text


def _limit(text: str | None) -> int:
    if text is None:
        return LIMIT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise BadQuery(f"limit: {text!r}; allowed: 1 to {MOST}")
    return int(text)
