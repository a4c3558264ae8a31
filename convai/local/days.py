"""Days in spoken English: recognised, resolved to a date, said back. Pure.

A day is kept as it was said, in a normal form, until its date is wanted: `tuesday`,
`next friday`, `tomorrow`, `the 27th`, `november 27th`, `2026-11-27`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

__all__ = [
    "DAY_PHRASES",
    "corrections",
    "date_of",
    "day_in",
    "denied_day_in",
    "in_next_week",
    "next_workday",
    "spoken_date",
    "without_day",
]

_DAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_UNITS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth"),
)
_TEENS = (
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth"),
    *("sixteenth", "seventeenth", "eighteenth", "nineteenth"),
)
_ORDINALS = dict(
    enumerate(
        (
            *_UNITS,
            *_TEENS,
            "twentieth",
            *(f"twenty {unit}" for unit in _UNITS),
            "thirtieth",
            "thirty first",
        ),
        1,
    )
)
_ORDINAL = {name: number for number, name in _ORDINALS.items()}

DAY_PHRASES = (
    *_DAYS,
    *(f"on {day}" for day in _DAYS),
    *(f"next {day}" for day in _DAYS),
    *(f"this {day}" for day in _DAYS),
    *("today", "tomorrow", "the day after tomorrow", "next week"),
    *(f"the {name}" for name in _ORDINAL),
)

_NAMES = "|".join(_DAYS)
_NTH = "|".join(sorted(_ORDINAL, key=len, reverse=True)).replace(" ", "[ -]")
_NUMBER = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{_NTH})"
_SURE_NUMBER = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{_NTH})"
_MONTH = "|".join(_MONTHS)

_ISO = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_MONTH_FIRST = re.compile(rf"\b({_MONTH}) (?:the )?({_NUMBER})\b")
_MONTH_LAST = re.compile(rf"\b({_NUMBER}) (?:of )?({_MONTH})\b")
# "The second option", "the first time" are no dates: low numbers must end the phrase.
_BARE = re.compile(
    rf"\b(?:the|(?:{_NAMES}),?) (?!(?:first|second|third)\b(?! at\b| *$))"
    rf"({_SURE_NUMBER})\b(?! (?:option|one|time|quarter|floor|thing)\b)"
)
_WEEK_FROM = re.compile(rf"\ba week from (?:this )?({_NAMES})\b")
_WEEKDAY = re.compile(
    rf"(?<!last )\b(?:(next) (?:week )?(?:on )?)?({_NAMES})\b( next week\b)?"
)
_RELATIVE = re.compile(r"\b(the day after tomorrow|tomorrow|today)\b")
_NAMED = rf"(?P<day{{}}>(?:next )?(?:{_NAMES})|tomorrow|today)"
_NOT_DAY = re.compile(
    r"\b(?:not|can't|can't do|cannot|busy|except|instead of|any ?day but)"
    rf" (?:(?:on|this|do) )?{_NAMED.format(1)}\b"
    rf"|\b{_NAMED.format(2)} (?:at (?:\S+ ){{1,4}}?)?"
    r"(?:(?:does|is|will|would)(?: not|n't)|won't|is no good)\b"
    r"(?! (?:a |any )?(?:problem|trouble|bad)\b)"
)
_CORRECTION = re.compile(
    r"\b(?:no|sorry|i mean|i meant|rather|actually|make (?:it|that)|scratch that)\b"
)


def day_in(text: str) -> str | None:
    """The day named, in its normal form; of a correction, the last one."""
    for part in corrections(_NOT_DAY.sub("", text)):
        if (found := _found(part)) is not None:
            return found[0]
    return None


def corrections(text: str) -> list[str]:
    """`on tuesday no wait on wednesday` in its parts: who says no means the last."""
    return _CORRECTION.split(text)[::-1]


def without_day(text: str) -> str:
    """The text without its numbered day: what is left of its numbers is a time."""
    found = _found(text)
    return text if found is None or not found[1] else text.replace(found[1], " ", 1)


def denied_day_in(text: str) -> str | None:
    """The day that it is not to be: `tuesday` of `not tuesday`."""
    found = _NOT_DAY.search(text)
    return (found["day1"] or found["day2"]) if found else None


def _found(text: str) -> tuple[str, str] | None:
    """The day, and the words of it that hold a number."""
    if found := _ISO.search(text):
        return found[1], found[0]
    if found := _MONTH_FIRST.search(text):
        return f"{found[1]} {_numbered(found[2])}", found[0]
    if found := _MONTH_LAST.search(text):
        return f"{found[2]} {_numbered(found[1])}", found[0]
    if found := _BARE.search(text):
        return f"the {_numbered(found[1])}", found[0]
    if found := _WEEK_FROM.search(text):
        return f"{found[1]} week", ""
    if found := _WEEKDAY.search(text):
        return f"next {found[2]}" if found[1] or found[3] else found[2], ""
    if found := _RELATIVE.search(text):
        return found[1], ""
    return None


def _numbered(words: str) -> str:
    digits = re.match(r"\d+", words)
    number = int(digits[0]) if digits else _ORDINAL[words.replace("-", " ")]
    return f"{number}{_suffix(number)}"


def _suffix(number: int) -> str:
    if number in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def date_of(day: str, today: date) -> date | None:
    """The date of a day in its normal form; None when there is no such day.

    A weekday is the coming one, never today; `next` is that of the next week, which
    begins on Monday. A date without a year, or a month, is the next one there is.
    """
    relative = {"today": 0, "tomorrow": 1, "the day after tomorrow": 2}
    if day in relative:
        return today + timedelta(relative[day])
    if _ISO.fullmatch(day):
        return _made(*(int(part) for part in day.split("-")))
    first, _, last = day.partition(" ")
    if first in _DAYS:
        ahead = (_DAYS.index(first) - today.weekday()) % 7 or 7
        return today + timedelta(ahead + 7 * (last == "week"))
    if last in _DAYS:
        monday = today - timedelta(today.weekday())
        return monday + timedelta(7 + _DAYS.index(last))
    number = int(last[:-2])
    if first in _MONTHS:
        month = _MONTHS.index(first) + 1
        dates = [_made(year, month, number) for year in (today.year, today.year + 1)]
    else:
        months = [(today.month + more - 1) for more in range(3)]
        dates = [_made(today.year + m // 12, m % 12 + 1, number) for m in months]
    return next((it for it in dates if it is not None and it >= today), None)


def in_next_week(day: str) -> str:
    """The same weekday of the next week; any other day stays what it is."""
    return f"next {day}" if day in _DAYS else day


def next_workday(today: date) -> str:
    """The next day on which offices are open: what one proposes to who has no wish."""
    days_ahead = {4: 3, 5: 2}.get(today.weekday(), 1)  # from Friday, from Saturday
    return (today + timedelta(days_ahead)).isoformat()


def spoken_date(day: date) -> str:
    """`Thursday, November 26th`."""
    month = _MONTHS[day.month - 1].title()
    weekday = _DAYS[day.weekday()].title()
    return f"{weekday}, {month} {day.day}{_suffix(day.day)}"


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
