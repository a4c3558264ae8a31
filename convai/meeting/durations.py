"""Durations: how long a meeting is to take, where somebody says so. Pure."""

from __future__ import annotations

import re

from .meeting import LONGEST_MIN
from .speech import canonical

__all__ = ["minutes_in"]

_AMOUNT = (
    r"(?P<amount>(?:one|\d) and a half|half an?|an? quarter of an|3 quarters of an"
    r"|a couple of|\d{1,3}|an?|one)"
)
_LENGTH = rf"{_AMOUNT}(?: ?-? ?(?P<unit>minutes?|mins?|hours?))?(?P<half> and a half)?"
_TALK = (
    r"(?:call|chat|meeting|demo|session|talk|conversation|slot|appointment|visit|lesson"
    r"|consultation|interview)"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:takes?|take|lasts?|need|needs|for|about|around|roughly|allow|plan|say"
        rf"|only|just|is) {_LENGTH}\b",
        rf"\b{_LENGTH} (?:is|will be|would be|should be) (?:enough|plenty|fine)",
        rf"\b{_LENGTH} {_TALK}\b",
    )
)
_NOT = re.compile(r"\b(?:in|within|every|last|past|after|before|another) $")
_WORDS = {
    "a": 1, "an": 1, "one": 1, "half an": 0.5, "half a": 0.5, "a quarter of an": 0.25,
    "3 quarters of an": 0.75, "one and a half": 1.5, "a couple of": 2,
}  # fmt: skip


def minutes_in(text: str) -> int | None:
    """Minutes that it takes by the last word on it; None: nothing is said."""
    spoken = canonical(text)
    found = None
    for pattern in _PATTERNS:
        for match in pattern.finditer(spoken):
            unit = match["unit"]
            if not unit or _NOT.search(spoken[: match.start()]):
                continue
            amount = match["amount"]
            count = _WORDS.get(amount) or float(re.sub(r"\D.*", "", amount) or 0)
            halves = amount not in _WORDS and amount.endswith("half")
            count += 0.5 * (halves or bool(match["half"]))
            minutes = round(count * (60 if unit.startswith("hour") else 1))
            if 5 <= minutes <= LONGEST_MIN:
                found = minutes
    return found
