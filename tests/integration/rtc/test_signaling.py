"""Signaling over real HTTP: what is answered, and what is refused with which code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aioice.mdns import MDnsProtocol
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import SessionDescription

from rtc.outcome import Limits
from rtc.pages import page_routes, secure
from rtc.problem import problems
from rtc.signaling import MOST_OFFER, Signaling
from tests.caller import Caller
from tests.fake_elevenlabs import FakeElevenLabs
from tests.office import Office, office

OFFERS = sorted((Path(__file__).parents[2] / "data" / "offers").glob("*.sdp"))
ICE = [{"urls": ["stun:192.0.2.1:3478"]}]


class Http:
    """A client of a server that runs in this process."""

    def __init__(self, session: aiohttp.ClientSession, url: str, desk: Office) -> None:
        self.session, self.url, self.desk = session, url, desk

    async def offer(self, body: Any, **more: Any) -> tuple[int, dict[str, Any]]:
        more = more or {"json": body}
        async with self.session.post(f"{self.url}/offer", **more) as answer:
            content = await answer.json(content_type=None)
            if answer.status >= 400:
                assert answer.content_type == "application/problem+json"
                assert content["status"] == answer.status
                assert content["title"] and content["detail"]
            return answer.status, content

    async def connect(self, sdp: str) -> str:
        status, content = await self.offer({"sdp": sdp, "type": "offer"})
        assert status == 200, content
        self.call = content["call"]
        return str(content["sdp"])


@asynccontextmanager
async def serving(tmp_path: Path, url: str, **more: Any) -> AsyncIterator[Http]:
    async with office(url, tmp_path, **more) as desk:
        app = web.Application(
            middlewares=[secure, problems], client_max_size=MOST_OFFER
        )
        signaling = Signaling(
            desk.switchboard,
            agents={"agent": "The agent"},
            profiles={"default": "As it is", "sarah": "Sarah"},
            profile="default",
            ice_servers=ICE,
            version="1",
        )
        app.add_routes([*signaling.routes(), *page_routes()])
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        try:
            async with aiohttp.ClientSession() as session:
                yield Http(session, f"http://127.0.0.1:{port}", desk)
        finally:
            await runner.cleanup()


async def test_a_call_by_http_from_offer_to_hang_up(tmp_path: Path) -> None:
    async with FakeElevenLabs() as fake, serving(tmp_path, fake.url) as http:
        async with Caller(http.connect) as caller:
            await caller.event("conversation.started")
            for _ in range(2):  # hanging up twice is no error
                url = f"{http.url}/calls/{http.call}"
                async with http.session.delete(url) as answer:
                    assert answer.status == 204
            await caller.event("conversation.ended", reason="caller-hung-up")


async def test_the_page_learns_what_it_needs(tmp_path: Path) -> None:
    async with serving(tmp_path, "http://127.0.0.1:1") as http:
        async with http.session.get(f"{http.url}/config") as answer:
            assert await answer.json() == {
                "iceServers": ICE,
                "agents": [{"name": "agent", "title": "The agent"}],
                "agent": "agent",
                "profiles": [
                    {"name": "default", "title": "As it is"},
                    {"name": "sarah", "title": "Sarah"},
                ],
                "profile": "default",
                "recording": "on",
                "meetings": {},
                "version": "1",
            }
        for path in ("/", "/web/main.js", "/favicon.ico"):
            async with http.session.get(f"{http.url}{path}") as answer:
                assert answer.status == 200
                assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        async with http.session.get(f"{http.url}/web/../server.py") as answer:
            assert answer.status == 404
            assert (await answer.json(content_type=None))["code"] == "not-found"
        async with http.session.get(f"{http.url}/offer") as answer:
            assert answer.status == 405


NO_GZIP = {"Content-Type": "application/json", "Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"data": b"{}"}, 415, "bad-request"),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 400, None),
        ({"data": b"{}", "headers": NO_GZIP}, 400, "bad-request"),
        ({"json": []}, 400, "bad-request"),
        ({"json": {"sdp": 5, "type": "offer"}}, 400, "bad-request"),
        ({"json": {"sdp": "v=0", "type": "answer"}}, 400, "bad-offer"),
        ({"json": {"sdp": "hello", "type": "offer"}}, 400, "bad-offer"),
        ({"json": {"sdp": "v=0\r\n", "type": "offer"}}, 400, "no-audio"),
        ({"json": {"sdp": "v=0" * MOST_OFFER, "type": "offer"}}, 413, "too-large"),
    ],
)
async def test_what_is_no_offer_is_refused(
    tmp_path: Path, request_: dict[str, Any], status: int, code: str | None
) -> None:
    async with serving(tmp_path, "http://127.0.0.1:1") as http:
        answered, content = await http.offer(None, **request_)
        assert (answered, content["code"]) == (status, code or "bad-request")
        assert not list(tmp_path.iterdir())


async def test_the_agent_that_cannot_be_reached_and_the_one_that_refuses(
    tmp_path: Path,
) -> None:
    good = OFFERS[0].read_text()
    async with serving(tmp_path, "http://127.0.0.1:1") as http:
        status, content = await http.offer({"sdp": good, "type": "offer"})
        assert (status, content["code"]) == (502, "agent-unavailable")
        body = {"sdp": good, "type": "offer", "agent": "nobody"}
        status, content = await http.offer(body)
        assert (status, content["code"]) == (404, "unknown-agent")
    refusal = (403, {"detail": {"status": "forbidden", "message": "not yours"}})
    async with (
        FakeElevenLabs(refuse=refusal) as fake,
        serving(tmp_path, fake.url) as http,
    ):
        status, content = await http.offer({"sdp": good, "type": "offer"})
        assert (status, content["code"]) == (502, "agent-auth")


async def test_a_full_server_says_when_to_come_again(tmp_path: Path) -> None:
    good = OFFERS[0].read_text()
    async with (
        FakeElevenLabs() as fake,
        serving(tmp_path, fake.url, max_calls=1) as http,
    ):
        await http.connect(good)
        async with http.session.post(
            f"{http.url}/offer", json={"sdp": good, "type": "offer"}
        ) as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert (await answer.json(content_type=None))["code"] == "server-full"


@pytest.mark.parametrize("path", OFFERS, ids=lambda path: path.stem)
async def test_every_real_offer_gets_a_complete_answer_at_once(
    tmp_path: Path, path: Path
) -> None:
    async with FakeElevenLabs() as fake, serving(tmp_path, fake.url) as http:
        loop = asyncio.get_running_loop()
        started = loop.time()
        answer = SessionDescription.parse(await http.connect(path.read_text()))
        assert loop.time() - started < 4.0, "somebody waited for STUN"
        audio = next(media for media in answer.media if media.kind == "audio")
        assert audio.port and audio.ice_candidates
        assert audio.ice_candidates_complete
        assert {codec.name for codec in audio.rtp.codecs} == {"opus"}
        assert audio.direction in ("sendrecv", "sendonly")
        assert all(m.direction == "inactive" for m in answer.media if m.kind == "video")
        assert {c.ip for c in audio.ice_candidates} == {"127.0.0.1"}


async def test_an_offer_of_firefox_with_names_only_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its candidates are mDNS names, and it says that there are no others."""
    asked: list[str] = []

    async def resolve(_: MDnsProtocol, name: str) -> None:
        asked.append(name)

    monkeypatch.setattr(MDnsProtocol, "resolve", resolve)
    offer = OFFERS[0].read_text().splitlines()
    lines = [line for line in offer if not line.startswith("a=candidate")]
    name = "9b36eaac-bb2e-49bb-bb78-21c41c499900.local"
    lines += [f"a=candidate:0 1 UDP 2122252543 {name} 50000 typ host"]
    lines += ["a=end-of-candidates"]
    async with FakeElevenLabs() as fake, serving(tmp_path, fake.url) as http:
        await http.connect("\r\n".join(lines) + "\r\n")
        assert asked == [], "somebody waits for mDNS"


async def test_who_never_connects_is_given_up(tmp_path: Path) -> None:
    limits = Limits(setup_s=1.0)
    async with (
        FakeElevenLabs() as fake,
        serving(tmp_path, fake.url, limits=limits) as http,
    ):
        await http.connect(OFFERS[0].read_text())
        await http.desk.empty(5)
        meta = json.loads((tmp_path / http.call / "call.json").read_text())
        assert meta["reason"] == "setup-timeout"


async def test_an_answer_of_ours_is_one_that_aiortc_takes(tmp_path: Path) -> None:
    async with FakeElevenLabs() as fake, serving(tmp_path, fake.url) as http:
        pc = RTCPeerConnection()
        pc.addTransceiver("audio")
        pc.createDataChannel("events")
        await pc.setLocalDescription(await pc.createOffer())
        answer = await http.connect(pc.localDescription.sdp)
        await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await pc.close()
