"""A folder of recordings with its database and keepers, for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rtc.archive.archive import Archive, ArchiveDown
from rtc.archive.keeper import Keeper
from rtc.archive.reach import Backoff
from rtc.archive.row import Row
from rtc.archive.store import Store
from rtc.recording.spool import Spool

__all__ = ["CALL", "NOW", "OTHER", "QUICK", "Place", "names", "until"]

CALL = "20261123-140509-0123456789ab"
OTHER = "20261123-140509-ba9876543210"
QUICK = Backoff(0.01, 0.05)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Moody(Archive):
    """A database that can be away."""

    away = False
    writes = 0

    async def put(self, row: Row) -> None:
        await self._mood()
        self.writes += 1
        await super().put(row)

    async def get(self, call: str) -> Row | None:
        await self._mood()
        return await super().get(call)

    async def remove(self, call: str) -> bool:
        await self._mood()
        return await super().remove(call)

    async def running(self) -> list[str]:
        await self._mood()
        return await super().running()

    async def _mood(self) -> None:
        if self.away:
            raise ArchiveDown("it sleeps")


class Place:
    """A folder of recordings with its database, which outlive several keepers."""

    def __init__(self, folder: Path, store: str | None = None) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.spool = Spool(folder, fsync=False)
        self.store = Store(folder, store)
        self.archive = Moody(f"sqlite:///{folder}/history.sqlite")
        self.forgotten: list[str] = []

    @asynccontextmanager
    async def keeper(self, **options: Any) -> AsyncIterator[Keeper]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.archive)
            yield await stack.enter_async_context(
                Keeper(
                    self.archive,
                    self.store,
                    self.spool,
                    self.folder,
                    **{
                        "backoff": QUICK,
                        "now": lambda: NOW,
                        "forget": self.forgotten.append,
                        **options,
                    },
                )
            )

    def call(self, call: str = CALL, **meta: Any) -> dict[str, Any]:
        """The files of a call that is over."""
        folder = self.folder / call
        folder.mkdir()
        content = {"call": call, "agent": "sarah", "profile": "sales"}
        content |= {"reason": "caller-hung-up", "length_ms": 9000, **meta}
        said = {"who": "caller", "text": "The word is heron.", "interrupted": True}
        turns = {"turns": [said, {"who": "agent", "text": "Indeed."}]}
        (folder / "call.json").write_text(json.dumps(content))
        (folder / "transcript.json").write_text(json.dumps(turns))
        (folder / "events.jsonl").write_text('{"at_ms": 0}\n')
        return content

    def meta(self, call: str = CALL) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(
            (self.folder / call / "call.json").read_text()
        )
        return content

    async def knows(self, *calls: str) -> bool:
        """Whether all of them are in the history, and over."""
        return await self.archive.known(calls) == set(calls)

    def audit(self) -> list[dict[str, Any]]:
        path = self.folder / "audit.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]


async def until(true: Callable[[], Any], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while True:
            found = true()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.005)


def names(folder: Path) -> set[str]:
    """What is there, but for the database and empty folders of our own."""
    return {
        it.name
        for it in folder.iterdir()
        if not it.name.startswith(("history.sqlite", ".cache", ".spool"))
    }
