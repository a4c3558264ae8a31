"""The script that ships: a short useful conversation to try a line with.

It tells what Parley is, says that it hears you, tells a story long enough to be
interrupted, fixes a meeting, and repeats whatever else it heard. Pure.

What is agreed on, and how, is a `Booking`; without one the talk is open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .booking import Booking, Step, Wanted, remark_in
from .days import spoken_date
from .occasion import Occasion
from .script import Answer, Move, Script
from .slots import spoken_time, yes_in

__all__ = ["DEMO", "Demo"]

GREETING = (
    "Hello, this is Parley.",
    "Ask me what Parley is, let me tell you a story, or fix a meeting with me.",
)
STORY = (
    "All right, here is a story.",
    "Many years ago, a lighthouse keeper lived alone on a small island.",
    "Every evening he lit the lamp and spoke a few words into an old radio.",
    "Nobody ever answered, but he did not mind, he liked the sound of the sea.",
    "One stormy night a quiet voice came back out of the noise.",
    "It belonged to a young captain who had lost her way in the dark.",
    "He talked with her until the morning, and kept the lamp burning for her.",
    "When the sun came up, her ship lay safe in the harbor.",
    "Since then she calls him every evening, and he is never alone.",
    "That is the end of my story.",
)
WHAT_PARLEY_IS = (
    "Parley is a telephone line between people and voice agents.",
    "You talk with an agent in your browser, both sides are recorded and written "
    "down, and you can interrupt at any time.",
)
HEARD_WELL = ("Yes, I can hear you loud and clear.",)
FINE = ("I am fine, thank you.", "How is the sound on your side?")
HELLO = ("Hello!", "What can I do for you?")
HELP = (
    "You can ask me what Parley is, ask for a story, or say, let us fix a meeting.",
    "Anything else I will repeat to you.",
)
THANKS = ("You are welcome.",)
STOPPED = ("All right, I stop.", "What would you like instead?")
BYE = ("Thank you for calling.", "Goodbye!")
WHICH_DAY = ("Gladly.", "Which day suits you?")
ANOTHER_DAY = ("All right, which day then?",)
ANOTHER_TIME = ("All right, at what time then?",)
CHANGE = ("All right. What shall I change?",)
DAY_AGAIN = ("Sorry, which day? Tuesday, for example.",)
TIME_AGAIN = ("Sorry, at what time? Half past two, for example.",)
YES_AGAIN = ("Sorry, was that a yes or a no?",)
GIVE_UP = ("Let us leave the meeting for now.", "What else can I do for you?")
WHAT_TIME = "At what time?"
SHALL_I = "Shall I book that?"
AND_DAY = ("And which day?",)
PAST = ("That has passed already.", "When else?")
BOOKING = ("One moment, please.",)
CANCELLED = ("All right, no meeting.", "What else can I do for you?")
UNCLEAR = ("Sorry, I did not catch that. Please go on.",)
WORDLESS = (
    "I can hear that you are speaking, but I cannot understand words.",
    "My speech model is not installed.",
)
STILL_THERE = ("Are you still there?", "Just say, what can you do.")
STILL_HERE = ("I am still here. Speak whenever you like.",)

WORDS_SHOWN = 40
"Longest echo; more would be a lecture that nobody asked for."


_INTENTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("bye", r"\b(good ?bye|bye|hang up|end the call)\b"),
        ("done", r"\bthat(?:'s| is) all\b"),
        ("repeat", r"\b(repeat|say (?:that|it) again|pardon|once more|come again)\b"),
        ("repeat", r"\bwhat did you say\b"),
        ("meeting", r"\b(meeting|appointment|schedule)\b"),
        ("story", r"\bstor(?:y|ies)\b"),
        ("hear", r"\b(?:can|do|could) you (?:hear|understand)\b"),
        ("help", r"\b(what (?:can|could|do) you do|help me|help)\b"),
        ("parley", r"\b(what|who)(?:'s| is| are) (?:parley|you|this)\b"),
        ("how", r"\bhow are you\b"),
        ("stop", r"\b(stop|enough|be quiet|never mind|cancel)\b"),
        ("wait", r"\bwait\b"),
        ("thanks", r"\b(thanks|thank you)\b"),
        ("hello", r"^(?:hello|hi|hey)(?: (?:there|parley|again))?$"),
    )
)

_ANSWERS = {
    "story": STORY,
    "hear": HEARD_WELL,
    "help": HELP,
    "parley": WHAT_PARLEY_IS,
    "how": FINE,
    "stop": STOPPED,
    "wait": STOPPED,
    "thanks": THANKS,
    "hello": HELLO,
}

# The recogniser knows the word parley but, as it is rare in its training text, prefers
# these; only in front of names, so that a barley field stays one.
_MISHEARD = re.compile(
    r"\b((?:what|who)(?:'s| is)|hello|hi|hey|goodbye|called|named) "
    r"(?:partly|parlay|party|barley|parlor|harley|charlie|polly|parlous|partially)\b"
)

_TURN_WORDS = 8
"A known request of at most so many words is a whole turn; in a longer one the key\
 word may be in passing."


@dataclass(frozen=True, slots=True)
class Demo:
    """One moment of the demonstration."""

    occasion: Occasion
    booking: Booking | None = None
    "While a meeting is being fixed."
    said: tuple[str, ...] = GREETING
    "The last answer, for `repeat that`."

    @property
    def grammar(self) -> tuple[str, ...]:
        return self.booking.grammar if self.booking else ()

    def greet(self, instead: tuple[str, ...] | None = None) -> Move:
        if instead is None:
            return self._say(GREETING)
        return Answer(instead), replace(self, said=instead or GREETING)

    def hear(self, text: str) -> Move:
        said = self.spelled(text).strip(" .!?,")
        text = said.lower()
        intent = _intent(text)
        agreed = self._wanted is Wanted.CONFIRM and yes_in(text)  # "yes, that's all"
        if intent == "bye" or (intent == "done" and not agreed):
            return Answer(BYE, hang_up=True), self
        if intent == "repeat":
            return Answer(self.said), self
        if self.booking is None:
            return self._open(intent, said)
        if self._wanted is Wanted.ASKED:
            return Answer(BOOKING), self
        if intent in ("stop", "wait") and self._wanted is not Wanted.CONFIRM:
            return self._agreeing((Step.CANCELLED, self.booking))
        return self._agreeing(self.booking.hear(text))

    def unclear(self) -> Move:
        if self.booking is None or self._wanted is Wanted.ASKED:
            return Answer(UNCLEAR), self
        return self._agreeing(self.booking.miss())

    def wordless(self) -> Move:
        return self._say(WORDLESS)

    def silence(self, times: int) -> Move | None:
        if self._wanted is Wanted.ASKED or times > 2:
            return None
        if self.booking is not None:
            return Answer(self.said), self
        return Answer(STILL_THERE if times == 1 else STILL_HERE), self

    def tool_result(self, result: str | None) -> Move:
        if self.booking is None or self._wanted is not Wanted.ASKED:
            return Answer(), self
        free, when = replace(self, booking=None), _when(self.booking)
        if result is None:
            remembered = f"But I remember our meeting {when}."
            return free._say(("I could not reach your calendar.", remembered))
        remark = remark_in(result)
        done = f"Done, our meeting is booked for {when.removeprefix('on ')}."
        return free._say((done, remark) if remark else (done,))

    def overhear(self, text: str) -> Demo:
        if self._wanted is Wanted.ASKED and "meeting" in text:  # what came of it
            return replace(self, booking=None, said=(text,))
        return replace(self, said=(text,))

    def complete(self, text: str) -> bool:
        text = self.spelled(text.lower()).strip()
        if len(text.split()) > _TURN_WORDS:
            return False
        if self.booking is not None and self.booking.complete(text):
            return True
        intent = _intent(text)
        if self._wanted is Wanted.CONFIRM:  # not after a wait: "wait ... make it four"
            return intent not in (None, "wait")
        return intent is not None

    def spelled(self, text: str) -> str:
        return _MISHEARD.sub(r"\1 parley", text)

    @property
    def _wanted(self) -> Wanted | None:
        return self.booking.wanted if self.booking else None

    def _say(self, sentences: tuple[str, ...]) -> Move:
        return Answer(sentences), replace(self, said=sentences)

    def _open(self, intent: str | None, said: str) -> Move:
        if intent == "meeting":
            return self._agreeing(Booking(self.occasion).begin(said.lower()))
        if intent is not None:
            return self._say(_ANSWERS[intent])
        words = ["I" if word == "i" else word for word in said.split()]
        heard = " ".join(words[:WORDS_SHOWN])
        return self._say((f"I heard: {heard}.",))

    def _agreeing(self, turn: tuple[Step, Booking]) -> Move:
        """The next words about the meeting."""
        step, booking = turn
        if step in _LEAVING:
            return replace(self, booking=None)._say(_LEAVING[step])
        asking = replace(self, booking=booking)
        if step is Step.AGREED:
            return Answer(BOOKING, tool=booking.request("Meeting")), asking
        if step is Step.MISSED:  # what was said before may be asked for once more
            return Answer(_AGAIN[booking.wanted]), asking
        if step is Step.WHICH_TIME:
            day = _day(booking).removeprefix("on ")
            return asking._say((f"{day[0].upper()}{day[1:]}, good.", WHAT_TIME))
        if step in (Step.PROPOSED, Step.SUGGESTED):
            when = _when(booking)
            return asking._say((f"{when[0].upper()}{when[1:]}.", SHALL_I))
        if step is Step.CHANGE:
            return Answer(CHANGE), asking
        return asking._say(_ASKING[step])


_LEAVING = {Step.CANCELLED: CANCELLED, Step.GIVEN_UP: GIVE_UP}
_AGAIN = {Wanted.DAY: DAY_AGAIN, Wanted.TIME: TIME_AGAIN, Wanted.CONFIRM: YES_AGAIN}
_ASKING = {
    Step.WHICH_DAY: WHICH_DAY,
    Step.AND_DAY: AND_DAY,
    Step.PAST: PAST,
    Step.ANOTHER_DAY: ANOTHER_DAY,
    Step.ANOTHER_TIME: ANOTHER_TIME,
}


def _when(booking: Booking) -> str:
    return f"{_day(booking)} at {spoken_time(booking.time)}"


def _day(booking: Booking) -> str:
    """As the caller named it where that is a name, otherwise as a date."""
    day = booking.day
    if day in ("today", "tomorrow", "the day after tomorrow"):
        return day
    if day.startswith("next "):
        return f"next {day.removeprefix('next ').title()}"
    if day.isalpha():
        return f"on {day.title()}"
    assert booking.date is not None
    return f"on {spoken_date(booking.date)}"


def _intent(text: str) -> str | None:
    for name, pattern in _INTENTS:
        if pattern.search(text):
            return name
    return None


DEMO = Script(
    name="demo",
    opening=Demo,
    fixed=(
        *(*GREETING, *HEARD_WELL, *WHAT_PARLEY_IS, *WHICH_DAY, *BYE, *UNCLEAR),
        *(*STORY, *HELLO, *HELP, *FINE, *THANKS, *STOPPED, *BOOKING, *STILL_THERE),
        *(*STILL_HERE, *ANOTHER_DAY, *ANOTHER_TIME, *CHANGE, *DAY_AGAIN, *TIME_AGAIN),
        *(*YES_AGAIN, *GIVE_UP),
        *(*CANCELLED, *WORDLESS, WHAT_TIME, SHALL_I, *AND_DAY, *PAST),
    ),
)
