"""Day: a day that a text names. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

__all__ = ["Day", "exact"]


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
    weekday: bool = False
    "Its weekday was said, and more: `thursday the 3rd`, `next thursday`."
    bare: bool = False
    "A weekday and nothing more: another text may say which one."


def exact(match: re.Match[str], day: date | None) -> Day:
    """What was found is that day."""
    return Day(match.start(), match.end(), day)
