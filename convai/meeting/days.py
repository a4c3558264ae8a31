"""Days: the days that a text names, as dates. Pure.

Reads the spelling of `speech`. A bare weekday is the coming one, never today; `next`
is that of the next calendar week, which begins on Monday; a date without a year, or a
month, is the next one there is. What names a week or a month only is vague.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .dates import (
    MONTHS,
    WEEKDAYS,
    Today,
    coming,
    dated,
    in_week,
    made,
    monday,
    month_later,
    next_monday,
    nth_weekday,
    nths,
)

__all__ = ["Day", "days"]

_W = "(?:" + "|".join(WEEKDAYS) + ")"
_M = "(?:" + "|".join(MONTHS) + ")"
_NTH = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third)"
_SURE_NTH = r"\d{1,2}(?:st|nd|rd|th)"
_N = rf"(?:{_NTH}|\d{{1,2}})"
_LOW = {"first": 1, "second": 2, "third": 3}
_COUNT = {"a": 1, "an": 1, "one": 1, "couple": 2, "a couple of": 2}
_SPAN = r"(?:\d{1,2}|a couple of|one|an?)"
# "The second option", "the first time", "the 3rd floor": not days.
_NO_DAY = (
    r"(?! ?(?:option|options|one|ones|time|times|quarter|floor|thing|party|person|slot"
    r"|choice|half|call|meeting|appointment|question|point|place|street|avenue|century"
    r"|birthday|grade|year|class|hand|part|step|round|attempt|edition|generation|opinion"
    r"|chapter|plan|visit|lesson|thought|thoughts|name|of all|date|suggestion|proposal"
    r"|week|month|day|anniversary|percentile|stage|door|child|son|daughter|try|offer"
    r"|position|line|row|tier|version|sounds|works|is better|would|please|rate)\b)"
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day named in a text."""

    begin: int
    "Where in the text."
    end: int
    on: date | None = None
    "None: vague, or a day that there is not."
    week: date | None = None
    "Of something vague: Monday of the week it names."
    month: int = 0
    "Of something vague: the month it names."
    bare: bool = False
    "A weekday and nothing more: another text may say which one."


def days(text: str, today: Today) -> list[Day]:
    """The days in the order of the text; none overlaps another."""
    found: list[Day] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            clash = any(
                it.begin < match.end() and match.start() < it.end for it in found
            )
            if not clash and (day := read(match, today)) is not None:
                found.append(day)
    return sorted(found, key=lambda it: it.begin)


def _exact(match: re.Match[str], day: date | None) -> Day:
    return Day(match.start(), match.end(), day)


def _number(words: str) -> int:
    return _LOW.get(words) or int(re.sub(r"\D", "", words))


def _iso(match: re.Match[str], today: Today) -> Day:
    return _exact(match, made(*(int(part) for part in match[1].split("-"))))


def _slashed(match: re.Match[str], today: Today) -> Day | None:
    first, second = int(match[1]), int(match[2])
    if today.month_first and first <= 12 or second > 12:
        first, second = second, first
    year = int(match[3]) if match[3] else 0
    if not 1 <= second <= 12 or not 1 <= first <= 31:
        return None
    return _exact(match, dated(first, second, year + 2000 * (0 < year < 100), today))


def _with_month(match: re.Match[str], today: Today) -> Day | None:
    words, month = match["n"], MONTHS.index(match["m"]) + 1
    day = dated(_number(words), month, int(match["y"] or 0), today)
    if day is not None and match["w"] and WEEKDAYS[day.weekday()] != match["w"]:
        day = None  # one of the two is wrong, and nobody knows which
    return _exact(match, day)


def _weekday_nth(match: re.Match[str], today: Today) -> Day:
    """`friday the 27th`: the next 27th that is a Friday, if one comes soon.

    Before that the one in the month that is spoken about, if it is one.
    """
    number = _number(match["n"])
    near = nths(number, replace(today, month=0), months=4)
    spoken_of = nths(number, today, months=4)
    for day in (*spoken_of[:1], *near, *spoken_of[1:]):
        if WEEKDAYS[day.weekday()] == match["w"]:
            return _exact(match, day)
    return _exact(match, None)


def _bare_nth(match: re.Match[str], today: Today) -> Day:
    return _exact(match, next(iter(nths(_number(match["n"]), today)), None))


def _week_later(match: re.Match[str], today: Today) -> Day:
    """`tuesday week`, `a week on tuesday`, `2 weeks from tuesday`."""
    count = match.groupdict().get("n")
    weeks = _counted(count) if count else 1 + ("fortnight" in match[0])
    name = match["d"]
    near = {"today": 0, "this day": 0, "now": 0, "tomorrow": 1}
    begins = today.now + timedelta(near[name]) if name in near else None
    return _exact(match, (begins or coming(name, today.now)) + timedelta(7 * weeks))


