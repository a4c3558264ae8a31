"""A switchboard for tests, without HTTP: recordings in a folder, agents of a fake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from convai.agent import Agent
from convai.cast import Cast, UnknownAgent, Wish
from convai.providers.elevenlabs import elevenlabs_agent
from rtc import sdp
from rtc.media import Media, Options
from rtc.outcome import Limits
from rtc.recording.writer import Writer
from rtc.recordings import NoRegister, Recordings, Register
from rtc.switchboard import Switchboard

__all__ = ["Office", "office"]

NO_HISTORY = NoRegister()


@dataclass
class Office:
    """A running switchboard and its recordings."""

    switchboard: Switchboard
    recordings: Path
    writer: Writer

    def line(self, agent: str) -> Callable[[str], Awaitable[str]]:
        """What `Caller` connects through; `calls` then has the id."""

        async def connect(offer: str) -> str:
            connected = await self.switchboard.connect(
                sdp.prepare(offer), Wish(agent=agent)
            )
            self.calls[agent] = connected.call
            return connected.answer

        return connect

    def __post_init__(self) -> None:
        self.calls: dict[str, str] = {}

    async def empty(self, limit: float) -> None:
        """Wait until no call is running; fails after `limit` seconds."""
        async with asyncio.timeout(limit):
            while len(self.switchboard):  # noqa: ASYNC110, there is nothing to await
                await asyncio.sleep(0.02)

    def folder(self, agent: str) -> Path:
        return self.recordings / self.calls[agent]


def _elevenlabs(url: str, name: str) -> Agent:
    return elevenlabs_agent(base_url=url, agent_id=name)


@asynccontextmanager
async def office(
    url: str,
    recordings: Path,
    agents: Iterable[str] = ("agent",),
    *,
    limits: Limits | None = None,
    max_calls: int = 100,
    options: Options | None = None,
    make: Callable[[str, str], Agent] = _elevenlabs,
    casting: Callable[[Wish], Cast] | None = None,
    register: Register = NO_HISTORY,
) -> AsyncIterator[Office]:
    """Calls to the agents of those names at `url`, media on 127.0.0.1.

    With a `casting` of one's own, to whomever that chooses.
    """
    known = tuple(agents)

    def plain(wish: Wish) -> Cast:
        name = wish.agent or known[0]
        if name not in known:
            raise UnknownAgent(f"there is no agent {name}")
        return Cast(agent=make(url, name), agent_name=name)

    with Writer() as writer:
        async with (
            Media(options) as media,
            Switchboard(
                casting or plain,
                Recordings(folder=recordings, writer=writer, register=register),
                media,
                limits=limits or Limits(),
                max_calls=max_calls,
                ice_address="127.0.0.1",
            ) as switchboard,
        ):
            yield Office(switchboard, recordings, writer)
