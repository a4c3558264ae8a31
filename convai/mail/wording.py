"""Wording: what a letter says, as text and as HTML. Pure.

The texts are templates in `templates/`: whoever wants other words changes those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..events import Party
from ..meeting.meeting import Meeting
from . import when
from .digest import Point, digest
from .excerpt import excerpt
from .invitation import title
from .links import calendars
from .occasion import Occasion
from .spoken import clipped, clock, tidy

__all__ = ["Role", "Wording", "wording"]

Role: TypeAlias = Literal["desk", "attendee"]

LONGEST_NAME = 80
"Characters of a name in a sentence."

_SOURCES = {
    "tool": "booked by the agent in the conversation",
    "transcript": "noticed in the conversation",
    "page": "entered on the page",
}


@dataclass(frozen=True, slots=True)
class Wording:
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    description: str = field(repr=False)
    "For the entry in a calendar."
    link: str = field(repr=False)
    "The call in the history, for who may see it."


def wording(
    meeting: Meeting,
    occasion: Occasion,
    role: Role,
    method: Literal["REQUEST", "CANCEL"],
    *,
    changed: bool,
) -> Wording:
    """Raises ValueError for a meeting without a time."""
    start, end = when.times(meeting)
    link = _web(occasion.link) if role == "desk" else ""
    kind = "cancelled" if method == "CANCEL" else "changed" if changed else "agreed"
    names = _names(meeting, occasion, role)
    points = [_point(it, names) for it in digest(occasion.turns)]
    facts = {
        **_about(meeting, occasion, role),
        **_call(occasion, start),
        **_times(start, end, meeting),
        "kind": kind,
        "heading": f"Meeting {kind}",
        "points": points,
        "lines": excerpt(meeting, occasion.turns, names),
        "link": link,
    }
    # Short in links: readers of plain text see all of them.
    facts["calendars"] = (
        [] if kind == "cancelled" else calendars(meeting, _where(facts))
    )
    description = _description(facts)
    return Wording(
        subject=_subject(meeting, start, role, kind),
        text=_templates().get_template("letter.txt.j2").render(facts),
        html=_templates().get_template("letter.html.j2").render(facts),
        description=description,
        link=link,
    )


def _about(meeting: Meeting, occasion: Occasion, role: Role) -> dict[str, Any]:
    topic = _topic(meeting)
    return {
        "role": role,
        # Its reader knows his own name; the desk finds it below.
        "title": topic or ("Meeting" if role == "attendee" else title(meeting)),
        "attendee": _name(meeting.attendee),
        "email": tidy(meeting.email),
        "source": _SOURCES[meeting.source],
        "sure": f"{meeting.confidence:.0%}" if meeting.confidence else "",
    }


def _call(occasion: Occasion, start: datetime) -> dict[str, Any]:
    began = occasion.began.astimezone(start.tzinfo)
    length = occasion.length_s
    return {
        "agent": _name(occasion.agent) or "our agent",
        "profile": _name(occasion.profile),
        "call": tidy(occasion.call),
        "began": f"{when.day(began)}, {when.clock(began)}",
        "began_day": when.day(began),
        "length": "" if length is None else clock(round(length * 1000)),
    }


def _times(start: datetime, end: datetime, meeting: Meeting) -> dict[str, Any]:
    hours, minutes = divmod(meeting.duration_min, 60)
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((hours, "hour"), (minutes, "minute"))
        if count
    ]
    return {
        "day": when.day(start),
        "day_number": start.day,
        "weekday": when.day(start).partition(",")[0],
        "month": when.month(start),
        "span": when.span(start, end),
        "zone": meeting.zone.replace("_", " "),
        "offset": when.offset(start),
        "utc": when.in_utc(start, end),
        "minutes": " ".join(parts),
    }


def _subject(meeting: Meeting, start: datetime, role: Role, kind: str) -> str:
    """`Meeting on Thursday, 26 November 2026, 15:00: Pension plan (Ann Lee)`."""
    topic, name = _topic(meeting), _name(meeting.attendee)
    prefix = {"changed": "Updated: ", "cancelled": "Cancelled: "}.get(kind, "")
    what = f": {clipped(topic, LONGEST_NAME)}" if topic else ""
    whom = f" ({name})" if name and role == "desk" else ""
    return f"{prefix}Meeting on {when.day(start)}, {when.clock(start)}{what}{whom}"


def _description(facts: Mapping[str, Any]) -> str:
    """Short: calendars show it in a corner."""
    said = [f"- “{text}” ({who})" for who, text in facts["points"]]
    parts = [
        _where(facts),
        "\n".join(["What was discussed:", *said]) if said else "",
        f"The call: {facts['link']}" if facts["link"] else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _where(facts: Mapping[str, Any]) -> str:
    return f"Agreed on the phone with {facts['agent']}, {facts['began']}."


def _names(meeting: Meeting, occasion: Occasion, role: Role) -> dict[Party, str]:
    caller = _name(meeting.attendee) or "Caller"
    return {
        "caller": "You" if role == "attendee" else caller,
        "agent": _name(occasion.agent) or "Agent",
    }


def _point(point: Point, names: Mapping[Party, str]) -> tuple[str, str]:
    return names[point.who], point.text


def _topic(meeting: Meeting) -> str:
    return tidy(meeting.topic)


def _name(text: str) -> str:
    return clipped(tidy(text), LONGEST_NAME)


def _web(link: str) -> str:
    """A link that leads to the web and nowhere else."""
    try:
        fine = urlsplit(link).scheme in ("http", "https") and link.isprintable()
    except ValueError:
        fine = False
    return link if fine and " " not in link else ""


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
