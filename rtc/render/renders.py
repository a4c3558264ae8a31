"""Renders: recordings as the files that people ask for, made once and kept a while.

Each is made by a process of its own at low priority, at most `at_once` of them; others
wait, and who comes when too many wait is sent away. Those who want the same share it,
and read it while it grows.

A rendering that has begun goes on when nobody reads it any more. Players let go and
ask again for another range all the time, and who left the page mostly comes back; an
hour of sound takes less than a minute, and then it is there. One that still waits for
its turn is dropped with the last who waited for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

from .cache import PART, Cache, delete, tag
from .format import FORMATS
from .growth import Busy, Growth, RenderError, State
from .make import PEAKS
from .process import render
from .rendered import Rendered
from .sound import CHOICES

__all__ = ["Busy", "RenderError", "Rendered", "Renders"]

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_WAITING = 16
"Renderings beyond those that run: some minutes of work."


class Work(NamedTuple):
    """What is to be made."""

    recording: Path
    call: str
    kind: str
    leg: str

    @property
    def ending(self) -> str:
        return "json" if self.kind == PEAKS else self.kind

    def name(self, etag: str) -> str:
        """Of its file in the cache."""
        leg = PEAKS if self.kind == PEAKS else self.leg
        return f"{self.call}.{leg}.{etag}.{self.ending}"


class Renders:
    """`async with Renders(cache) as renders:`"""

    def __init__(
        self, cache: Path, *, most_bytes: int = 1 << 30, at_once: int = 2
    ) -> None:
        self.cache = Cache(cache, most_bytes)
        self.made = 0
        "Renderings that were completed."
        self.failed = 0
        "... that were not, those nobody waited for included."
        self._at_once = at_once
        self._turn = asyncio.Semaphore(at_once)
        self._tasks = asyncio.TaskGroup()
        self._running: dict[Path, tuple[Work, Growth, asyncio.Task[None]]] = {}
        "By the final path; those that wait as well."
        self._leaving = False

    async def __aenter__(self) -> Self:
        """Raises OSError: the cache cannot be."""
        await asyncio.to_thread(self.cache.open)
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends all; a killed process has a deadline of its own."""
        self._leaving = True
        for _, growth, task in list(self._running.values()):
            growth.fail("the server is stopping")
            task.cancel()
        # Not with the error: the group would wrap it, and nobody expects that.
        await self._tasks.__aexit__(None, None, None)

    def counters(self) -> dict[str, int]:
        return {
            "renders_made": self.made,
            "renders_failed": self.failed,
            "renders_waiting": max(0, len(self._running) - self._at_once),
            "renders_evicted": self.cache.evicted,
        }

    async def open(self, recording: Path, call: str, format: str, leg: str) -> Rendered:
        """The recording as a file. Raises RenderError; FileNotFoundError: it is gone.

        Returns as soon as the size is known: of WAV and MP3 at once, of others when
        they are complete.
        """
        if format not in FORMATS or leg not in CHOICES:
            raise RenderError(f"there is no {format} of {leg}")
        work = Work(recording, call, format, leg)
        size, etag = await self._looked_up(work)
        if (format, leg) == ("mka", "both"):
            growth = Growth.complete(recording, size)
        else:
            growth = await self._growth(work, etag)
        size = await self._attend(growth, growth.sized())
        return Rendered(growth, size, FORMATS[format].content_type, etag)

    async def peaks(self, recording: Path, call: str) -> Path:
        """The JSON file of `rtc.render.peaks`. Raises what `open` does."""
        work = Work(recording, call, PEAKS, "both")
        _, etag = await self._looked_up(work)
        growth = await self._growth(work, etag)
        await self._attend(growth, growth.finished())
        return growth.path

    def forget(self, call: str) -> None:
        """Drop everything of a call; who reads it learns that it is gone."""
        for work, growth, task in list(self._running.values()):
            if work.call == call:
                growth.fail("this call was deleted")
                task.cancel()
        self.cache.drop(call)

    async def _looked_up(self, work: Work) -> tuple[int, str]:
        """Size and tag of the recording."""
        try:
            return await asyncio.to_thread(tag, work.recording, work.kind, work.leg)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise RenderError(f"no recording: {error.strerror}") from error

    async def _growth(self, work: Work, etag: str) -> Growth:
        path = self.cache.folder / work.name(etag)
        size = await asyncio.to_thread(self.cache.find, path)
        if size is not None:
            return Growth.complete(path, size)
        while (running := self._running.get(path)) and running[2].cancelling():
            await asyncio.wait([running[2]])  # dropped, and not for this one
        if path not in self._running:
            self._begin(work, path)
        return self._running[path][1]

    def _begin(self, work: Work, path: Path) -> None:
        if self._leaving:
            raise Busy("the server is stopping")
        if len(self._running) >= self._at_once + MOST_WAITING:
            raise Busy("many recordings are asked for; try again in a minute")
        growth = Growth(path.with_name(path.name + PART))
        task = self._tasks.create_task(self._run(work, path, growth))
        self._running[path] = work, growth, task
        # Not in the task, which may be cancelled before it began.
        task.add_done_callback(lambda _: self._over(path))

    def _over(self, path: Path) -> None:
        _, growth, _ = self._running.pop(path)
        growth.fail("rendering was ended")
        self.failed += growth.state is State.FAILED

    async def _attend(self, growth: Growth, waiting: Awaitable[T]) -> T:
        """Wait; what has not begun is dropped with the last who waits for it."""
        try:
            return await waiting
        finally:
            if growth.state is State.WAITING and not growth.waiting:
                for _, other, task in self._running.values():
                    if other is growth:
                        task.cancel()

    async def _run(self, work: Work, path: Path, growth: Growth) -> None:
        part = growth.path
        async with self._turn:
            try:
                await self._make(work, path, growth)
            except RenderError as error:
                log.warning("%s cannot be rendered: %s", path.name, error)
                growth.fail(str(error))
            except OSError as error:
                log.warning("%s cannot be kept: %s", path.name, error)
                growth.fail(f"the render cache: {error.strerror}")
            finally:
                delete(part)

    async def _make(self, work: Work, path: Path, growth: Growth) -> None:
        found = await asyncio.to_thread(self.cache.find, path)
        if found is not None:  # completed just while somebody asked
            growth.grow(found, found)
            growth.done(path)
            return
        growth.begin()
        made = render(work.recording, work.kind, work.leg, growth.path)
        async with aclosing(made):
            async for size, there in made:
                if size is not None and growth.size is None:
                    await self._make_room(size)
                # The last byte only when all went well: who has it has a good file.
                growth.grow(size, there - (there == size))
        await asyncio.to_thread(self.cache.outdate, path)
        await asyncio.to_thread(self.cache.make_room, 0)
        if growth.state is State.FAILED:  # forgotten meanwhile: nothing may stay
            return
        os.replace(growth.path, path)
        self.made += 1
        growth.done(path)

    async def _make_room(self, size: int) -> None:
        if size > self.cache.most_bytes:
            raise RenderError(
                "too large for the render cache: take MP3, or have it made larger"
                " (--render-cache-mb)"
            )
        await asyncio.to_thread(self.cache.make_room, size)
