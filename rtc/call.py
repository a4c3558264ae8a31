"""Call: a caller and an agent talking, from the offer to the last byte on disk.

Everything a call does happens in one TaskGroup. A task that knows that the call is
over raises HangUp; the group ends the others; the contexts leave in the order agent,
peer, recorder. How a call can end stands in `rtc.outcome`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import NoReturn

from convai.agent import AgentError, AgentLost, AgentUnavailable
from convai.cast import Cast
from convai.events import (
    Cut,
    Ended,
    Event,
    Handover,
    Interrupted,
    Listener,
    RecordingState,
    ReplyBegun,
    ReplyDone,
    Said,
    Speech,
    Stats,
    ToolCall,
    Trouble,
)
from convai.heard import HeardWords

from . import page
from .deadline import Deadline
from .errands import Errands
from .line import Line
from .media import Media
from .outcome import HangUp, Limits, Outcome
from .patience import Patience
from .peer import Peer
from .recorder import Recorder
from .sdp import BadOffer

__all__ = ["Call"]

log = logging.getLogger(__name__)

GOODBYE_S = 3.0
"Seconds that an agent which said it ends may still send the rest of its goodbye."

ON_THE_WAY_S = 0.3
"Seconds that the last packets need to be heard: network and the browser's buffer."

SPARE_S = 2.0
"Seconds more than its length that playing the last words may take."

LOOK_S = 2.0
"Seconds from one look at the caller's waiting to the next; it may last for twenty."

FAREWELL_S = 0.5
"Seconds that the last events may take to reach the page."


class Call:
    """One conversation. Run once."""

    def __init__(
        self,
        started: float,
        *,
        media: Media,
        cast: Cast,
        peer: Peer,
        recorder: Recorder,
        listeners: Sequence[Listener],
        limits: Limits,
        announcement: bytes = b"",
    ) -> None:
        """`announcement`: PCM at 48 kHz that the caller hears first."""
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        "The SDP answer; or AgentUnavailable, or HangUp when there will be none."
        self._started = started
        self._media = media
        self._agent = cast.agent
        self._fail = cast.fail
        self._errands = Errands(
            cast.agent, cast.toolbox, tell=self._tell, goodbye=self._goodbye
        )
        self._grace, self._leaving = Deadline(None, "agent-ended"), False
        "Of an agent that has said that it ends; and whether it has."
        self._patience = Patience(greets=cast.greets)
        self._peer, self._recorder = peer, recorder
        self._listeners = listeners
        self._limits = limits
        self._announcement = announcement
        self._made: Line | None = None
        "None until the agent has said at which rates it hears and speaks."
        self._words: HeardWords
        self._deadline = Deadline(limits.setup_s, "setup-timeout")
        "The call always has one: first to connect, then to end."
        self._trouble: Trouble | None = None
        self._silenced = -1
        "Replies up to this one were stopped by the button; the first may be 0."
        self._begun = -1
        "The newest reply whose sound has come."
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
                # The line is still on the clock; what it notices now is of no call.
                self._listeners = ()
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
                tasks.create_task(self._errands.run())
                tasks.create_task(self._wait_for_answers())
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
            announcement=self._announcement,
        )
        self._words = HeardWords(self._agent.output_rate)
        return await self._peer.answer(offer, self._line)

    async def _watch(self) -> None:
        """See that the caller comes, and stays."""
        await self._peer.connected.wait()
        self._connected_at = asyncio.get_running_loop().time()
        self._patience.begin(self._connected_at)
        self._deadline.move(self._limits.call_s, "time-limit")
        await self._peer.silence(self._limits.silence_s)
        raise HangUp("caller-vanished")

    async def _hear(self) -> None:
        """Caller to agent."""
        uplink = self._line.uplink
        while (pcm := await uplink.next()) is not None:
            # Who talks over the announcement does not interrupt the agent.
            heard = bytes(len(pcm)) if self._line.announcing_s else pcm
            await self._agent.hear(heard)
        raise HangUp(self._peer.gone)

    async def _speak(self) -> None:
        """Agent to caller."""
        try:
            async with self._grace:
                async for event in self._agent:
                    if isinstance(event, Handover) and self._leaving:
                        break  # the goodbye was said; nobody needs another agent
                    if isinstance(event, Ended):
                        self._goodbye()
                    else:
                        await self._act(event)
        except AgentError as error:
            if not self._leaving:
                self._failed(error)
        await self._drain()
        raise HangUp("agent-ended")

    def _goodbye(self) -> None:
        """The agent has said that it ends: it has a moment to do so."""
        self._leaving = True
        self._grace.move(GOODBYE_S, "agent-ended")

    def _failed(self, error: AgentError) -> NoReturn:
        trouble = Trouble(error.code, str(error))
        if trouble != self._trouble:  # the agent may have announced it
            self._tell(trouble)
        raise HangUp("agent-failed") from error

    async def _wait_for_answers(self) -> None:
        """See that the agent does not leave the caller waiting."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_S)
            if self._patience.over(loop.time()):
                error = AgentLost("the agent does not answer", code="agent-stalled")
                if self._fail is None:
                    self._failed(error)
                await self._fail(error)

    async def _act(self, event: Event) -> None:
        if isinstance(event, ToolCall):
            event = self._errands.claimed(event)
        self._tell(event)
        self._words.note(event)
        match event:
            case Speech(reply, pcm):
                if reply > self._begun:
                    self._begun = reply
                    self._tell(ReplyBegun(reply))
                if reply > self._silenced:
                    self._line.play(pcm, reply)
            case ReplyDone():
                self._line.playout.end()
            case Interrupted(reply) if reply > self._silenced:
                await self._give_way(reply)
            case ToolCall():
                await self._errands.take(event)
            case Trouble():
                self._trouble = event

    async def _give_way(self, upto: int) -> int:
        """Stop the replies up to that one; returns the ms of it that were heard."""
        playout = self._line.playout
        if upto < playout.reply or not playout.playing:
            return 0  # it was heard to its end
        if playout.audible and playout.reply < upto:
            await self._cut(playout.reply)
        return await self._cut(upto)

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
        if playout.playing and not self._line.announcing_s:
            self._silenced = playout.newest
            heard_ms = await self._give_way(self._silenced)
            if words := self._words.cut(self._silenced, heard_ms):
                self._tell(words)

    async def _drain(self) -> None:
        """Let what the agent said be heard to the end."""
        playout = self._line.playout
        playout.end()
        patience = playout.queued / playout.rate + self._line.announcing_s
        try:
            async with asyncio.timeout(patience + ON_THE_WAY_S + SPARE_S):
                # A playout is pure and has no event to wait for.
                while playout.queued:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log.warning("nobody takes the agent's last words")
        await asyncio.sleep(ON_THE_WAY_S)

    async def _obey(self) -> None:
        """Do what the page asks for."""
        while True:
            match page.read(await self._peer.message()):
                case page.Typed(text):
                    self._tell(Said("caller", text, True, typed=True))
                    await self._agent.say(text)
                case page.Interrupt():
                    await self._silence()
                case page.Record(on):
                    self._tell(RecordingState("on" if on else "paused", "caller"))
                case page.ToolResult(call, result, failed):
                    self._errands.answered(call, result, failed)
                case None:
                    log.debug("the page sent a message that nobody understands")
                case note:
                    await self._agent.note(note)

    def _tell(self, event: Event) -> None:
        if isinstance(event, Trouble):
            log.warning("the agent: %s (%s)", event.message, event.code)
        self._patience.note(event, asyncio.get_running_loop().time())
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
