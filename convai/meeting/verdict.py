"""Verdict: what a talk came to, by the rules, and with a reader's opinion. Pure.

Nothing may be sent that was not agreed on, so the two check each other: where they find
the same meeting, the reader need only not deny it, where it is alone, it has to be
sure, and very sure where the rules say otherwise. What falls short of that is a draft:
a person is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal, TypeAlias

from .hour import Hour
from .negotiation import Negotiation
from .reading import Reading

__all__ = ["NOTHING", "Status", "Verdict", "ruled", "weighed"]

Status: TypeAlias = Literal["agreed", "draft", "none"]

TOGETHER = 0.3
"So likely must an agreement be that the rules found, too."
DOUBT = 0.25
"What a reader's doubt counts then."
ALONE = 0.8
"So likely must one be that only the reader found, on a day that was named."
AGAINST = 0.9
"And so likely if the rules found one at another time."
SUPPOSED = 0.9
"And so likely on a day that nobody named: that of the call."
OPEN = 0.5
"So likely must it be that they want to meet, for a draft."
KNOWN = 0.6
"And that a day or a time is meant, for one to be in it."
DRAFT_SURE = 0.4
"Confidence in what the rules make a draft of."


@dataclass(frozen=True, slots=True)
class Verdict:
    status: Status
    start: datetime | None = None
    "When they agreed to meet."
    day: date | None = None
    "Of a draft, if it is known."
    hour: Hour | None = None
    "Of a draft, if it is known."
    confidence: float = 0.0


NOTHING = Verdict("none")


def ruled(talk: Negotiation, now: datetime) -> Verdict:
    """By the rules alone; `now`: when the talk takes place, in the caller's zone."""
    start = _start(talk.day, talk.hour, now) if talk.agreed else None
    if start is not None:
        return Verdict("agreed", start, confidence=_confidence(talk))
    if not _promising(talk):
        return NOTHING
    day = talk.day if len(talk.day_by) == 2 else None
    hour = talk.hour if len(talk.hour_by) == 2 else None
    return Verdict("draft", day=day, hour=hour, confidence=DRAFT_SURE)


def weighed(rules: Verdict, reading: Reading, now: datetime) -> Verdict:
    """By both."""
    start = _start(reading.day, reading.hour, now)
    together = start is not None and rules.start == start
    alone = start is not None and rules.start != start
    if together and reading.agreed >= TOGETHER:
        return Verdict("agreed", start, confidence=1 - DOUBT * (1 - reading.agreed))
    if alone and reading.sure >= _needed(rules, reading):
        return Verdict("agreed", start, confidence=reading.sure)
    if reading.agreed + reading.draft < OPEN:
        return NOTHING
    return _asked(rules, reading, now)


def _needed(rules: Verdict, reading: Reading) -> float:
    """So sure must a reader be that is alone with what it found."""
    needed = ALONE if rules.start is None else AGAINST
    return max(needed, SUPPOSED) if reading.supposed else needed


def _asked(rules: Verdict, reading: Reading, now: datetime) -> Verdict:
    """A draft, with what is known."""
    day, hour = rules.day, rules.hour
    if reading.agreed >= reading.draft:
        day = reading.day if reading.day_sure >= KNOWN else None
        hour = reading.hour if reading.hour_sure >= KNOWN else None
    elif rules.start is not None:
        day = rules.start.date()
        hour = Hour(0, 0, rules.start.hour, rules.start.minute)
    if day is not None and hour is not None and _start(day, hour, now) is None:
        hour = None  # such a time there is not, or not any more
    return Verdict("draft", day=day, hour=hour, confidence=reading.agreed)


def _start(day: date | None, hour: Hour | None, now: datetime) -> datetime | None:
    """When that is, if it can be."""
    if day is None or hour is None:
        return None
    zone = now.tzinfo
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
