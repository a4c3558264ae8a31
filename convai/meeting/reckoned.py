"""Reckoned: days named by way of another: `tuesday week`, `the day after`. Pure.

Each takes what its pattern in `days` found.
"""

from __future__ import annotations

import re
from datetime import timedelta

from .dates import Today, coming
from .day import Day, exact

__all__ = [
    "day_beside",
    "in_days",
    "next_workday",
    "relative",
    "week_beside",
    "week_later",
    "weekday_after",
]

_COUNT = {"a": 1, "an": 1, "one": 1, "a couple of": 2}


def week_later(match: re.Match[str], today: Today) -> Day:
    """`tuesday week`, `a week on tuesday`, `2 weeks from tuesday`."""
    count = match.groupdict().get("n")
    weeks = _counted(count) if count else 1 + ("fortnight" in match[0])
    name = match["d"]
    near = {"today": 0, "tonight": 0, "this day": 0, "now": 0, "tomorrow": 1}
    begins = today.now + timedelta(near[name]) if name in near else None
    return exact(match, (begins or coming(name, today.now)) + timedelta(7 * weeks))


def _counted(words: str) -> int:
    return _COUNT.get(words) or int(words)


def relative(match: re.Match[str], today: Today) -> Day:
    words = match[1].removeprefix("the ")
    ahead = {"day after tomorrow": 2, "next tomorrow": 2, "tomorrow": 1}.get(words, 0)
    return exact(match, today.now + timedelta(ahead))


def day_beside(match: re.Match[str], today: Today) -> Day | None:
    """`The day after`: after the one that is spoken about."""
    if today.day is None:
        return None
    back = match["side"] in ("before", "earlier")
    return exact(match, today.day + timedelta(-1 if back else 1))


def week_beside(match: re.Match[str], today: Today) -> Day | None:
    """`A week later`, `same day next week`: of the day that is spoken about."""
    next_week = match["side"] == "next"
    day = today.day or (today.now if next_week else None)
    if day is None:
        return None
    return exact(match, day + timedelta(-7 if match["side"] == "earlier" else 7))


def next_workday(match: re.Match[str], today: Today) -> Day:
    day = (today.day or today.now) + timedelta(1)
    while day.weekday() > 4:
        day += timedelta(1)
    return exact(match, day)


def in_days(match: re.Match[str], today: Today) -> Day:
    count, unit = match["n"], match["u"]
    if unit.startswith("fortnight"):
        return exact(match, today.now + timedelta(14))
    each = 7 if unit.startswith("week") else 1
    return exact(match, today.now + timedelta(each * _counted(count)))


def weekday_after(match: re.Match[str], today: Today) -> Day:
    """`The wednesday after`: a day that is spoken about, or this week's."""
    name = match["w"]
    first = coming(name, today.day or today.now)
    return exact(match, first if today.day else first + timedelta(7))
