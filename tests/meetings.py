"""Meetings, a desk, and a post that takes letters and does with them as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from convai.desk.courier import round_of
from convai.desk.desk import Desk
from convai.desk.diary import Diary
from convai.desk.entry import Entry, Talk
from convai.desk.rules import Rules
from convai.meeting.meeting import Evidence, Meeting
from convai.post.parcel import Parcel, Report, State
from convai.turn import Turn

__all__ = [
    "CALL",
    "ID",
    "NOW",
    "OTHER",
    "THURSDAY",
    "Bureau",
    "FakePost",
    "agreed",
    "bureau",
    "draft",
    "quiet",
    "talk",
]

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
"Of the wall clock, when the loop's begins. A Monday."
THURSDAY = datetime(2026, 11, 26, 15, tzinfo=VIENNA)
CALL = "20261123-140509-0123456789ab"
ID = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"

PROPOSED = Turn("agent", "Thursday at three?", 1000, 2500, final=True)
ACCEPTED = Turn("caller", "Great, Thursday at three.", 3000, 4500, final=True)


def agreed(id: str = ID, **more: Any) -> Meeting:
    fields: dict[str, Any] = {
        "status": "agreed",
        "zone": "Europe/Vienna",
        "start": THURSDAY,
        "attendee": "Nat",
        "email": "nat@example.com",
        "topic": "ETFs",
        "confidence": 0.9,
        "evidence": tuple(
            Evidence(it.who, it.text, it.start_ms, it.end_ms)
            for it in (PROPOSED, ACCEPTED)
        ),
        "id": id,
    }
    return Meeting(**{**fields, **more})


def draft(id: str = ID, **more: Any) -> Meeting:
    day = {"start": None, "day": THURSDAY.date()}
    return agreed(id, **{"status": "draft", **day, **more})


def talk(call: str = CALL, **more: Any) -> Talk:
    fields: dict[str, Any] = {
        "call": call,
        "agent": "local",
        "profile": "sarah",
        "speaker": "Sarah",
        "began": NOW - timedelta(minutes=5),
        "turns": (PROPOSED, ACCEPTED),
    }
    return Talk(**{**fields, **more})


class FakePost:
    """Outlives desks, as the real one's folder does."""

    def __init__(self) -> None:
        self.parcels: dict[str, Parcel] = {}
        self.puts: list[str] = []
        "Every put, also of what was there."
        self.states: dict[str, tuple[State, str]] = {}
        self.retried: list[str] = []
        self.error: Exception | None = None
        self.tell: Callable[[Report], None] = lambda report: None

    async def put(self, parcel: Parcel) -> None:
        if self.error is not None:
            raise self.error
        self.puts.append(parcel.id)
        self.parcels.setdefault(parcel.id, parcel)
        self.states.setdefault(parcel.id, ("waiting", ""))

    def reports(self, meeting: str) -> list[Report]:
        return [
            self._report(name)
            for name, parcel in self.parcels.items()
            if parcel.meeting == meeting
        ]

    def settle(self, state: State, why: str = "", name: str = "") -> None:
        """All of them, or the one of that name, are like this now."""
        for known in [name] if name else list(self.parcels):
            self.states[known] = state, why
            self.tell(self._report(known))

    async def retry(self, name: str) -> None:
        self.retried.append(name)
        self.settle("waiting", name=name)

    async def forget(self, call: str) -> None:
        for name in [it.id for it in self.parcels.values() if it.call == call]:
            del self.parcels[name], self.states[name]

    def _report(self, name: str) -> Report:
        parcel = self.parcels[name]
        state, why = self.states[name]
        return Report(name, parcel.kind, parcel.call, parcel.meeting, state, 1, why)


def composed(entry: Entry, url: str) -> list[Parcel]:
    """A letter of a line for the desk, and one for the attendee."""
    meeting = entry.parting
    assert meeting is not None
    roles = ["desk", *(["attendee"] if meeting.email else [])]
    method = "cancel" if meeting.status == "cancelled" else "request"
    return [
        Parcel(
            f"{round_of(meeting.id, meeting.sequence)}{role}-{method}",
            "mail",
            entry.talk.call,
            entry.id,
            f"{role} {meeting.start} {len(entry.talk.turns)} {url}".encode(),
        )
        for role in roles
    ]


async def here(work: Callable[..., Any], *arguments: Any) -> Any:
    """Instead of a thread, for which a virtual clock would not wait."""
    return work(*arguments)


@dataclass
class Bureau:
    """A desk, and what is around it."""

    desk: Desk
    post: FakePost
    diary: Diary
    amended: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    "By call, what its files were told."
    runs: set[str] = field(default_factory=set)
    "Calls whose files cannot be changed."

    async def amend(self, call: str, fields: Mapping[str, Any]) -> bool:
        if call in self.runs:
            return False
        self.amended[call] = fields
        return True

    async def standing(self, meeting: str = ID) -> dict[str, Any]:
        told = await self.desk.meeting(meeting)
        assert told is not None
        return dict(told["standing"])


@asynccontextmanager
async def bureau(
    folder: Path,
    post: FakePost | None = None,
    *,
    now: Callable[[], datetime],
    away: Callable[..., Any] = here,
    compose: Callable[[Entry, str], Sequence[Parcel]] = composed,
    **rules: Any,
) -> AsyncIterator[Bureau]:
    post = post or FakePost()
    diary = Diary(folder)
    known = Rules(**{"desk": ("desk@localhost",), **rules})
    desk = Desk(diary, post, known, compose=compose, now=now, away=away)
    post.tell = desk.reported
    found = Bureau(desk, post, diary)
    async with desk, desk.open("https://p.example", found.amend):
        yield found


def quiet(folder: Path) -> Desk:
    """A desk that does nothing, and knows of nothing."""
    return Desk(Diary(folder / ".meetings"), FakePost(), Rules(), compose=composed)
