"""Answers: yes, no and the like, to what lies on the table. Pure."""

from __future__ import annotations

import re
from datetime import date

from ..events import Party
from .acts import Act
from .clauses import Clause
from .day import Day
from .lexicon import lexicon
from .options import Option, same
from .polarity import Mark
from .table import AGREES, LONG_AGO, OFFERS, Table, other

__all__ = ["TAKES", "Answers"]

TAKES = Act.FIRST | Act.LAST | Act.EARLIER | Act.LATER
NEAR = 4
"Turns after which what was put on the table is forgotten, unless it is named again."
TALK = 3
"Turns in which one may ask back before one answers."

_PHRASES = lexicon("talk")
_FIRM_NO = re.compile(r"(?:but )?(?:no|nope|nah)\b")


class Answers(Table):
    """What is said to it, by whom."""

    __slots__ = ()

    def accept(self, who: Party, it: Clause, before: list[Clause]) -> bool:
        """`who` agrees; False when it is to something else."""
        mood = self.mood
        if not self._about(who, it):
            return False
        mood.willing.add(who)
        if not it.has(Act.REPEAT):
            mood.checking.discard(who)
        if who in mood.held and not _PHRASES["FIRM"].search(it.text):
            return False
        mood.held.discard(who)
        if self.options and self.offered_by != who:
            if len(self.options) > 1:
                return True
            self.narrow(self.options[0])
        offered = any(one.has(OFFERS | Act.FITS) for one in self.theirs(who))
        if mood.weak_by == who and not offered and not it.has(Act.COMMIT | Act.FITS):
            return False
        by = other(who)
        if self.day is not None and (by in self.day_by or it.has(Act.BOOKED)):
            self.day_by.add(who)
        if self.hour is not None and (by in self.hour_by or it.has(Act.BOOKED)):
            self.hour_by.add(who)
        mood.firm |= it.has(Act.COMMIT | Act.BOOKED)
        return True

    def take(self, who: Party, it: Clause) -> bool:
        """`The second one`, `the later one`: of several that the other side offers."""
        ordered = sorted(
            self.options,
            key=lambda one: (one.day or date.min, one.hour.minutes if one.hour else 0),
        )
        if it.has(Act.FIRST):
            one = self.options[0]
        elif it.has(Act.EARLIER):
            one = ordered[0]
        elif it.has(Act.LATER):
            one = ordered[-1]
        else:
            one = self.options[-1]
        self.options = [one]
        self.narrow(one)
        self.stand(who)
        self.mood.met = True
        self.touch(who)
        return True

    def hold(self, who: Party) -> None:
        """`who` wants to think it over."""
        nothing = self.day is None and self.hour is None and not self.options
        if not nothing and not (who == "agent" and self.settled):
            self.mood.held.add(who)

    def refuse(self, refused: list[Mark]) -> None:
        """Those days and times are not wanted."""
        memory = self.memory
        for mark in refused:
            if isinstance(mark, Day):
                self.options = [one for one in self.options if one.day != mark.on]
                if mark.on is not None and mark.on == self.day:
                    memory.no_day, memory.no_day_at = self.day, self.number
                    self.day, self.day_by = None, set()
            else:
                memory.offered = [it for it in memory.offered if not same(it[1], mark)]
                self.options = [o for o in self.options if not same(o.hour, mark)]
                if same(mark, self.hour):
                    self.drop_hour()
        if len(self.options) == 1 and self.offered_by is not None:
            self.narrow(self.options[0])
            self.narrowed = self.number

    def decline(self, who: Party, it: Clause, before: list[Clause]) -> bool:
        """A no that does not say to what: to what the other side put on the table."""
        theirs = self.theirs(who)
        asked = [it for it in theirs[-1:] if it.asks and not it.has(Act.CHECK)]
        if asked and not any(self.holds(mark) for mark in asked[0].marks):
            return False  # it answers another question
        agreed = any(one.has(AGREES) for one in before)
        if agreed and not _PHRASES["TURNS"].match(it.text):
            return False  # "yes ... it won't hurt"
        near = any(one.marks or one.has(Act.CHECK) for one in theirs)
        firm = _FIRM_NO.match(it.text)
        ago = self.number - self.fresh
        if not near and ago > (1 if self.settled and not firm else TALK):
            return False
        self.fresh = LONG_AGO if self.last_by != who else self.fresh
        self.day_by.discard(who)
        self.hour_by.discard(who)
        if other(who) == self.offered_by:
            self.options = []
        self.memory.offered = []
        return True

    def cancel(self) -> bool:
        """Nothing of it is wanted any longer."""
        if self.day is not None or self.hour is not None:
            self.memory.dead.append(Option(self.day, self.hour))
        self.day = self.hour = None
        self.day_by, self.hour_by = set(), set()
        self.options, self.memory.agreed, self.memory.offered = [], None, []
        self.mood.willing.clear()
        self.mood.dropped = True
        return True

    def _about(self, who: Party, it: Clause) -> bool:
        """Whether agreement is about what lies on the table."""
        ago = self.number - self.fresh
        if it.marks or ago > NEAR:
            return bool(it.marks)
        thanks = it.has(Act.THANKS) and not it.has(AGREES)
        goes_on = self.last_by == who and ago > 0 and not thanks
        if goes_on or it.has(Act.COMMIT | Act.BOOKED):
            return True
        theirs = self.theirs(who)
        if not theirs:
            return False
        final = theirs[-1]
        if final.has(Act.CHECK) and not any(
            one.marks or one.has(Act.BOOKED | Act.COMING) for one in theirs
        ):
            return False  # "is that your address?"
        if ago > 1 and not it.has(Act.FITS) and not final.has(Act.CHECK):
            # Only an answer to one's own question may stand in between.
            mine = self.own(who)
            if not (mine and mine[-1].asks and not final.asks and ago <= TALK):
                return False
        if thanks:
            return any(one.has(Act.BOOKED) for one in theirs)
        asks_other = final.asks and not final.marks
        return not asks_other or final.has(Act.CHECK | Act.PROPOSE)
