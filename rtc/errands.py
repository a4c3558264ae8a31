"""Errands: the tools that an agent asks for during one call.

What is in the call's toolbox is done here, by a few workers; anything else is asked of
the page. Either way the agent gets an answer, and everybody learns of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from convai.agent import Agent
from convai.cast import Toolbox
from convai.events import Ended, Listener, ToolCall, ToolDone

__all__ = ["Errands"]

log = logging.getLogger(__name__)

WORKERS = 4
"Tools at one time; agents mostly ask for one, and wait for it."

MOST_WAITING = 32
"Then the agent is told that it asks for too much."

PAGE_S = 15.0
"Seconds that the page has for a tool of its own."


class Errands:
    """Of one call; `run` does them."""

    def __init__(
        self,
        agent: Agent,
        toolbox: Toolbox,
        *,
        tell: Listener,
        goodbye: Callable[[], None],
    ) -> None:
        """`goodbye` is called when a tool ends the conversation."""
        self._goodbye = goodbye
        self._agent = agent
        self._toolbox = toolbox
        self._tell = tell
        self._waiting: asyncio.Queue[ToolCall] = asyncio.Queue(MOST_WAITING)
        self._asked: dict[str, asyncio.Future[tuple[str, bool]]] = {}
        "Of the page: id of the call -> its result, and whether it failed."

    def claimed(self, call: ToolCall) -> ToolCall:
        """The call, marked as ours if it is."""
        return replace(call, ours=self._toolbox.has(call.name))

    async def take(self, call: ToolCall) -> None:
        """Have it done; returns at once."""
        if self._waiting.full():
            await self._done(ToolDone(call.id, call.name, "too many at once", True))
            return
        if not call.ours:
            self._question(call.id)
        self._waiting.put_nowait(call)

    def answered(self, call_id: str, result: str, failed: bool) -> None:
        """The page did what it was asked; what it was not asked is ignored."""
        asked = self._asked.get(call_id)
        if asked is not None and not asked.done():
            asked.set_result((result, failed))

    async def run(self) -> None:
        """Do errands until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(WORKERS):
                tasks.create_task(self._work())

    async def _work(self) -> NoReturn:
        while True:
            call = await self._waiting.get()
            if not call.ours:
                await self._done(await self._ask(call))
                continue
            done, events = await self._toolbox.use(call)
            for event in events:
                if not isinstance(event, Ended):  # that one is the call's to tell
                    self._tell(event)
            if any(isinstance(event, Ended) for event in events):
                # Not answered: agents take an answer for a reason to go on talking.
                self._tell(done)
                self._goodbye()
            else:
                await self._done(done)

    def _question(self, call_id: str) -> asyncio.Future[tuple[str, bool]]:
        """What the page was asked; an id that an agent uses twice is one question."""
        if call_id not in self._asked:
            self._asked[call_id] = asyncio.get_running_loop().create_future()
        return self._asked[call_id]

    async def _ask(self, call: ToolCall) -> ToolDone:
        """Have the page do it, which has been told of the call."""
        try:
            async with asyncio.timeout(PAGE_S):
                # Another may wait for the same: its future is not to be cancelled.
                result, failed = await asyncio.shield(self._question(call.id))
        except TimeoutError:
            result, failed = "nobody did it in time", True
        finally:
            self._asked.pop(call.id, None)
        return ToolDone(call.id, call.name, result, failed)

    async def _done(self, done: ToolDone) -> None:
        self._tell(done)
        await self._agent.answer(done.id, done.result, done.failed)
