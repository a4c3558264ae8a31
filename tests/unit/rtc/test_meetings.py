"""Meetings over HTTP, for who knows the id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from convai.desk.diary import Diary
from convai.desk.entry import Entry
from rtc.meetings import Meetings
from rtc.pages import secure
from rtc.problem import problems
from tests.meetings import ID, NOW, OTHER, Bureau, agreed, bureau, draft, talk


class Client:
    def __init__(self, session: aiohttp.ClientSession, url: str, desk: Bureau) -> None:
        self._session, self._url = session, url
        self.bureau = desk

    async def ask(self, meeting: str = ID, **more: Any) -> tuple[int, dict[str, Any]]:
        method = "POST" if more else "GET"
        url = f"{self._url}/meetings/{meeting}"
        async with self._session.request(method, url, **more) as answer:
            if answer.status in (200, 404):
                assert answer.headers["Cache-Control"] == "no-store"
            body: dict[str, Any] = await answer.json(content_type=None)
            return answer.status, body

    async def act(self, action: str, meeting: str = ID, **more: Any) -> Any:
        return await self.ask(meeting, json={"action": action, **more})


@asynccontextmanager
async def serving(folder: Path, **rules: Any) -> AsyncIterator[Client]:
    async with (
        bureau(folder, now=lambda: NOW, away=asyncio.to_thread, **rules) as desk,
        aiohttp.ClientSession() as session,
    ):
        app = web.Application(middlewares=[secure, problems])
        app.add_routes(Meetings(desk.desk).routes())
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield Client(session, url, desk)
        finally:
            await runner.cleanup()


async def test_a_caller_looks_corrects_and_undoes(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        assert (await client.ask())[0] == 404
        client.bureau.desk.found(agreed(), talk())
        status, body = await client.ask()
        assert status == 200 and body["meeting"]["standing"]["state"] == "waiting"
        fields = {"day": "2026-11-27", "time": "10:00", "topic": "funds"}
        status, body = await client.act("correct", **fields)
        assert status == 200 and body["meeting"]["topic"] == "funds"
        assert Diary(tmp_path).load(talk().call, ID) is not None
        status, body = await client.act("undo")
        assert body["meeting"]["standing"]["state"] == "undone"
        for action in ("undo", "correct"):
            status, body = await client.act(action)
            assert (status, body["code"]) == (409, "meeting-settled")


async def test_a_draft_is_completed(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        client.bureau.desk.found(draft(), talk())
        status, body = await client.act("correct", time="15:00")
        assert body["meeting"]["status"] == "agreed"


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"json": {"action": "approve"}}, (400, "bad-request")),
        ({"json": {"action": 5}}, (400, "bad-request")),
        ({"json": {}}, (400, "bad-request")),
        ({"json": []}, (400, "bad-request")),
        ({"data": b"{"}, (415, "bad-request")),
        ({"json": {"action": "correct", "day": "2026-02-30"}}, (400, "bad-meeting")),
        ({"json": {"action": "correct", "zone": {}}}, (400, "bad-meeting")),
    ],
)
async def test_what_is_not_understood_is_refused(
    tmp_path: Path, more: dict[str, Any], refusal: tuple[int, str]
) -> None:
    async with serving(tmp_path) as client:
        client.bureau.desk.found(agreed(), talk())
        status, body = await client.ask(**more)
        assert (status, body["code"]) == refusal and body["detail"]
        assert (await client.ask(OTHER, **more))[0] == 404


async def test_what_left_stays(tmp_path: Path) -> None:
    async with serving(tmp_path, delay_s=0.0) as client:
        client.bureau.desk.found(agreed(), talk())
        async with asyncio.timeout(10):
            while not client.bureau.post.parcels:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        for action in ("undo", "correct"):
            status, body = await client.act(action, day="no day")
            assert (status, body["code"]) == (409, "meeting-settled")


async def test_a_disk_that_takes_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Diary, entry: Entry) -> None:
        raise OSError("no space")

    async with serving(tmp_path) as client:
        client.bureau.desk.found(agreed(), talk())
        monkeypatch.setattr(Diary, "save", refuse)
        status, body = await client.act("undo")
        assert (status, body["code"]) == (503, "meeting-unavailable")
        monkeypatch.undo()
