"""Table: what of a meeting lies on the table, and who stands by it. Pure.

`Answers` and `Offers` change it, `Negotiation` reads the turns.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ..events import Party
from .acts import Act
from .clauses import Clause
from .day import Day
from .hour import Hour, moved
from .options import Option, same
from .parts import halved
from .polarity import Mark
from .zones import MINE, YOURS

__all__ = ["AGREES", "OFFERS", "Table", "in_part", "other"]

AGREES = Act.YES | Act.GOOD | Act.COMMIT
OFFERS = Act.PROPOSE | Act.CHECK | Act.COMMIT | Act.BOOKED

LONG_AGO = -9
"Of turns: before the first."
REAL_AGAIN = 4
"Turns after which a talk about a test is over."
MOST_STRANGE, MOST_OFFERED, MOST_HEARD = 8, 12, 40


def other(who: Party) -> Party:
    return "agent" if who == "caller" else "caller"


@dataclass(slots=True)
class Memory:
    """What was said before, and may be meant again."""

    strange: list[Option] = field(default_factory=list)
    "Of something else: who repeats it means that."
    dead: list[Option] = field(default_factory=list)
    "Was cancelled."
    offered: list[tuple[Party, Hour]] = field(default_factory=list)
    "Times on this day that nobody has refused."
    heard: list[tuple[Party, Hour]] = field(default_factory=list)
    "Times that each named, whatever became of them."
    hour: Hour | None = None
    "The last one that is no longer meant: `same time`."
    no_day: date | None = None
    "The day that was refused last."
    no_day_at: int = LONG_AGO
    "Turn in which it was."
    agreed: Option | None = None
    "What both stood by last."
    rival: tuple[Option, int] | None = None
    "What was named after the agreement, as if it were the agreement; and the turn."


@dataclass(slots=True)
class Mood:
    """What keeps an agreement from being one, or lets it be."""

    held: set[Party] = field(default_factory=set)
    "Who wants to think it over."
    checking: set[Party] = field(default_factory=set)
    "Who looks something up, or did not hear."
    dropped: bool = False
    "Somebody wants none of it."
    walk_in: bool = False
    "People come when they like."
    met: bool = False
    "Somebody spoke of meeting."
    informed: bool = False
    "The time was only told, to who asked when something is."
    told: bool = False
    "The time was last said in a statement that is no offer."
    weak_by: Party | None = None
    "Who asked for what there is, and has taken nothing yet."
    willing: set[Party] = field(default_factory=set)
    "Who wants to meet, whenever that will be."
    firm: bool = False
    "Somebody said that it is done, or that they will come."

    @property
    def open(self) -> bool:
        """Something is not said yet, or taken back."""
        unsure = self.informed and not self.met
        return (
            bool(self.held or self.checking or self.dropped or self.walk_in) or unsure
        )


@dataclass(slots=True)
class Table:
    zone: ZoneInfo
    "Of the caller."
    today: date
    day: date | None = None
    hour: Hour | None = None
    day_by: set[Party] = field(default_factory=set)
    "Who stands by the day."
    hour_by: set[Party] = field(default_factory=set)
    day_named: set[Party] = field(default_factory=set)
    "Who said it, too."
    hour_named: set[Party] = field(default_factory=set)
    options: list[Option] = field(default_factory=list)
    "Several that one side offers, until one is taken."
    offered_by: Party | None = None
    narrowed: int = LONG_AGO
    "Turn in which refusing the others left one of them."
    part: str = ""
    "Of the day, that is spoken about."
    memory: Memory = field(default_factory=Memory)
    mood: Mood = field(default_factory=Mood)
    number: int = 0
    "Of this turn."
    fresh: int = LONG_AGO
    "Turn in which something was last put on the table."
    unreal: int = LONG_AGO
    "Turn in which it was last said that this is a test, a lesson, or a play."
    last: list[Clause] = field(default_factory=list)
    "What was said just before, by `last_by`."
    last_by: Party | None = None
    prior: list[Clause] = field(default_factory=list)
    "What the other side said before that."

    @property
    def settled(self) -> bool:
        """Both stand by day and time, if there are any."""
        return len(self.day_by) == 2 and len(self.hour_by) == 2

    @property
    def agreed(self) -> bool:
        """Both stand by one day and one time, and nothing speaks against it."""
        definite = self.day is not None and self.hour is not None
        mere = self.mood.told and not self.mood.firm and len(self.hour_named) < 2
        doubtful = self.mood.open or self.pretended or mere
        return definite and self.settled and not doubtful

    @property
    def pretended(self) -> bool:
        """What lies on the table belongs to a test or a play: one of just before it,
        or of after."""
        return 0 < self.unreal >= self.fresh - REAL_AGAIN

    def theirs(self, who: Party) -> list[Clause]:
        """What the other side said last."""
        return self.prior if self.last_by == who else self.last

    def own(self, who: Party) -> list[Clause]:
        """What `who` said before this turn."""
        return self.last if self.last_by == who else self.prior

    def touch(self, who: Party) -> None:
        """Something was put on the table just now."""
        self.fresh, self.mood.dropped = self.number, False
        self.mood.willing.add(who)

    def narrow(self, named: Option) -> None:
        """One of several was named: it is the one."""
        fitting = [one for one in self.options if one.fits(named)]
        if len(fitting) > 1:
            self.options = fitting
            return
        self.options = []
        by: set[Party] = {self.offered_by} if self.offered_by else set()
        for one in fitting:
            if one.day is not None:
                self.day, self.day_by = one.day, set(by)
            if one.hour is not None:
                self.hour, self.hour_by = one.hour, set(by)

    def drop_hour(self) -> None:
        """That time is not meant any longer."""
        if self.hour is not None:
            self.memory.hour = self.hour
        self.hour, self.hour_by = None, set()

    def stand(self, who: Party) -> None:
        """`who` stands by what there is."""
        self.day_by |= {who} if self.day is not None else set()
        self.hour_by |= {who} if self.hour is not None else set()

    def knows(self, one: Option) -> bool:
        """Whether it is what lies on the table, as far as it says anything."""
        day = one.day is None or one.day == self.day
        return day and (one.hour is None or same(one.hour, self.hour))

    def holds(self, mark: Mark) -> bool:
        """Whether that day or time lies on the table, alone or among others."""
        if isinstance(mark, Day):
            days = {self.day, *(one.day for one in self.options)}
            return mark.on is not None and mark.on in days
        hours = [self.hour, *(one.hour for one in self.options)]
        return any(same(mark, hour) for hour in hours)

    def here(self, hour: Hour, day: date) -> Hour:
        """On the caller's clocks, and in the half of the day that is meant."""
        if not hour.sure and not hour.vague:
            known = self.hour
            ours = "/" not in hour.zone
            if known and ours and (known.minutes - hour.minutes) % (12 * 60) == 0:
                return known
            same_day = self.day in (None, day)
            hour = halved(hour, self.part) if self.part and same_day else hour
        if "/" not in hour.zone and hour.zone != "UTC":
            return hour
        clock = time(hour.hour, hour.minute)
        there = datetime.combine(day, clock, ZoneInfo(hour.zone))
        here = there.astimezone(self.zone)
        found = moved(hour, here.hour * 60 + here.minute)
        # On which side of midnight the day was meant, somebody has to ask.
        vague = hour.vague or here.date() != day
        return replace(found, sure=True, zone="", vague=vague)

    def on_our_clocks(self, who: Party, marks: list[Mark]) -> list[Mark]:
        """`3 your time , 8 for me`: of an agent, only the caller's clocks count."""
        own = MINE if who == "caller" else YOURS
        zones = {it.zone for it in marks if isinstance(it, Hour)}
        if not any(zone == own or "/" in zone for zone in zones):
            return marks
        others = {MINE, YOURS} - {own}
        return [it for it in marks if isinstance(it, Day) or it.zone not in others]


def in_part(hour: Hour, part: str) -> bool:
    """Whether a time lies in that part of the day."""
    if part == "morning":
        return hour.hour < 12
    if part in ("afternoon", "lunchtime"):
        return 11 <= hour.hour < 18
    return hour.hour >= 16
