"""Parts of the day: as a text names them or hints at them, and times in them. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from .hour import Hour, moved
from .lexicon import lexicon

__all__ = [
    "NO_PART",
    "PART",
    "PARTS",
    "denied",
    "halved",
    "hint_of",
    "part_of_day",
    "plausible",
]

PARTS = {"morning": 0, "afternoon": 1, "evening": 1, "night": 1, "tonight": 1}
PART = re.compile(
    r"\b(?:in the |at |this |every )?(morning|afternoon|evening|night|tonight"
    r"|lunchtime|lunch time)\b"
)
NO_PART = re.compile(
    r"\b(?:good|nice|lovely|wonderful|all|last) (?:morning|afternoon|evening|night)\b"
)
_PHRASES = lexicon("parts")


def part_of_day(text: str) -> str:
    """`morning`, `afternoon`, `evening`, `night` or `lunchtime`; "" if none is said."""
    found = PART.search(NO_PART.sub(lambda it: "." * len(it[0]), text))
    return found[1].replace("lunch time", "lunchtime") if found else ""


def hint_of(text: str) -> str:
    """The half of the day that somebody has in mind, `morning` or `evening`; or ""."""
    for part in ("morning", "evening"):
        if _PHRASES[part.upper()].search(text):
            return part
    return ""


def denied(text: str) -> bool:
    """Whether what is said there of a half of the day, or of a habit, rules it out."""
    return bool(_PHRASES["DENIED"].search(text))


def plausible(hour: int, part: str) -> bool:
    """Whether people would mean that part of the day without saying so again."""
    if part == "morning":
        return hour >= 6 or hour == 0
    return hour < 7 if part == "afternoon" else 4 <= hour < 10


def halved(it: Hour, part: str, *, beside: bool = False) -> Hour:
    """The time in that part of the day, if it may be."""
    if part in ("afternoon", "lunchtime") and it.hour < 12 and (it.until or 0) > 720:
        return replace(it, sure=True)  # "from 11 to 1 in the afternoon"
    half = PARTS.get(part, 1)
    hour = it.hour % 12
    if part == "afternoon" and hour > 7:
        return it  # there is no nine in the afternoon
    if not beside and not plausible(hour, part):
        return it
    if half == 0:
        hour = 12 if it.hour == 12 else hour
    elif part == "night" and hour < 5:
        pass  # one at night is after midnight
    elif part == "lunchtime" and it.hour in (11, 12):
        hour = it.hour
    else:
        hour += 12
    return replace(moved(it, hour * 60 + it.minute), sure=True)
