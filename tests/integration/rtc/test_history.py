"""The history with everything real behind it: recorder, database, keeper, renders."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from jsonschema import Draft202012Validator

from rtc.archive.archive import Archive
from rtc.archive.keeper import Keeper
from rtc.archive.query import Query
from rtc.archive.store import Store
from rtc.history.history import History
from rtc.history.openapi import document
from rtc.opus import Encoder, silence
from rtc.pages import page_routes, secure
from rtc.problem import problems
from rtc.recorder import Recorder
from rtc.recording.spool import Spool
from rtc.recording.writer import Writer
from rtc.render.renders import Renders
from tests.meetings import quiet
from tests.sound import chirp

CALL = "20261123-140509-0123456789ab"
RUNNING = "20261123-150000-aaaaaaaaaaaa"
UNKNOWN = "20261123-150000-ffffffffffff"
PASSWORD = "geheim, höchst"
SLOTS = 250
SECONDS = SLOTS * 0.02

EVENTS: list[dict[str, Any]] = [
    {"at_ms": 10, "type": "conversation.started", "conversation": "conv_1"},
    {"at_ms": 900, "type": "talking", "who": "caller", "on": True, "ago_ms": 300},
    {"at_ms": 2000, "type": "talking", "who": "caller", "on": False, "ago_ms": 500},
    {"at_ms": 2100, "type": "transcript.user", "text": "Guten Tag", "final": True},
    {"at_ms": 2300, "type": "talking", "who": "agent", "on": True},
    {"at_ms": 4000, "type": "conversation.interrupted", "reply": 1, "heard_ms": 1700},
    {"at_ms": 4000, "type": "talking", "who": "agent", "on": False},
    {"at_ms": 5000, "type": "conversation.ended", "reason": "caller-hung-up"},
]

TURNS = [
    {"who": "caller", "text": "Guten Tag, Sarah", "start_ms": 600, "end_ms": 1500,
     "final": True, "interrupted": False, "heard_ms": None},
    {"who": "agent", "text": "Let me <b> tell", "start_ms": 2300, "end_ms": 4000,
     "final": True, "interrupted": True, "heard_ms": 1700},
]  # fmt: skip


def meta(call: str, reason: str | None) -> dict[str, Any]:
    length = {} if reason is None else {"length_ms": round(SECONDS * 1000)}
    known = {"call": call, "agent": "local", "profile": "sarah"}
    began = {"began": "2026-11-23T14:05:09.250+00:00"}
    return {**known, **began, "reason": reason, "recording": {"state": "kept"}} | length


async def record(folder: Path, writer: Writer, spool: Spool) -> None:
    """A call of 5 s with a chirp in the agent's leg, as a call leaves it behind."""
    encoder, voice = Encoder(48_000), chirp(seconds=1.0)

    def nobody(code: str, text: str) -> None:
        raise AssertionError(text)

    async with Recorder(folder, writer, nobody, spool=spool) as recorder:
        for slot in range(SLOTS):
            pcm = voice[(slot - 100) * 960 :][:960] if slot >= 100 else voice[:0]
            spoken = len(pcm) == 960
            packet = encoder.encode(pcm.tobytes()) if spoken else silence()
            recorder.agent(packet, slot * 960)
            recorder.caller(silence(), slot * 960)
        for event in EVENTS:
            recorder.event(json.dumps(event))
        recorder.transcript({"conversation": "conv_1", "turns": TURNS})
        recorder.meta(meta(folder.name, "caller-hung-up"))


