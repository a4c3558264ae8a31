"""Clauses: a turn taken apart, with the days and times of each piece. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from .acts import Act, acts, is_question
from .dates import Today, monday
from .day import Day
from .days import days
from .hour import Hour
from .hours import hours
from .lexicon import lexicon
from .parts import halved, hint_of, part_of_day
from .speech import canonical
from .zones import zone_after

__all__ = ["Clause", "clauses"]

WEEK = timedelta(7)
MOST_NAMED = 4
"Days that are remembered."
_LINKS = ("", "so", "but", "and", "because", "though")
"Say nothing alone."
_END = re.compile(r"([.?!;])")
_PHRASES = lexicon("clauses")
# Recognisers write no signs; and after "but" often the contrary is meant.
_BREAK = _PHRASES["BREAK"]
_APPOSITION = re.compile(
    r" ?,? ?(?:(?:so |and )?(?:that's|that is|it's|which is|that'll be|that would be|is"
    r"|being|i\.e|meaning|ie)? ?(?:a|the|on|on a|this|not|next)? ?,? ?)"
)
_AMOUNTS = {
    "a quarter of an hour": 15, "half an hour": 30, "half hour": 30, "an hour": 60,
    "one hour": 60,
}  # fmt: skip
_LATER = re.compile(
    r"\b(an hour|one hour|half an hour|half hour|\d{1,2})(?: (?:minutes?|(hours?)))?"
    r" (later|earlier|sooner|after that|before(?: that)?)\b"
    r"(?! (?:HOUR|DAY|the|you|we|i|my))"
)
_SOON = re.compile(
    r"\b(?P<ahead>in )?(?P<n>half an hour|an hour|one hour|a quarter of an hour"
    r"|\d{1,3}(?= (?:min|hour)))(?: (?P<unit>minutes?|mins?|hours?))?"
    r"(?:'s time|s time| time)?\b(?(ahead)| from now)"
    r"(?! (?:call|slot|meeting|drive|of|long|or so of))"
)
_MORNING = re.compile(r"\bin the morning\b")
_NOON_MIN = 12 * 60
_ALTERNATIVE = re.compile(
    r"\bor (?:it's |it is |else )?(?:into |in |(?:not |wait )?(?:till |until ))?DAY\b"
)
"`Thursday, or it's the week after`: Thursday is of this week all the same."
_PAST = re.compile(
    r"\b(half|quarter|5|10|20|25)(?: minutes)? (past|after|to)\b"
    r"(?! ?(?:\d|one|noon|the|be|do|get|my|you|me|us|see|go|have))"
)


@dataclass(frozen=True, slots=True)
class Clause:
    text: str
    "With `DAY` for each day and `HOUR` for each time."
    days: tuple[Day, ...]
    hours: tuple[Hour, ...]
    marks: tuple[Day | Hour, ...]
    "Both, in the order of the text."
    part: str
    "Part of the day that is named; empty: none."
    acts: Act
    asks: bool
    hint: str = ""
    "Half of the day that is hinted at, as by `after work`; empty: none."
    shift: int = 0
    "Minutes: `an hour later` is 60."
    past: int = 0
    "Minutes past an hour that is not said: `half past` is 30, `quarter to` -15."

    def has(self, act: Act) -> bool:
        return self.acts.value & act.value != 0

    def reckoned(self, hour: Hour) -> int | None:
        """Minutes after midnight that it names by way of `hour`: `an hour later`,
        `half past`. None: it names none, or of another day."""
        if not (self.shift or self.past):
            return None
        minutes = hour.minutes + self.shift
        if self.past:
            # "20 to" of twenty to three: of the hour that was said.
            full = hour.hour + (self.past < 0 and hour.minute > 0)
            minutes = full * 60 + self.past
        return minutes if 0 <= minutes < 24 * 60 else None


def clauses(text: str, today: Today, *, asked: bool) -> tuple[list[Clause], Today]:
    """What the turn is made of, and what the next one's days are reckoned from.

    `asked`: a time was asked for just before.
    """
    found: list[Clause] = []
    pieces = _END.split(canonical(text))
    for at in range(0, len(pieces), 2):
        sign = pieces[at + 1] if at + 1 < len(pieces) else ""
        parts = [it.strip(" ,") for it in _BREAK.split(pieces[at].strip(" ,"))]
        parts = [it for it in parts if it not in _LINKS]
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            found.append(_clause(part, sign if last else "", today, asked))
            today = _spoken_of(found[-1], today)
    return found, today


def _spoken_of(clause: Clause, today: Today) -> Today:
    """What the next days are reckoned from."""
    for day in clause.days:
        if day.week and not _ALTERNATIVE.search(clause.text):
            # What was named of another week is not meant any more.
            named = (it for it in today.named if monday(it) == day.week)
            today = replace(today, week=day.week, named=tuple(named))
        elif day.on and not day.bare and not _PHRASES["OTHER_DAY"].search(clause.text):
            other = clause.has(Act.FACT | Act.DELIVERY | Act.ASIDE)
            far = WEEK <= day.on - today.now <= 2 * WEEK and not other
            today = replace(today, week=monday(day.on) if far else None)
            if (day.weekday or day.on in today.named) and not other:
                rest = tuple(it for it in today.named if it != day.on)
                today = replace(today, named=(*rest[1 - MOST_NAMED :], day.on))
        if day.month:
            today = replace(today, month=day.month)
        if day.on:
            today = replace(today, day=day.on)
    return today


def _clause(text: str, sign: str, today: Today, asked: bool) -> Clause:
    named = _days(text, today)
    # A date holds numbers that are no times: they are blotted out.
    rest = list(text)
    for day in named:
        length = day.end - day.begin
        rest[day.begin : day.end] = "day".rjust(length, "x")
    times = hours("".join(rest), asked=asked)
    if "tonight" in text and len(named) < 2:
        times = [it if it.sure else halved(it, "evening", beside=True) for it in times]
    named = named or _next_morning(text, is_question(text, sign) or bool(times), today)
    if soon := _soon("".join(rest), today):
        named, times = [*named, soon[0]], [*times, soon[1]]
    named = _without_apposition(text, named)
    marks: list[Day | Hour] = sorted([*named, *times], key=lambda it: it.begin)
    masked = _masked(text, marks)
    marks = _zoned(text, marks)
    times = [it for it in marks if isinstance(it, Hour)]
    asks = is_question(masked, sign)
    done = acts(masked)
    if not asks:
        done &= ~Act.CHECK
    return Clause(
        text=masked,
        days=tuple(named),
        hours=tuple(times),
        marks=tuple(marks),
        part=part_of_day(text),
        hint=hint_of(text),
        acts=done,
        asks=asks,
        shift=_shift(text),
        past=_minutes_past("".join(rest)),
    )


def _days(text: str, today: Today) -> list[Day]:
    return [
        day
        for day in days(text, today)
        if day.on != today.now or not _PHRASES["SMALL_TALK"].search(text[: day.begin])
    ]


def _masked(text: str, marks: Sequence[Day | Hour]) -> str:
    masked, at = "", 0
    for mark in marks:
        masked += text[at : mark.begin] + ("DAY" if isinstance(mark, Day) else "HOUR")
        masked += " " if mark.begin == mark.end else ""
        at = mark.end
    return masked + text[at:]


def _soon(text: str, today: Today) -> tuple[Day, Hour] | None:
    """`In half an hour`, if that is still today."""
    found = _SOON.search(text)
    if found is None or not _PHRASES["CALLS"].search(text):
        return None
    said, unit = found["n"], found["unit"] or ""
    amount = _AMOUNTS.get(said) or _AMOUNTS.get(f"{said} {unit}")
    each = 60 if unit.startswith("hour") else 1
    minutes = today.minutes + (amount or int(re.sub(r"\D", "", said) or 1) * each)
    if minutes >= 24 * 60:
        return None
    begin, end = found.span()
    hour, minute = divmod(minutes, 60)
    return Day(begin, begin, today.now), Hour(begin, end, hour, minute, sure=True)


def _next_morning(text: str, meant: bool, today: Today) -> list[Day]:
    """`In the morning`, said when that of today is over.

    `meant`: it is asked about, or a time is named for it.
    """
    found = _MORNING.search(text)
    over = today.minutes >= _NOON_MIN and today.day in (None, today.now)
    if found is None or not over or not meant or _PHRASES["OTHER_MORNING"].search(text):
        return []
    return [Day(found.start(), found.start(), today.now + timedelta(1))]


def _minutes_past(text: str) -> int:
    found = _PAST.search(text)
    if found is None:
        return 0
    minutes = {"half": 30, "quarter": 15}.get(found[1]) or int(found[1])
    return -minutes if found[2] == "to" else minutes


def _shift(text: str) -> int:
    found = _LATER.search(text)
    if found is None:
        return 0
    minutes = _AMOUNTS.get(found[1]) or int(found[1]) * (60 if found[2] else 1)
    return minutes if found[3] in ("later", "after that") else -minutes


def _without_apposition(text: str, named: list[Day]) -> list[Day]:
    """`the 11th , a monday` is one day; so is `monday , that's tomorrow`."""
    out: list[Day] = []
    for day in named:
        if out and out[-1].on is not None and day.on is not None:
            last = out[-1]
            between = text[last.end : day.begin]
            joined = _APPOSITION.fullmatch(between)
            same = last.on == day.on
            if joined and (same or (day.bare and _same_weekday(last, day))):
                out[-1] = replace(last, end=day.end)
                continue
            if joined and last.bare and _same_weekday(last, day):
                out[-1] = replace(day, begin=last.begin)
                continue
        out.append(day)
    return out


def _same_weekday(one: Day, two: Day) -> bool:
    return bool(one.on and two.on and one.on.weekday() == two.on.weekday())


def _zoned(text: str, marks: list[Day | Hour]) -> list[Day | Hour]:
    """With the zones that are named behind the times."""
    out: list[Day | Hour] = []
    for at, mark in enumerate(marks):
        if isinstance(mark, Hour):
            end = len(text)
            rest = text[mark.end : end]
            for later in marks[at + 1 : at + 2]:
                if isinstance(later, Day):
                    gap = later.begin - mark.end
                    rest = rest[:gap] + "DAY" + text[later.end : end]
                else:
                    rest = rest[: later.begin - mark.end]
            if zone := zone_after(rest):
                mark = replace(mark, zone=zone)
        out.append(mark)
    return out
