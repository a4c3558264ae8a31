"""Switchboard: admits offers, owns the running calls, is the wall between them.

ConnectError            an offer that leads to no call
├── Full                as many calls as allowed are running
├── Stopping            the server is shutting down
└── NotConnected        the call ended before it could be answered
"""

from __future__ import annotations

import asyncio
import functools
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from convai.cast import Cast, Wish
from convai.desk.entry import Talk

from . import call_id
from .archive.row import Kept
from .call import Call
from .journal import Journal
from .media import Media
from .minutes import MakeMinutes
from .outcome import HangUp, Limits, Outcome
from .peer import Peer
from .recording.writer import call_back
from .recordings import Recordings

__all__ = [
    "ConnectError",
    "Connected",
    "Full",
    "NotConnected",
    "Stopping",
    "Switchboard",
]

log = logging.getLogger(__name__)

T = TypeVar("T")

LEAVE_S = 8.0
"Seconds that calls have to end once told to; their own deadlines are shorter."

SETTLE_S = 5.0
"Seconds that a server which stops goes on to ask what its last calls cost."


class ConnectError(Exception):
    """An offer that leads to no call."""

    code = "internal-error"


class Full(ConnectError):
    """As many calls as allowed are running."""

    code = "server-full"


class Stopping(ConnectError):
    """The server is shutting down."""

    code = "server-stopping"


