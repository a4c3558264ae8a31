"""A history of made-up calls, on real files, rows and routes.

    async with history(tmp_path) as past:
        await past.add(1, turns=SHORT, sound=True)
        page = await browser_page.open(f"{past.url}calls", **THERE)

Calls are years ago, so that the page names their days in full, whenever the test runs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from rtc import call_id
from rtc.archive.archive import Archive
from rtc.archive.keeper import Keeper
from rtc.archive.row import fold
from rtc.archive.store import Store
from rtc.history.history import History
from rtc.opus import Encoder
from rtc.pages import page_routes, secure
from rtc.problem import problems
from rtc.recorder import Recorder
from rtc.recording.spool import Spool
from rtc.recording.writer import Writer
from rtc.render.renders import Renders
from tests.meetings import quiet
from tests.sound import chirp

__all__ = ["BEGAN", "THERE", "Past", "history", "said"]

BEGAN = datetime(2019, 11, 20, 13, 5, 9, tzinfo=UTC)
"Of the newest call that is over; half an hour lies between calls."

THERE = {"locale": "en-GB", "timezone_id": "Europe/Vienna"}
"Where the person is who looks at the page: an hour east of UTC in winter."

RATE = 48_000
SLOT = 960


def said(who: str, text: str, start_ms: int, **more: Any) -> dict[str, Any]:
    """A turn of a transcript."""
    times = {"start_ms": start_ms, "end_ms": start_ms + 900, "heard_ms": None}
    return {
        "who": who,
        "text": text,
        **times,
        "final": True,
        "interrupted": False,
        **more,
    }


@dataclass
class Past:
    """What the server knows."""

    url: str
    "With a slash at the end."
    recordings: Path
    archive: Archive
    live: list[dict[str, Any]] = field(default_factory=list)
    "Calls that run."

    async def add(
        self,
        number: int,
        *,
        turns: list[dict[str, Any]] | None = None,
        events: list[dict[str, Any]] | None = None,
        pauses: list[dict[str, int]] | None = None,
        seconds: int = 0,
        **meta: Any,
    ) -> str:
        """The `number`th call, 0 is the newest; `seconds` of sound. Returns its id."""
        began = BEGAN - timedelta(minutes=30 * number)
        call = call_id.make(began, f"{number % (1 << 48):012x}")
        content = {
            "call": call,
            "agent": "local",
            "profile": "default",
            "began": began.isoformat(),
            "reason": "caller-hung-up",
            "length_ms": seconds * 1000 or 65_000,
            "recording": {"state": "kept", "skew_ms": 1.5, "lost": 3},
            **meta,
        }
        folder = self.recordings / call
        if turns is not None:
            await record(folder, seconds)
            words = {"conversation": "c", "turns": turns, "pauses": pauses or []}
            (folder / "transcript.json").write_text(json.dumps(words))
            lines = [json.dumps(event) + "\n" for event in events or []]
            (folder / "events.jsonl").write_text("".join(lines))
            (folder / "call.json").write_text(json.dumps(content))
        await self.archive.put(fold(content, turns or ()))
        return call

    def begin(self, agent: str = "local") -> str:
        """A call that runs."""
        now = datetime.now(UTC)
        call = call_id.make(now, f"{len(self.live) + 1:012x}")
        began = now.isoformat()
        running = {"call": call, "agent": agent, "profile": "default", "began": began}
        self.live.append({**running, "length_ms": 3000})
        return call


async def record(folder: Path, seconds: int) -> None:
    """Sound of both legs, one after the other, each for half of every second."""
    if not seconds:
        folder.mkdir(parents=True)
        return
    encoder = Encoder(RATE)
    pcm = chirp(seconds=0.5)
    voice = [
        encoder.encode(pcm[at : at + SLOT].tobytes())
        for at in range(0, len(pcm) - SLOT + 1, SLOT)
    ]
    with Writer() as writer:
        async with Recorder(folder, writer, lambda code, text: None) as recorder:
            for second in range(seconds):
                for number, packet in enumerate(voice):
                    at = second * RATE + number * SLOT
                    recorder.caller(packet, at)
                    recorder.agent(packet, at + RATE // 2)


@asynccontextmanager
async def history(folder: Path) -> AsyncIterator[Past]:
    """Without any call at first."""
    archive = Archive(f"sqlite:///{folder / 'history.sqlite'}")
    store, renders = Store(folder, None), Renders(folder / ".cache")
    keeper = Keeper(archive, store, Spool(folder), folder, forget=renders.forget)
    past = Past("", folder, archive)
    pages = History(
        archive,
        keeper,
        store,
        renders,
        desk=quiet(folder),
        live=lambda: past.live,
        password=None,
    )
    app = web.Application(middlewares=[secure, problems])
    app.add_routes([*page_routes(), *pages.routes()])
    async with AsyncExitStack() as stack:
        for part in (archive, renders, keeper):
            await stack.enter_async_context(part)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        past.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield past