def _counted(words: str) -> int:
    return _COUNT.get(words) or int(words)


def _relative(match: re.Match[str], today: Today) -> Day:
    words = match[1].removeprefix("the ")
    ahead = {"day after tomorrow": 2, "tomorrow": 1}.get(words, 0)
    return _exact(match, today.now + timedelta(ahead))


def _after_tomorrow(match: re.Match[str], today: Today) -> Day:
    return _exact(match, today.now + timedelta(2))


def _day_beside(match: re.Match[str], today: Today) -> Day | None:
    """`The day after`: after the one that is spoken about."""
    if today.day is None:
        return None
    back = match["side"] in ("before", "earlier")
    return _exact(match, today.day + timedelta(-1 if back else 1))


def _week_beside(match: re.Match[str], today: Today) -> Day | None:
    if today.day is None:
        return None
    return _exact(match, today.day + timedelta(-7 if match["side"] == "earlier" else 7))


def _nth_weekday(match: re.Match[str], today: Today) -> Day:
    """`The last friday of the month`, `the first monday in june`."""
    first, name = today.now.replace(day=1), match["m"]
    if name == "next month":
        first = month_later(first, 1)
    elif name in MONTHS:
        first = month_later(first, (MONTHS.index(name) + 1 - first.month) % 12)
    # "last" is not in the table: 0.
    day = nth_weekday(_LOW.get(match["n"], 0), match["w"], first)
    return _exact(match, day if day >= today.now else None)


def _next_workday(match: re.Match[str], today: Today) -> Day:
    day = (today.day or today.now) + timedelta(1)
    while day.weekday() > 4:
        day += timedelta(1)
    return _exact(match, day)


def _in_days(match: re.Match[str], today: Today) -> Day:
    count, unit = match["n"], match["u"]
    if unit.startswith("fortnight"):
        return _exact(match, today.now + timedelta(14))
    each = 7 if unit.startswith("week") else 1
    return _exact(match, today.now + timedelta(each * _counted(count)))


def _next_weekday(match: re.Match[str], today: Today) -> Day:
    which, name = match["which"], match["w"]
    if which == "next":
        return _exact(match, in_week(name, next_monday(today)))
    if which in ("following", "the following") and today.day is not None:
        return _exact(match, coming(name, today.day))
    if which == "this" and WEEKDAYS[today.now.weekday()] == name:
        return _exact(match, today.now)
    return _exact(match, coming(name, today.now))


def _weekday_of_week(match: re.Match[str], today: Today) -> Day:
    """`tuesday next week`, `next week on tuesday`, `tuesday of this week`."""
    groups = match.groupdict()
    week, name = groups.get("k") or groups["k2"], groups.get("w") or groups["w2"]
    begins = next_monday(today)
    if week.startswith("this"):
        begins -= timedelta(7)
    elif "after" in week:
        begins += timedelta(7)
    day = in_week(name, begins)
    return _exact(match, day if day >= today.now else day + timedelta(7))


def _weekday(match: re.Match[str], today: Today) -> Day:
    name = match["w"]
    if today.week is not None:
        day = in_week(name, today.week)
        if day > today.now:
            return Day(match.start(), match.end(), day, bare=True)
    return Day(match.start(), match.end(), coming(name, today.now), bare=True)


def _vague_week(match: re.Match[str], today: Today) -> Day:
    words = match["k"]
    begins = next_monday(today)
    if "this" in words or "rest of the week" in words or "later in" in words:
        begins -= timedelta(7)
    elif "after next" in words:
        begins += timedelta(7)
    elif "after" in words or "following" in words:
        begins = (today.week or monday(today.now)) + timedelta(7)
    return Day(match.start(), match.end(), week=begins)


def _vague_month(match: re.Match[str], today: Today) -> Day:
    words = match["k"]
    if words in MONTHS:
        return Day(match.start(), match.end(), month=MONTHS.index(words) + 1)
    month = today.now.month % 12 + 1 if "next" in words else 0
    return Day(match.start(), match.end(), month=month)


_YEAR = r"(?: ?,? ?(?P<y>20[2-9]\d)\b)?"
_AFTER = r"(?:week after next|week after that|week after|following week)"
_WEEK = rf"(?:next week|this week|the {_AFTER}|{_AFTER})"

