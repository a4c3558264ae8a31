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
from .days import Day
from .hours import Hour, moved
from .table import Table

__all__ = ["Digest", "Mark", "Piece"]

T = TypeVar("T")

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

    def turn(self, who: Party) -> Digest:
        """What is added from now on was said by `who`."""
        self.turns.append((who, []))
        return self

    def add(self, clause: Clause, table: Table) -> None:
        """A clause of this turn; `table`: as it lies before it."""
        who, pieces = self.turns[-1]
        named = (mark.on for mark in clause.days if mark.on)
        day = next(named, table.day or table.today)
        ours = table.on_our_clocks(who, list(clause.marks))
        texts = [text.strip() for text in _MASK.split(clause.text)]
        said: list[Piece] = [texts[0]]
        for mark, text in zip(clause.marks, texts[1:], strict=False):
            said += [self._mark(mark, table, day, ours), text]
        if table.hour is not None and not clause.marks:
            minutes = clause.reckoned(table.hour)
            if minutes is not None:
                hour = _bare(moved(table.hour, minutes))
                said.append(Mark("hour", _number(self.hours, hour)))
        said.append("?" if clause.asks else ".")
        pieces += [piece for piece in said if piece != ""]

    def _mark(
        self, mark: Day | Hour, table: Table, day: date, ours: list[Day | Hour]
    ) -> Mark:
        if isinstance(mark, Day):
            return Mark("day", None if mark.on is None else _number(self.days, mark.on))
        hour = table.here(mark, day)
        vague = hour.vague or mark not in ours
        return Mark("hour", None if vague else _number(self.hours, _bare(hour)))


def _bare(hour: Hour) -> Hour:
    """The time alone: twice the same is one, wherever and however it was said."""
    return replace(hour, begin=0, end=0, sure=False, until=None, zone="", alone=False)


def _number(known: list[T], it: T) -> int:
    if it not in known:
        known.append(it)
    return known.index(it)
