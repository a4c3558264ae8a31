"""WireAgent: an agent at the other end of a WebSocket, whatever its codec.

Everything that can go wrong on the way has a deadline here, because none of it shows by
itself: sending to a dead provider works for a minute and a half of audio (the kernel
takes it), and websockets' own `close` waits without end for a peer that does not read.

    dial -> connect -> opening -> Ready      Deadlines.ready (queueing: .queue more)
    a message now and then                   Deadlines.silence
    the network itself                       Deadlines.keepalive, twice
    after the agent's goodbye                Deadlines.farewell
    leaving                                  Deadlines.leave

An agent that is connected, sends pings and never speaks is not noticed here: only the
call knows that the caller has finished and waits for an answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, TypeAlias

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from .agent import (
    AgentError,
    AgentLost,
    AgentProtocolError,
    AgentUnavailable,
    Codec,
)
from .connection import close, connect
from .endpoint import Endpoint
from .events import Ended, Event, Queued, Ready, Trouble
from .notes import Note
from .outbox import Outbox

__all__ = ["Deadlines", "Dial", "Endpoint", "WireAgent"]

_log = logging.getLogger(__name__)

Dial: TypeAlias = Callable[[], Awaitable[Endpoint]]
"Finds out where to connect; may ask the provider. Raises AgentError only."

Explain: TypeAlias = Callable[[AgentUnavailable], AgentUnavailable]
"Says what it means with a provider that there was no connection; not asked later on."

_AUDIO_MS = 5000.0
"Milliseconds of caller's audio kept for a slow network; older is of no use."
_MOST_EARLY = 1000
"Events before `Ready`; normally none, or a few about a queue."
_NOT_WEBSOCKET = {1002, 1003, 1007, 1009}
"Codes with which our side closes when the peer's frames are wrong or too large."


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """All in seconds."""

    ready: float = 10.0
    "From dialling until the agent is ready."
    queue: float = 60.0
    "Added once when the provider says that the caller waits for a free agent."
    silence: float = 30.0
    "Without any message. Providers send pings of their own every few seconds."
    keepalive: float = 3.0
    "Between two WebSocket pings, and again for the answer to each."
    farewell: float = 5.0
    "From the agent's goodbye until it closes; then the conversation counts as ended."
    leave: float = 1.0
    "For closing, whatever the peer does."


class WireAgent:
    """One conversation over one WebSocket; see `convai.agent.Agent`.

    Iterate without long pauses: what is not read stops the reading from the network,
    and after twice `Deadlines.keepalive` the connection counts as dead.
    """

    def __init__(
        self,
        *,
        codec: Codec,
        dial: Dial,
        explain: Explain | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.sent = self.received = 0
        "Messages."
        self._codec = codec
        self._dial = dial
        self._explain = explain
        self._deadlines = deadlines or Deadlines()
        self._outbox = Outbox(audio_ms=_AUDIO_MS)
        self._to_send = asyncio.Event()
        self._events: deque[Event] = deque()
        self._tasks = asyncio.TaskGroup()
        self._goodbye_at: float | None = None
        "Loop time of the agent's goodbye."
        self._queued = False
        "Waiting for a free agent, who says nothing meanwhile."
        self._over = False
        self._name = "?"
        "For the log."
        self._endpoint: Endpoint
        self._socket: ClientConnection
        self._sender: asyncio.Task[None]

    @property
    def input_rate(self) -> int:
        return self._codec.input_rate

    @property
    def output_rate(self) -> int:
        return self._codec.output_rate

    @property
    def dropped_ms(self) -> float:
        """Milliseconds of the caller's audio that a slow network cost."""
        return self._outbox.dropped_ms

    # Entering and leaving.

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(self._deadlines.ready) as deadline:
                await self._connect()
                await self._get_ready(deadline)
        except TimeoutError:
            raise AgentUnavailable("the agent did not answer in time") from None
        await self._tasks.__aenter__()
        self._sender = self._tasks.create_task(self._send_all(), name=self._name)
        hears, speaks = self.input_rate, self.output_rate
        _log.info("%s is open, hears %d Hz, speaks %d Hz", self._name, hears, speaks)
        return self

    async def _connect(self) -> None:
        limits = self._deadlines
        try:
            self._endpoint = await self._dial()
            self._name = str(self._endpoint)
            self._socket = await connect(
                self._endpoint, keepalive=limits.keepalive, leave=limits.leave
            )
        except AgentUnavailable as error:
            if self._explain is None:
                raise
            raise self._explain(error) from None

    async def _get_ready(self, deadline: asyncio.Timeout) -> None:
        ready = False
        try:
            for message in self._codec.opening():
                await self._send(message, private=True)
            await self._until_ready(deadline)
            ready = True
        except AgentUnavailable:
            raise
        except AgentError as error:
            raise AgentUnavailable(str(error), code=error.code) from None
        finally:
            if not ready:
                await close(self._socket, within=self._deadlines.leave)

    async def _until_ready(self, deadline: asyncio.Timeout) -> None:
        now = asyncio.get_running_loop().time
        queued = False
        while len(self._events) < _MOST_EARLY:
            received = await self._receive(None)
            if received is None:
                raise AgentUnavailable("the agent hung up at once")
            events, answers = received
            for answer in answers:
                await self._send(answer)
            self._events.extend(events)
            for event in events:
                if isinstance(event, Ready):
                    self._name = f"conversation {event.conversation!r}"
                    return
                if event == Queued("waiting") and not queued:
                    queued = True
                    deadline.reschedule(now() + self._deadlines.queue)
                elif event == Queued("admitted"):
                    at_most = deadline.when() or now()
                    deadline.reschedule(min(at_most, now() + self._deadlines.ready))
        raise AgentUnavailable("the agent talks without ever being ready")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over = True
        self._sender.cancel()
        try:
            await close(self._socket, within=self._deadlines.leave)
        finally:
            # Without the error: it is the call's own and must pass as it is, while
            # the group would wrap it.
            await self._tasks.__aexit__(None, None, None)
            _log.info(
                "%s is closed; messages sent %d, received %d; audio dropped %d ms",
                self._name,
                self.sent,
                self.received,
                self.dropped_ms,
            )

    # The agent's side of the conversation.

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._events and not self._over:
            received = await self._receive(self._patience())
            if received is None:
                break
            events, answers = received
            self._control(answers)
            self._events.extend(events)
        if not self._events:
            raise StopAsyncIteration
        return self._events.popleft()

    def _patience(self) -> float:
        """Until when, in loop time, to wait for the next message."""
        if self._goodbye_at is not None:
            return self._goodbye_at + self._deadlines.farewell
        limit = self._deadlines.queue if self._queued else self._deadlines.silence
        return asyncio.get_running_loop().time() + limit

    async def _receive(
        self, until: float | None
    ) -> tuple[list[Event], list[str]] | None:
        """What the next message says; None after a hang-up in good order."""
        try:
            message = await self._next(until)
            if message is None:
                self._over = True
                return None
            events, answers = self._codec.receive(
                message, asyncio.get_running_loop().time()
            )
        except AgentError as error:
            self._over = True
            told = self._endpoint.scrub(str(error))
            raise type(error)(told, code=error.code) from None
        for event in events:
            if isinstance(event, Ended):
                self._goodbye_at = asyncio.get_running_loop().time()
            elif isinstance(event, Queued):
                self._queued = event.status == "waiting"
        return [self._scrubbed(event) for event in events], answers

    async def _next(self, until: float | None) -> str | bytes | None:
        if self._outbox.overflowed:
            raise AgentLost("the agent's server no longer takes messages")
        try:
            async with asyncio.timeout_at(until):
                message = await self._socket.recv()
        except TimeoutError:
            if self._goodbye_at is not None:
                return None
            raise AgentLost("nothing was heard from the agent's server") from None
        except ConnectionClosed as closed:
            error = self._why(closed)
            if error is not None:
                raise error from None
            return None
        self.received += 1
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s < %s", self._name, self._abridged(message))
        return message

    def _why(self, closed: ConnectionClosed) -> AgentError | None:
        ours, theirs = closed.sent, closed.rcvd
        if ours is not None and not (theirs and closed.rcvd_then_sent):
            # websockets gave up on the peer; nobody else closes while events are read.
            if ours.code in _NOT_WEBSOCKET:
                return AgentProtocolError(f"not what WebSocket allows: {ours.reason}")
            return self._codec.closed(None, "the agent's server stopped answering")
        if theirs is None:
            return self._codec.closed(None, "")
        return self._codec.closed(theirs.code, theirs.reason)

    def _scrubbed(self, event: Event) -> Event:
        if isinstance(event, Trouble):
            return replace(event, message=self._endpoint.scrub(event.message))
        return event

    # The caller's side.

    async def hear(self, pcm: bytes) -> None:
        if self._over or self._goodbye_at is not None:
            return  # nobody listens any more
        ms = len(pcm) / 2 / self.input_rate * 1000
        self._outbox.audio(self._codec.audio(pcm), ms)
        self._to_send.set()

    async def cut(self, reply: int, heard_ms: int) -> None:
        self._control(self._codec.cut(reply, heard_ms))

    async def say(self, text: str) -> None:
        self._control(self._codec.say(text))

    async def answer(self, call_id: str, result: str, error: bool = False) -> None:
        self._control(self._codec.answer(call_id, result, error))

    async def note(self, note: Note) -> None:
        self._control(self._codec.note(note))

    def _control(self, messages: list[str]) -> None:
        if messages and not self._over:
            self._outbox.control(messages)
            self._to_send.set()

    async def _send_all(self) -> None:
        while True:
            message = self._outbox.pop()
            if message is None:
                self._to_send.clear()
                await self._to_send.wait()
            elif not await self._send(message):
                return

    async def _send(self, message: str, *, private: bool = False) -> bool:
        """False when the connection is gone; whoever receives learns why."""
        try:
            await self._socket.send(message)
        except ConnectionClosed:
            return False
        self.sent += 1
        if _log.isEnabledFor(logging.DEBUG):
            shown = "(opening)" if private else self._abridged(message)
            _log.debug("%s > %s", self._name, shown)
        return True

    def _abridged(self, message: str | bytes) -> str:
        """The start, for a log: the rest of a long message is audio."""
        more = f"... {len(message)} in all" if len(message) > 150 else ""
        return self._endpoint.scrub(repr(message[:150])) + more
