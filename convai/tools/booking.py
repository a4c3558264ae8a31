"""book_meeting: the agent says what was agreed, and is told what it comes to. Pure.

A wrong invitation is worse than none, so everything is checked that can be: the day
exists, the time exists on that day, it lies ahead. The answer names the weekday, for
the agent to compare it with what it heard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from ..events import Booked
from ..mail.address import address
from ..meeting.meeting import DEFAULT_MIN, LONGEST_MIN, known_zone, one_line
from .tool import Done, Tool, ToolError
from .toolbox import ToolboxError

__all__ = ["Agreed", "Clock", "agreed", "book_meeting"]

Clock: TypeAlias = Callable[[], datetime]
"Says what time it is; with a zone, whichever."

FURTHEST = timedelta(days=366)
"Nobody agrees on a day next but one year on the phone; a year misheard is likelier."
NEAR_YEARS = 2
"Further away there is nothing to work out, and at the ends of the calendar no UTC."

WEEKDAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip
"`strftime` would give those of the server's locale."

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")

DESCRIPTION = (
    "Book a meeting. Use it only after the other person has agreed to a day and a time."
    " Work out the date from today's date. The result names the weekday: if it is not"
    " the day that was agreed on, correct the date and book again; the last booking"
    " counts."
)

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "date": {"type": "string", "description": "The day, as YYYY-MM-DD."},
        "time": {
            "type": "string",
            "description": "When it begins, as HH:MM on the 24-hour clock.",
        },
        "zone": {
            "type": "string",
            "description": (
                "IANA time zone of that time, such as America/New_York. Leave it out"
                " unless the other person is somewhere else."
            ),
        },
        "duration_min": {
            "type": "integer",
            "minimum": 5,
            "maximum": LONGEST_MIN,
            "description": f"Minutes it takes; {DEFAULT_MIN} when not said.",
        },
        "attendee": {
            "type": "string",
            "description": "Name of the person who will attend.",
        },
        "email": {
            "type": "string",
            "description": (
                "E-mail address of that person, if they gave it: they get an invitation"
                " there. Read it back to them first."
            ),
        },
        "topic": {"type": "string", "description": "What it is about, in a few words."},
    },
    "required": ["date", "time"],
}


class Agreed(NamedTuple):
    """When it is: local time of its zone, which the zone's clocks really show."""

    start: datetime
    end: datetime
    twice: bool
    "The clocks are put back: they show this time twice, and the first is meant."


def book_meeting(*, zone: str, now: Clock) -> Tool:
    """The tool for one call. Raises ToolboxError when nobody knows the zone."""
    home = known_zone(zone)
    if home is None:
        raise ToolboxError(f"book_meeting: there is no time zone {zone}")

    async def run(arguments: Mapping[str, Any]) -> Done:
        minutes = int(arguments.get("duration_min") or DEFAULT_MIN)
        email = _email(arguments)
        meeting = agreed(
            day=arguments["date"],
            at=arguments["time"],
            zone=_zone(arguments, home),
            minutes=minutes,
            now=now(),
        )
        booked = Booked(
            meeting.start,
            minutes,
            attendee=one_line(arguments.get("attendee", "")),
            email=email,
            topic=one_line(arguments.get("topic", "")),
        )
        return Done(_booked(meeting), (booked,))

    return Tool("book_meeting", DESCRIPTION, PARAMETERS, run)


def agreed(*, day: str, at: str, zone: ZoneInfo, minutes: int, now: datetime) -> Agreed:
    """The meeting, if it can be. Raises ToolError with words for the agent."""
    wall = datetime.combine(_day(day, now, zone), _time(at))
    if abs(wall.year - now.year) > NEAR_YEARS:
        raise ToolError(f"{day} is not in the coming year. {_today(now, zone)}")
    start = wall.replace(tzinfo=zone)
    if start.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        raise ToolError(
            f"There is no {at} on {_date_words(start)} in {zone}: the clocks are put"
            " forward over it. Agree on another time."
        )
    begins = start.astimezone(UTC)
    if begins <= now:
        raise ToolError(f"{_words(start)} is in the past. {_today(now, zone)}")
    if begins - now > FURTHEST:
        raise ToolError(f"{_words(start)} is over a year away. {_today(now, zone)}")
    end = (begins + timedelta(minutes=minutes)).astimezone(zone)
    twice = start.utcoffset() != start.replace(fold=1).utcoffset()
    return Agreed(start, end, twice)


def _day(text: str, now: datetime, zone: ZoneInfo) -> date:
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ToolError(f"There is no {text}. {_today(now, zone)}") from None
    raise ToolError(f"Write the date as YYYY-MM-DD. {_today(now, zone)}")


def _time(text: str) -> time:
    if _TIME.fullmatch(text):
        try:
            return time.fromisoformat(text)
        except ValueError:
            pass
    raise ToolError("Write the time as HH:MM on the 24-hour clock, such as 15:00.")


def _zone(arguments: Mapping[str, Any], home: ZoneInfo) -> ZoneInfo:
    name = arguments.get("zone", "").strip()
    zone = known_zone(name) if name else home
    if zone is None:
        raise ToolError(
            f"There is no such time zone. Write one like America/New_York; leave it out"
            f" for {home}."
        )
    return zone


def _email(arguments: Mapping[str, Any]) -> str:
    text = arguments.get("email", "").strip()
    found = address(text) if text else ""
    if found is None:
        raise ToolError(
            "That is not an e-mail address. Ask for it again, or book without it."
        )
    return found


def _booked(meeting: Agreed) -> str:
    start, end, twice = meeting
    until = f"{end:%H:%M}"
    if end.date() != start.date():
        until = f"{WEEKDAYS[end.weekday()]} {until}"
    first = " That time comes twice, the first is meant." if twice else ""
    return f"Booked: {_words(start)} to {until} {start.tzinfo}.{first}"


def _today(now: datetime, zone: ZoneInfo) -> str:
    return f"It is now {_words(now.astimezone(zone))} in {zone}."


def _words(when: datetime) -> str:
    return f"{_date_words(when)}, {when:%H:%M}"


def _date_words(when: datetime) -> str:
    day = f"{WEEKDAYS[when.weekday()]} {when.day} {MONTHS[when.month - 1]}"
    return f"{day} {when.year}"