class NotConnected(ConnectError):
    """The call ended before it could be answered; `code` is the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the call ended before it was answered: {reason}")
        self.code = reason


class Connected(NamedTuple):
    """A call that was answered."""

    call: str
    "Its id."
    answer: str
    "SDP."
    agent: str
    "Who began; not who was asked for, if that one could not."
    profile: str
    recording: Kept


class Running(NamedTuple):
    """A call that is not over."""

    call: Call
    journal: Journal
    task: asyncio.Task[None]


class Switchboard:
    """All calls of the process. An async context; leaving it ends what still runs."""

    def __init__(
        self,
        casting: Callable[[Wish], Cast],
        recordings: Recordings,
        media: Media,
        *,
        limits: Limits,
        max_calls: int,
        ice_address: str | None = None,
        minutes: MakeMinutes | None = None,
    ) -> None:
        """`minutes` finds the meetings of a call, whose zone the text is."""
        self._casting = casting
        self._recordings = recordings
        self._media = media
        self._limits = limits
        self._max_calls = max_calls
        self._ice_address = ice_address
        self._minutes = minutes
        self._running: dict[str, Running] = {}
        self._settling: set[asyncio.Task[None]] = set()
        "Calls that are over, but for what they cost."
        self._tasks = asyncio.TaskGroup()
        self._empty = asyncio.Event()
        self._stopping = False

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self.drain(0.0)
        finally:
            # The group is not told of an error from outside: it would wrap it.
            await self._tasks.__aexit__(None, None, None)

    def __len__(self) -> int:
        """Calls that are running or being set up."""
        return len(self._running)

    async def connect(self, offer: str, wish: Wish) -> Connected:
        """Start a call.

        `offer` was prepared by `rtc.sdp` and checked by `rtc.offer`. Raises
        ConnectError, CastingError, BadOffer when aiortc stumbles over the offer all the
        same, or AgentUnavailable when no agent can be reached.
        """
        if self._stopping:
            raise Stopping("the server is shutting down")
        cast = self._casting(wish)
        if len(self._running) >= self._max_calls:
            raise Full(f"all {self._max_calls} lines are taken")
        name = call_id.make(datetime.now(UTC), secrets.token_hex(6))
        kept = self._recordings.kept(wish)
        journal, call = self._prepare(name, cast, kept, wish.zone)
        run = self._run(name, call, offer, cast, journal)
        task = self._tasks.create_task(run, name=name)
        self._running[name] = Running(call, journal, task)
        self._empty.clear()
        try:
            answer = await asyncio.shield(call.answer)
            return Connected(name, answer, cast.leading, cast.profile_name, kept)
        except HangUp as end:
            raise NotConnected(end.reason) from end

    def live(self) -> list[dict[str, Any]]:
        """The calls that are running, for the history's pages; newest first."""
        return [it.journal.so_far() for it in reversed(self._running.values())]

    def hang_up(self, name: str, reason: str = "caller-hung-up") -> bool:
        """End a call; False when there is none of that name."""
        running = self._running.get(name)
        if running is not None:
            running.call.hang_up(reason)
        return running is not None

    async def drain(self, grace: float) -> None:
        """Admit no more calls, wait `grace` seconds for the others, then end them.

        What the last ones cost is asked for some seconds more.
        """
        self._stopping = True
        if grace:
            await self._wait_until_empty(grace)
        self.end_all()
        if not await self._wait_until_empty(LEAVE_S):
            log.error("%d calls did not end and are dropped", len(self._running))
            for running in self._running.values():
                running.task.cancel()
        if self._settling:
            await asyncio.wait(self._settling, timeout=SETTLE_S)
        for settling in self._settling:
            settling.cancel()

    def end_all(self) -> None:
        """Tell every call that the server stops; they end within seconds."""
        for running in self._running.values():
            running.call.hang_up("server-stopping")

    async def _wait_until_empty(self, limit: float) -> bool:
        if not self._running:
            return True
        try:
            async with asyncio.timeout(limit):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    def _prepare(
        self, name: str, cast: Cast, kept: Kept, zone: str
    ) -> tuple[Journal, Call]:
        started, began = asyncio.get_running_loop().time(), datetime.now(UTC)
        talk = Talk(
            call=name,
            agent=cast.agent_name,
            profile=cast.profile_name,
            speaker=cast.speaker,
            began=began,
        )
        peer = Peer(self._media, ice_address=self._ice_address)
        journal = Journal(
            started,
            call=name,
            agent=cast.agent_name,
            profile=cast.profile_name,
            zone=zone,
            kept=kept,
            metrics=cast.metrics,
            page=peer.send,
            minutes=None if self._minutes is None else self._minutes(talk, zone),
        )
        recorder = self._recordings.recorder(name, kept, journal.lost)
        journal.recorder = recorder
        call = Call(
            started,
            media=self._media,
            cast=cast,
            peer=peer,
            recorder=recorder,
            listeners=(journal.note, cast.note),
            limits=self._limits,
            announcement=self._recordings.announced(kept),
        )
        return journal, call

    async def _run(
        self, name: str, call: Call, offer: str, cast: Cast, journal: Journal
    ) -> None:
        log.info("call %s: begins, with %s", name, cast.agent_name)
        outcome = Outcome("internal-error", 0.0, {})
        register = self._recordings.register
        register.began(journal.meta)
        try:
            outcome = await self._walled(name, call.run(offer)) or outcome
        finally:
            journal.close()
            del self._running[name]
            if not self._running:
                self._empty.set()
            self._register(journal, settled=not outcome.seconds)
        if outcome.seconds:
            settle = self._walled(name, self._settle(name, cast, journal))
            settling = self._tasks.create_task(settle)
            self._settling.add(settling)
            settling.add_done_callback(self._settling.discard)
        # Counters tell of what was not as it should be: none is the rule.
        odd = [f"{key} {n}" for key, n in outcome.counters.items() if n]
        log.info(
            "call %s: %s after %.1f s%s",
            name,
            outcome.reason,
            outcome.seconds,
            f" ({', '.join(odd)})" if odd else "",
        )

    async def _walled(self, name: str, work: Awaitable[T]) -> T | None:
        """The first wall: a bug in one call must not touch another."""
        try:
            return await work
        except Exception:
            log.exception("call %s: ended by a bug", name)
            return None

    async def _settle(self, name: str, cast: Cast, journal: Journal) -> None:
        """Write down what the call cost, which providers know only after it."""
        folder = self._recordings.folder / name
        try:
            if bills := await cast.bills():
                self._recordings.writer.post(journal.settle(bills, folder), hurry=True)
        finally:
            # Whatever came of it, nothing more will: the register waits for that.
            self._register(journal, settled=True)

    def _register(self, journal: Journal, *, settled: bool) -> None:
        """Have the call in the history, once its files are closed.

        The writer does its jobs in order: even when the disk was too slow for the
        recorder to wait for it, what it had to write is written by then.
        """
        recordings, loop = self._recordings, asyncio.get_running_loop()
        ended = functools.partial(
            recordings.register.ended, journal.meta, settled=settled
        )
        if not recordings.writer.post(
            functools.partial(call_back, loop, ended), hurry=True
        ):
            ended()
