"""Webhooks to a real HTTP server."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pytest
from aiohttp import web

from convai.post.parcel import Later, Never, Parcel, Report
from convai.post.post import Post
from convai.post.webhook import MOST_BYTES, Webhook
from tests.loopback import Loopback

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECRET = "whsec-0123456789"
NOW = datetime(2026, 11, 24, 9, 6, tzinfo=UTC)
BODY = json.dumps({"event": "meeting.agreed", "meeting": {"id": "m"}}).encode()


def parcel(body: bytes = BODY) -> Parcel:
    return Parcel("m-0-webhook", "webhook", "call", "meeting", body)


class Crm:
    """Answers in turn; the last answer stays."""

    def __init__(self, *answers: int | web.Response) -> None:
        self.answers = list(answers)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.got.append((dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return (
            answer if isinstance(answer, web.Response) else web.Response(status=answer)
        )


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with Loopback(app) as loopback:
        yield f"{loopback.url}/hook?token=tok-secret-1"


async def test_signed() -> None:
    crm = Crm(204)
    async with served(crm.answer) as url:
        hook = Webhook(url, SECRET, now=lambda: NOW)
        assert await hook.carry(parcel()) == "sent"
    ((headers, body),) = crm.got
    assert body == BODY
    assert headers["Content-Type"] == "application/json"
    assert headers["Parley-Event"] == "meeting.agreed"
    assert headers["Parley-Delivery"] == "m-0-webhook"
    fields = dict(part.split("=") for part in headers["Parley-Signature"].split(","))
    assert fields["t"] == str(int(NOW.timestamp()))
    signed = fields["t"].encode() + b"." + body
    assert fields["v1"] == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()


async def test_without_a_secret_it_is_not_signed() -> None:
    crm = Crm(200)
    async with served(crm.answer) as url:
        await Webhook(url, "").carry(parcel())
    assert "Parley-Signature" not in crm.got[0][0]


async def test_500_then_200(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convai.post.schedule.WAITS_S", (0.02,) * 5)
    crm, told = Crm(500, 503, 200), asyncio.Queue[Report]()
    async with served(crm.answer) as url:
        carriers = {"webhook": Webhook(url, SECRET)}
        async with Post(tmp_path, carriers, tell=told.put_nowait) as post:
            await post.put(parcel())
            async with asyncio.timeout(10):
                reports = [await told.get() for _ in range(3)]
    assert [it.state for it in reports] == ["waiting", "waiting", "sent"]
    assert reports[0].why == "127.0.0.1 answers with status 500"
    assert {headers["Parley-Delivery"] for headers, _ in crm.got} == {"m-0-webhook"}
    assert len(crm.got) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
async def test_it_does_not_want_it(status: int) -> None:
    async with served(Crm(status).answer) as url:
        with pytest.raises(Never, match=f"127.0.0.1 refuses it .{status}."):
            await Webhook(url, SECRET).carry(parcel())


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503])
async def test_it_does_not_want_it_now(status: int) -> None:
    async with served(Crm(status).answer) as url:
        with pytest.raises(Later, match=str(status)):
            await Webhook(url, SECRET).carry(parcel())


async def test_redirects_are_not_followed() -> None:
    elsewhere = Crm(200)
    async with served(elsewhere.answer) as other:
        moved = web.Response(status=307, headers={"Location": other})
        async with served(Crm(moved).answer) as url:
            with pytest.raises(Later, match="redirects .307."):
                await Webhook(url, SECRET).carry(parcel())
    assert elsewhere.got == []


async def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convai.post.webhook.LIMIT_S", 0.2)

    async def silent(_: web.Request) -> web.Response:
        await asyncio.sleep(3600)
        return web.Response()

    async with served(silent) as url:
        with pytest.raises(Later, match=r"127.0.0.1 does not answer"):
            await Webhook(url, SECRET).carry(parcel())


async def test_an_answer_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the parcel, and has said so: what follows is its own affair."""
    monkeypatch.setattr("convai.post.webhook.LIMIT_S", 1.0)

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * MOST_BYTES)

    async with served(endless) as url:
        assert await Webhook(url, SECRET).carry(parcel()) == "sent"


async def test_nobody_is_there() -> None:
    async with served(Crm(200).answer) as url:
        pass
    with pytest.raises(Later, match=r"127.0.0.1 cannot be reached") as error:
        await Webhook(url, SECRET).carry(parcel())
    assert "tok-secret-1" not in str(error.value) and "hook" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["http://", "nonsense", "http://[::1/x", "ftp://x.invalid/tok-secret-1"]
)
async def test_no_url(url: str) -> None:
    with pytest.raises(Later) as error:
        await Webhook(url, SECRET).carry(parcel())
    assert "tok-secret-1" not in str(error.value)


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (b'{"event": "meeting.cancelled"}', "meeting.cancelled"),
        (b'{"event": "a\\r\\nX-Evil: 1"}', "meeting"),
        (b'{"event": 5}', "meeting"),
        (b"[]", "meeting"),
        (b"no json", "meeting"),
        (b"\xff", "meeting"),
        (b"[" * 100_000, "meeting"),
    ],
)
async def test_the_name_of_the_event(body: bytes, event: str) -> None:
    crm = Crm(200)
    async with served(crm.answer) as url:
        await Webhook(url, SECRET).carry(parcel(body))
    assert crm.got[0][0]["Parley-Event"] == event
