"""Links: a meeting into a calendar on the web, by one click. Pure.

For those whose mail program makes nothing of an invitation. Spaces are `%20`: Outlook
shows a plus as a plus.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from ..meeting.meeting import Meeting
from .invitation import title
from .when import times

__all__ = ["Link", "calendars"]

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/deeplink/compose"
OFFICE = "https://outlook.office.com/calendar/deeplink/compose"

LONGEST = 800
"Characters of the text: longer addresses are cut by some mail programs."


class Link(NamedTuple):
    name: str
    url: str


def calendars(meeting: Meeting, description: str = "") -> list[Link]:
    """Raises ValueError for a meeting without a time."""
    start, end = (it.astimezone(UTC) for it in times(meeting))
    text = description[:LONGEST]
    google = {
        "action": "TEMPLATE",
        "text": title(meeting),
        "dates": f"{start:%Y%m%dT%H%M%SZ}/{end:%Y%m%dT%H%M%SZ}",
        "ctz": meeting.zone,
        "details": text,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title(meeting),
        "startdt": _moment(start),
        "enddt": _moment(end),
        "body": text,
    }
    return [
        Link("Google", _url(GOOGLE, google)),
        Link("Outlook.com", _url(OUTLOOK, outlook)),
        Link("Microsoft 365", _url(OFFICE, outlook)),
    ]


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def _url(base: str, query: dict[str, str]) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{base}?{urlencode(given, quote_via=quote, safe='', errors='replace')}"
