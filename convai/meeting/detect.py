"""Detect: from what was said to the meeting that was agreed on, if one was. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ..events import Party
from .acts import Act
from .clauses import Clause, clauses
from .dates import Today
from .digest import Digest, Mark
from .durations import minutes_in
from .meeting import DEFAULT_MIN, LONGEST_MIN, Evidence, Meeting
from .negotiation import Negotiation
from .reading import Reader
from .table import other
from .verdict import Verdict, ruled, weighed

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
    denied: bool = False
    "The reader is sure that nothing is agreed on."
    reopened: bool = True
    "Of a draft: what was agreed on before is so no more."
    waiting: bool = False
    "The reader has not answered yet: nothing can be said."


def detect(
    lines: Sequence[Line],
    now: datetime,
    read: Callable[..., Read] = clauses,
    reader: Reader | None = None,
    at_once: bool = True,
) -> Finding:
    """`now`: when the talk takes place; its `tzinfo` is the caller's ZoneInfo.

    `read`: `clauses`, perhaps with a memory, for who comes again with one line more.
    `reader`: gives a second opinion; None: the rules decide alone.
    `at_once`: it has to say so now, or leaves it to the rules; False: it may be asked
    again, and until then the finding is `waiting`.
    """
    zone = now.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError("now is in no zone")
    talk, digest = follow(lines, now, zone, read)
    rules = ruled(talk, now)
    said = [number - 1 for number in talk.evidence]
    newest = said[-1] if said else -1
    reading = None
    if reader is not None and (digest.hours or len(digest.days) > 1):
        reading = reader.read(digest, at_once=at_once)
        if reading is None and not at_once:
            return Finding(None, waiting=True)
    if reading is None:
        meeting = _meeting(rules, talk, lines, zone, said)
        return Finding(meeting, newest, talk.mood.dropped and meeting is None)
    verdict = weighed(rules, reading, now)
    named = _named(verdict, digest)
    if verdict.start != rules.start or not said:
        said = sorted({*said, *named, *(at + 1 for at in named)})
    meeting = _meeting(verdict, talk, lines, zone, said)
    return Finding(
        meeting,
        named[-1] if named else newest,
        cancelled=talk.mood.dropped and meeting is None,
        denied=reading.denied and reading.whole,
        reopened=rules.status == "draft" and reading.whole,
    )


def follow(
    lines: Sequence[Line],
    now: datetime,
    zone: ZoneInfo,
    read: Callable[..., Read] = clauses,
) -> tuple[Negotiation, Digest]:
    """The negotiation at its end, and what a reader makes its own mind up from."""
    talk, digest = Negotiation(zone, now.date()), Digest([now.date()])
    name = str(zone)
    american = name.startswith(MONTH_FIRST) and not name.startswith(NOT_MONTH_FIRST)
    passed = digest.passed = now.hour * 60 + now.minute
    today = Today(now.date(), minutes=passed, month_first=american)
    asked: dict[Party, bool] = {"agent": False, "caller": False}
    for line in lines:
        under_way = bool(talk.day or talk.options) and not talk.settled
        wanted = asked[other(line.who)] or under_way
        said, today = read(line.text, today, asked=wanted)
        talk.turn(line.who, said, digest.turn(line.who).add)
        asked[line.who] = any(it.has(Act.ASK_TIME) or it.hours for it in said)
    return talk, digest


def _meeting(
    verdict: Verdict,
    talk: Negotiation,
    lines: Sequence[Line],
    zone: ZoneInfo,
    said: Sequence[int],
) -> Meeting | None:
    if verdict.status == "none":
        return None
    hour = verdict.hour
    return Meeting(
        status=verdict.status,
        zone=str(zone),
        start=verdict.start,
        day=verdict.day,
        time=time(hour.hour, hour.minute) if hour else None,
        duration_min=_duration(verdict, talk, lines),
        confidence=verdict.confidence,
        evidence=_evidence(said, lines),
    )


def _duration(verdict: Verdict, talk: Negotiation, lines: Sequence[Line]) -> int:
    hour, start = talk.hour, verdict.start
    other = hour and start and hour.minutes != start.hour * 60 + start.minute
    if hour is not None and hour.until is not None and not (hour.vague or other):
        length = hour.until - hour.minutes
        if 0 < length <= LONGEST_MIN:
            return length
    timed = (it.text for it in reversed(lines) if _UNIT.search(it.text))
    said = (minutes_in(text) for text in timed)
    return next((minutes for minutes in said if minutes), DEFAULT_MIN)


def _named(verdict: Verdict, digest: Digest) -> list[int]:
    """Lines that name its day or its time, in order."""
    start, hour = verdict.start, verdict.hour
    day = start.date() if start else verdict.day
    minutes = start.hour * 60 + start.minute if start else hour and hour.minutes
    days = (at for at, one in enumerate(digest.days) if one == day)
    hours = (at for at, one in enumerate(digest.hours) if one.minutes == minutes)
    marks = {Mark("day", at) for at in days} | {Mark("hour", at) for at in hours}
    return [
        at
        for at, (_, pieces) in enumerate(digest.turns)
        if any(piece in marks for piece in pieces)
    ]


def _evidence(said: Sequence[int], lines: Sequence[Line]) -> tuple[Evidence, ...]:
    found = [lines[at] for at in said if at < len(lines)][-MOST_EVIDENCE:]
    return tuple(Evidence(it.who, it.text, it.start_ms, it.end_ms) for it in found)
