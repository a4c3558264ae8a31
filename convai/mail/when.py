"""When: a meeting's time in words, in its own zone and in UTC. Pure.

`strftime` would name days in the language of the server.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ..meeting.meeting import Meeting, known_zone

__all__ = ["clock", "day", "in_utc", "month", "offset", "span", "times"]

WEEKDAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip


def day(when: datetime) -> str:
    """`Thursday, 26 November 2026`."""
    return f"{WEEKDAYS[when.weekday()]}, {when.day} {month(when)} {when.year}"


def month(when: datetime) -> str:
    return MONTHS[when.month - 1]


def clock(when: datetime) -> str:
    """`15:00`."""
    return f"{when:%H:%M}"


def span(start: datetime, end: datetime) -> str:
    """`15:00 to 15:30`; with the day of its end if that is another."""
    if end.date() == start.date():
        return f"{clock(start)} to {clock(end)}"
    return f"{clock(start)} to {day(end)}, {clock(end)}"


def times(meeting: Meeting) -> tuple[datetime, datetime]:
    """Start and end as the clocks of its zone show them.

    Raises ValueError for a draft, which has none.
    """
    start, end = meeting.start, meeting.end
    if start is None or end is None:
        raise ValueError("a draft has no time")
    zone = known_zone(meeting.zone) or start.tzinfo
    # By way of UTC: also a time that the clocks skip becomes one that they show.
    return start.astimezone(UTC).astimezone(zone), end.astimezone(UTC).astimezone(zone)


def offset(when: datetime) -> str:
    """`UTC+1`, `UTC-3:30`, `UTC`: which of its zone's times it is."""
    minutes = round((when.utcoffset() or UTC.utcoffset(None)).total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "-"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"


def in_utc(start: datetime, end: datetime) -> str:
    """The span in UTC, with the day if that is another; empty if it is the same."""
    begins, ends = start.astimezone(UTC), end.astimezone(UTC)
    if begins.replace(tzinfo=None) == start.replace(tzinfo=None):
        return ""
    words = span(begins, ends)
    return words if begins.date() == start.date() else f"{day(begins)}, {words}"
