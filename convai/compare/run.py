"""Run: all agents are called at the same time, as often as was asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import process
from .bill import bill
from .caller import Caller
from .figures import measured
from .ledger import booked, events_in, taken_over, understood
from .order import Order
from .sound import webm
from .summary import summary
from .take import Take
from .trouble import CompareError

__all__ = ["compare"]

log = logging.getLogger(__name__)

CALLS = "calls"
"Folder of the server's own recordings."
AUDIO = "audio"


async def compare(order: Order) -> dict[str, Any]:
    """The content of `report.json`. Raises CompareError."""
    began = datetime.now(UTC).isoformat(timespec="seconds")
    (order.out / AUDIO).mkdir(parents=True, exist_ok=True)
    calls: list[dict[str, Any]] = []
    told: list[Take] = []
    async with _called(order) as urls:
        for run in range(1, order.runs + 1):
            log.info("run %d of %d", run, order.runs)
            takes = await _at_once(order, urls, run)
            calls += [await _heard(order, take) for take in takes]
            told += takes
    # Only now is all on disk that the servers know, what a call was charged included.
    for call, take in zip(calls, told, strict=True):
        call |= await _told(order, take)
    return {
        "began": began,
        "server": order.url or "started for this comparison, on loopback",
        "runs": order.runs,
        "seed": order.seed,
        "interrupt_turn": None if order.interrupt is None else order.interrupt + 1,
        "caller": [
            {
                "turn": number,
                "name": line.name,
                "text": line.text,
                "speech_s": round(line.end_s - line.begin_s, 2),
            }
            for number, line in enumerate(order.lines, 1)
        ],
        "agents": [contender.name for contender in order.contenders],
        "calls": calls,
        "summary": summary([c.name for c in order.contenders], calls),
        "votes": None,
    }


@asynccontextmanager
async def _called(order: Order) -> AsyncIterator[dict[str, str]]:
    """The URL to call for each agent: a server for each, if they are ours."""
    agents = dict.fromkeys(contender.agent for contender in order.contenders)
    if order.url is not None:
        yield dict.fromkeys(agents, order.url)
        return
    async with AsyncExitStack() as stack:
        urls = {}
        for agent in agents:
            log.info("starting a server with %s", agent)
            file = order.out / f"server-{agent}.log"
            running = process.server(agent, _calls(order, agent), file, order.flags)
            urls[agent] = await stack.enter_async_context(running)
        yield urls


def _calls(order: Order, agent: str) -> Path:
    """Where the agent's server records."""
    return order.out / CALLS / agent


async def _at_once(order: Order, urls: Mapping[str, str], run: int) -> list[Take]:
    """One call to each agent, side by side."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(
                    Caller(
                        urls[contender.agent],
                        contender,
                        run,
                        order.lines,
                        interrupt=order.interrupt,
                    ).call()
                )
                for contender in order.contenders
            ]
    except ExceptionGroup as several:
        # Raised in an `except*` it would come out wrapped in a group again.
        ours, others = several.split(CompareError)
        if ours is None or others is not None:
            raise
        raise _first(ours) from None
    return [task.result() for task in tasks]


def _first(group: BaseExceptionGroup[CompareError]) -> CompareError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


async def _heard(order: Order, take: Take) -> dict[str, Any]:
    """What the caller heard, for the report; the sound goes to disk."""
    audio = f"{AUDIO}/{len(list((order.out / AUDIO).iterdir())) + 1:03d}.webm"
    if take.length:
        sound = await asyncio.to_thread(webm, take.caller_pcm, take.agent_pcm)
        (order.out / audio).write_bytes(sound)
    heard = {
        "agent": take.contender.name,
        "run": take.run,
        "call": take.call,
        "notes": list(take.notes),
        **measured(take),
        "audio": audio if take.length else None,
    }
    take.forget()
    return heard


async def _told(order: Order, take: Take) -> dict[str, Any]:
    """What the server wrote down, or else told the caller, for the report."""
    agent = take.contender.agent
    file = _calls(order, agent) / take.call / "events.jsonl"
    filed = take.call != "" and order.url is None
    content = await asyncio.to_thread(_content, file) if filed else b""
    events: Sequence[dict[str, Any]] = events_in(content) or take.events
    replaced = taken_over(events, agent)
    said = [order.lines[spoken.turn] for spoken in take.spoken]
    return {
        "failure": take.failure or replaced,
        "replaced": bool(replaced),
        "words": understood(events, said),
        "server": booked(events),
        "bill": bill(events, agent, order.prices),
        "events_from": str(file.relative_to(order.out)) if filed else "data channel",
    }


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
