"""The real server killed while a meeting waits, or is to be approved: what leaves?"""

from __future__ import annotations

import asyncio
import email
import email.policy
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from tests.caller import Caller
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.keeping import until
from tests.server_process import Server, server

SOON = (datetime.now(UTC) + timedelta(days=3)).date()


def hosted(url: str) -> dict[str, str]:
    return {"ELEVENLABS_AGENT_ID": "agent_1", "ELEVENLABS_BASE_URL": url}


async def book(conversation: Conversation) -> None:
    call = {
        "tool_name": "book_meeting",
        "tool_call_id": "t1",
        "parameters": {
            "date": SOON.isoformat(),
            "time": "15:00",
            "attendee": "Nat",
            "email": "nat@example.com",
            "topic": "ETFs",
        },
        "event_id": 1,
    }
    await conversation.send("client_tool_call", call)
    await conversation.expect("client_tool_result")
    await conversation.until_gone(timeout=60)


async def ask(
    it: Server, path: str, body: dict[str, Any] | None = None, method: str = ""
) -> tuple[int, Any]:
    connector = aiohttp.TCPConnector(ssl=False)  # the certificate is self-signed
    method = method or ("GET" if body is None else "POST")
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(
            method,
            it.url + path,
            json=body,
            headers={"Accept": "application/json"},
        ) as answer,
    ):
        text = await answer.read()
        return answer.status, await answer.json(content_type=None) if text else None


async def booked(it: Server) -> dict[str, Any]:
    """Make a call in which a meeting is booked; gives the meeting, and hangs up."""
    async with Caller(it.connect) as caller:
        event = await caller.event("meeting.detected")
        meeting: dict[str, Any] = event["meeting"]
        return meeting


def killed(it: Server) -> None:
    it.process.send_signal(signal.SIGKILL)
    it.process.wait()


def mails(it: Server) -> list[email.message.EmailMessage]:
    """What lies in the outbox."""
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[misc]
        for path in sorted((it.recordings / "outbox").glob("*.eml"))
    ]


async def stands(it: Server, meeting: str, *states: str, limit: float = 30) -> Any:
    """Wait until it stands like this; gives the meeting."""
    async with asyncio.timeout(limit):
        while True:
            status, answer = await ask(it, f"/meetings/{meeting}")
            assert status == 200
            if answer["meeting"]["standing"]["state"] in states:
                return answer["meeting"]
            await asyncio.sleep(0.1)


async def test_killed_while_it_waits_exactly_one_mail_each_leaves(
    tmp_path: Path,
) -> None:
    flags = ("--meeting-delay-s", "6", "--meeting-desk", "desk@example.com")
    async with FakeElevenLabs(book) as fake:
        with server(tmp_path, *flags, env=hosted(fake.url)) as it:
            meeting = await booked(it)
            assert meeting["standing"]["state"] == "waiting"
            assert meeting["standing"]["to"] == ["desk", "attendee"]
            await asyncio.sleep(1)
            assert mails(it) == []
            killed(it)
        with server(tmp_path, *flags, env=hosted(fake.url)) as it:
            found = await stands(it, meeting["id"], "outbox")
            assert found["start"] == meeting["start"]
            killed(it)
        with server(tmp_path, *flags, env=hosted(fake.url)) as it:
            await stands(it, meeting["id"], "outbox")
            call = it.recordings.glob("2*").__next__().name
            found = mails(it)
            assert sorted(str(mail["To"]) for mail in found) == [
                "Nat <nat@example.com>",
                "desk@example.com",
            ]
            assert len({mail["Message-ID"] for mail in found}) == 2
            _, row = await ask(it, "/calls?meeting=yes")
            assert [known["call"] for known in row["calls"]] == [call]
            # All of it goes with the call, mails in the outbox, too.
            assert (await ask(it, f"/calls/{call}/everything", None, "DELETE"))[
                0
            ] == 204
            assert (await ask(it, f"/meetings/{meeting['id']}"))[0] == 404
            left = [path for path in it.recordings.rglob("*") if path.is_file()]
            text = b"".join(it.read_bytes() for it in left)
            assert mails(it) == []
            assert b"nat@example.com" not in text


async def test_killed_in_review_it_still_waits_for_somebody(tmp_path: Path) -> None:
    flags = ("--meeting-confirm", "review")
    async with FakeElevenLabs(book) as fake:
        with server(tmp_path, *flags, env=hosted(fake.url)) as it:
            meeting = await booked(it)
            assert meeting["standing"]["state"] == "review"
            killed(it)
        call = it.call
        with server(tmp_path, *flags, env=hosted(fake.url)) as it:
            await asyncio.sleep(1)
            assert mails(it) == []
            path = f"/calls/{call}/meetings/{meeting['id']}"
            status, answer = await ask(it, path, {"action": "approve"})
            assert status == 200, answer
            await stands(it, meeting["id"], "outbox")
            assert len(mails(it)) == 2
            assert (await ask(it, path, {"action": "approve"}))[0] == 409


async def test_a_call_deleted_while_its_meeting_waits_sends_nothing(
    tmp_path: Path,
) -> None:
    flags = ("--meeting-delay-s", "5")
    async with FakeElevenLabs(book) as fake:
        with server(tmp_path, *flags, env=hosted(fake.url)) as it:
            meeting = await booked(it)

            async def deleted() -> bool:
                path = f"/calls/{it.call}/everything"
                return (await ask(it, path, None, "DELETE"))[0] == 204

            await until(deleted, 20)
            await asyncio.sleep(6)
            assert mails(it) == []
            assert (await ask(it, f"/meetings/{meeting['id']}"))[0] == 404
            assert list((it.recordings / ".meetings").glob("*.json")) == []


async def test_undone_right_after_the_call_it_is_no_meeting_of_the_history(
    tmp_path: Path,
) -> None:
    async with FakeElevenLabs(book) as fake:
        with server(tmp_path, env=hosted(fake.url)) as it:
            meeting = await booked(it)

            async def listed() -> bool:
                return bool((await ask(it, "/calls?meeting=yes"))[1]["calls"])

            await until(listed, 20)
            path = f"/meetings/{meeting['id']}"
            status, answer = await ask(it, path, {"action": "undo"})
            assert (status, answer["meeting"]["standing"]["state"]) == (200, "undone")
            assert (await ask(it, "/calls?meeting=yes"))[1]["calls"] == []
            assert (await ask(it, path, {"action": "undo"}))[1]["code"] == (
                "meeting-settled"
            )
            detail = (await ask(it, f"/calls/{it.call}"))[1]
            assert detail["meeting"] is None
            assert detail["meetings"][0]["status"] == "cancelled"
            assert (await ask(it, f"/calls/{it.call}/meeting.ics"))[0] == 404
