"""Days, times and yes or no in spoken English: recognised, normalised, said back.

Pure. The `*_PHRASES` are what the recogniser is told to expect; the functions read
whatever it made of the sound.
"""

from __future__ import annotations

import re

__all__ = [
    "COMMAND_PHRASES",
    "CORRECTION_PHRASES",
    "DAY_PHRASES",
    "TIME_PHRASES",
    "YES_NO_PHRASES",
    "day_in",
    "denied_day_in",
    "spoken_time",
    "time_in",
    "yes_in",
]

_DAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
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
DAY_PHRASES = (
    *_DAYS,
    *(f"on {day}" for day in _DAYS),
    *(f"next {day}" for day in _DAYS),
    *(f"this {day}" for day in _DAYS),
    *("today", "tomorrow", "the day after tomorrow", "next week"),
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

_DAY = re.compile(rf"\b(?:(next) )?({'|'.join(_DAYS)})\b")
_NOT_DAY = re.compile(
    rf"\bnot (?:(?:on|this) )?((?:next )?(?:{'|'.join(_DAYS)})|tomorrow|today)\b"
)
_RELATIVE = re.compile(r"\b(the day after tomorrow|tomorrow|today)\b")
_H = "|".join(_HOURS)
_M = "|".join(sorted(_MINUTES, key=len, reverse=True))
_PAST_TO = re.compile(rf"\b(half|quarter|{_M}) (past|to) ({_H})\b")
_CLOCK = re.compile(rf"\b({_H})(?: ({_M}))?\b(?! (?:past|to|moment|second|minute)\b)")
_NOT_TIME = re.compile(
    rf"\bnot (?:at )?(?:(?:half|quarter|{_M}) (?:past|to) )?(?:{_H})(?: (?:{_M}))?\b"
)
_DIGITS = re.compile(r"\b(\d{1,2})(?::(\d{2}))?(?= ?(?:[ap]\.?m|o'clock|$|\s))")
# Digits may touch them, "9pm"; "i am free at five" is no time of day.
_MORNING = re.compile(r"(?<!\bi )(?<![a-z])(a\.? ?m\b|morning)")
_AFTERNOON = re.compile(r"(?<![a-z])(p\.? ?m\b|afternoon|evening)")
_NOON = re.compile(r"\b(noon|midday)\b")
_YES = re.compile(
    r"\b(yes|yeah|yep|sure|ok|okay|works|correct|right|go ahead|perfect|fine"
    r"|of course)\b"
)
_NO = re.compile(r"\b(no|nope|not|wrong|another|don't)\b")
_NO_THAT_IS_YES = re.compile(r"\b(?:why not|no problem|not a problem)\b")


def day_in(text: str) -> str | None:
    """The day named, e.g. `tuesday`, `next friday`, `tomorrow`."""
    text = _NOT_DAY.sub("", text)
    if found := _DAY.search(text):
        return " ".join(part for part in found.groups() if part)
    if found := _RELATIVE.search(text):
        return found.group(1)
    return None


def denied_day_in(text: str) -> str | None:
    """The day that it is not to be: `tuesday` of `not tuesday`."""
    found = _NOT_DAY.search(text)
    return found.group(1) if found else None


def time_in(text: str) -> str | None:
    """The time named as `HH:MM`.

    Without morning or afternoon, one to seven is taken for the afternoon and the
    rest for the morning: people meet in office hours, and the answer says it back.
    """
    text = _NOT_TIME.sub("", text)
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
