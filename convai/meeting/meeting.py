"""Meeting: what was agreed on, where it was said, how sure it is. Pure.

A meeting is identified by the agreement, not by its time: when it is moved, it is the
same meeting with a greater `sequence`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from ..events import Party

__all__ = [
    "DEFAULT_MIN",
    "LONGEST_MIN",
    "LONGEST_TEXT",
    "Evidence",
    "Meeting",
    "Source",
    "Status",
    "known_zone",
    "one_line",
    "stated",
]

Status: TypeAlias = Literal["draft", "agreed", "cancelled"]
"""`draft`: something of it is missing, it is shown to be completed and never sent;
`cancelled`: in the conversation, or taken back by a person."""

Source: TypeAlias = Literal["tool", "transcript", "page"]
"Who said so last: the agent's tool, the words of both, or a person on a page."

DEFAULT_MIN = 30
"Minutes of a meeting whose length nobody names."
LONGEST_MIN = 8 * 60
"Minutes: a working day."
LONGEST_TEXT = 200
"Characters of a name or a topic: they end up in the subject of a letter."
MOST_EVIDENCE = 12
"Sentences."
LONGEST_SENTENCE = 500
"Characters of one that is kept as evidence."


@dataclass(frozen=True, slots=True)
class Evidence:
    """A turn that made the meeting."""

    who: Party
    text: str
    start_ms: int | None = None
    "On the recording's clock; None when it came without times."
    end_ms: int | None = None

    def to_json(self) -> dict[str, Any]:
        times = {"start_ms": self.start_ms, "end_ms": self.end_ms}
        known = {key: ms for key, ms in times.items() if ms is not None}
        return {"who": self.who, "text": self.text, **known}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    status: Status
    zone: str
    "IANA name: where the clocks show the agreed time."
    start: datetime | None = None
    "In `zone`; None only in a draft."
    day: date | None = None
    "Of a draft, if it is known."
    time: time | None = None
    "Of a draft, if it is known."
    duration_min: int = DEFAULT_MIN
    attendee: str = ""
    "Name of the person who attends."
    email: str = ""
    "Address of that person."
    topic: str = ""
    confidence: float = 0.0
    "0 to 1."
    source: Source = "transcript"
    evidence: tuple[Evidence, ...] = field(default=(), repr=False)
    id: str = ""
    "Of the agreement, the same however often it is moved; hard to guess."
    sequence: int = 0
    "Grows with each change (RFC 5545, 3.8.7.4)."

    @property
    def end(self) -> datetime | None:
        """In its zone; None in a draft."""
        if self.start is None:
            return None
        # In UTC: across a change of the clocks the minutes count, not the hands.
        ends = self.start.astimezone(UTC) + timedelta(minutes=self.duration_min)
        return ends.astimezone(self.start.tzinfo)

    def to_json(self) -> dict[str, Any]:
        """Of a draft, `missing` says what it wants."""
        start = self.start and self.start.isoformat(timespec="seconds")
        content: dict[str, Any] = {"id": self.id, "status": self.status, "start": start}
        if self.status == "draft":
            content["day"] = self.day and self.day.isoformat()
            content["time"] = self.time and self.time.isoformat(timespec="minutes")
            known = {"day": self.day, "time": self.time}
            content["missing"] = [name for name, it in known.items() if it is None]
        return {
            **content,
            "zone": self.zone,
            "duration_min": self.duration_min,
            "attendee": self.attendee,
            "email": self.email,
            "topic": self.topic,
            "confidence": round(self.confidence, 2),
            "source": self.source,
            "sequence": self.sequence,
            "evidence": [it.to_json() for it in self.evidence],
        }


def stated(content: Mapping[str, Any]) -> Meeting:
    """The meeting that `to_json` wrote. Raises ValueError when it is none."""
    zone = known_zone(_text(content, "zone"))
    if zone is None:
        raise ValueError("no such time zone")
    start, day, at = (content.get(name) for name in ("start", "day", "time"))
    begins = None
    if start is not None:
        begins = datetime.fromisoformat(_string(start))
        if begins.tzinfo is None:
            raise ValueError("start is without an offset")
        begins = _there(begins, zone)
    status = _one_of(content.get("status"), get_args(Status))
    if begins is None and status != "draft":
        raise ValueError("only a draft has no start")
    return Meeting(
        status=status,
        zone=str(zone),
        start=begins,
        day=None if day is None else date.fromisoformat(_string(day)),
        time=None if at is None else time.fromisoformat(_string(at)),
        duration_min=_whole(content.get("duration_min"), 1, LONGEST_MIN),
        attendee=one_line(_text(content, "attendee")),
        email=one_line(_text(content, "email")),
        topic=one_line(_text(content, "topic")),
        confidence=_share(content.get("confidence")),
        source=_one_of(content.get("source"), get_args(Source)),
        evidence=_evidence(content.get("evidence")),
        id=_text(content, "id"),
        sequence=_whole(content.get("sequence", 0), 0, 1_000_000),
    )


def known_zone(name: str) -> ZoneInfo | None:
    """The zone of that name; None when nobody knows it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # A name like `America` is a folder, one like `../etc` no name at all.
        return None


def one_line(text: str) -> str:
    """One line, without anything that a letter's head could stumble over."""
    visible = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(visible.split())[:LONGEST_TEXT]


def _there(when: datetime, zone: ZoneInfo) -> datetime:
    try:
        return when.astimezone(zone)
    except OverflowError:
        raise ValueError("start is out of any calendar") from None


def _share(value: object) -> float:
    if value is None:
        return 0.0
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("confidence is a number from 0 to 1")
    return float(value)


def _evidence(content: object) -> tuple[Evidence, ...]:
    if not isinstance(content, Sequence) or isinstance(content, str):
        return ()
    return tuple(_sentence(it) for it in content[:MOST_EVIDENCE])


def _sentence(content: object) -> Evidence:
    if not isinstance(content, Mapping):
        raise ValueError("evidence is a list of objects")
    who = _one_of(content.get("who"), get_args(Party))
    times = []
    for name in ("start_ms", "end_ms"):
        value = content.get(name)
        times.append(None if value is None else _whole(value, 0, 1 << 53))
    return Evidence(who, _text(content, "text")[:LONGEST_SENTENCE], *times)


def _text(content: Mapping[str, Any], name: str) -> str:
    return _string(content.get(name, ""))


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _whole(value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError("not a whole number that can be")
    return value


def _one_of(value: object, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise ValueError(f"not one of {', '.join(allowed)}")
    return value
