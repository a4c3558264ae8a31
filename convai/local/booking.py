"""Booking: a meeting that is being agreed on, the same in every script. Pure.

    DAY --tuesday--> TIME --half past two--> CONFIRM --yes--> ASKED
     ^                ^                        |
     +----------------+--- no, another one ----+

It only decides what comes next; a script has the words for each `Step`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from typing import TypeAlias

from .days import (
    DAY_PHRASES,
    date_of,
    day_in,
    denied_day_in,
    in_next_week,
    next_workday,
    spoken_date,
)
from .occasion import Occasion
from .script import ToolRequest
from .slots import (
    COMMAND_PHRASES,
    CORRECTION_PHRASES,
    LEFT_TO_US,
    TIME_PHRASES,
    YES_NO_PHRASES,
    part_of_day_in,
    spoken_time,
    time_in,
    yes_in,
)

__all__ = ["Booking", "Step", "Wanted", "remark_in"]

MISSES_ALLOWED = 3
"After that many useless answers in a row, insisting would only annoy."

LENGTH_MIN = 30
"Minutes of a meeting; no script asks for it."


class Wanted(Enum):
    """What the caller is asked for."""

    DAY = auto()
    TIME = auto()
    CONFIRM = auto()
    ASKED = auto()
    "Nothing: the client is booking."


class Step(Enum):
    """What the caller's words led to, and the script has to say."""

    WHICH_DAY = auto()
    AND_DAY = auto()
    "The time is known already."
    WHICH_TIME = auto()
    PROPOSED = auto()
    "Day and time, as the caller said them: right?"
    SUGGESTED = auto()
    "A time, or a day, that the caller left to us: right?"
    PAST = auto()
    "There is no such time any more."
    ANOTHER_DAY = auto()
    ANOTHER_TIME = auto()
    CHANGE = auto()
    "Not as proposed, nobody knows yet how else."
    AGREED = auto()
    CANCELLED = auto()
    MISSED = auto()
    GIVEN_UP = auto()


_CANCEL = re.compile(r"\b(?:stop|never mind|cancel|be quiet|forget it)\b")
_WHENEVER = re.compile(rf"\b(?:any ?day|what days (?:do you have|are)|{LEFT_TO_US})\b")
_NEXT_WEEK = re.compile(r"\b(?:next|not this) week\b")


