"""The meetings of a call, as the history shows them and lets people decide on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from tests.keeping import until
from tests.meetings import ID, OTHER, agreed, draft, talk

from .desk import CALL, UNKNOWN, Desk, desk
from .test_history import META

KEPT = {**agreed(topic="funds").to_json(), "standing": {"state": "sent", "to": []}}


async def act(found: Desk, action: str, meeting: str = ID, **more: Any) -> Any:
    path = f"/calls/{CALL}/meetings/{meeting}"
    return await found.ask(path, "POST", json={"action": action, **more})


async def test_what_the_desk_knows_is_newer_than_the_file(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        meta = {**META, "meeting": KEPT, "meetings": [KEPT, {"id": OTHER}, 5]}
        found.store.write(CALL, "call.json", meta)
        _, _, body = await found.ask(f"/calls/{CALL}")
        assert body["meeting"] == KEPT and body["meetings"] == [KEPT, {"id": OTHER}]
        assert body["files"]["meeting.ics"] == f"/calls/{CALL}/meeting.ics"
        found.bureau.desk.found(agreed(), talk())
        found.bureau.desk.found(draft("3" * 32), talk())
        _, _, body = await found.ask(f"/calls/{CALL}")
        ids = [it["id"] for it in body["meetings"]]
        assert ids == [ID, OTHER, "3" * 32]
        assert body["meeting"]["standing"]["state"] == "waiting"
        await found.bureau.desk.undo(ID)
        _, _, body = await found.ask(f"/calls/{CALL}")
        assert body["meeting"] is None and "meeting.ics" not in body["files"]


async def test_words_that_may_not_be_kept_are_not_shown(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.bureau.desk.found(agreed(), talk(wordless=True))
        _, _, body = await found.ask(f"/calls/{CALL}")
        assert "ETFs" not in str(body) and "nat@" not in str(body)
        assert body["meeting"]["start"] == agreed().to_json()["start"]


async def test_a_meeting_for_calendars(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        path = f"/calls/{CALL}/meeting.ics"
        assert await found.code(path) == "404 not-found"
        # Of old there was no id; and somebody may have edited the file.
        for meeting in ({"start": "x"}, {"start": 5}, [], {"status": "cancelled"}):
            found.store.write(CALL, "call.json", {**META, "meeting": meeting})
            assert await found.code(path) == "404 not-found"
        old = {"start": "2026-11-25T10:00+01:00", "zone": "Europe/Vienna"}
        old |= {"source": "tool", "duration_min": 45}
        found.store.write(CALL, "call.json", {**META, "meeting": old})
        _, headers, body = await found.ask(path)
        assert headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert headers["Content-Disposition"] == f'attachment; filename="{CALL}.ics"'
        (event,) = Calendar.from_ical(body).walk("VEVENT")
        assert event["DTSTART"].dt.isoformat() == "2026-11-25T10:00:00+01:00"
        assert CALL in event["UID"]
        found.bureau.desk.found(agreed(), talk())
        _, _, body = await found.ask(path)
        (event,) = Calendar.from_ical(body).walk("VEVENT")
        assert ID in event["UID"]
        assert (await found.ask(f"{path}?id={ID}"))[2] is not None
        assert await found.code(f"{path}?id={OTHER}") == "404 not-found"


async def test_a_meeting_is_approved_or_discarded(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.bureau.desk.rules = found.bureau.desk.rules.__class__(
            confirm="review", desk=("desk@localhost",)
        )
        found.bureau.desk.found(agreed(), talk())
        found.bureau.desk.found(agreed(OTHER), talk())
        status, _, body = await act(found, "correct", time="16:00")
        assert (status, body["meeting"]["standing"]["state"]) == (200, "review")
        status, _, body = await act(found, "approve")
        assert (status, body["meeting"]["standing"]["state"]) == (200, "queued")
        await until(lambda: len(found.bureau.post.parcels) == 2)
        status, _, body = await act(found, "approve")
        assert (status, body["code"]) == (409, "meeting-settled")
        status, _, body = await act(found, "discard", OTHER)
        assert (status, body["meeting"]["standing"]["state"]) == (200, "undone")
        found.bureau.post.settle("failed", "no such box")
        status, _, body = await act(found, "resend")
        assert (status, body["meeting"]["standing"]["state"]) == (200, "queued")
        # In the history a meeting can be corrected after it left, too.
        status, _, body = await act(found, "correct", time="17:00")
        assert (status, body["meeting"]["sequence"]) == (200, 2)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"action": "undo"}, "400 bad-request"),
        ({}, "400 bad-request"),
        ({"action": "correct", "time": "x"}, "400 bad-meeting"),
        ({"action": "approve"}, "409 meeting-settled"),
        ({"action": "resend"}, "409 meeting-settled"),
    ],
)
async def test_what_cannot_be_done_is_refused(
    tmp_path: Path, body: dict[str, Any], refusal: str
) -> None:
    async with desk(tmp_path) as found:
        found.bureau.desk.found(agreed(), talk())
        for call, meeting in ((UNKNOWN, ID), (CALL, OTHER)):
            path = f"/calls/{call}/meetings/{meeting}"
            assert await found.code(path, "POST", json=body) == "404 not-found"
        path = f"/calls/{CALL}/meetings/{ID}"
        assert await found.code(path, "POST", json=body) == refusal
