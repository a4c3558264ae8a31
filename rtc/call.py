"""Call: a caller and an agent talking, from the offer to the last byte on disk.

Everything a call does happens in one TaskGroup. A task that knows that the call is
over raises HangUp; the group ends the others; the contexts leave in the order agent,
peer, recorder. How a call can end:

    caller-hung-up      the page, or somebody for it, said so
    caller-left         the caller's connection was closed
    caller-vanished     nothing came from the caller any more
    agent-ended         the agent hung up; what it had said was played to the end
    agent-failed        the agent broke off
    setup-timeout       no connection came about in time
    time-limit          the call was longer than calls may be
    server-stopping     the server is shutting down
    bad-offer           aiortc stumbled over the offer
    internal-error      a bug of ours
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from convai.agent import Agent, AgentError, AgentUnavailable
from convai.events import (
    Cut,
    Ended,
    Event,
    Interrupted,
    Listener,
    ReplyDone,
    Said,
    Speech,
    Stats,
    Trouble,
)
from convai.heard import HeardWords

from .deadline import Deadline
from .line import Line
from .media import Media
from .peer import Peer
from .recorder import Recorder
from .sdp import BadOffer

__all__ = ["Call", "HangUp", "Limits", "Outcome"]

log = logging.getLogger(__name__)

GOODBYE_S = 3.0
"Seconds that an agent which said it ends may still send the rest of its goodbye."

ON_THE_WAY_S = 0.3
"Seconds that the last packets need to be heard: network and the browser's buffer."

SPARE_S = 2.0
"Seconds more than its length that playing the last words may take."

FAREWELL_S = 0.5
"Seconds that the last events may take to reach the page."


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take."""

    setup_s: float = 15.0
    "From the offer to a connected caller, the agent's connection included."
    silence_s: float = 8.0
    "Without any packet from the caller, until it counts as vanished."
    call_s: float = 3600.0
    "From connected to the end."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call went."""

    reason: str
    seconds: float
    "From connected to the end; 0 when the caller never connected."
    counters: dict[str, int]


class HangUp(Exception):
    """The call is over; ends the TaskGroup of the call."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Call:
    """One conversation. Run once."""

    def __init__(
        self,
        started: float,
        *,
        media: Media,
        agent: Agent,
        peer: Peer,
        recorder: Recorder,
        listeners: Sequence[Listener],
        limits: Limits,
    ) -> None:
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        "The SDP answer; or AgentUnavailable, or HangUp when there will be none."
        self._started = started
        self._media = media
        self._agent = agent
        self._peer = peer
        self._recorder = recorder
        self._listeners = listeners
        self._limits = limits
        self._made: Line | None = None
        "None until the agent has said at which rates it hears and speaks."
        self._words: HeardWords
        self._deadline = Deadline(limits.setup_s, "setup-timeout")
        "The call always has one: first to connect, then to end."
        self._trouble: Trouble | None = None
        self._silenced = -1
        "Replies up to this one were stopped by the button; the first may be 0."
        self._connected_at: float | None = None
        # Whoever waits for the answer may have gone away: that is no error.
        self.answer.add_done_callback(lambda it: it.cancelled() or it.exception())

    async def run(self, offer: str) -> Outcome:
        """Answer `offer`, talk, and return how it ended. Raises what is a bug."""
        async with self._recorder, AsyncExitStack() as stack:
            reason = "internal-error"
            try:
                async with self._deadline:
                    self._deadline.end(await self._talk(offer, stack))
                reason = self._deadline.reason
            finally:
                if not self.answer.done():
                    self.answer.set_exception(HangUp(reason))
                self._sum_up()
                self._tell(Ended(reason))
                await self._peer.flush(FAREWELL_S)
        return self._outcome(reason)

    @property
    def _line(self) -> Line:
        assert self._made is not None, "there is no sound before the answer"
        return self._made

    def hang_up(self, reason: str) -> None:
        """End the call now, whatever it is doing."""
        self._deadline.end(reason)

    async def _talk(self, offer: str, stack: AsyncExitStack) -> str:
        await stack.enter_async_context(self._peer)
        try:
            await stack.enter_async_context(self._agent)
        except AgentUnavailable as error:
            self._tell(Trouble(error.code, str(error)))
            self.answer.set_exception(error)
            return "agent-failed"
        try:
            self.answer.set_result(await self._answer(offer))
        except BadOffer as error:
            self.answer.set_exception(error)
            return error.code
        reason = ""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._peer.carry())
                tasks.create_task(self._hear())
                tasks.create_task(self._speak())
                tasks.create_task(self._obey())
                # Here and not in a task: a group that is left by a task's error while
                # its own body has ended forgets to undo a cancellation (3.11.2).
                await self._watch()
        except* HangUp as group:
            first = group.exceptions[0]
            assert isinstance(first, HangUp)
            reason = first.reason
        return reason

    async def _answer(self, offer: str) -> str:
        self._made = Line(
            self._started,
            self._media,
            self._recorder,
            input_rate=self._agent.input_rate,
            output_rate=self._agent.output_rate,
            tell=self._tell,
        )
        self._words = HeardWords(self._agent.output_rate)
        return await self._peer.answer(offer, self._line)

    async def _watch(self) -> None:
        """See that the caller comes, and stays."""
        await self._peer.connected.wait()
        self._connected_at = asyncio.get_running_loop().time()
        self._deadline.move(self._limits.call_s, "time-limit")
        await self._peer.silence(self._limits.silence_s)
        raise HangUp("caller-vanished")

    async def _hear(self) -> None:
        """Caller to agent."""
        uplink = self._line.uplink
        while (pcm := await uplink.next()) is not None:
            await self._agent.hear(pcm)
        raise HangUp(self._peer.gone)

    async def _speak(self) -> None:
        """Agent to caller."""
        try:
            async with asyncio.timeout(None) as grace:
                async for event in self._agent:
                    if isinstance(event, Ended):
                        loop = asyncio.get_running_loop()
                        grace.reschedule(loop.time() + GOODBYE_S)
                    else:
                        await self._act(event)
        except TimeoutError:
            log.debug("the agent said goodbye but keeps the connection")
        except AgentError as error:
            trouble = Trouble(error.code, str(error))
            if trouble != self._trouble:  # the agent may have announced it
                self._tell(trouble)
            raise HangUp("agent-failed") from error
        await self._drain()
        raise HangUp("agent-ended")

    async def _act(self, event: Event) -> None:
        self._tell(event)
        self._words.note(event)
        match event:
            case Speech(reply, pcm):
                if reply > self._silenced:
                    self._line.play(pcm, reply)
            case ReplyDone():
                self._line.playout.end()
            case Interrupted(reply) if reply > self._silenced:
                if reply >= self._line.playout.reply:
                    await self._cut(reply)
            case Trouble():
                self._trouble = event

    async def _cut(self, reply: int) -> int:
        """Barge-in: stop the sound, tell the agent how many ms of it were heard."""
        heard_ms = self._line.cut(reply)
        await self._agent.cut(reply, heard_ms)
        self._tell(Cut(reply, heard_ms))
        return heard_ms

    async def _silence(self) -> None:
        """The person pressed a button to stop the agent; it may know nothing of it.

        So what it goes on to send of the same reply is not played either.
        """
        playout = self._line.playout
        if playout.queued or playout.audible:
            self._silenced = playout.newest
            heard_ms = await self._cut(self._silenced)
            if words := self._words.cut(self._silenced, heard_ms):
                self._tell(words)

    async def _drain(self) -> None:
        """Let what the agent said be heard to the end."""
        playout = self._line.playout
        playout.end()
        patience = playout.queued / playout.rate + ON_THE_WAY_S
        try:
            async with asyncio.timeout(patience + SPARE_S):
                # A playout is pure and has no event to wait for.
                while playout.queued:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log.warning("nobody takes the agent's last words")
        await asyncio.sleep(ON_THE_WAY_S)

    async def _obey(self) -> None:
        """Do what the page asks for."""
        while True:
            message = await self._peer.message()
            match message:
                case {"type": "text.input", "text": str(text)} if text.strip():
                    self._tell(Said("caller", text.strip(), True, typed=True))
                    await self._agent.say(text.strip())
                case {"type": "conversation.interrupt"}:
                    await self._silence()
                case {"type": "tool.result", "id": str(call), "result": str(result)}:
                    failed = message.get("error") is True
                    await self._agent.answer(call, result, failed)
                case _:
                    log.debug("the page sent a message that nobody understands")

    def _tell(self, event: Event) -> None:
        if isinstance(event, Trouble):
            log.warning("the agent: %s (%s)", event.message, event.code)
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                # The second wall: whoever listens badly must not end the call.
                log.exception("a listener failed on %s", type(event).__name__)

    def _sum_up(self) -> None:
        """Tell how well the whole call was carried."""
        if self._made is not None and self._connected_at is not None:
            figures = {**self._made.summary(), **self._peer.counters()}
            process = self._media.figures
            self._tell(Stats(figures, final=True, process=process))

    def _outcome(self, reason: str) -> Outcome:
        now = asyncio.get_running_loop().time()
        since = self._connected_at
        return Outcome(reason, 0.0 if since is None else now - since, self._counters())

    def _counters(self) -> dict[str, int]:
        return {**self._peer.counters(), **self._recorder.counters()}
