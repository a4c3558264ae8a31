"""Detect: from what was said to the meeting that was agreed on, if one was. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ..events import Party
from .acts import Act
from .clauses import Clause, clauses
from .dates import Today
from .durations import minutes_in
from .meeting import DEFAULT_MIN, LONGEST_MIN, Evidence, Meeting
from .negotiation import Negotiation
from .table import other

__all__ = ["Finding", "Line", "detect", "follow"]

MONTH_FIRST = ("America/", "US/", "Pacific/Honolulu")
"Zones of people who write 11/27."
NOT_MONTH_FIRST = (
    "America/Argentina", "America/Bogota", "America/Buenos", "America/Caracas",
    "America/Lima", "America/Mexico", "America/Montevideo", "America/Santiago",
    "America/Sao_Paulo", "America/Toronto",
)  # fmt: skip
_UNIT = re.compile("min|hour", re.I)
MOST_EVIDENCE = 8
"Sentences, the newest."


Read = tuple[list[Clause], Today]


class Line(NamedTuple):
    """What one party said at a time."""

    who: Party
    text: str
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a talk came to."""

    meeting: Meeting | None
    "Agreed, or a draft; without an id."
    newest: int = -1
    "Line in which something of it was last said."
    cancelled: bool = False
    "Somebody wanted none of it, and nothing was agreed on since."


def detect(
    lines: Sequence[Line], now: datetime, read: Callable[..., Read] = clauses
) -> Finding:
    """`now`: when the talk takes place; its `tzinfo` is the caller's ZoneInfo.

    `read`: `clauses`, perhaps with a memory, for who comes again with one line more.
    """
    zone = now.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError("now is in no zone")
    talk = follow(lines, now, zone, read)
    newest = talk.evidence[-1] - 1 if talk.evidence else -1
    meeting = _meeting(talk, lines, now, zone)
    return Finding(meeting, newest, talk.mood.dropped and meeting is None)


def follow(
    lines: Sequence[Line],
    now: datetime,
    zone: ZoneInfo,
    read: Callable[..., Read] = clauses,
) -> Negotiation:
    """The negotiation at its end."""
    talk = Negotiation(zone, now.date())
    name = str(zone)
    american = name.startswith(MONTH_FIRST) and not name.startswith(NOT_MONTH_FIRST)
    passed = now.hour * 60 + now.minute
    today = Today(now.date(), minutes=passed, month_first=american)
    asked: dict[Party, bool] = {"agent": False, "caller": False}
    for line in lines:
        under_way = bool(talk.day or talk.options) and not talk.settled
        wanted = asked[other(line.who)] or under_way
        said, today = read(line.text, today, asked=wanted)
        talk.turn(line.who, said)
        asked[line.who] = any(it.has(Act.ASK_TIME) or it.hours for it in said)
    return talk


def _meeting(
    talk: Negotiation, lines: Sequence[Line], now: datetime, zone: ZoneInfo
) -> Meeting | None:
    start = _start(talk, now, zone)
    if start is None and not _promising(talk):
        return None
    known = Meeting(
        status="draft",
        zone=str(zone),
        duration_min=_duration(talk, lines),
        evidence=_evidence(talk, lines),
    )
    if start is not None:
        sure = _confidence(talk)
        return replace(known, status="agreed", start=start, confidence=sure)
    hour = talk.hour
    return replace(
        known,
        day=talk.day if len(talk.day_by) == 2 else None,
        time=time(hour.hour, hour.minute) if hour and len(talk.hour_by) == 2 else None,
        confidence=0.4,
    )


def _start(talk: Negotiation, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When they agreed to meet, if that can be."""
    day, hour = talk.day, talk.hour
    if not talk.agreed or day is None or hour is None:
        return None
    start = datetime.combine(day, time(hour.hour, hour.minute), zone)
    there = start.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    # Nobody's clock shows it when it falls into the hour that is left out.
    return start if there == start.replace(tzinfo=None) and start > now else None


def _promising(talk: Negotiation) -> bool:
    """Whether both want to meet, though not all is said yet."""
    mood = talk.mood
    told = mood.informed and not mood.met
    if mood.dropped or mood.held or talk.pretended or told:
        return False
    return (
        len(talk.day_by) == 2 or len(talk.hour_by) == 2 or len(talk.mood.willing) == 2
    )


def _confidence(talk: Negotiation) -> float:
    """More when both named day and time, and somebody said that it is done."""
    sure = 0.7
    sure += 0.1 * (len(talk.hour_named) == 2) + 0.08 * (len(talk.day_named) == 2)
    return sure + 0.1 * talk.mood.firm


def _duration(talk: Negotiation, lines: Sequence[Line]) -> int:
    hour = talk.hour
    if hour is not None and hour.until is not None and not hour.vague:
        length = hour.until - hour.minutes
        if 0 < length <= LONGEST_MIN:
            return length
    timed = (it.text for it in reversed(lines) if _UNIT.search(it.text))
    said = (minutes_in(text) for text in timed)
    return next((minutes for minutes in said if minutes), DEFAULT_MIN)


def _evidence(talk: Negotiation, lines: Sequence[Line]) -> tuple[Evidence, ...]:
    numbers = [number - 1 for number in talk.evidence[-MOST_EVIDENCE:]]
    found = [lines[number] for number in numbers if number < len(lines)]
    return tuple(Evidence(it.who, it.text, it.start_ms, it.end_ms) for it in found)
