"""Digest: a talk as the reader takes it, each day and time a numbered mark. Pure.

So the reader need know no calendar: `can you do DAY 0 at HOUR 0 ?`, and elsewhere the
date that is day 0, and the time that is hour 0 on the clocks of the caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from ..events import Party
from .clauses import Clause
from .dates import WEEKDAYS, coming
from .day import Day
from .hour import Hour, moved
from .parts import denied, halved
from .table import Table

__all__ = ["Digest", "Mark", "Piece"]

T = TypeVar("T")

LATE_MIN = 16 * 60
"From then on, `at 8` may be this evening."
_HABIT = re.compile(r"\b(" + "|".join(WEEKDAYS) + r")s\b")
_MASK = re.compile(r"DAY|HOUR")


class Mark(NamedTuple):
    kind: Literal["day", "hour"]
    number: int | None
    "In `Digest.days` or `Digest.hours`; None: vague, as `next week` or `after 4`."


Piece: TypeAlias = str | Mark


@dataclass(slots=True)
class Digest:
    """Follow a negotiation with it: each clause, before that takes it."""

    days: list[date]
    "The first is that of the call: who says `call me at 5` means it and names none."
    hours: list[Hour] = field(default_factory=list)
    turns: list[tuple[Party, list[Piece]]] = field(default_factory=list)
    passed: int = field(default=0, repr=False, compare=False)
    "Minutes of the day of the call that are over."
    _hint: str = field(default="", repr=False, compare=False)
    "Half of the day that was hinted at last."
    _hint_now: bool = field(default=False, repr=False, compare=False)
    "It was in this clause."
    _denies: bool = field(default=False, repr=False, compare=False)
    "This clause says what is not meant."
    _day: date | None = field(default=None, repr=False, compare=False)
    "The day that was named last."
    _last: Hour | None = field(default=None, repr=False, compare=False)
    "Time that was named last."

    def turn(self, who: Party) -> Digest:
        """What is added from now on was said by `who`."""
        self.turns.append((who, []))
        return self

    def add(self, clause: Clause, table: Table) -> None:
        """A clause of this turn; `table`: as it lies before it."""
        who, pieces = self.turns[-1]
        every = [mark.on for mark in clause.days if mark.on]
        named = next(iter(every), None)
        day = named or table.day or table.today
        part = clause.part or clause.hint
        self._denies = denied(clause.text)
        if part and self._denies:
            self._hint = part = ""
        self._think_of(part if len(set(every)) < 2 else "", named)
        ours = table.on_our_clocks(who, list(clause.marks))
        texts = _MASK.split(clause.text)
        said: list[Piece] = self._words(texts[0])
        for mark, text in zip(clause.marks, texts[1:], strict=False):
            said += [self._mark(mark, table, day, ours), *self._words(text)]
        known = table.hour or self._last
        if known is not None and not clause.marks:
            minutes = clause.reckoned(known)
            if minutes is not None:
                hour = _bare(moved(known, minutes))
                said.append(Mark("hour", _number(self.hours, hour)))
        said.append("?" if clause.asks else ".")
        pieces += [piece for piece in said if piece != ""]

    def _words(self, text: str) -> list[Piece]:
        """`On tuesdays`: to the rules no offer, and yet the next one may be meant."""
        said: list[Piece] = []
        if self._denies:
            return [text.strip()]
        for at, piece in enumerate(_HABIT.split(text)):
            if at % 2:
                self._day = self._next(piece)
                said.append(Mark("day", _number(self.days, self._day)))
            else:
                said.append(piece.strip())
        return said

    def _next(self, weekday: str) -> date:
        """The day of that name which was spoken of, or the coming one."""
        known = (
            it for it in reversed(self.days[1:]) if WEEKDAYS[it.weekday()] == weekday
        )
        return next(known, coming(weekday, self.days[0]))

    def _mark(
        self, mark: Day | Hour, table: Table, day: date, ours: list[Day | Hour]
    ) -> Mark:
        if isinstance(mark, Day):
            self._day = mark.on or self._day
            return Mark("day", None if mark.on is None else _number(self.days, mark.on))
        hour = self._last = table.here(self._halved(mark, table), day)
        vague = hour.vague or mark not in ours
        return Mark("hour", None if vague else _number(self.hours, _bare(hour)))

    def _think_of(self, part: str, named: date | None) -> None:
        """The half of the day that is in mind, until another day is named."""
        self._hint_now = bool(part)
        if part or named not in (None, self._day):
            self._hint = part
        self._day = named or self._day

    def _halved(self, hour: Hour, table: Table) -> Hour:
        """In the half of the day that is meant, as far as that can be known."""
        known = table.part and not self._hint_now
        if hour.sure or hour.vague or hour.zone or known:
            return hour
        hour = halved(hour, self._hint) if self._hint else hour
        later = hour.minutes + 12 * 60
        late = self._day is None and self.passed >= LATE_MIN
        today = not hour.sure and (late or self._day == self.days[0])
        if today and hour.minutes <= self.passed < later < 24 * 60:
            return replace(moved(hour, later), sure=True)
        return hour


def _bare(hour: Hour) -> Hour:
    """The time alone: twice the same is one, wherever and however it was said."""
    return replace(hour, begin=0, end=0, sure=False, until=None, zone="", alone=False)


def _number(known: list[T], it: T) -> int:
    if it not in known:
        known.append(it)
    return known.index(it)