@dataclass(frozen=True, slots=True)
class Booking:
    """One moment of the negotiation."""

    occasion: Occasion
    wanted: Wanted = Wanted.DAY
    day: str = ""
    "In the normal form of `days`."
    time: str = ""
    "HH:MM"
    next_week: bool = False
    "They said so: a weekday alone is one of that week."
    misses: int = 0
    "Useless answers in a row."

    @property
    def grammar(self) -> tuple[str, ...]:
        if self.wanted is Wanted.CONFIRM:
            booking = DAY_PHRASES + TIME_PHRASES + CORRECTION_PHRASES
            return COMMAND_PHRASES + YES_NO_PHRASES + booking
        if self.wanted is Wanted.ASKED:
            return ()
        return COMMAND_PHRASES + DAY_PHRASES + TIME_PHRASES

    @property
    def date(self) -> date | None:
        return date_of(self.day, self.occasion.today) if self.day else None

    @property
    def when(self) -> str:
        """`Thursday, November 26th at 3 PM`."""
        assert self.date is not None
        return f"{spoken_date(self.date)} at {spoken_time(self.time)}"

    def request(self, topic: str) -> ToolRequest:
        """What `book_meeting` is given."""
        assert self.date is not None
        asked = {
            "date": self.date.isoformat(),
            "time": self.time,
            "zone": self.occasion.zone,
            "duration_min": LENGTH_MIN,
            "attendee": self.occasion.caller,
            "topic": topic,
        }
        known = {name: value for name, value in asked.items() if value != ""}
        return ToolRequest("book_meeting", known)

    def begin(self, text: str) -> Turn:
        """A meeting is wanted; its day or time may have been said already."""
        if day_in(text) or time_in(text):
            return self._filled(text)
        later = replace(self, next_week=bool(_NEXT_WEEK.search(text)))
        return Step.WHICH_DAY, replace(later, wanted=Wanted.DAY)

    def hear(self, text: str) -> Turn:
        """An answer of the caller, in lower case."""
        if self.wanted is Wanted.CONFIRM:
            return self._confirmed(text)
        if self.day and denied_day_in(text) == self.day and not day_in(text):
            return self.refuse_day()
        if _CANCEL.search(text):
            return Step.CANCELLED, self
        return self._filled(text)

    def refuse_day(self) -> Turn:
        """Not on that day."""
        return Step.ANOTHER_DAY, replace(self, wanted=Wanted.DAY, day="", misses=0)

    def moved_by(self, text: str) -> bool:
        """Whether the words name another day or time than what was agreed on."""
        day, time = self._day_in(text), time_in(text)
        return (day or self.day, time or self.time) != (self.day, self.time)

    def miss(self, step: Step = Step.MISSED) -> Turn:
        """The answer was of no use."""
        if self.misses + 1 >= MISSES_ALLOWED:
            return Step.GIVEN_UP, self
        return step, replace(self, misses=self.misses + 1)

    def proposed(self, day: str, time: str) -> Booking:
        """This day and time are being talked about, by whomever."""
        same = self.date == date_of(day, self.occasion.today)
        kept = self.day if same else day
        return replace(self, wanted=Wanted.CONFIRM, day=kept, time=time, misses=0)

    def complete(self, text: str) -> bool:
        """Whether the words answer what was asked for: not after a mere no."""
        if self.wanted is Wanted.DAY:
            return day_in(text) is not None
        if self.wanted is Wanted.TIME:
            return time_in(text) is not None
        if self.wanted is Wanted.CONFIRM:
            return bool(yes_in(text) or day_in(text) or time_in(text))
        return False

    def _filled(self, text: str) -> Turn:
        day, time = self._day_in(text) or self.day, time_in(text) or self.time
        if (day, time) == (self.day, self.time):
            return self._left_to_us(text)
        return replace(self, day=day, time=time, misses=0)._next(Step.PROPOSED)

    def _next(self, complete: Step) -> Turn:
        """What is missing, or `complete` when nothing is."""
        if not self.day:
            return Step.AND_DAY, replace(self, wanted=Wanted.DAY)
        if self.date is None or self._past:
            if self.date == self.occasion.today:  # then only the hour has passed
                return Step.PAST, replace(self, wanted=Wanted.TIME, time="")
            return Step.PAST, replace(self, wanted=Wanted.DAY, day="")
        if not self.time:
            return Step.WHICH_TIME, replace(self, wanted=Wanted.TIME)
        return complete, replace(self, wanted=Wanted.CONFIRM)

    @property
    def _past(self) -> bool:
        today, now = self.occasion.today, self.occasion.now
        if self.date is None or self.date > today:
            return False
        return self.date < today or bool(self.time and now and self.time <= now)

    def _day_in(self, text: str) -> str | None:
        day = day_in(text)
        if day is None:
            return None
        day = in_next_week(day) if self.next_week else day
        same = self.day and date_of(day, self.occasion.today) == self.date
        return self.day if same else day

    def _left_to_us(self, text: str) -> Turn:
        """No day and no time, but perhaps leave to choose one."""
        if not self.day and _WHENEVER.search(text):
            day = next_workday(self.occasion.today)
            return replace(self, day=day, misses=0)._next(Step.SUGGESTED)
        if not self.time and self.day and (time := part_of_day_in(text)):
            return replace(self, time=time, misses=0)._next(Step.SUGGESTED)
        if self.wanted is Wanted.DAY and _NEXT_WEEK.search(text):
            return Step.WHICH_DAY, replace(self, next_week=True, misses=0)
        return self.miss()

    def _confirmed(self, text: str) -> Turn:
        """The answer to what was proposed."""
        if self.moved_by(text):
            return self._filled(text)  # "no, at three": a correction
        if denied_day_in(text) in (self.day, self.day.removeprefix("next ")):
            return self.refuse_day()
        if _CANCEL.search(text):
            return Step.CANCELLED, self
        yes = yes_in(text)
        if yes or (
            yes is None and day_in(text) and time_in(text)
        ):  # "tuesday at two", as proposed
            return Step.AGREED, replace(self, wanted=Wanted.ASKED, misses=0)
        return self._change(text, yes)

    def _change(self, text: str, yes: bool | None) -> Turn:
        """What was proposed stays until its correction comes."""
        if re.search(r"\bday\b", text):
            return self.refuse_day()
        if re.search(r"\btime\b", text):
            return Step.ANOTHER_TIME, replace(
                self, wanted=Wanted.TIME, time="", misses=0
            )
        refused = yes is False or re.search(r"\b(?:wait|change|make it)\b", text)
        return self.miss(Step.CHANGE if refused else Step.MISSED)


Turn: TypeAlias = tuple[Step, Booking]


def remark_in(result: str) -> str:
    """What a client's answer adds, when it is something one can say.

    Tools often answer with JSON or a bare `ok`, which nobody wants to hear, or with
    what was just agreed on.
    """
    words = result.strip()
    plain = re.fullmatch(r"[A-Za-z0-9 ,.'!?:-]{4,160}", words)
    return words if plain and " " in words and not words.startswith("Booked") else ""
