"""Sarah: a sales specialist who calls an adviser and would like to fix a meeting. Pure.

    OPENING --yes--> NEEDS --> DETAIL --> PROPOSAL --yes--> MEETING --booked--> DONE
       |               |         |         ^   |               |                 |
       +- an objection +---------+---------+   +-- no, and no again: good-bye ---+

MEETING is a `Booking`. A question is answered wherever it comes, and then the caller
is where they were; an objection is answered once, and respected the second time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from . import sarah_ears as ears
from . import sarah_words as words
from .booking import Booking, Step, Wanted, remark_in
from .days import date_of, day_in, denied_day_in
from .occasion import Occasion
from .sarah_ears import (
    COMMON_PHRASES,
    asked_by,
    ending_in,
    inclined,
    need_in,
    objection_in,
    plain,
    question_in,
    spelled,
)
from .sarah_words import Words
from .script import Answer, Move, Script
from .slots import time_in, yes_in

__all__ = ["SARAH", "Place", "Sarah"]

TOPIC = "ETF solutions"
OBJECTIONS_ANSWERED = MISSES_ALLOWED = 3
"More than that, and the call is of no use to the caller."

SILENCES_BROKEN = 3
"Then, after some forty seconds, nobody is there any more."

_TURN_WORDS = 8
"A known question of at most so many words is a whole turn."


class Place(Enum):
    """Where in the call we are; the value names its question in `sarah_words`."""

    OPENING = "opening"
    NEEDS = "needs"
    DETAIL = "detail"
    PROPOSAL = "proposal"
    MEETING = "meeting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Sarah:
    """One moment of her call."""

    occasion: Occasion
    place: Place = Place.OPENING
    booking: Booking | None = None
    "From the moment on when the caller agrees to meet."
    need: str = ""
    "What the clients want, a key of `sarah_words.NEEDS`."
    objections: tuple[str, ...] = ()
    "Answered so far."
    asked: int = 0
    "Times that the question of this place was put."
    misses: int = 0
    late: str = ""
    "Another day or time that came while the calendar was at work."
    said: Words = ()
    "The last answer, for `say that again`."

    # -- what can happen

    @property
    def grammar(self) -> tuple[str, ...]:
        if self.place is not Place.MEETING or not self._arranging.grammar:
            return ()
        return self._arranging.grammar + COMMON_PHRASES

    def greet(self, instead: Words | None = None) -> Move:
        own = words.cast(words.GREETING, self._arranging)
        said = own if instead is None else instead
        return Answer(said), replace(self, said=said or own, asked=1)

    def hear(self, text: str) -> Move:
        text = plain(text)
        if self._wanted is Wanted.ASKED:
            return self._meanwhile(text)
        agreed = self._wanted is Wanted.CONFIRM and yes_in(text)  # "yes, bye then"
        ending = ending_in(text, words.named(self.occasion).caller)
        if ending is not None and not (agreed and ending == "bye"):
            return self._end(words.ENDINGS[ending])
        if self._about_the_meeting(text):
            return self._meeting(text)
        if (question := question_in(text)) is not None:
            return self._answer(question)
        objection = objection_in(text)
        mere = ears.MERE_ANSWERS.get(self.place.value, ())
        if objection is not None and objection not in mere:
            return self._object(objection, text)
        return self._go_on(text)

    def unclear(self) -> Move:
        if self._wanted is Wanted.ASKED:
            return Answer(), self
        if self.place is Place.MEETING:
            return self._arranged(self._arranging.miss())
        return self._miss()

    def wordless(self) -> Move:
        return self._say(words.WORDLESS)

    def silence(self, times: int) -> Move | None:
        if self._wanted is Wanted.ASKED:
            return None
        if self.place is Place.DONE:
            return self._end(words.BYE)
        if times > SILENCES_BROKEN:
            return self._end(words.VOICEMAIL[1:])
        return self._ask(words.SILENT if times == 1 else ())

    def tool_result(self, result: str | None) -> Move:
        if self._wanted is not Wanted.ASKED:
            return Answer(), self
        remark = remark_in(result or "")
        said = words.NO_CALENDAR if result is None else words.BOOKED
        said = (*said, remark) if remark else said
        told = self._ask(said, place=Place.DONE, late="")
        return told[1].hear(self.late) if self.late else told

    def overhear(self, text: str) -> Sarah:
        told = replace(self, said=(text,))
        heard = plain(text)
        if self._wanted is Wanted.ASKED:
            done = ears.PROMISED.search(heard) and "one moment" not in heard
            return replace(told, place=Place.DONE) if done else self
        return told._led_to(heard) if "?" in text else told

    def complete(self, text: str) -> bool:
        text = plain(text)
        if len(text.split()) > _TURN_WORDS:
            return False
        # Not a mere yes or no: people breathe after it, and go on.
        mere = yes_in(text) is not None and " " not in text
        if self.place is Place.MEETING and self._arranging.complete(text) and not mere:
            return True
        return bool(
            question_in(text) or ending_in(text, words.named(self.occasion).caller)
        )

    def spelled(self, text: str) -> str:
        return spelled(text)

    # -- the talk before the meeting

    def _go_on(self, text: str) -> Move:
        match self.place:
            case Place.OPENING:
                return self._opened(text)
            case Place.NEEDS:
                return self._needing(text)
            case Place.DETAIL:
                return self._ask(words.THANKS, place=Place.PROPOSAL)
            case Place.PROPOSAL:
                return self._proposed(text)
            case Place.MEETING:
                return self._arranged(self._arranging.hear(text))
            case Place.DONE:
                return self._closing(text)

    def _opened(self, text: str) -> Move:
        willing = inclined(text)
        if willing is False:
            return self._object("busy", text)
        if (need := need_in(text)) is not None:
            return self._ask(words.NEEDS[need], place=Place.DETAIL, need=need)
        if willing:
            return self._ask(words.GLAD, place=Place.NEEDS)
        if self.misses + 1 >= MISSES_ALLOWED:
            return self._object("busy", text)
        return self._miss()

    def _needing(self, text: str) -> Move:
        need = need_in(text)
        if need is None and (objection_in(text) == "think" or yes_in(text) is False):
            return self._ask(place=Place.PROPOSAL)
        if need is None and (inclined(text) or len(text.split()) < 2):
            return self._ask()  # "yes, I have a few minutes": no need yet
        need = need or ""
        return self._ask(words.NEEDS[need], place=Place.DETAIL, need=need)

    def _proposed(self, text: str) -> Move:
        willing = inclined(text)
        if willing or (willing is None and ears.SOME_TIME.search(text)):
            return self._arranged(self._arranging.begin(text))
        if willing is False:
            return self._object("not interested", text)
        return self._miss()

    def _closing(self, text: str) -> Move:
        """The meeting is booked: is there anything else?"""
        if yes_in(text) is True and len(text.split()) < 3:
            return self._say(("Please go ahead.",))
        if ears.CANCELLING.search(text):
            return self._say(words.NO_CANCELLING)
        noted = yes_in(text) is None and not ears.NOTHING_MORE.search(text)
        return self._end(words.NOTED + words.BYE if noted else words.BYE)

    def _answer(self, question: str) -> Move:
        if question == "repeat":
            return Answer(self.said), self
        return self._ask(words.ANSWERS[question])

    def _object(self, kind: str, text: str) -> Move:
        busy = kind == "busy" and not ears.LEAVING.search(text)
        if busy and self.place in (Place.MEETING, Place.DONE):
            return self._arranged(self._arranging.refuse_day())
        spent = len(self.objections) >= OBJECTIONS_ANSWERED or kind in self.objections
        changed = self.place is Place.MEETING and kind in ("busy", "not interested")
        refused_twice = kind == "not interested" and self.objections
        if spent or changed or refused_twice or self.place is Place.DONE:
            return self._end(words.LEAVE)
        objected = replace(
            self,
            place=Place.PROPOSAL,
            booking=None,
            objections=(*self.objections, kind),
            asked=1,  # the answer to an objection asks it in its own way
            misses=0,
        )
        return objected._say(words.OBJECTIONS[kind])

    # -- the meeting

    def _meanwhile(self, text: str) -> Move:
        """Words that come while the calendar is at work."""
        if self._arranging.moved_by(text):
            return Answer(words.ONE_MOMENT), replace(self, late=text)
        # "Yes. ... That's right" is one answer; people breathe in the middle of it.
        return Answer(() if yes_in(text) else words.ONE_MOMENT), self

    @property
    def _arranging(self) -> Booking:
        return self.booking or Booking(words.named(self.occasion))

    @property
    def _wanted(self) -> Wanted | None:
        return self._arranging.wanted if self.place is Place.MEETING else None

    def _about_the_meeting(self, text: str) -> bool:
        """Whether the words name a day or a time, and mean a meeting by it."""
        if self.place is Place.MEETING:
            slots = day_in(text) or time_in(text) or denied_day_in(text)
            return bool(slots) and objection_in(text) != "not interested"
        if self.place is Place.DONE:
            return self._arranging.moved_by(text)
        meant = self.place is Place.PROPOSAL or bool(
            ears.MEETING_WORDS.search(text) or objection_in(text) == "busy"
        )
        return meant and day_in(text) is not None

    def _meeting(self, text: str) -> Move:
        if self.place is Place.DONE:
            again = replace(self._arranging, wanted=Wanted.CONFIRM)
            return self._arranged(again.hear(text))
        booking = self._arranging
        begun = self.place is Place.MEETING
        return self._arranged(booking.hear(text) if begun else booking.begin(text))

    def _arranged(self, turn: tuple[Step, Booking]) -> Move:
        step, booking = turn
        there = replace(self, place=Place.MEETING, booking=booking, misses=0)
        if booking.wanted is not self._wanted:
            there = replace(there, asked=0)
        if step is Step.AGREED:
            topic = f"{TOPIC} for {self.need}" if self.need else TOPIC
            return Answer(words.ONE_MOMENT, booking.request(topic)), there
        if step is Step.CANCELLED:
            return self._end(words.LEAVE)
        if step is Step.GIVEN_UP:
            return self._end(words.GIVEN_UP)
        if step in words.WHOLE:
            return there._say(words.WHOLE[step], asked=there.asked + 1)
        return there._ask(words.LEADS[step])

    def _led_to(self, heard: str) -> Sarah:
        """Where another agent's question, in lower case, has led the caller."""
        day, time = day_in(heard), time_in(heard)
        if day and time and date_of(day, self.occasion.today) is not None:
            booking = self._arranging.proposed(day, time)
            return replace(self, place=Place.MEETING, booking=booking, asked=1)
        if (wanted := asked_by(heard)) is not None:
            booking = replace(self._arranging, wanted=wanted)
            return replace(self, place=Place.MEETING, booking=booking, asked=1)
        early = self.place in (Place.OPENING, Place.NEEDS, Place.DETAIL)
        if early and ears.PROPOSING.search(heard):
            return replace(self, place=Place.PROPOSAL, asked=1)
        return self

    # -- saying it

    def _say(self, sentences: Words, **changes: Any) -> Move:
        after = replace(self, **changes)
        said = words.cast(sentences, after._arranging)
        return Answer(said), replace(after, said=said)

    def _ask(self, lead: Words = (), **changes: Any) -> Move:
        """Say something, then put the question of the place, in other words again."""
        after = replace(self, **changes)
        if after.place is not self.place:
            after = replace(after, asked=0, misses=0)
        questions = words.QUESTIONS[after._topic]
        question = questions[after.asked % len(questions)]
        return after._say((*lead, question), asked=after.asked + 1)

    @property
    def _topic(self) -> str:
        if self.place is not Place.MEETING:
            return str(self.place.value)
        return words.WANTED[self._arranging.wanted]

    def _miss(self) -> Move:
        if self.misses + 1 >= MISSES_ALLOWED:
            return self._end(words.GIVEN_UP)
        return self._ask(words.UNCLEAR, misses=self.misses + 1)

    def _end(self, sentences: Words) -> Move:
        answer, after = self._say(sentences)
        return replace(answer, hang_up=True), after


SARAH = Script(
    name="sarah",
    opening=Sarah,
    fixed=tuple(
        sentence.format_map(words.NAMES)
        for sentence in (*words.GREETING, *words.PREPARED)
    ),
)
