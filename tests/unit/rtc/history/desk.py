"""A history over real HTTP, with strict stand-ins for what is behind it.

The stand-ins can fail where the real ones seldom do; `tests/integration` has those.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from rtc.archive.archive import ArchiveDown, Page
from rtc.archive.keeper import Busy
from rtc.archive.query import Query
from rtc.archive.row import Row
from rtc.history.history import History
from rtc.pages import secure
from rtc.problem import problems
from rtc.render.renders import RenderError
from tests.meetings import NOW, Bureau, bureau

__all__ = ["CALL", "RUNNING", "UNKNOWN", "Desk", "desk", "row"]

CALL = "20261123-140509-0123456789ab"
RUNNING = "20261123-150000-aaaaaaaaaaaa"
UNKNOWN = "20261123-150000-ffffffffffff"


def row(call: str = CALL, **more: Any) -> Row:
    fields = {"agent": "local", "profile": "sarah", "began_ms": 1795442709000}
    over = {} if call == RUNNING else {"reason": "caller-hung-up", "length_ms": 5000}
    return Row(call=call, **{**fields, **over, **more})


class Archive:
    def __init__(self) -> None:
        self.rows = {it.call: it for it in (row(), row(RUNNING))}
        self.down = False
        self.breaks_after: int | None = None
        "Rows of an export after which the database goes."
        self.asked: list[Query] = []

    def _up(self) -> None:
        if self.down:
            raise ArchiveDown("postgresql://db.internal: gone")

    async def get(self, call: str) -> Row | None:
        self._up()
        return self.rows.get(call)

    async def page(self, query: Query) -> Page:
        self._up()
        self.asked.append(query)
        return Page(list(self.rows.values())[: query.limit], None)

    async def every(self, query: Query) -> AsyncIterator[Row]:
        self._up()
        self.asked.append(query)
        for count, it in enumerate(self.rows.values()):
            if count == self.breaks_after:
                raise ArchiveDown("gone in the middle")
            yield it

    async def choices(self) -> dict[str, list[str]]:
        self._up()
        return {"agent": ["local"], "profile": ["sarah"], "reason": ["agent-ended"]}


class Store:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.error: Exception | None = None

    async def local(self, call: str, name: str) -> Path:
        if self.error is not None:
            raise self.error
        path = self.folder / call / name
        if not path.is_file():
            raise FileNotFoundError(path)
        return path

    def write(self, call: str, name: str, content: Any) -> None:
        path = self.folder / call / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(json.dumps(content))


class Keeper:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.deleted: list[tuple[str, str]] = []
        self.rated: list[tuple[str, int, str]] = []

    def _known(self, call: str) -> bool:
        self._archive._up()
        if call == RUNNING:
            raise Busy(call)
        return call in self._archive.rows

    async def delete(self, call: str, by: str) -> bool:
        known = self._known(call)
        self.deleted += [(call, by)] if known else []
        return known

    async def rate(self, call: str, stars: int, note: str) -> bool:
        known = self._known(call)
        assert 1 <= stars <= 5 and len(note) <= 2000
        self.rated += [(call, stars, note)] if known else []
        return known


class Rendered:
    def __init__(self, content: bytes, breaks_at: int | None, claims: int) -> None:
        self._content = content
        self._breaks_at = breaks_at
        self.size = len(content) + claims
        self.content_type = "audio/wav"
        self.etag = hashlib.sha256(content).hexdigest()[:16]

    async def read(self, begin: int, end: int) -> AsyncIterator[bytes]:
        assert 0 <= begin <= end <= self.size
        for place in range(begin, min(end, len(self._content)), 1000):
            if self._breaks_at is not None and place >= self._breaks_at:
                raise RenderError("the file is damaged")
            yield self._content[place : min(place + 1000, end)]


class Renders:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.sound = bytes(range(256)) * 40
        self.breaks_at: int | None = None
        self.claims = 0
        "Bytes that the size is wrong by."
        self.error: Exception | None = None

    async def open(self, recording: Path, call: str, format: str, leg: str) -> Rendered:
        if self.error is not None:
            raise self.error
        assert recording.name == "recording.mka"
        assert format in ("wav", "mp3", "m4a", "mka")
        assert leg in ("both", "caller", "agent", "mix")
        return Rendered(self.sound, self.breaks_at, self.claims)

    async def peaks(self, recording: Path, call: str) -> Path:
        if self.breaks_at is not None:
            raise RenderError("the file is damaged")
        path = self._folder / "peaks.json"
        legs = {"caller": [0, 255], "agent": [7, 7]}
        path.write_text(json.dumps({"length_ms": 40, "step_ms": 20, **legs}))
        return path


class Desk:
    """What a test sees: the parts, and a client."""

    def __init__(
        self, folder: Path, session: aiohttp.ClientSession, bureau: Bureau
    ) -> None:
        self.session = session
        self.bureau = bureau
        "With the meetings."
        self.archive = Archive()
        self.store = Store(folder)
        self.keeper = Keeper(self.archive)
        self.renders = Renders(folder)
        self.live: list[dict[str, Any]] = []
        self.url = ""

    def app(self, password: str | None) -> web.Application:
        history = History(
            self.archive,  # type: ignore[arg-type]
            self.keeper,  # type: ignore[arg-type]
            self.store,  # type: ignore[arg-type]
            self.renders,  # type: ignore[arg-type]
            desk=self.bureau.desk,
            live=lambda: self.live,
            password=password,
        )
        app = web.Application(middlewares=[secure, problems])
        app.add_routes(history.routes())
        return app

    async def ask(
        self, path: str, method: str = "GET", **more: Any
    ) -> tuple[int, Any, Any]:
        """Status, headers, and the body: parsed, where it is JSON."""
        address = self.url + path
        async with self.session.request(method, address, **more) as answer:
            body: Any = await answer.read()
            if answer.content_type.endswith("json") and body:
                body = json.loads(body)
            if answer.status >= 400 and method != "HEAD":
                assert answer.content_type == "application/problem+json", answer
                assert body["status"] == answer.status and body["detail"]
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            return answer.status, answer.headers, body

    async def code(self, path: str, method: str = "GET", **more: Any) -> str:
        """The status and the code of what must be a problem."""
        status, _, body = await self.ask(path, method, **more)
        assert status >= 400, body
        return f"{status} {body['code']}"


@asynccontextmanager
async def desk(folder: Path, password: str | None = None) -> AsyncIterator[Desk]:
    async with (
        aiohttp.ClientSession() as session,
        bureau(folder / ".meetings", now=lambda: NOW, away=asyncio.to_thread) as around,
    ):
        found = Desk(folder, session, around)
        runner = web.AppRunner(found.app(password), shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            for call in (CALL, RUNNING):
                found.store.write(call, "recording.mka", b"sound")
                found.store.write(call, "events.jsonl", b"")
            yield found
        finally:
            await runner.cleanup()
