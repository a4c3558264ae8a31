"""Session: one conversation, moving sound and messages between its parts.

    socket -> Hearing -> ear -> Dialogue -> mouth -> Outbox -> socket

The reader, the speaker and the clock are tasks of one group; a short fourth recognises
each turn that has ended. Any of them ends the conversation by raising Over. The writer
is outside, for it has to send what is left by then; after that the server closes the
socket with the code of the Over.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable
from typing import Protocol

from . import messages
from .config import Config
from .dialogue import Action, Dialogue, Interrupt, Speak, Transcript
from .ears import Ear
from .hearing import Hearing
from .history import TOPIC
from .intake import (
    Active,
    CallerAudio,
    Context,
    FromClient,
    Opening,
    Pong,
    Refusal,
    ToolResult,
    Typed,
)
from .messages import ALWAYS_SENT, Message
from .mouth import Mouth
from .outbox import Outbox
from .pauses import Pauses
from .script import Brain
from .turns import WINDOW_MS, Heard
from .watch import Over, Watch

__all__ = ["Session", "Socket", "over_refusal"]

log = logging.getLogger(__name__)

PIECE_S = 0.2
"Length of an audio message; the service's are of that order, and of no fixed size."

TICK_S = 0.1
"Grain of reprompts, limits and tool deadlines: none of them needs better."

STARVED_S = 1.0
"A client that sends no sound for so long in mid-turn has stopped: the turn ends."

BREATH_WINDOWS = 32
"After a second of sound in one go, other conversations get a turn of the loop."

ORDERS = 64
"Replies that may wait to be spoken; only a flood of typed turns gets there."

FLUSH_S = 1.0
"For the last messages: a client that does not read must not keep a place."


class Socket(Protocol):
    """The client's side of a conversation."""

    async def receive(self) -> FromClient | None:
        """The next message, None at the end. Raises Refusal."""

    async def send(self, text: str) -> None:
        """Send a message; waits while the client does not read. Raises Over."""


