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
from .ledger import booked, events_of, taken_over, understood
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

LOOK_S = 0.05
LOOKS = 60
"Times that it is looked for the last line of a call's events: for 3 s."

LAST = b'"conversation.ended"'


async def compare(order: Order) -> dict[str, Any]:
    """The content of `report.json`. Raises CompareError."""
    began = datetime.now(UTC).isoformat(timespec="seconds")
    (order.out / AUDIO).mkdir(parents=True, exist_ok=True)
    calls: list[dict[str, Any]] = []
    async with _called(order) as urls:
        for run in range(1, order.runs + 1):
            log.info("run %d of %d", run, order.runs)
            takes = await _at_once(order, urls, run)
            calls += [await _written(order, take) for take in takes]
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
    except* CompareError as group_error:
        raise _first(group_error) from None
    return [task.result() for task in tasks]


def _first(group: BaseExceptionGroup[CompareError]) -> CompareError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


async def _written(order: Order, take: Take) -> dict[str, Any]:
    """A call as the report has it; its recording is on disk then."""
    events: Sequence[dict[str, Any]] = take.events
    agent = take.contender.agent
    file = _calls(order, agent) / take.call / "events.jsonl"
    filed = take.call != "" and order.url is None
    if filed:
        events = await _filed(file) or events
    replaced = taken_over(events, agent)
    said = [order.lines[spoken.turn] for spoken in take.spoken]
    audio = f"{AUDIO}/{len(list((order.out / AUDIO).iterdir())) + 1:03d}.webm"
    if take.length:
        sound = await asyncio.to_thread(webm, take.caller_pcm, take.agent_pcm)
        (order.out / audio).write_bytes(sound)
    return {
        "agent": take.contender.name,
        "run": take.run,
        "call": take.call,
        "failure": take.failure or replaced,
        "replaced": bool(replaced),
        "notes": list(take.notes),
        **measured(take),
        "words": understood(events, said),
        "server": booked(events),
        "bill": bill(events, agent, order.prices),
        "events_from": str(file.relative_to(order.out)) if filed else "data channel",
        "audio": audio if take.length else None,
    }


async def _filed(path: Path) -> list[dict[str, Any]]:
    """The events on disk, once the last of them is written."""
    content = b""
    for _ in range(LOOKS):
        content = await asyncio.to_thread(_content, path)
        if LAST in content:
            break
        await asyncio.sleep(LOOK_S)
    # Lines of bytes: those of a text would end at U+2028, too, which may be in a word.
    return events_of(content.splitlines())


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
