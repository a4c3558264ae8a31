"""Invitation: a meeting as iCalendar, for calendars to take up. Pure.

REQUEST and CANCEL are for whom they name (RFC 5546, 3.2.2 and 3.2.5); PUBLISH names
nobody and only says that there is a meeting. All that concern one meeting have one UID,
and the greatest SEQUENCE counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from icalendar import Calendar, Event, vCalAddress, vDDDTypes, vText

from ..meeting.meeting import Meeting, one_line
from .address import Mailbox
from .spoken import clipped
from .timezone import timezone
from .when import times

__all__ = ["Method", "invitation", "title"]

Method: TypeAlias = Literal["REQUEST", "CANCEL", "PUBLISH"]

LONGEST_NAME = 80
"Characters of a name in a title."

PRODUCT = "-//Parley//Meeting//EN"


def invitation(
    meeting: Meeting,
    *,
    method: Method,
    now: datetime,
    organizer: Mailbox | None = None,
    attendees: Sequence[Mailbox] = (),
    description: str = "",
    url: str = "",
) -> bytes:
    """text/calendar, in UTF-8. Raises ValueError for a meeting without a time."""
    start, end = (_written(it) for it in times(meeting))
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"{one_line(meeting.id)}@parley")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", title(meeting))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("transp", "OPAQUE")
    if description:
        event.add("description", description)
    if url:
        event.add("url", url)
    if organizer is not None:
        event.add("organizer", _party(organizer))
    for attendee in attendees:
        event.add("attendee", _guest(attendee, method))
    calendar.add_component(event)
    zones = {_zone_of(it): it for it in (start, end)}
    for name, when in zones.items():
        if name and when.tzinfo is not None:
            # Before the event, as readers expect it.
            calendar.subcomponents.insert(0, timezone(name, when.tzinfo, when))
    return bytes(calendar.to_ical())


def title(meeting: Meeting) -> str:
    """What it is called in a calendar: `Pension plan (Ann Lee)`."""
    topic = one_line(meeting.topic)
    name = clipped(one_line(meeting.attendee), LONGEST_NAME)
    if topic and name:
        return f"{topic} ({name})"
    return topic or (f"Meeting with {name}" if name else "Meeting")


def _written(when: datetime) -> datetime:
    """In UTC where the clocks show a time twice.

    RFC 5545, 3.3.5 says that the first is meant, but not all readers know.
    """
    first, second = (when.replace(fold=it).utcoffset() for it in (0, 1))
    return when if first == second else when.astimezone(UTC)


def _zone_of(when: datetime) -> str:
    """Which VTIMEZONE a time wants; empty when it is written in UTC."""
    return str(vDDDTypes(when).params.get("TZID", ""))


def _party(mailbox: Mailbox) -> vCalAddress:
    party = vCalAddress(f"mailto:{mailbox.address}")
    if mailbox.name:
        party.params["CN"] = vText(_quotable(mailbox.name))
    return party


def _guest(mailbox: Mailbox, method: Method) -> vCalAddress:
    guest = _party(mailbox)
    guest.params["CUTYPE"] = "INDIVIDUAL"
    guest.params["ROLE"] = "REQ-PARTICIPANT"
    if method == "REQUEST":
        guest.params["PARTSTAT"] = "NEEDS-ACTION"
        guest.params["RSVP"] = "TRUE"
    return guest


def _quotable(name: str) -> str:
    """RFC 5545 has no way to quote a quotation mark in a parameter; RFC 6868's carets
    are read by few.
    """
    return one_line(name).replace('"', "'").replace("^", " ")
