"""A meeting from the agent's tool to a person's program: real server, real requests."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from icalendar import Calendar

from tests.caller import Caller
from tests.fake_elevenlabs import FakeElevenLabs
from tests.fault.test_meetings import SOON, ask, book, hosted, mails, stands
from tests.keeping import until
from tests.server_process import server

SECRET = "0123456789abcdef0123"


class Program:
    """A CRM that is told of meetings, and busy at first."""

    def __init__(self) -> None:
        self.url = ""
        self.tries = 0
        self.told: list[dict[str, Any]] = []
        self.wrong: list[str] = []

    async def take(self, request: web.Request) -> web.Response:
        self.tries += 1
        body = await request.read()
        header = request.headers["Parley-Signature"]
        parts = dict(part.split("=", 1) for part in header.split(","))
        signed = parts["t"].encode() + b"." + body
        expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, parts["v1"]):
            self.wrong.append(header)
        self.told.append(json.loads(body))
        return web.Response(status=204)


@asynccontextmanager
async def program() -> AsyncIterator[Program]:
    found = Program()
    app = web.Application()
    app.add_routes([web.post("/hook", found.take)])
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield found
    finally:
        await runner.cleanup()


async def test_corrected_in_the_call_it_leaves_as_the_person_wants_it(
    tmp_path: Path,
) -> None:
    async with FakeElevenLabs(book) as fake, program() as crm:
        env = {"MEETING_WEBHOOK_URL": crm.url, "MEETING_WEBHOOK_SECRET": SECRET}
        flags = ("--meeting-delay-s", "6", "--public-url", "https://calls.example")
        with server(tmp_path, *flags, env={**env, **hosted(fake.url)}) as it:
            config = (await ask(it, "/config"))[1]["meetings"]
            assert config == {"confirm": "auto", "delay_s": 6, "outbox": True}
            async with Caller(it.connect) as caller:
                event = await caller.event("meeting.detected")
                id = event["meeting"]["id"]
                later = SOON + timedelta(days=1)
                body = {"action": "correct", "day": str(later), "time": "16:30"}
                status, answer = await ask(it, f"/meetings/{id}", body)
                assert status == 200, answer

                def newest() -> Any:
                    return [it for it in caller.events if "meeting" in it][-1][
                        "meeting"
                    ]

                await until(lambda: newest()["standing"]["state"] == "outbox", 20)
                assert newest()["start"].startswith(f"{later}T16:30")
                assert newest()["source"] == "page"
                status, answer = await ask(it, f"/meetings/{id}", body)
                assert (status, answer["code"]) == (409, "meeting-settled")
            await until(lambda: len(crm.told) == 1)
            (told,) = crm.told
            assert told["event"] == "meeting.agreed" and crm.wrong == []
            assert told["link"] == f"https://calls.example/calls/{it.call}"
            assert told["meeting"]["start"].startswith(f"{later}T16:30")
            assert len(mails(it)) == 2
            for mail in mails(it):
                (part,) = [
                    it for it in mail.walk() if it.get_content_type() == "text/calendar"
                ]
                (found,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
                assert f"{found['DTSTART'].dt:%Y-%m-%d %H:%M}" == f"{later} 16:30"

            # In the history it is moved once more: an update for all.
            async def over() -> bool:
                status, answer = await ask(it, f"/calls/{it.call}")
                return status == 200 and answer["reason"] is not None

            await until(over, 20)
            path = f"/calls/{it.call}/meetings/{id}"
            status, _ = await ask(it, path, {"action": "correct", "time": "17:00"})
            assert status == 200
            await stands(it, id, "outbox")
            assert len(mails(it)) == 4
            await until(lambda: len(crm.told) == 2)
            assert crm.told[1]["event"] == "meeting.changed"

            def kept() -> Any:
                return json.loads((it.folder / "call.json").read_text())["meeting"]

            # The files of its call learn of it last.
            await until(lambda: "T17:00" in kept()["start"], 20)
            await until(lambda: kept()["standing"]["state"] == "outbox", 20)
            assert (
                SECRET not in it.log.read_text() and crm.url not in it.log.read_text()
            )
            assert datetime.now(UTC) < datetime.fromisoformat(kept()["start"])
