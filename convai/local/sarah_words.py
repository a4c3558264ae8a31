"""What Sarah says: every sentence of her part, and nothing else.

Braces name who is who: `{caller}`, `{speaker}`, `{company}`; `{when}`, `{day}` and
`{time}` are of the meeting. Where there are several questions, the next is put when
the one before was not answered: nobody likes to hear the same words twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from .booking import Booking, Step, Wanted
from .days import spoken_date
from .occasion import Occasion
from .slots import spoken_time

__all__ = [
    "AND_DAY",
    "ANGRY",
    "ANOTHER_DAY",
    "ANOTHER_TIME",
    "ANSWERS",
    "BOOKED",
    "BYE",
    "CHANGE",
    "DO_NOT_CALL",
    "ENDINGS",
    "GIVEN_UP",
    "GLAD",
    "GREETING",
    "LEADS",
    "LEAVE",
    "NAMES",
    "NEEDS",
    "NOTED",
    "NO_CANCELLING",
    "NO_CALENDAR",
    "OBJECTIONS",
    "ONE_MOMENT",
    "PAST",
    "PREPARED",
    "QUESTIONS",
    "SILENT",
    "SUGGESTED",
    "THANKS",
    "UNCLEAR",
    "VOICEMAIL",
    "WANTED",
    "WELL_THEN",
    "WHICH_TIME",
    "WHOLE",
    "WORDLESS",
    "WRONG_PERSON",
    "Words",
    "cast",
    "named",
]

Words: TypeAlias = tuple[str, ...]

NAMES = {"caller": "Nat", "speaker": "Sarah", "company": "American Funds"}
"Who is who, unless the client's variables say otherwise."

GREETING: Words = (
    "Hi {caller} this is {speaker} from {company}.",
    "I'm calling because we noticed you've been looking at ETF products on our "
    "webpage, and many advisors like yourself are looking for better ETF solutions.",
    "Do you have a few minutes to discuss what you're seeing with your clients "
    "right now?",
)

QUESTIONS: dict[str, Words] = {
    "opening": (
        "Do you have a few minutes right now?",
        "Is this a good moment for two or three questions?",
    ),
    "needs": (
        "What are your clients asking you about most when it comes to ETFs?",
        "When your clients bring up ETFs, what are they hoping for?",
        "What matters most to them these days?",
    ),
    "detail": (
        "What are you using for that at the moment?",
        "How do you cover that in your portfolios today?",
    ),
    "proposal": (
        "Would half an hour with one of our ETF specialists be useful to you?",
        "Shall we find half an hour for that?",
        "May I suggest a date?",
    ),
    "day": (
        "Which day would suit you best?",
        "What day works for you?",
        "Would a day this week or next week be good?",
    ),
    "time": (
        "What time works for you?",
        "What time would you like to start?",
    ),
    "confirm": (
        "So that is {when}, for half an hour. Is that right?",
        "Just to be sure, I have {when}. Shall I book it?",
        "{when}. Yes or no?",
    ),
    "done": (
        "Is there anything our specialist should prepare for you?",
        "Is there anything else I can do for you?",
    ),
}

GLAD: Words = ("Great, thank you.",)
WELL_THEN: Words = ("Wonderful.",)
THANKS: Words = ("Thank you, that helps me to understand.",)
UNCLEAR: Words = ("Sorry, I didn't quite catch that.",)

NEEDS: dict[str, Words] = {
    "income": ("Income comes up in a lot of my calls these days.",),
    "lower costs": ("Yes, keeping costs down is on many minds.",),
    "stability": ("I can understand that, nobody likes a bumpy ride.",),
    "bonds": ("Fixed income, yes, there are many questions around that.",),
    "international markets": ("It makes sense to look beyond the home market.",),
    "growth": ("Growth, that makes sense.",),
    "": ("Thank you, that is good to know.",),
}
"By what the clients want, in the words of the meeting's topic."

ANSWERS: dict[str, Words] = {
    "who": ("This is {speaker}, from {company}.",),
    "why": (
        "You had been looking at ETF products on our webpage.",
        "I'd like to hear what your clients need, and see if a talk with one of our "
        "specialists makes sense.",
    ),
    "robot": (
        "Yes, I am an AI assistant calling for {company}.",
        "The meeting itself would be with a person.",
    ),
    "recorded": ("Yes, this call is recorded and written down.",),
    "source": ("Your visit to the ETF pages of our website is why I am calling.",),
    "cost": (
        "The meeting itself is free.",
        "The costs of each fund are in its prospectus, and our specialist can go "
        "through them with you.",
    ),
    "advice": (
        "I can't recommend a fund or talk about returns on the phone.",
        "Our specialist can go through the facts with you, and you decide.",
    ),
    "products": (
        "That depends on what your clients need.",
        "Our specialist would bring what fits, with the documents.",
    ),
    "length": ("Half an hour, and you can always make it shorter.",),
    "hearing": ("Yes, I can hear you well.",),
    "hello": ("Hello {caller}, good to reach you.",),
    "how": ("I'm doing well, thank you for asking.",),
}

OBJECTIONS: dict[str, Words] = {
    "busy": (
        "I understand, I called you out of the blue.",
        "Would half an hour on another day be better for you?",
    ),
    "not interested": (
        "That's fair, and thank you for being open with me.",
        "Would it be all right to offer you a short talk with a specialist, on a day "
        "that suits you?",
    ),
    "provider": (
        "That makes sense, most advisors I talk with have somebody they rely on.",
        "This is not about replacing anyone, a second view can still be useful.",
        "Would you be open to half an hour, just to compare notes?",
    ),
    "fees": (
        "Costs matter, and you should be able to check every number.",
        "They are in the prospectus of each fund, and our specialist will go through "
        "them with you.",
        "Shall we find half an hour for that?",
    ),
    "email": (
        "I'm happy to have the right material brought to the meeting.",
        "What fits depends on your clients, so it is best to talk it through.",
        "Would half an hour with the material in front of you work?",
    ),
    "authority": (
        "Thank you for telling me, that is good to know.",
        "Would it make sense to have the person who decides with us on a short call?",
    ),
    "think": (
        "Of course, there is no rush at all.",
        "A date next week would give you time, and you can always move it.",
        "Shall we pencil one in?",
    ),
}

WHICH_TIME: Words = ("{day} works well.",)
AND_DAY: Words = ("{time} is fine.",)
SUGGESTED: Words = ("How about {when}? Does that work for you?",)
PAST: Words = ("I'm afraid that has passed already.",)
ANOTHER_DAY: Words = ("No problem.", "Which day would be better?")
ANOTHER_TIME: Words = ("Of course.", "What time would be better?")
CHANGE: Words = ("No problem.", "What shall I change, the day or the time?")
ONE_MOMENT: Words = ("One moment please, I'll put that in the calendar.",)
BOOKED: Words = ("You're all set for {when}.",)
NO_CALENDAR: Words = (
    "My calendar is not answering right now.",
    "But I have noted {when}, as we agreed.",
)
NO_CANCELLING: Words = (
    "I'm sorry, I can't take it out of the calendar from here.",
    "If another day suits you better, tell me which one.",
)
NOTED: Words = ("Thank you, that is noted.",)

BYE: Words = ("Thank you for your time, {caller}.", "Goodbye!")
LEAVE: Words = ("I understand, and I won't keep you any longer.", *BYE)
GIVEN_UP: Words = (
    "I'm sorry, I don't seem to hear you well enough, and I don't want to book the "
    "wrong time.",
    "Let's leave it there for today.",
    *BYE,
)
ANGRY: Words = (
    "I'm sorry for the interruption, and I won't keep you.",
    "Goodbye!",
)
DO_NOT_CALL: Words = (
    "I'm sorry for the interruption.",
    "You asked not to be called again, and that is noted.",
    "Goodbye!",
)
WRONG_PERSON: Words = (
    "I'm sorry, then I have the wrong number.",
    "Have a good day. Goodbye!",
)
VOICEMAIL: Words = (
    "Hello {caller}, this is {speaker} from {company}.",
    "I will try again another time. Goodbye!",
)
SILENT: Words = ("Hello {caller}, are you still there?",)
WORDLESS: Words = (
    "I can hear that you are speaking, but I cannot understand words.",
    "My speech model is not installed.",
    "You can type to me instead.",
)

ENDINGS = {
    "bye": BYE,
    "voicemail": VOICEMAIL,
    "wrong person": WRONG_PERSON,
    "do not call": DO_NOT_CALL,
    "angry": ANGRY,
}

WANTED = {
    Wanted.DAY: "day",
    Wanted.TIME: "time",
    Wanted.CONFIRM: "confirm",
    Wanted.ASKED: "done",
}
"The question of each moment of a booking."

LEADS: dict[Step, Words] = {
    Step.WHICH_DAY: WELL_THEN,
    Step.AND_DAY: AND_DAY,
    Step.WHICH_TIME: WHICH_TIME,
    Step.PROPOSED: (),
    Step.PAST: PAST,
    Step.MISSED: UNCLEAR,
}
"What comes before the question."

WHOLE: dict[Step, Words] = {
    Step.SUGGESTED: SUGGESTED,
    Step.ANOTHER_DAY: ANOTHER_DAY,
    Step.ANOTHER_TIME: ANOTHER_TIME,
    Step.CHANGE: CHANGE,
}
"What asks by itself."

PREPARED: Words = tuple(
    sentence
    for sentence in (
        *(question for several in QUESTIONS.values() for question in several),
        *(sentence for answer in NEEDS.values() for sentence in answer),
        *(sentence for answer in OBJECTIONS.values() for sentence in answer),
        *(*GLAD, *THANKS, *WELL_THEN, *UNCLEAR, *ONE_MOMENT, *BYE),
    )
    if "{when}" not in sentence
)
"What is worth being synthesised beforehand, after the greeting."


def named(occasion: Occasion) -> Occasion:
    """With everybody's name."""
    return replace(
        occasion,
        caller=occasion.caller or NAMES["caller"],
        speaker=occasion.speaker or NAMES["speaker"],
        company=occasion.company or NAMES["company"],
    )


def cast(sentences: Words, booking: Booking) -> Words:
    """The sentences with the names, and with what is known of the meeting."""
    who = named(booking.occasion)
    known = {"caller": who.caller, "speaker": who.speaker, "company": who.company}
    if booking.date is not None:
        known["day"] = spoken_date(booking.date)
    if booking.time:
        known["time"] = spoken_time(booking.time)
    if booking.date is not None and booking.time:
        known["when"] = booking.when
    return tuple(sentence.format_map(known) for sentence in sentences)
