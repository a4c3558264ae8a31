"""Correction: a meeting as somebody wrote it on a page. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..mail.address import address
from ..meeting.meeting import LONGEST_MIN, LONGEST_TEXT, Meeting, known_zone, one_line
from ..tools.booking import agreed
from ..tools.tool import ToolError

__all__ = ["BadMeeting", "corrected"]

LEAST_MIN = 5


class BadMeeting(ValueError):
    """Such a meeting there cannot be; the text says why, for people."""


def corrected(meeting: Meeting, body: Mapping[str, Any], now: datetime) -> Meeting:
    """The meeting with what `body` says of it; what it does not name stays.

    `body`: day (YYYY-MM-DD), time (HH:MM), zone, duration_min, attendee, email, topic.
    It is agreed then, also when it was a draft. Raises BadMeeting.
    """
    zone = known_zone(_text(body, "zone") or meeting.zone)
    if zone is None:
        raise BadMeeting("there is no such time zone")
    minutes = body.get("duration_min", meeting.duration_min)
    if type(minutes) is not int or not LEAST_MIN <= minutes <= LONGEST_MIN:
        raise BadMeeting(f"duration_min must be {LEAST_MIN} to {LONGEST_MIN}")
    day, at = _when(meeting, body)
    kept = meeting.start is not None and meeting.zone == str(zone)
    if kept and meeting.start is not None and (day, at) == _hands(meeting.start):
        start = meeting.start  # also the second of two times that a clock shows
    else:
        try:
            start = agreed(day=day, at=at, zone=zone, minutes=minutes, now=now).start
        except ToolError as error:
            raise BadMeeting(str(error)) from None
    return replace(
        meeting,
        status="agreed",
        start=start,
        day=None,
        time=None,
        zone=str(zone),
        duration_min=minutes,
        attendee=_line(body, "attendee", meeting.attendee),
        email=_email(body, meeting.email),
        topic=_line(body, "topic", meeting.topic),
        confidence=1.0,
        source="page",
        sequence=meeting.sequence + 1,
    )


def _when(meeting: Meeting, body: Mapping[str, Any]) -> tuple[str, str]:
    """Day and time as they are to be."""
    day, at = "", ""
    if meeting.start is not None:
        day, at = _hands(meeting.start)
    else:
        day = meeting.day.isoformat() if meeting.day else ""
        at = meeting.time.isoformat(timespec="minutes") if meeting.time else ""
    day, at = _text(body, "day") or day, _text(body, "time") or at
    for name, text in (("day", day), ("time", at)):
        if not text:
            raise BadMeeting(f"the {name} is missing")
    return day, at


def _hands(start: datetime) -> tuple[str, str]:
    return f"{start:%Y-%m-%d}", f"{start:%H:%M}"


def _email(body: Mapping[str, Any], known: str) -> str:
    if "email" not in body:
        return known
    text = _text(body, "email").strip()
    found = address(text) if text else ""
    if found is None:
        raise BadMeeting("this is not an e-mail address")
    return found


def _line(body: Mapping[str, Any], name: str, known: str) -> str:
    return one_line(_text(body, name)) if name in body else known


def _text(body: Mapping[str, Any], name: str) -> str:
    text = body.get(name, "")
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT * 2:
        raise BadMeeting(f"{name} must be a text of at most {LONGEST_TEXT} characters")
    # Half a surrogate pair can be in JSON, but neither in a file nor in a letter.
    return text.encode("utf-8", "replace").decode("utf-8")
