"""Days: the days that a text names, as dates. Pure.

Reads the spelling of `speech`. A bare weekday is that which was named with its date
before, or the coming one, never today; `next` is that of the next calendar week, which
begins on Monday; a date without a year, or a month, is the next one there is. What
names a week or a month only is vague.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from .day import Day, exact
from .reckoned import (
    day_beside,
    in_days,
    next_workday,
    relative,
    week_beside,
    week_later,
    weekday_after,
)

__all__ = ["days"]

_W = "(?:" + "|".join(WEEKDAYS) + ")"
_M = "(?:" + "|".join(MONTHS) + ")"
_WEEKDAY = re.compile(_W)
_NTH = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third)"
_SURE_NTH = r"\d{1,2}(?:st|nd|rd|th)"
_N = rf"(?:{_NTH}|\d{{1,2}})"
_SOON, _FAR = timedelta(31), timedelta(120)
"A month that was spoken of and is so far is not meant where one so near fits."
_LOW = {"first": 1, "second": 2, "third": 3}
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


def days(text: str, today: Today) -> list[Day]:
    """The days in the order of the text; none overlaps another."""
    found: list[Day] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            clash = any(
                it.begin < match.end() and match.start() < it.end for it in found
            )
            if not clash and (day := read(match, today)) is not None:
                weekday = not day.bare and bool(_WEEKDAY.search(match[0]))
                found.append(replace(day, weekday=weekday))
    return sorted(found, key=lambda it: it.begin)


def _number(words: str) -> int:
    return _LOW.get(words) or int(re.sub(r"\D", "", words))


def _iso(match: re.Match[str], today: Today) -> Day:
    return exact(match, made(*(int(part) for part in match[1].split("-"))))


def _slashed(match: re.Match[str], today: Today) -> Day | None:
    first, second = int(match[1]), int(match[2])
    if today.month_first and first <= 12 or second > 12:
        first, second = second, first
    year = int(match[3]) if match[3] else 0
    if not 1 <= second <= 12 or not 1 <= first <= 31:
        return None
    return exact(match, dated(first, second, year + 2000 * (0 < year < 100), today))


def _with_month(match: re.Match[str], today: Today) -> Day | None:
    words, month = match["n"], MONTHS.index(match["m"]) + 1
    day = dated(_number(words), month, int(match["y"] or 0), today)
    if day is not None and match["w"] and WEEKDAYS[day.weekday()] != match["w"]:
        day = None  # one of the two is wrong, and nobody knows which
    return exact(match, day)


def _weekday_nth(match: re.Match[str], today: Today) -> Day:
    """`friday the 27th`: the next 27th that is a Friday, if one comes soon.

    Before that the one in the month that is spoken about, if it is one.
    """
    number = _number(match["n"])
    near = nths(number, replace(today, month=0), months=4)
    spoken_of = nths(number, today, months=4)
    fits = [
        day
        for day in (*spoken_of[:1], *near, *spoken_of[1:])
        if WEEKDAYS[day.weekday()] == match["w"]
    ]
    again = [day for day in fits if day in today.named]
    return exact(match, _meant(again or fits, today))


def _bare_nth(match: re.Match[str], today: Today) -> Day:
    number = _number(match["n"])
    near = nths(number, replace(today, month=0))
    return exact(match, _meant([*nths(number, today), *near], today))


def _meant(fits: Sequence[date], today: Today) -> date | None:
    """The first, or one that is near where that is far away."""
    soon = (day for day in fits if day - today.now < _SOON)
    far = bool(fits) and fits[0] - today.now > _FAR
    return next(soon if far else iter(()), next(iter(fits), None))


def _nth_weekday(match: re.Match[str], today: Today) -> Day:
    """`The last friday of the month`, `the first monday in june`."""
    first, name = today.now.replace(day=1), match["m"]
    if name == "next month":
        first = month_later(first, 1)
    elif name in MONTHS:
        first = month_later(first, (MONTHS.index(name) + 1 - first.month) % 12)
    # "last" is not in the table: 0.
    day = nth_weekday(_LOW.get(match["n"], 0), match["w"], first)
    return exact(match, day if day >= today.now else None)


def _next_weekday(match: re.Match[str], today: Today) -> Day:
    which, name = match["which"], match["w"]
    if which == "next":
        return exact(match, in_week(name, next_monday(today)))
    if which in ("following", "the following") and today.day is not None:
        return exact(match, coming(name, today.day))
    if which == "this" and WEEKDAYS[today.now.weekday()] == name:
        return exact(match, today.now)
    return exact(match, coming(name, today.now))


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
    return exact(match, day if day >= today.now else day + timedelta(7))


def _weekday(match: re.Match[str], today: Today) -> Day:
    name = match["w"]
    for day in reversed(today.named):
        if WEEKDAYS[day.weekday()] == name and today.now < day:
            return Day(match.start(), match.end(), day, bare=True)
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
            rf" (?:this |next |the )?)?(?P<d>{_W}|today|tonight|now|tomorrow)\b",
            week_later,
        ),
        (
            rf"\b(?P<d>{_W}|tomorrow|(?:to|this )day) (?:week|fortnight)\b(?! end| af)",
            week_later,
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
            in_days,
        ),
        (rf"\b(?P<n>{_SPAN}) (?P<u>days?|weeks?) from (?:now|today)\b", in_days),
        (r"\bin (?P<n>a) (?P<u>fortnight)(?: 's| time|)\b", in_days),
        (
            r"\b((?:the )?day after tomorrow|next tomorrow|tomorrow|today|tonight"
            r"|this(?= (?:morning|afternoon|evening)\b))",
            relative,
        ),
        (
            rf"\b(?:the )?(?P<n>first|second|third|last) (?P<w>{_W}) (?:of|in) "
            rf"(?P<m>(?:the|this|next) month|{_M})\b",
            _nth_weekday,
        ),
        (r"\bnext (?:working|business) day\b", next_workday),
        (
            r"\b(?:the )?(?:(?:next|following) (?:day|morning|afternoon)"
            r"|day (?P<side>after|before)(?: that)?)\b"
            r"(?! (?:tomorrow|easter|DAY|the|my|i|we|christmas))",
            day_beside,
        ),
        (r"\b(?:the )?same day (?P<side>next) week\b", week_beside),
        (r"\b(?:a|one) week (?P<side>later|earlier)\b", week_beside),
        (r"\b(?P<side>along|back|out|on|forward) (?:a|one) week\b", week_beside),
        (r"\b(?:a|one) day (?P<side>later|earlier)\b", day_beside),
        (rf"\bthe (?P<n>{_SURE_NTH})\b{_NO_DAY}", _bare_nth),
        (
            r"\bthe (?P<n>first|second|third)\b"
            r"(?= ?,? ?(?:at \d|at noon|of the month)| ?$)",
            _bare_nth,
        ),
        (rf"\b(?:on|for) (?P<n>{_SURE_NTH})\b{_NO_DAY}", _bare_nth),
        (
            r"(?<!my )(?<!her )(?<!his )(?<!our )(?<!their )(?<!your )(?<!of )(?<!in )"
            r"\b(?P<n>(?:1\d|2\d|3[01])(?:st|nd|rd|th))\b"
            r"(?= (?:at \d|we|i|it is|works|suits|so|then)\b)",
            _bare_nth,
        ),
        (
            rf"\bthe (?P<w>{_W}) after(?: that)?\b"
            r"(?= ?$| ?[,.]| (?:at|then|instead|is|works|would be|suits|ok|also)\b)",
            weekday_after,
        ),
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
