"""Errands: each tool is done by somebody, or not in time, and the agent is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from convai.events import Ended, Event, MeetingFound, ToolCall, ToolDone
from rtc.errands import MOST_WAITING, PAGE_S, WORKERS, Errands
from tests import virtual


class Agent:
    def __init__(self) -> None:
        self.answers: list[tuple[str, str, bool]] = []

    async def answer(self, call_id: str, result: str, error: bool = False) -> None:
        self.answers.append((call_id, result, error))


class Box:
    """A toolbox that works for a while."""

    def __init__(self, events: tuple[Event, ...] = (), lasts_s: float = 0.0) -> None:
        self.events, self.lasts_s = events, lasts_s
        self.running = self.most = 0

    def has(self, name: str) -> bool:
        return name == "book"

    async def use(self, call: ToolCall) -> tuple[ToolDone, tuple[Event, ...]]:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(self.lasts_s)
        self.running -= 1
        return ToolDone(call.id, call.name, "booked"), self.events


class Desk:
    def __init__(self, box: Box) -> None:
        self.agent = Agent()
        self.told: list[Event] = []
        self.goodbyes = 0
        agent: Any = self.agent
        self.errands = Errands(agent, box, tell=self.told.append, goodbye=self._goodbye)

    def _goodbye(self) -> None:
        self.goodbyes += 1

    async def take(self, call_id: str, name: str) -> None:
        call = ToolCall(call_id, name, {})
        await self.errands.take(self.errands.claimed(call))


def work(box: Box, meanwhile: Callable[[Desk], Awaitable[None]]) -> Desk:
    async def main() -> Desk:
        desk = Desk(box)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(desk.errands.run())
            await meanwhile(desk)
            await asyncio.sleep(0.1)
            running.cancel()
        return desk

    return virtual.run(main())


def test_a_tool_of_ours_is_done_here() -> None:
    meeting = MeetingFound({"topic": "tea"})

    async def ask(desk: Desk) -> None:
        await desk.take("1", "book")

    desk = work(Box((meeting,)), ask)
    assert desk.told == [meeting, ToolDone("1", "book", "booked")]
    assert desk.agent.answers == [("1", "booked", False)]


def test_another_tool_is_the_pages() -> None:
    async def ask(desk: Desk) -> None:
        await desk.take("1", "dance")
        desk.errands.answered("1", "danced", False)
        desk.errands.answered("1", "danced again", False)
        desk.errands.answered("2", "never asked", False)

    desk = work(Box(), ask)
    assert desk.agent.answers == [("1", "danced", False)]
    assert desk.told == [ToolDone("1", "dance", "danced")]


def test_a_page_that_does_nothing_is_a_failed_tool() -> None:
    async def ask(desk: Desk) -> None:
        await desk.take("1", "dance")
        await asyncio.sleep(PAGE_S)

    desk = work(Box(), ask)
    ((call_id, _, failed),) = desk.agent.answers
    assert (call_id, failed) == ("1", True)


def test_a_tool_that_ends_the_call_is_not_answered() -> None:
    async def ask(desk: Desk) -> None:
        await desk.take("1", "book")

    desk = work(Box((Ended("agent-ended"),)), ask)
    assert desk.goodbyes == 1
    assert desk.agent.answers == []
    assert desk.told == [ToolDone("1", "book", "booked")]


def test_few_are_done_at_once_and_not_too_many_wait() -> None:
    box = Box(lasts_s=1.0)

    async def ask(desk: Desk) -> None:
        for number in range(MOST_WAITING + 3):
            await desk.take(str(number), "book")
        assert len(desk.agent.answers) == 3
        assert all(failed for _, _, failed in desk.agent.answers)
        await asyncio.sleep(MOST_WAITING / WORKERS + 0.5)

    desk = work(box, ask)
    assert box.most == WORKERS
    assert len(desk.agent.answers) == MOST_WAITING + 3


def test_an_agent_that_uses_an_id_twice_harms_nobody() -> None:
    async def ask(desk: Desk) -> None:
        for call_id in ("1", "2", "3", "4", "4"):  # the last one has to wait
            await desk.take(call_id, "dance")
        await asyncio.sleep(1)
        desk.errands.answered("4", "danced", False)
        await asyncio.sleep(PAGE_S + 1)

    desk = work(Box(), ask)
    assert len(desk.agent.answers) == 5


def test_an_id_used_twice_whose_answer_never_comes_costs_no_worker() -> None:
    async def ask(desk: Desk) -> None:
        for _ in range(WORKERS):
            await desk.take("1", "dance")
            await asyncio.sleep(1)
        await asyncio.sleep(PAGE_S + 1)
        await desk.take("2", "book")

    desk = work(Box(), ask)
    assert [failed for _, _, failed in desk.agent.answers] == [True] * WORKERS + [False]