_READERS: tuple[
    tuple[re.Pattern[str], Callable[[re.Match[str], Today], Day | None]], ...
]
_READERS = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"\b(\d{4}-\d\d-\d\d)\b", _iso),
        (r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(\d{2,4}))?(?![\d/])", _slashed),
        (r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)?(?!\d)", _slashed),
        (
            rf"\b(?:(?P<w>{_W}) ,? ?)?(?:on )?(?:the )?(?P<n>{_N}) (?:day )?(?:of )?"
            rf"(?P<m>{_M})\b{_YEAR}",
            _with_month,
        ),
        (
            rf"\b(?:(?P<w>{_W}) ,? ?)?(?:on )?(?P<m>{_M}) (?:the )?"
            rf"(?P<n>{_SURE_NTH}|first|second|third|\d{{1,2}})\b"
            rf"(?! (?:of us|people|pm|am|oclock|or \d))(?!~){_YEAR}",
            _with_month,
        ),
        (rf"\b(?P<w>{_W}) ,? ?(?:on )?the (?P<n>{_NTH})\b(?!-)", _weekday_nth),
        (rf"\b(?P<w>{_W}) ,? ?(?P<n>{_SURE_NTH})\b", _weekday_nth),
        (
            rf"\bthe (?P<n>{_NTH}) ,? ?"
            rf"(?:which is (?:a )?|that is (?:a )?|a |is a )(?P<w>{_W})\b",
            _weekday_nth,
        ),
        (
            rf"\b(?:(?P<n>{_SPAN}) weeks?|(?:a )?fortnight) (?:(?:from|on|after)"
            rf" (?:this |next |the )?)?(?P<d>{_W}|today|now|tomorrow)\b",
            _week_later,
        ),
        (
            rf"\b(?P<d>{_W}|tomorrow|(?:to|this )day) (?:week|fortnight)\b(?! end| af)",
            _week_later,
        ),
        (
            rf"\b(?:(?P<w>{_W}) ,? ?(?:of |in |the )?(?P<k>{_WEEK})"
            rf"|(?P<k2>{_WEEK}) ,? ?(?:on |maybe |say |perhaps |the )?(?P<w2>{_W}))\b",
            _weekday_of_week,
        ),
        (rf"\b(?P<w>{_W}) (?P<k>after next)\b", _weekday_of_week),
        (
            r"\b(?P<which>next|this coming|coming|this|the following|following"
            rf"|upcoming) (?P<w>{_W})\b",
            _next_weekday,
        ),
        (
            rf"\b(?:in|within) (?P<n>{_SPAN}) (?P<u>days?|weeks?)"
            r"(?: '? ?time| from (?:now|today)|)\b(?! of)",
            _in_days,
        ),
        (rf"\b(?P<n>{_SPAN}) (?P<u>days?|weeks?) from (?:now|today)\b", _in_days),
        (r"\bin (?P<n>a) (?P<u>fortnight)(?: 's| time|)\b", _in_days),
        (r"\bnext tomorrow\b", _after_tomorrow),
        (
            r"\b((?:the )?day after tomorrow|tomorrow|today|tonight"
            r"|this(?= (?:morning|afternoon|evening)\b))",
            _relative,
        ),
        (
            rf"\b(?:the )?(?P<n>first|second|third|last) (?P<w>{_W}) (?:of|in) "
            rf"(?P<m>(?:the|this|next) month|{_M})\b",
            _nth_weekday,
        ),
        (r"\bnext (?:working|business) day\b", _next_workday),
        (
            r"\b(?:the )?(?:next day|following day"
            r"|day (?P<side>after|before)(?: that)?)\b"
            r"(?! (?:tomorrow|easter|DAY|the|my|i|we|christmas))",
            _day_beside,
        ),
        (r"\b(?:a|one) week (?P<side>later|earlier)\b", _week_beside),
        (r"\b(?:a|one) day (?P<side>later|earlier)\b", _day_beside),
        (rf"\bthe (?P<n>{_SURE_NTH})\b{_NO_DAY}", _bare_nth),
        (
            r"\bthe (?P<n>first|second|third)\b"
            r"(?= (?:at \d|at noon|of the month)| ?$)",
            _bare_nth,
        ),
        (rf"\b(?:on|for) (?P<n>{_SURE_NTH})\b{_NO_DAY}", _bare_nth),
        (
            rf"(?<!last )\b(?P<w>{_W})\b"
            rf"(?! (?:to|through|till|until) {_W})",
            _weekday,
        ),
        (
            rf"\b(?P<k>(?:(?:some ?time|early|late|later|middle of|beginning of|end of"
            rf"|the rest of) )*(?:the )?(?:{_WEEK}|rest of the week"
            r"|later in the week))\b",
            _vague_week,
        ),
        (rf"\b(?:in|into|of|until|mid|early|late) (?P<k>{_M})\b", _vague_month),
        (
            r"\b(?P<k>next month|end of the month|later this month|in the new year)\b",
            _vague_month,
        ),
    )
)