class Session:
    """One conversation; `run` it once."""

    def __init__(
        self,
        socket: Socket,
        config: Config,
        opening: Opening,
        brain: Brain,
        hearing: Hearing,
        pauses: Pauses,
        mouth: Mouth,
    ) -> None:
        self._socket = socket
        self._config = config
        self._opening = opening
        self._hearing = hearing
        self._pauses = pauses
        self._mouth = mouth
        self._dialogue = Dialogue(brain)
        self._outbox = Outbox()
        self._orders: asyncio.Queue[Speak] = asyncio.Queue(ORDERS)
        self._loop = asyncio.get_running_loop()
        self._watch = Watch(config, self._loop.time())
        self._sound_at = 0.0  # when the caller's sound last came
        self._asked_at = 0.0  # when the caller's last turn ended, 0: answered

    def hang_up(self, over: Over) -> None:
        """End the conversation from outside."""
        self._watch.stop(over)

    def partial(self, turn: int, text: str) -> None:
        """The ear's guess at the words so far."""
        self._do(self._dialogue.partial(turn, text))

    async def run(self, ear: Ear) -> Over:
        """Converse; gives how it ended."""
        over: Over | None = None
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._write())
                over = await self._converse(ear)
                await self._flush(over, writer)
        except* Over as several:  # the writer's: the client left
            over = over or _first(several)
        return over or Over(1011, "Internal error")

    async def _converse(self, ear: Ear) -> Over:
        over = Over(1011, "Internal error")
        first = self._opening.first_message
        try:
            async with asyncio.TaskGroup() as group:
                self._do(self._dialogue.open(first, self._loop.time()))
                group.create_task(self._speak())
                group.create_task(self._clock(group, ear))
                group.create_task(self._read(group, ear))
        except* Over as several:
            over = _first(several)
        return over

    async def _flush(self, over: Over, writer: asyncio.Task[None]) -> None:
        """Let the writer finish. Cancelled in mid-message it would spoil the socket."""
        if over.error is not None:
            self._put(over.error)
        self._outbox.end()
        await asyncio.wait({writer}, timeout=FLUSH_S)
        writer.cancel()

    # -- the tasks

    async def _read(self, group: asyncio.TaskGroup, ear: Ear) -> None:
        while True:
            try:
                message = await self._socket.receive()
            except Refusal as refusal:
                raise over_refusal(refusal) from None
            if message is None:
                raise Over(1000, "The client left")
            self._watch.message(self._loop.time())
            await self._take(message, group, ear)

    async def _write(self) -> None:
        while (text := await self._outbox.next()) is not None:
            await self._socket.send(text)

    async def _speak(self) -> None:
        while True:
            order = await self._orders.get()
            if self._opening.text_only:
                self._show(order)
            else:
                await self._say(order)
            self._act(order)

    async def _clock(self, group: asyncio.TaskGroup, ear: Ear) -> None:
        while True:
            now = self._loop.time()
            self._watch.check(now)
            if self._outbox.overflowing:
                raise Over(1008, "The client does not read")
            if (ping := self._watch.ping(now)) is not None:
                self._put(ping)
            if not self._watch.stood_still(now):
                self._look(now, group, ear)
            await asyncio.sleep(TICK_S)

    def _look(self, now: float, group: asyncio.TaskGroup, ear: Ear) -> None:
        """Time that passes without a sound, or without a word, has a meaning."""
        if self._hearing.turns.speaking and now - self._sound_at > STARVED_S:
            self._hearing.turns.end()
            self._turn_ended(group, ear)
        self._do(self._dialogue.tick(now))

    # -- the caller

    async def _take(
        self, message: FromClient, group: asyncio.TaskGroup, ear: Ear
    ) -> None:
        now = self._loop.time()
        match message:
            case CallerAudio(data):
                await self._hear(data, group, ear)
            case Pong(event):
                self._watch.pong(event, now)
            case Typed(text):
                self._do(self._dialogue.typed(text, now))
            case Active():
                self._dialogue.active(now)
            case ToolResult(call, result, is_error):
                answer = None if is_error else result
                self._do(self._dialogue.tool_answered(call, answer, now))
            case Context(text, topic) if topic == TOPIC:
                if not self._dialogue.remember(text):
                    log.warning("what was said before came too late")
            case Context(text):
                log.debug("told in the background: %s", text)
            case _:
                log.debug("ignored: %s", message)

    async def _hear(self, data: bytes, group: asyncio.TaskGroup, ear: Ear) -> None:
        self._sound_at = self._loop.time()
        windows = self._hearing.windows(data, lambda: self._dialogue.complete)
        for number, (heard, pcm) in enumerate(windows, 1):
            if heard is Heard.ONSET:
                self._do(self._dialogue.onset(self._loop.time()))
                ear.begin(self._dialogue.turn, self._dialogue.brain.grammar)
            if heard in (Heard.ONSET, Heard.SPEECH):
                ear.feed(pcm)
            elif heard is Heard.END:
                self._turn_ended(group, ear)
            if heard is Heard.SPEECH and self._hearing.doubtful:
                group.create_task(self._judge(self._dialogue.turn))
            if number % BREATH_WINDOWS == 0:
                await asyncio.sleep(0)

    async def _judge(self, turn: int) -> None:
        """Ask whether the pause that has begun is the end of the turn."""
        pause = self._hearing.turns.pauses
        finished = await self._pauses.finished(self._hearing.turn)
        if finished and turn == self._dialogue.turn and not self._dialogue.hanging:
            self._hearing.turns.settle(pause)

    def _turn_ended(self, group: asyncio.TaskGroup, ear: Ear) -> None:
        self._dialogue.paused()
        self._asked_at = self._loop.time()
        group.create_task(
            self._recognise(
                self._dialogue.turn,
                self._hearing.turns.voiced_windows * WINDOW_MS,
                ear.finish(),
            )
        )

    async def _recognise(
        self, turn: int, voiced_ms: float, finishing: Awaitable[str | None]
    ) -> None:
        text = await finishing
        self._do(self._dialogue.heard(turn, text, voiced_ms, self._loop.time()))

    # -- the agent

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Transcript(turn, text, True):
                    self._put(messages.user_transcript(turn, text))
                case Transcript(turn, text, _):
                    self._put(messages.tentative_user_transcript(turn, text))
                case Interrupt(reply, cuts):
                    self._outbox.take_back(reply)
                    self._put(messages.interruption(reply))
                    for cut in cuts:
                        self._put(
                            messages.agent_response_correction(
                                cut.reply, cut.text, cut.heard
                            )
                        )
                case Speak() if self._orders.full():
                    raise Over(1008, "Too many turns at once")
                case Speak():
                    self._orders.put_nowait(action)

    def _show(self, order: Speak) -> None:
        """A reply in writing only."""
        if order.answer.say and self._dialogue.wanted(order.reply):
            text = order.answer.text
            self._dialogue.playing.begin(order.reply, text, self._loop.time())
            self._put(messages.agent_response(order.reply, text))
            self._put(messages.agent_response_complete(order.reply))

    async def _say(self, order: Speak) -> None:
        """A reply as a burst of sound, for as long as nobody speaks over it."""
        reply, playing = order.reply, self._dialogue.playing
        for number, sentence in enumerate(order.answer.say):
            sound = await self._mouth.say(sentence, self._opening.style)
            if not self._dialogue.wanted(reply):
                return
            now = self._loop.time()
            if number == 0:
                playing.begin(reply, order.answer.text, now)
                self._put(messages.agent_response(reply, order.answer.text))
                self._log_delay(now)
            self._put_sound(reply, sound)
            seconds = len(sound) / self._config.output.bytes_per_second
            playing.sent(reply, sentence, seconds, now)
        if order.answer.say:
            self._put(messages.agent_response_complete(reply))

    def _act(self, order: Speak) -> None:
        """What a reply decides is done even when its words were cut off."""
        if (tool := order.answer.tool) is not None:
            call = self._dialogue.call(self._loop.time())
            self._put(
                messages.client_tool_call(order.reply, call, tool.name, tool.parameters)
            )
        if order.answer.hang_up:
            call = f"end_{order.reply}"
            self._put(messages.agent_tool_response(order.reply, call, "end_call"))
            raise Over(1000, "The agent ended the conversation")

    def _put_sound(self, reply: int, sound: bytes) -> None:
        size = int(self._config.output.bytes_per_second * PIECE_S) & ~1
        if self._wants("audio"):
            for start in range(0, len(sound), size):
                piece = base64.b64encode(sound[start : start + size]).decode()
                self._outbox.put(messages.audio(reply, piece), reply)

    def _put(self, message: Message) -> None:
        if self._wants(message["type"]):
            self._outbox.put(message)

    def _wants(self, kind: str) -> bool:
        events = self._opening.events
        return events is None or kind in events or kind in ALWAYS_SENT

    def _log_delay(self, now: float) -> None:
        if self._asked_at:
            log.info("answered %.0f ms after the turn", (now - self._asked_at) * 1000)
            self._asked_at = 0.0


def over_refusal(refusal: Refusal) -> Over:
    """The end of a conversation by the client's own fault."""
    error = messages.error(refusal.code, refusal.kind, str(refusal))
    return Over(refusal.code, str(refusal), error)


def _first(group: BaseExceptionGroup[Over]) -> Over:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