class House:
    """What a test sees of the server."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.url = ""
        self.app = web.Application()

    async def get(self, path: str, **headers: str) -> tuple[int, Any, bytes]:
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        async with self.session.get(self.url + path, headers=names) as answer:
            return answer.status, answer.headers, await answer.read()

    async def json(self, path: str) -> Any:
        status, _, body = await self.get(path)
        assert status == 200, body
        return json.loads(body)

    async def does(self, method: str, path: str, **more: Any) -> tuple[int, str]:
        async with self.session.request(method, self.url + path, **more) as answer:
            body = await answer.read()
            return answer.status, json.loads(body)["code"] if body else ""


@asynccontextmanager
async def serving(house: House, history: History) -> AsyncIterator[None]:
    app = web.Application(middlewares=[secure, problems])
    app.add_routes([*history.routes(), *page_routes()])
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        house.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def house(
    folder: Path, *, password: str | None = None, auth: str | None = None
) -> AsyncIterator[House]:
    """A server with one call that is over and one that runs."""
    login = aiohttp.encode_basic_auth("x", auth or "", "utf-8")
    headers = {"Authorization": login} if auth else {}
    async with AsyncExitStack() as stack:
        writer = stack.enter_context(Writer())
        session = aiohttp.ClientSession(headers=headers)
        found = House(await stack.enter_async_context(session))
        archive = Archive(f"sqlite:///{folder / 'history.sqlite'}")
        await stack.enter_async_context(archive)
        store, spool = Store(folder, None), Spool(folder)
        renders = await stack.enter_async_context(Renders(folder / ".cache"))
        keeper = await stack.enter_async_context(
            Keeper(archive, store, spool, folder, forget=renders.forget)
        )
        history = History(
            archive,
            keeper,
            store,
            renders,
            desk=quiet(folder),
            live=lambda: live,
            password=password,
        )
        live = [{**meta(RUNNING, None), "length_ms": 1234}]
        del live[0]["reason"], live[0]["recording"]
        await stack.enter_async_context(serving(found, history))
        keeper.began(meta(CALL, None))
        keeper.began(meta(RUNNING, None))
        await record(folder / CALL, writer, spool)
        keeper.ended(meta(CALL, "caller-hung-up"))
        async with asyncio.timeout(10):
            await entered(archive)
        yield found


async def entered(archive: Archive) -> None:
    """Wait until both calls are in the database, and one of them is over."""
    while True:
        rows = (await archive.page(Query())).rows
        if [row.reason for row in rows] == [None, "caller-hung-up"]:
            return
        await asyncio.sleep(0.02)


async def probe(url: str, *more: str) -> dict[str, Any]:
    """What ffprobe, a strict reader, finds behind an address."""
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", *more]
    done = await asyncio.create_subprocess_exec(
        *command, "-of", "json", url, stdout=-1, stderr=-1
    )
    out, errors = await done.communicate()
    assert done.returncode == 0 and errors == b"", errors
    found: dict[str, Any] = json.loads(out)
    return found


async def test_a_call_from_the_list_to_its_end(tmp_path: Path) -> None:
    async with house(tmp_path) as found:
        listed = await found.json("/calls?q=guten+sar")
        assert [it["call"] for it in listed["calls"]] == [CALL]
        assert [it["call"] for it in listed["live"]] == [RUNNING]
        both = await found.json("/calls")
        assert [it["call"] for it in both["calls"]] == [RUNNING, CALL]
        assert (await found.json("/calls/choices"))["agent"] == ["local"]

        detail = await found.json(f"/calls/{CALL}")
        assert detail["length_ms"] == 5000 and detail["turns"] == 2
        assert [(it["kind"], it["at_ms"], it["ms"]) for it in detail["marks"]] == [
            ("answer", 2300, 800),
            ("interruption", 4000, 1700),
        ]
        for path in detail["files"].values():
            status, _, body = await found.get(path)
            assert status == 200 and body, path

        rating = {"stars": 4, "note": "so höflich"}
        done = await found.does("PUT", f"/calls/{CALL}/rating", json=rating)
        assert done == (204, "")
        detail = await found.json(f"/calls/{CALL}")
        assert detail["rating"] == rating

        done = await found.does("DELETE", f"/calls/{CALL}/everything")
        assert done == (204, "")
        for path in ("", *(f"/{name}" for name in detail["files"])):
            status, _, _ = await found.get(f"/calls/{CALL}{path}")
            assert status == 404, path
        assert not (tmp_path / CALL).exists()
        assert [it["call"] for it in (await found.json("/calls"))["calls"]] == [RUNNING]
        again = await found.does("DELETE", f"/calls/{CALL}/everything")
        assert again == (404, "not-found")
    audit = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert {json.loads(line)["by"] for line in audit} == {"history 127.0.0.1"}


async def test_ffprobe_hears_every_form_over_http(tmp_path: Path) -> None:
    forms = (
        ("wav", "both", "pcm_s16le"),
        ("mp3", "caller", "mp3"),
        ("m4a", "mix", "aac"),
        ("mka", "agent", "opus"),
    )
    async with house(tmp_path) as found:
        for form, leg, codec in forms:
            url = f"{found.url}/calls/{CALL}/recording.{form}?leg={leg}"
            told = await probe(url)
            assert told["streams"][0]["codec_name"] == codec
            length = float(told["format"]["duration"])
            assert abs(length - SECONDS) < 0.15, (form, leg, length)
        told = await probe(f"{found.url}/calls/{CALL}/transcript.vtt", "-show_packets")
        assert [it["pts_time"] for it in told["packets"]] == ["0.600000", "2.300000"]


async def test_parts_add_up_to_the_whole(tmp_path: Path) -> None:
    async with house(tmp_path) as found:
        for format in ("wav", "mp3", "m4a", "mka"):
            path = f"/calls/{CALL}/recording.{format}"
            # As an iPhone does: the first two bytes before anything is rendered.
            status, headers, first = await found.get(path, Range="bytes=0-1")
            assert status == 206
            size = int(headers["Content-Range"].split("/")[1])
            _, _, rest = await found.get(path, Range="bytes=2-")
            status, headers, whole = await found.get(path)
            assert first + rest == whole and len(whole) == size
            again = {"Range": "bytes=-5", "If_Range": headers["ETag"]}
            status, _, end = await found.get(path, **again)
            assert status == 206 and end == whole[-5:]
            status, _, _ = await found.get(path, Range=f"bytes={size}-")
            assert status == 416


async def test_a_running_call_keeps_its_sound(tmp_path: Path) -> None:
    async with house(tmp_path) as found:
        assert (await found.json(f"/calls/{RUNNING}"))["reason"] is None
        for name in ("recording.mp3", "peaks.json"):
            status, _, body = await found.get(f"/calls/{RUNNING}/{name}")
            assert (status, json.loads(body)["code"]) == (409, "call-running")
        done = await found.does("DELETE", f"/calls/{RUNNING}/everything")
        assert done == (409, "call-running")


async def test_real_answers_are_as_the_api_says(tmp_path: Path) -> None:
    async with house(tmp_path) as found:
        told = await found.json("/api")
        for name, path in (
            ("Calls", "/calls"),
            ("CallDetail", f"/calls/{CALL}"),
            ("CallDetail", f"/calls/{RUNNING}"),
            ("Choices", "/calls/choices"),
            ("Peaks", f"/calls/{CALL}/peaks.json"),
            ("Transcript", f"/calls/{CALL}/transcript.json"),
            ("Problem", f"/calls/{UNKNOWN}"),
        ):
            schema = {"$ref": f"#/components/schemas/{name}"}
            whole = {**schema, "components": told["components"]}
            _, _, body = await found.get(path)
            Draft202012Validator(whole).validate(json.loads(body))
        assert told == document(told["info"]["version"])


async def test_exports(tmp_path: Path) -> None:
    async with house(tmp_path) as found:
        _, _, csv = await found.get("/calls.csv?agent=local")
        assert csv.count(b"\r\n") == 3
        _, _, lines = await found.get("/calls.jsonl?limit=1")
        listed = (await found.json("/calls"))["calls"]
        assert [json.loads(line) for line in lines.splitlines()] == listed


async def test_the_password(tmp_path: Path) -> None:
    async with house(tmp_path, password=PASSWORD, auth=PASSWORD) as found:
        assert (await found.get("/calls", Via="1.1 proxy"))[0] == 200
    other = tmp_path / "other"
    other.mkdir()
    async with house(other, password=PASSWORD) as found:
        assert (await found.get("/calls"))[0] == 401
        assert (await found.get("/"))[0] == 200  # calling is for everybody


async def test_a_database_that_never_was(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        found = House(await stack.enter_async_context(aiohttp.ClientSession()))
        archive = Archive("postgresql://me:geheim@127.0.0.1:1/calls")
        stack.push_async_callback(archive.close)
        store, spool = Store(tmp_path, None), Spool(tmp_path)
        renders = await stack.enter_async_context(Renders(tmp_path / ".cache"))
        keeper = Keeper(archive, store, spool, tmp_path)
        history = History(
            archive,
            keeper,
            store,
            renders,
            desk=quiet(tmp_path),
            live=list,
            password=None,
        )
        await stack.enter_async_context(serving(found, history))
        for path in ("/calls", "/calls.csv", f"/calls/{CALL}", "/calls/choices"):
            status, headers, body = await found.get(path)
            assert (status, json.loads(body)["code"]) == (503, "history-unavailable")
            assert b"geheim" not in body and int(headers["Retry-After"])
