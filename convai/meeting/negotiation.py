"""Negotiation: who stands by which day and which time, turn by turn. Pure.

A meeting is agreed on when both stand by one day and one time. Who proposes stands by
the proposal, who accepts or repeats it does, who only asks what there is does not.
Whoever then wants to check, refuses or takes it back stands by it no longer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TypeAlias
from zoneinfo import ZoneInfo

from ..events import Party
from .acts import Act
from .answers import TAKES, TALK
from .clauses import Clause
from .hour import Hour
from .lexicon import lexicon
from .offers import Offers, offers
from .options import Option, same
from .polarity import Mark, sides
from .table import AGREES, Table, in_part

__all__ = ["Negotiation"]

_PHRASES = lexicon("talk")
_BUT = re.compile(
    r"(?:but|only|though|however|except|unless)\b"
    r"(?! (?:don't (?:forget|be)|not (?:longer|more|before|too)|on|by|please|half)\b)"
)
Note: TypeAlias = Callable[[Clause, Table], None]
TURNS = Act.CANCEL | Act.HOLD | Act.REFUSE
ELSEWHERE = Act.FACT | Act.ASIDE | Act.DELIVERY


class Negotiation(Offers):
    """Feed `turn` with the clauses of each turn, in order."""

    __slots__ = ("evidence",)

    def __init__(self, zone: ZoneInfo, today: date) -> None:
        super().__init__(zone, today)
        self.evidence: list[int] = []
        "Turns in which something of it was said, from 1."

    def turn(self, who: Party, said: list[Clause], note: Note | None = None) -> None:
        """Take a turn of one side; `note` is told of each clause before it counts."""
        self.number += 1
        # An address, a date of birth.
        aside = self.last_by != who and any(
            it.asks and _PHRASES["NUMBERS"].search(it.text) for it in self.last
        )
        heard = said
        said = [it for it in said if not aside or (it.has(TURNS) and not it.marks)]
        if any(_PHRASES["UNREAL"].search(it.text) for it in said):
            self.unreal = self.number
        before = self.last if self.last_by == who else []
        touched = False
        for clause in heard:
            if note is not None:
                note(clause, self)
            if any(clause is it for it in said):
                touched |= self._clause(who, clause, before)
                before = [*before, clause]
        if _reserves(said):
            self.mood.checking.add(who)
        if touched:
            self.evidence.append(self.number)
        if self.agreed:
            self.memory.agreed = Option(self.day, self.hour)
        self._settle_rival(who, said)
        if self.last_by == who:
            self.last = [*self.last, *said]
        else:
            self.prior, self.last, self.last_by = self.last, said, who

    def _clause(self, who: Party, it: Clause, before: list[Clause]) -> bool:
        """Take a clause; False when it says nothing of the meeting."""
        quoted = before and _PHRASES["QUOTES"].search(before[-1].text)
        if it.has(Act.ASIDE) or quoted:
            return False
        booked = it.has(Act.BOOKED) and not self.settled
        if it.has(Act.CANCEL) and not it.asks and not booked:
            return self.cancel()
        if _PHRASES["TIME_LATER"].search(it.text) and not it.hours and not it.asks:
            self.drop_hour()
            return True
        self._feel(who, it, before)
        completes = self._completes(who, it)
        if it.has(Act.FACT | Act.DELIVERY) and it.marks and not completes:
            self.strange(who, it)
        if self._is_delivery(who, it):
            return False
        if it.has(Act.FACT) and it.marks and not completes:
            return self._fact(who, it, before)
        told = it.has(Act.FACT) and not completes
        refused, wanted = ([], []) if told else sides(it, self.holds)
        if refused and it.asks:
            refused, wanted = [], list(it.marks)  # "is 7 too early?"
        elsewhen = it.part and self.hour and not in_part(self.hour, it.part)
        if refused and not elsewhen:
            self.refuse(refused)
        if wanted:
            return self.put(who, it, wanted, before)
        return self._answer(who, it, before, refused)

    def _feel(self, who: Party, it: Clause, before: list[Clause]) -> None:
        """What a clause says of how things stand, whatever it names."""
        mood = self.mood
        later = _PHRASES["CALL_LATER"].search(it.text) and not it.hours
        if it.has(Act.HOLD) and (later or not (it.asks or it.hours)):
            self.hold(who)
        if it.has(Act.REPEAT) and not self.settled:
            mood.checking.add(who)
        mood.walk_in |= bool(_PHRASES["WALK_IN"].search(it.text))
        if it.has(Act.FACT | Act.DELIVERY):
            return
        coming = it.has(Act.COMING) and self.number - self.fresh <= TALK
        mood.met |= bool(_PHRASES["MEETING"].search(it.text)) or it.has(Act.MEET)
        mood.met |= coming or self._offers(who, it)
        if who == "agent":
            mood.met |= it.asks and it.has(Act.ASK_DAY | Act.ASK_TIME)
            checks = it.has(Act.CHECK) and bool(before) and bool(before[-1].marks)
            mood.met |= checks and not before[-1].has(ELSEWHERE)

    def _offers(self, who: Party, it: Clause) -> bool:
        """Whether a day or time is named as one to meet at."""
        echo = who == "caller" and it.asks and all(self.holds(one) for one in it.marks)
        asks_back = echo and not it.has(Act.PROPOSE | Act.FITS | Act.CHECK)
        return bool(it.marks) and not asks_back and offers(it)

    def _completes(self, who: Party, it: Clause) -> bool:
        """`He starts at 10`, of the day on which he is to come."""
        wanting = self.hour is None and len(self.day_by) == 2 and not self.options
        only = it.has(Act.FACT) and not it.has(Act.BUSY | Act.REFUSE | Act.ASIDE)
        single = len(it.marks) == len(it.hours) == 1
        return wanting and only and single and who == "agent"

    def _is_delivery(self, who: Party, it: Clause) -> bool:
        """Whether it is about something that is sent, or that was asked about."""
        if it.has(Act.MEET):
            return False
        if it.has(Act.DELIVERY):
            return True
        asked = any(one.asks and one.has(Act.DELIVERY) for one in self.theirs(who))
        if not (asked and it.marks) or it.has(Act.PROPOSE):
            return False
        self.strange(who, it)
        return True

    def _fact(self, who: Party, it: Clause, before: list[Clause]) -> bool:
        """Days and times of what is so anyway; perhaps that is why it does not suit."""
        known: list[Mark] = [mark for mark in it.marks if self.holds(mark)]
        if len(known) < 2 and any(isinstance(mark, Hour) for mark in it.marks):
            known = [mark for mark in known if isinstance(mark, Hour)]
        own = who in self.day_by | self.hour_by or self.settled
        agrees = it.has(AGREES)
        if known and it.has(Act.BUSY) and not own and not agrees:
            # Busy at that time, and not all day.
            self.refuse([mark for mark in known if isinstance(mark, Hour)] or known)
            return True
        if it.has(Act.REFUSE) and not agrees:
            return self.decline(who, it, before)
        if not agrees:
            return False
        return self._answer(who, it, before, [])

    def _answer(
        self, who: Party, it: Clause, before: list[Clause], refused: list[Mark]
    ) -> bool:
        """A clause that names nothing new."""
        if it.has(Act.HOLD):
            return False
        if it.part and not it.marks and not it.asks:
            self.to_part(it)
        if it.has(Act.EITHER) and it.part and not self.settled:
            self.drop_hour()
        if self.shift(who, it) or (it.has(Act.SAME_TIME) and self.same_time(who)):
            return True
        if it.asks:
            return False
        if it.has(TAKES) and self.options and self.offered_by != who:
            return self.take(who, it)
        if it.has(Act.REFUSE) and not it.has(AGREES) and not refused:
            return self.decline(who, it, before)
        if self.hour is not None and _PHRASES["OTHER_TIME"].search(it.text):
            self.drop_hour()
            return True
        takes = AGREES | Act.BOOKED | Act.THANKS | Act.EITHER
        if it.has(Act.MAYBE) or not it.has(takes):
            return False
        return self.accept(who, it, before)

    def _settle_rival(self, who: Party, said: list[Clause]) -> None:
        """Something else was named after the agreement: it holds if both name it."""
        if self.memory.rival is None or self.memory.rival[1] == self.number:
            return
        (rival, _), self.memory.rival = self.memory.rival, None
        for it in said:
            if it.asks or it.has(ELSEWHERE):
                continue
            for one in self._options(who, it, sides(it, self.holds)[1]):
                day = one.day in (None, rival.day or self.day)
                if day and rival.hour and same(one.hour, rival.hour):
                    self.day, self.hour = rival.day or self.day, rival.hour
                    self.memory.agreed = Option(self.day, self.hour)


def _reserves(said: list[Clause]) -> bool:
    """Whether a yes is followed by a but that takes from it."""
    plain = AGREES | Act.THANKS | Act.PROPOSE | Act.EITHER
    agreed = False
    for it in said:
        but = _BUT.match(it.text) and not (it.asks or it.marks or it.has(plain))
        if agreed and but:
            return True
        agreed = agreed or (it.has(AGREES) and not it.asks)
    return False
