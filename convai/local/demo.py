"""The script that ships: a short useful conversation to try a line with.

It tells what Parley is, says that it hears you, tells a story long enough to be
interrupted, fixes a meeting, and repeats whatever else it heard. Pure.

    OPEN --"a meeting"--> DAY --tuesday--> TIME --two thirty--> CONFIRM --yes--> BOOKING
     ^                                                            |    ^           |
     |                            no, wait, another day or time --+----+           |
     +---- never mind, three misses, or the client's answer to `book_meeting` -----+
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from .script import Answer, Move, Script, ToolRequest
from .slots import (
    COMMAND_PHRASES,
    CORRECTION_PHRASES,
    DAY_PHRASES,
    TIME_PHRASES,
    YES_NO_PHRASES,
    day_in,
    denied_day_in,
    spoken_time,
    time_in,
    yes_in,
)

__all__ = ["DEMO", "Demo", "Place"]

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
BOOKING = ("One moment, please.",)
CANCELLED = ("All right, no meeting.", "What else can I do for you?")
UNCLEAR = ("Sorry, I did not catch that. Please go on.",)
WORDLESS = (
    "I can hear that you are speaking, but I cannot understand words.",
    "My speech model is not installed.",
)
STILL_THERE = ("Are you still there?", "Just say, what can you do.")
STILL_HERE = ("I am still here. Speak whenever you like.",)

MISSES_ALLOWED = 3
"After that many useless answers in a row, insisting would only annoy."

WORDS_SHOWN = 40
"Longest echo; more would be a lecture that nobody asked for."


class Place(Enum):
    """Where in the conversation we are."""

    OPEN = auto()
    DAY = auto()
    TIME = auto()
    CONFIRM = auto()
    BOOKING = auto()


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

_CANCEL = re.compile(r"\b(?:stop|never mind|cancel|be quiet)\b")

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

    place: Place = Place.OPEN
    day: str = ""
    time: str = ""
    misses: int = 0
    "Useless answers in a row at this place."
    said: tuple[str, ...] = GREETING
    "The last answer, for `repeat that`."

    @property
    def grammar(self) -> tuple[str, ...]:
        if self.place in (Place.DAY, Place.TIME):
            return COMMAND_PHRASES + DAY_PHRASES + TIME_PHRASES
        if self.place is Place.CONFIRM:
            booking = DAY_PHRASES + TIME_PHRASES + CORRECTION_PHRASES
            return COMMAND_PHRASES + YES_NO_PHRASES + booking
        return ()

    def greet(self, instead: tuple[str, ...] | None = None) -> Move:
        if instead is None:
            return self._say(GREETING)
        return Answer(instead), replace(self, said=instead or GREETING)

    def hear(self, text: str) -> Move:
        said = self.spelled(text).strip(" .!?,")
        text = said.lower()
        intent = _intent(text)
        agreed = self.place is Place.CONFIRM and yes_in(text)  # "yes, that's all"
        if intent == "bye" or (intent == "done" and not agreed):
            return Answer(BYE, hang_up=True), self
        if intent == "repeat":
            return Answer(self.said), self
        if self.place is Place.OPEN:
            return self._open(intent, said)
        if self.place is Place.BOOKING:
            return Answer(BOOKING), self
        if self.place is Place.CONFIRM:
            return self._confirmed(text)
        if intent in ("stop", "wait"):
            return self._cancelled()
        return self._slots(text)

    def unclear(self) -> Move:
        if self.place in (Place.OPEN, Place.BOOKING):
            return Answer(UNCLEAR), self
        return self._miss()

    def wordless(self) -> Move:
        return self._say(WORDLESS)

    def silence(self, times: int) -> Move | None:
        if self.place is Place.BOOKING or times > 2:
            return None
        if self.place is not Place.OPEN:
            return Answer(self.said), self
        return Answer(STILL_THERE if times == 1 else STILL_HERE), self

    def tool_result(self, result: str | None) -> Move:
        if self.place is not Place.BOOKING:
            return Answer(), self
        free = replace(self, place=Place.OPEN)
        if result is None:
            return free._say(
                (
                    "I could not reach your calendar.",
                    f"But I remember our meeting {self._when}.",
                )
            )
        remark = _remark(result)
        done = f"Done, our meeting is booked for {self._when.removeprefix('on ')}."
        return free._say((done, remark) if remark else (done,))

    def complete(self, text: str) -> bool:
        text = self.spelled(text.lower()).strip()
        if len(text.split()) > _TURN_WORDS:
            return False
        if self.place is Place.DAY and day_in(text):
            return True
        if self.place is Place.TIME and time_in(text):
            return True
        if self.place is Place.CONFIRM:  # not after a no: "no ... make it four"
            if yes_in(text) or day_in(text) or time_in(text):
                return True
            return _intent(text) not in (None, "wait")
        return _intent(text) is not None

    def spelled(self, text: str) -> str:
        return _MISHEARD.sub(r"\1 parley", text)

    @property
    def _when(self) -> str:
        relative = self.day in ("today", "tomorrow") or " " in self.day
        day = self.day.title() if "next" in self.day else self.day
        day = day.replace("Next", "next") if relative else f"on {day.title()}"
        return f"{day} at {spoken_time(self.time)}"

    def _say(self, sentences: tuple[str, ...]) -> Move:
        return Answer(sentences), replace(self, said=sentences, misses=0)

    def _open(self, intent: str | None, said: str) -> Move:
        text = said.lower()
        if intent == "meeting":
            asking = replace(self, place=Place.DAY, day="", time="")
            if day_in(text) or time_in(text):
                return asking._slots(text)
            return asking._say(WHICH_DAY)
        if intent is not None:
            return self._say(_ANSWERS[intent])
        words = ["I" if word == "i" else word for word in said.split()]
        heard = " ".join(words[:WORDS_SHOWN])
        return self._say((f"I heard: {heard}.",))

    def _slots(self, text: str) -> Move:
        day, time = day_in(text) or self.day, time_in(text) or self.time
        if (day, time) == (self.day, self.time):
            return self._miss()
        filled = replace(self, day=day, time=time)
        if not day:
            return replace(filled, place=Place.DAY)._say(("And which day?",))
        if not time:
            ask = (f"{day.capitalize()}, good.", "At what time?")
            return replace(filled, place=Place.TIME)._say(ask)
        ask = (f"{filled._when[0].upper()}{filled._when[1:]}.", "Shall I book that?")
        return replace(filled, place=Place.CONFIRM)._say(ask)

    def _confirmed(self, text: str) -> Move:
        """The answer to "Shall I book that?"."""
        day, time = day_in(text), time_in(text)
        if (day or self.day, time or self.time) != (self.day, self.time):
            return self._slots(text)  # "no, at three": a correction
        if denied_day_in(text) == self.day:
            return replace(self, place=Place.DAY, day="")._say(ANOTHER_DAY)
        if _CANCEL.search(text):
            return self._cancelled()
        yes = yes_in(text)
        if yes or (yes is None and day and time):  # "tuesday at two", as proposed
            book = ToolRequest("book_meeting", {"day": self.day, "time": self.time})
            booking = replace(self, place=Place.BOOKING, misses=0)
            return Answer(BOOKING, tool=book), booking
        return self._change(text, yes)

    def _change(self, text: str, yes: bool | None) -> Move:
        """What was proposed stays until its correction comes."""
        if re.search(r"\bday\b", text):
            return replace(self, place=Place.DAY, day="")._say(ANOTHER_DAY)
        if re.search(r"\btime\b", text):
            return replace(self, place=Place.TIME, time="")._say(ANOTHER_TIME)
        refused = yes is False or re.search(r"\b(?:wait|change|make it)\b", text)
        return self._miss(CHANGE if refused else YES_AGAIN)

    def _miss(self, again: tuple[str, ...] = ()) -> Move:
        if self.misses + 1 >= MISSES_ALLOWED:
            return replace(self, place=Place.OPEN)._say(GIVE_UP)
        asked = {Place.DAY: DAY_AGAIN, Place.TIME: TIME_AGAIN}
        again = again or asked.get(self.place, YES_AGAIN)
        return Answer(again), replace(self, misses=self.misses + 1)

    def _cancelled(self) -> Move:
        return replace(self, place=Place.OPEN)._say(CANCELLED)


def _intent(text: str) -> str | None:
    for name, pattern in _INTENTS:
        if pattern.search(text):
            return name
    return None


def _remark(result: str) -> str:
    """What a client's answer adds, when it is something one can say.

    Tools often answer with JSON or a bare `ok`, which nobody wants to hear.
    """
    words = result.strip()
    plain = re.fullmatch(r"[A-Za-z0-9 ,.'!?:-]{4,160}", words)
    return words if plain and " " in words else ""


DEMO = Script(
    name="demo",
    opening=Demo(),
    fixed=(
        *(*GREETING, *HEARD_WELL, *WHAT_PARLEY_IS, *WHICH_DAY, *BYE, *UNCLEAR),
        *(*STORY, *HELLO, *HELP, *FINE, *THANKS, *STOPPED, *BOOKING, *STILL_THERE),
        *(*STILL_HERE, *ANOTHER_DAY, *ANOTHER_TIME, *CHANGE, *DAY_AGAIN, *TIME_AGAIN),
        *(*YES_AGAIN, *GIVE_UP),
        *(*CANCELLED, *WORDLESS, "At what time?", "Shall I book that?"),
        "And which day?",
    ),
)
