"""The desk of a made-up server: meetings over HTTP, strict about what pages send.

desk = await Desk.of(page)
await end.say("meeting.detected", meeting=desk.put(agreed()))
assert desk.acts == [{"action": "undo"}]
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Page, Route

__all__ = ["Desk", "agreed", "draft"]

ID = "5f0c2a9e7b1d4c3f8a6e0d9b2c7f4a11"

SENTENCES = [
    {
        "who": "agent",
        "text": "Shall we say Thursday at three?",
        "start_ms": 4_000,
        "end_ms": 4_900,
    },
    {"who": "caller", "text": "Perfect.", "start_ms": 5_000, "end_ms": 5_900},
]

CHANGE = {
    "action": str,
    "day": str,
    "time": str,
    "zone": str,
    "duration_min": int,
    "attendee": str,
    "email": str,
}
"What a correction must have, and nothing else."

OPEN = ("draft", "waiting", "review", "off")
"Standings of which nothing has left."


def agreed(state: str = "waiting", **more: Any) -> dict[str, Any]:
    """A meeting as the server tells of it."""
    standing: dict[str, Any] = {"state": state, "to": ["desk", "attendee"]}
    if state == "waiting":
        standing["leaves_in_s"] = 30.0
    return {
        "id": ID,
        "status": "agreed",
        "start": "2026-11-26T15:00:00+01:00",
        "zone": "Europe/Vienna",
        "duration_min": 30,
        "attendee": "Nat Ito",
        "email": "nat@example.org",
        "topic": "ETF solutions for income",
        "confidence": 0.92,
        "source": "transcript",
        "sequence": 0,
        "evidence": SENTENCES,
        "standing": {**standing, **more.pop("standing", {})},
        **more,
    }


def draft(**more: Any) -> dict[str, Any]:
    """One whose time is missing."""
    known = {"status": "draft", "start": None, "day": "2026-11-26", "time": None}
    return agreed("draft", **{**known, "missing": ["time"], "email": "", **more})


@dataclass
class Desk:
    """Answers `/meetings/ID`."""

    acts: list[dict[str, Any]] = field(default_factory=list)
    "What the page asked for."
    looks: int = 0
    "How often it asked how things are."
    meetings: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusal: tuple[int, str, str] | None = None
    "Status, code and detail of the answer to the next act."

    @classmethod
    async def of(cls, page: Page) -> Desk:
        desk = cls()
        await page.route(re.compile(r"/meetings/[^/]*$"), desk.answer)
        return desk

    def put(self, meeting: dict[str, Any]) -> dict[str, Any]:
        self.meetings[meeting["id"]] = meeting
        return meeting

    async def answer(self, route: Route) -> None:
        meeting = self.meetings.get(route.request.url.rsplit("/", 1)[1])
        if meeting is None:
            await refuse(route, 404, "not-found", "there is no such meeting")
        elif route.request.method == "GET":
            self.looks += 1
            await route.fulfill(json={"meeting": meeting})
        else:
            await self.act(route, meeting)

    async def act(self, route: Route, meeting: dict[str, Any]) -> None:
        """Do as the page asks."""
        assert route.request.method == "POST"
        assert route.request.headers["content-type"] == "application/json"
        act = route.request.post_data_json
        self.acts.append(copy.deepcopy(act))
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            await refuse(route, *refusal)
            return
        if meeting["standing"]["state"] not in OPEN:
            await refuse(route, 409, "meeting-settled", "its invitation has left")
            return
        self.put(
            undone(meeting) if act == {"action": "undo"} else changed(meeting, act)
        )
        await route.fulfill(json={"meeting": self.meetings[meeting["id"]]})


def undone(meeting: dict[str, Any]) -> dict[str, Any]:
    status = "cancelled" if meeting["start"] else "draft"
    return {**meeting, "status": status, "standing": {"state": "undone", "to": []}}


def changed(meeting: dict[str, Any], act: dict[str, Any]) -> dict[str, Any]:
    """The meeting after a correction, which must be exactly as it is described."""
    assert {name: type(value) for name, value in act.items()} == CHANGE
    assert act["action"] == "correct"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", act["day"])
    assert re.fullmatch(r"\d\d:\d\d", act["time"])
    start = datetime.fromisoformat(f"{act['day']}T{act['time']}:00")
    moved = start.replace(tzinfo=ZoneInfo(act["zone"])).isoformat()
    kept = ("zone", "duration_min", "attendee", "email")
    return {
        **meeting,
        **{name: act[name] for name in kept},
        "status": "agreed",
        "start": moved,
        "source": "page",
        "sequence": meeting["sequence"] + 1,
        "standing": agreed()["standing"],
    }


async def refuse(route: Route, status: int, code: str, detail: str) -> None:
    body = {"type": "about:blank", "title": "T", "status": status, "detail": detail}
    await route.fulfill(
        status=status,
        content_type="application/problem+json",
        json={**body, "code": code},
    )
