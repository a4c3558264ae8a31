"""Times and yes or no in spoken English: recognised, normalised, said back.

Pure; `days` has the days. The `*_PHRASES` are what the recogniser is told to expect;
the functions read whatever it made of the sound.
"""

from __future__ import annotations

import re

from .days import corrections, without_day

__all__ = [
    "COMMAND_PHRASES",
    "CORRECTION_PHRASES",
    "LEFT_TO_US",
    "TIME_PHRASES",
    "YES_NO_PHRASES",
    "part_of_day_in",
    "spoken_time",
    "time_in",
    "yes_in",
]

_HOURS = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_MINUTES = {
    "five": 5,
    "ten": 10,
    "fifteen": 15,
    "twenty": 20,
    "twenty five": 25,
    "thirty": 30,
    "thirty five": 35,
    "forty": 40,
    "forty five": 45,
    "fifty": 50,
    "fifty five": 55,
}
_HOUR = {name: number for number, name in enumerate(_HOURS, 1)}

COMMAND_PHRASES = (
    *("goodbye", "bye", "hang up", "cancel", "never mind", "stop", "wait"),
    *("repeat that", "say that again", "what did you say", "please"),
)
TIME_PHRASES = tuple(
    phrase
    for hour in _HOURS
    for phrase in (
        *(hour, f"at {hour}", f"{hour} o'clock", f"at {hour} o'clock"),
        *(f"half past {hour}", f"at half past {hour}"),
        *(f"quarter past {hour}", f"quarter to {hour}"),
        *(f"{hour} thirty", f"{hour} fifteen", f"{hour} forty five"),
        *(f"{hour} pm", f"{hour} am"),
        *(f"{hour} in the morning", f"{hour} in the afternoon"),
    )
) + ("noon", "at noon", "midday")
CORRECTION_PHRASES = (
    *("make it", "no make it", "no wait", "not", "instead", "change it"),
    *("the day", "the time", "another time"),
)
YES_NO_PHRASES = (
    *("yes", "yes please", "yeah", "yep", "sure", "okay", "that works", "correct"),
    *("right", "that's right", "go ahead", "perfect", "fine", "of course"),
    *("no", "no thanks", "nope", "wrong", "not really", "another day"),
)

_H = "|".join(_HOURS)
_M = "|".join(sorted(_MINUTES, key=len, reverse=True))
_PAST_TO = re.compile(rf"\b(half|quarter|{_M}) (past|to) ({_H})\b")
# "One thing", "two clients", "that one": numbers that are no time of day.
_NO_HOUR = (
    r"(?! (?:past|to|or two|more|of|thing|things|moment|second|question|questions"
    r"|minutes?|mins?|hours?|days?|weeks?|months?|years?|times?|clients?|funds?"
    r"|percent|point|people|hundred|thousand|million)\b)"
)
_CLOCK = re.compile(
    r"(?<!that )(?<!this )(?<!which )(?<!the )(?<!any )"
    rf"\b({_H})(?: ({_M}))?\b{_NO_HOUR}"
)
_NOT_TIME = re.compile(
    rf"\bnot (?:at )?(?:(?:half|quarter|{_M}) (?:past|to) )?(?:{_H})(?: (?:{_M}))?\b"
)
_DIGITS = re.compile(
    r"(?<![/.\d-])\b(\d{1,2})(?::(\d{2}))?"
    rf"(?= ?(?:[ap]\.?m|o'clock|$|\s)){_NO_HOUR}"
)
# Digits may touch them, "9pm"; "i am free at five" is no time of day.
_MORNING = re.compile(r"(?<!\bi )(?<![a-z])(a\.? ?m\b|morning)")
_AFTERNOON = re.compile(r"(?<![a-z])(p\.? ?m\b|afternoon|evening)")
LEFT_TO_US = (
    r"any ?time|whenever|you choose|your choice|up to you"
    r"|when (?:can|could|do|are) you|what times? (?:do you have|are)"
)
"A pattern: the caller leaves it to us to name a time."
_PARTS = tuple(
    (re.compile(pattern), clock)
    for pattern, clock in (
        (r"\bmorning\b|\bearly\b", "10:00"),
        (r"\bafternoon\b|\bafter lunch\b", "14:00"),
        (r"\bevening\b|\bend of the day\b", "17:00"),
        (rf"\b(?:{LEFT_TO_US})\b", "10:00"),
    )
)
_NOON = re.compile(r"\b(noon|midday)\b")
_YES = re.compile(
    r"\b(yes|yeah|yep|yup|sure|ok|okay|alright|all right|works|correct|right|exactly"
    r"|go ahead|perfect|fine|of course|certainly|absolutely|definitely|i do|indeed"
    r"|(?:sounds|would be) (?:good|great|nice|helpful|useful)|let's do|please do"
    r"|happy to|i think so)\b"
)
_NO = re.compile(
    r"\b(no|nope|not|wrong|another|don't|can't|cannot|(?:does|is|wo|would|did)n't"
    r"|never|impossible|unfortunately)\b"
)
_NO_THAT_IS_YES = re.compile(
    r"\b(?:why not|no problem|not a problem|don't mind|no worries)\b"
)


def time_in(text: str) -> str | None:
    """The time named as `HH:MM`.

    Of a correction, the last one. Without morning or afternoon, one to seven is taken
    for the afternoon and the rest for the morning: people meet in office hours, and
    the answer says it back.
    """
    for part in corrections(text):
        if (found := _time_in(_NOT_TIME.sub("", without_day(part)))) is not None:
            return found
    return None


def _time_in(text: str) -> str | None:
    if _NOON.search(text):
        return "12:00"
    found = _clock_in(text)
    if found is None:
        return None
    hour, minute = found
    if _AFTERNOON.search(text):
        hour = hour % 12 + 12
    elif _MORNING.search(text):
        hour %= 12
    elif 1 <= hour <= 7:
        hour += 12
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def part_of_day_in(text: str) -> str | None:
    """A time to propose to who only said `in the morning`, or leaves it to us."""
    for pattern, clock in _PARTS:
        if pattern.search(text):
            return clock
    return None


def _clock_in(text: str) -> tuple[int, int] | None:
    if found := _PAST_TO.search(text):
        amount, direction, hour_name = found.groups()
        minutes = {"half": 30, "quarter": 15}.get(amount) or _MINUTES[amount]
        hour = _HOUR[hour_name]
        if direction == "past":
            return hour, minutes
        return (hour - 2) % 12 + 1, 60 - minutes
    if found := _CLOCK.search(text):
        hour_name, minute_name = found.groups()
        return _HOUR[hour_name], _MINUTES.get(minute_name or "", 0)
    if found := _DIGITS.search(text):
        return int(found.group(1)), int(found.group(2) or 0)
    return None


def spoken_time(clock: str) -> str:
    """`14:30` as people write and say it: `2:30 PM`."""
    hour, minute = (int(part) for part in clock.split(":"))
    if (hour, minute) == (12, 0):
        return "noon"
    half = "AM" if hour < 12 else "PM"
    shown = hour % 12 or 12
    return f"{shown}:{minute:02} {half}" if minute else f"{shown} {half}"


def yes_in(text: str) -> bool | None:
    """True for yes, False for no, None for neither; a no wins: it is never booked."""
    text = _NO_THAT_IS_YES.sub("yes", text)
    if _NO.search(text):
        return False
    return True if _YES.search(text) else None
