"""Offers: days and times that are named, put on the table. Pure."""

from __future__ import annotations

import re

from ..events import Party
from .acts import Act
from .answers import Answers
from .clauses import Clause
from .day import Day
from .hour import Hour, moved
from .lexicon import lexicon
from .options import Option, options, same
from .parts import halved
from .polarity import Mark
from .table import (
    AGREES,
    MOST_HEARD,
    MOST_OFFERED,
    MOST_STRANGE,
    OFFERS,
    in_part,
    other,
)

__all__ = ["Offers", "offers"]

_PHRASES = lexicon("talk")
_NO = re.compile(r"\b(?:never|not|\w+n't)\b")
_MEANT = re.compile(r"\b(?:would be|works|suits)\b")
_PLAIN = re.compile(
    r"\b(?:DAY|HOUR|at|on|the|then|so|and|ok|yes|yeah|well|or|great|perfect|sure|good"
    r"|morning|afternoon|evening|please|in|with|for|that|is|that's|it's|uh|um|next|this)\b|[,.]"
)
FRAGMENT = 1
"Words beside day and time that do not yet make a statement."
SHORT = 5
"Words of a question that is about nothing but its day or time."


class Offers(Answers):
    """What is named, by whom."""

    __slots__ = ()

    def put(
        self, who: Party, it: Clause, wanted: list[Mark], before: list[Clause]
    ) -> bool:
        """Days and times that a clause wants; False: they are of something else."""
        found = self._options(who, it, wanted)
        if not found:
            return self._put_vague(who, it)
        echoes = all(self.knows(one) for one in found)
        if self._is_strange(it, found) or self._is_dead(it, found, echoes):
            return False
        if self.settled and not echoes and not self._reopens(it):
            return self._put_rival(who, found[-1])
        if self.settled and echoes and who != self.last_by:
            self.memory.rival = None
        weak = self._is_weak(who, it, echoes)
        if len(found) > 1:
            return self._put_several(who, it, found)
        self._put_one(who, found[0], it, weak, before)
        if not echoes or not self.settled:
            self.touch(who)
        if weak and not echoes:
            self.mood.weak_by = who
        return True

    def _put_one(
        self, who: Party, option: Option, it: Clause, weak: bool, before: list[Clause]
    ) -> None:
        picked = bool(self.options) or self.narrowed == self.number
        if self.options:
            self.narrow(option)
        self._set_day(who, option, it, weak)
        self._set_hour(who, option, it, weak)
        moves = self.hour_by and _PHRASES["MOVES"].search(it.text)
        same_time = self.hour is not None and it.has(Act.SAME_TIME)
        if option.hour is None and (same_time or moves):
            self.hour_by.add(who)
        if picked and not weak and not self.options and self.offered_by != who:
            self.stand(who)
        if weak:
            return
        if self.mood.weak_by == who:
            self.mood.weak_by = None
        if not it.has(Act.REPEAT):
            self.mood.checking.discard(who)
        if not it.has(Act.HOLD) and (option.hour or it.has(Act.COMMIT)):
            self.mood.held.discard(who)
        if it.has(AGREES) and not it.asks:
            self.accept(who, it, before)

    def strange(self, who: Party, it: Clause) -> None:
        """Days and times of something else: who repeats them means that."""
        marks = [
            mark
            for mark in it.marks
            if it.days or not (isinstance(mark, Hour) and mark.vague)
        ]
        found = self._options(who, it, marks)
        self.memory.strange = [*self.memory.strange, *found][-MOST_STRANGE:]

    def to_part(self, it: Clause) -> None:
        """`In the afternoon`, said of the time that is looked for."""
        long = len(it.text.split()) > 7
        if self.settled or long or it.has(Act.REFUSE) or _NO.search(it.text):
            return
        self.part = it.part
        if self.hour is None or in_part(self.hour, it.part):
            return
        if self.hour.sure:
            self.drop_hour()
        else:
            self.hour = halved(self.hour, it.part)

    def same_time(self, who: Party) -> bool:
        """On another day; False when no time was ever named."""
        known = [one.hour for one in self.memory.strange if one.hour]
        exact = [hour for hour in known if not hour.vague]
        last = self.memory.hour or (exact[-1] if exact else None)
        if self.hour is None and last is not None:
            self.hour, self.hour_by = last, set()
        if self.hour is None:
            return False
        if self.memory.agreed is not None:
            self.hour_by.add(other(who))
        self.stand(who)
        self.touch(who)
        return True

    def shift(self, who: Party, it: Clause) -> bool:
        """`An hour later`, `half past`: from the time that lies on the table."""
        hour = self.hour
        if hour is None or (it.asks and it.shift):
            return False
        minutes = it.reckoned(hour)
        if minutes is None:
            return False
        if minutes == hour.minutes:
            self.stand(who)
            return True
        if self.settled and not (it.has(Act.CHANGE) or it.asks):
            return False
        self.hour, self.hour_by = moved(hour, minutes), set()
        self.stand(who)
        self.touch(who)
        return True

    def _options(self, who: Party, it: Clause, marks: list[Mark]) -> list[Option]:
        ours = self.on_our_clocks(who, marks)
        named = [mark.on for mark in ours if isinstance(mark, Day) and mark.on]
        day = next(iter(named), self.day or self.today)
        found = options(it, ours, lambda hour: self.here(hour, day))
        listed = bool({"or", "and", "either"} & set(it.text.split()))
        if len(found) > 1 and not (listed or it.has(Act.PROPOSE) or it.asks):
            # Not a list, so one of them is what this is about.
            known = [one for one in found if self.knows(one)]
            return known[-1:] or found
        return found

    def _put_vague(self, who: Party, it: Clause) -> bool:
        """`Next week`, `in march`: where the next days belong."""
        if not it.asks and self.settled and it.has(Act.CHANGE):
            self.day, self.day_by = None, set()
        self.mood.willing.add(who)
        self.fresh = self.number
        return True

    def _is_strange(self, it: Clause, found: list[Option]) -> bool:
        """Whether it repeats what was said of something else."""
        if it.asks or it.has(Act.PROPOSE | Act.CHECK | Act.MEET):
            return False
        if all(self.knows(one) for one in found) and (self.hour_by or self.day_by):
            return False
        if _MEANT.search(it.text):
            return False
        return all(
            any(
                one.hour and same(one.hour, no.hour) and one.day in (None, no.day)
                for no in self.memory.strange
            )
            for one in found
        )

    def _is_dead(self, it: Clause, found: list[Option], echoes: bool) -> bool:
        """Whether nobody puts it on the table again, after it was cancelled."""
        dead = any(one.same(no) for one in found for no in self.memory.dead)
        if not (dead or (self.mood.dropped and self.memory.dead)):
            return False
        return not (it.asks or it.has(OFFERS)) or (echoes and self.day is None)

    def _reopens(self, it: Clause) -> bool:
        """Whether another day or time after the agreement is to change it."""
        short = len(it.text.split()) <= SHORT
        return (
            it.has(Act.CHANGE | Act.SAME_TIME)
            or bool(_PHRASES["ANEW"].search(it.text))
            or (it.asks and (it.has(OFFERS) or short))
        )

    def _is_weak(self, who: Party, it: Clause, echoes: bool) -> bool:
        """Whether it is only asked for, or only perhaps."""
        if who == "agent":
            return False
        if it.asks:
            bare = not it.has(Act.PROPOSE)
            return it.has(Act.INFO) or (bare and (echoes or self.mood.weak_by == who))
        return it.has(Act.MAYBE) and not it.has(Act.PROPOSE)

    def _put_rival(self, who: Party, option: Option) -> bool:
        """Something else is named as if it was agreed on: it is, if both named it."""
        hour, day = option.hour, option.day or self.day
        theirs = hour is not None and any(
            by != who and same(one, hour) for by, one in self.memory.heard
        )
        if theirs and day == self.day and not same(hour, self.hour):
            self.hour = hour
            return True
        at = self.memory.rival[1] if self.memory.rival else self.number
        self.memory.rival = (option, at)
        return False

    def _put_several(self, who: Party, it: Clause, found: list[Option]) -> bool:
        if self.offered_by != who and all(
            any(one.fits(new) for one in self.options) for new in found
        ):
            self.options = [
                one for one in self.options if any(one.fits(new) for new in found)
            ]
            return True
        days = {one.day for one in found}
        if len(days) > 1:
            self.day, self.day_by = None, set()
            if any(one.hour for one in found) or not self.hour:
                self.hour, self.hour_by = None, set()
        else:
            day = days.pop()
            if day is not None and day != self.day:
                self.day, self.day_by = day, set()
            self.hour, self.hour_by = None, set()
            self.stand(who)
        self.options, self.offered_by = found, who
        self.mood.informed = self._informs(who, it)
        self.touch(who)
        return True

    def _set_day(self, who: Party, option: Option, it: Clause, weak: bool) -> None:
        if option.day is None:
            return
        known = self.day
        if option.day != known:
            if option.hour is None and self._new_day_wants_time(who, option, it):
                self.hour_by = set()
            self.day, self.day_by = option.day, set()
        ends = it.has(Act.CHANGE) or not self.settled
        only_part = option.hour is None and it.part and not it.asks
        if only_part and ends and self.hour and not in_part(self.hour, it.part):
            self.hour, self.hour_by = None, set()
        if it.part or option.day != known:
            self.part = it.part
        if not weak:
            self.day_by.add(who)
            named = self.day_named if option.day == known else set()
            self.day_named = named | {who}

    def _new_day_wants_time(self, who: Party, option: Option, it: Clause) -> bool:
        """Whether on another day the time that was spoken of is no longer meant."""
        if it.has(Act.SAME_TIME) or self.memory.agreed is not None or self.settled:
            return False
        if self.day is None:
            return self.memory.no_day not in (None, option.day)
        corrects = who == "agent" and it.has(Act.REFUSE)
        return self.hour_by != {who} and not corrects and not it.has(Act.CHANGE)

    def _set_hour(self, who: Party, option: Option, it: Clause, weak: bool) -> None:
        hour, memory = option.hour, self.memory
        if hour is None:
            return
        if hour.vague:
            if not self.hour_by or it.asks or it.has(OFFERS | Act.CHANGE | AGREES):
                self.hour, self.hour_by = None, set()
                if hour.sure or hour.hour >= 12:
                    self.part = "afternoon" if hour.hour >= 12 else "morning"
            return
        if not same(hour, self.hour):
            still = self.mood.informed and not offers(it)
            self.mood.informed = self._informs(who, it) or still
            words = len(_PLAIN.sub(" ", it.text).split())
            done = it.asks or it.has(Act.CHANGE | Act.BOOKED)
            done = done or len(self.day_by) == 2
            self.mood.told = words > FRAGMENT and not (done or offers(it))
            self.hour, self.hour_by = hour, self._stood(who, hour)
            self.hour_named, self.mood.firm = set(), False
        if weak:
            return
        self.hour_by.add(who)
        self.hour_named.add(who)
        memory.offered = [*memory.offered, (who, hour)][-MOST_OFFERED:]
        memory.heard = [*memory.heard, (who, hour)][-MOST_HEARD:]
        if self.day is None and memory.no_day_at == self.number:
            # "Wednesday at 2 , wait , no , can he do half past": on that day.
            self.day, self.day_by = memory.no_day, {other(who)}
        if self.day is not None:
            self.day_by.add(who)

    def _informs(self, who: Party, it: Clause) -> bool:
        """Whether it is information that was asked for, and no offer."""
        asked = any(
            (one.asks and _PHRASES["INQUIRY"].search(one.text))
            or _PHRASES["ONLY_ASKS"].search(one.text)
            for one in self.theirs(who)
        )
        if _PHRASES["TOLD"].search(it.text):
            return True
        if offers(it) or it.asks:
            return False
        return asked or len(_PLAIN.sub(" ", it.text).split()) > FRAGMENT

    def _stood(self, who: Party, hour: Hour) -> set[Party]:
        """Who offered that time before, and has not said no to it since."""
        them = other(who)
        stands = any(by == them and same(one, hour) for by, one in self.memory.offered)
        return {them} if stands and self.day is not None else set()


def offers(it: Clause) -> bool:
    """Whether a clause with a day or a time is about a meeting of these two."""
    if it.asks:
        words = it.text.split()
        fits = Act.PROPOSE | Act.CHECK | Act.FITS | Act.INFO
        return it.has(fits) or len(words) <= SHORT or bool({"think", "or"} & {*words})
    found = _PHRASES["OFFERS"].search(it.text)
    return it.has(Act.FITS | Act.COMING) or bool(found)
