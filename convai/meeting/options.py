"""Options: the days and times of a clause, as what it puts on the table. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from .acts import Act
from .clauses import Clause
from .day import Day
from .hour import Hour
from .polarity import Mark, between

__all__ = ["Option", "options", "same"]

LISTED = ("or", "and", "and on", "or on", "and also")
"Between two days of one time: `10 on monday or tuesday`."


@dataclass(frozen=True, slots=True)
class Option:
    """A day, a time, or both, as one side put them on the table."""

    day: date | None = None
    hour: Hour | None = None

    def same(self, than: Option) -> bool:
        return self.day == than.day and same(self.hour, than.hour)

    def fits(self, named: Option) -> bool:
        """Whether `named` may mean this one."""
        day = named.day is None or self.day is None or self.day == named.day
        any_hour = named.hour is None or self.hour is None
        return day and (any_hour or same(self.hour, named.hour))


def same(one: Hour | None, two: Hour | None) -> bool:
    """Whether two times are one, whatever words they had."""
    if one is None or two is None:
        return one is two
    return one.minutes == two.minutes


def options(
    it: Clause, wanted: Sequence[Mark], here: Callable[[Hour], Hour]
) -> list[Option]:
    """What the clause offers; `here` turns a time to the clocks of the caller."""
    found = _paired(it, wanted, here)
    named = {one.day for one in found if one.day}
    if len(named) == 1:
        day = named.pop()
        found = [replace(one, day=one.day or day) for one in found]
    found = _unlike(found)
    if len(found) > 1 and it.has(Act.CHANGE) and not _is_list(it):
        last, first = found[-1], found[0]  # "thursday at 3 , no , make that 4"
        return [Option(last.day or first.day, last.hour or first.hour)]
    return found


def _paired(
    it: Clause, wanted: Sequence[Mark], here: Callable[[Hour], Hour]
) -> list[Option]:
    """Each time with the day before it; or the first one with the day after it."""
    times = [here(mark) for mark in wanted[::2] if isinstance(mark, Hour)]
    days = [mark.on for mark in wanted[1::2] if isinstance(mark, Day) and mark.on]
    if len(days) > 1 and len(times) == len(days) == len(wanted) / 2:
        # "At 10 on monday or at 2 on tuesday".
        return [Option(day, hour) for day, hour in zip(days, times, strict=True)]
    found: list[Option] = []
    for at, mark in enumerate(wanted):
        if isinstance(mark, Hour):
            _add_hour(found, here(mark))
        elif mark.on is not None:
            later = any(isinstance(other, Hour) for other in wanted[at + 1 :])
            listed = at > 0 and _listed(it, wanted[at - 1], mark) and not later
            _add_day(found, mark, listed)
    return found


def _add_hour(found: list[Option], hour: Hour) -> None:
    if not found or found[-1].hour is not None:
        found.append(Option(found[-1].day if found else None, hour))
        return
    # "Monday or tuesday at 10": at 10 on both.
    for at, one in enumerate(found):
        found[at] = replace(one, hour=one.hour or hour)


def _add_day(found: list[Option], day: Day, listed: bool) -> None:
    if found and found[-1].day is None:
        found[-1] = replace(found[-1], day=day.on)
    elif listed and found and found[-1].hour:
        found.append(Option(day.on, found[-1].hour))
    else:
        found.append(Option(day.on))


def _unlike(found: list[Option]) -> list[Option]:
    """Without what is said twice, in more words or in another zone."""
    unique: list[Option] = []
    for one in found:
        if not any(one.same(known) for known in unique):
            unique.append(one)
    whole = [
        one
        for one in unique
        if one.hour or not any(one.day == other.day and other.hour for other in unique)
    ]
    kept: list[Option] = []
    for one in whole:
        if not any(
            one.day in (None, other.day) and same(one.hour, other.hour)
            for other in kept
        ):
            kept.append(one)
    return kept


def _listed(it: Clause, one: Mark, two: Mark) -> bool:
    return between(it, one, two).strip(" ,") in LISTED


def _is_list(it: Clause) -> bool:
    words = set(it.text.split())
    return bool({"or", "and", "either"} & words) or it.has(Act.PROPOSE)
