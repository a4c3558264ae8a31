"""Sarah's whole call over the wire: the real process, her profile, real speech.

A caller with a deeper voice than hers speaks whenever she has stopped, as one does on
the telephone; nobody types and nobody looks at her words to know when.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from convai.brief import Brief, Utterance
from convai.events import (
    Corrected,
    Event,
    Interrupted,
    ReplyDone,
    Said,
    Speech,
    ToolCall,
)
from convai.local import models, voice
from convai.local.formats import resampled
from convai.local.process import LocalProcess
from convai.profile import Voice
from convai.profile_files import load
from convai.providers.local import local_agent
from convai.wire import WireAgent

FACTS = {
    "today": "2026-11-22",
    "weekday": "Sunday",
    "now": "10:00",
    "zone": "Europe/Vienna",
}
BOOKED = "Booked: Thursday 26 November 2026, 15:00 to 15:30 Europe/Vienna."
OPENING = (
    "Hi Nat this is Sarah from American Funds. I'm calling because we noticed you've "
    "been looking at ETF products on our webpage, and many advisors like yourself are "
    "looking for better ETF solutions. Do you have a few minutes to discuss what "
    "you're seeing with your clients right now?"
)
RATE = 16_000
FRAME_S = 0.02
PITCH = 0.84
"The caller's voice is hers, an octave's third lower."
TURN_S = 30.0
"Longest wait for her next words: her greeting takes fifteen seconds to say."

Say = Callable[[str], bytes]


@pytest.fixture(scope="module")
def say() -> Say:
    """Sentences of the caller as 16 kHz PCM."""
    speaker = voice.load()

    def spoken(text: str) -> bytes:
        pcm = speaker.speak(text, 1 / PITCH)
        return resampled(pcm, round(speaker.rate * PITCH), RATE)

    return spoken


class Phone:
    """A caller's end: sends sound in real time, knows when she has stopped."""

    def __init__(self, agent: WireAgent, say: Say) -> None:
        self.agent = agent
        self.said: list[str] = []
        self.heard: list[str] = []
        self.tools: list[ToolCall] = []
        self.over = False
        self.pid = 0
        "Of her process."
        self._say = say
        self._sound = bytearray()
        self._quiet_at = 0.0
        self._whole = False
        "All of her last reply was heard of: on a busy machine, pieces come late."

    async def listen(self) -> None:
        loop = asyncio.get_running_loop()
        async for event in self.agent:
            self._take(event, loop.time())
            if isinstance(event, ToolCall):
                await self.agent.answer(event.id, BOOKED)
        self.over = True

    def _take(self, event: Event, now: float) -> None:
        match event:
            case Speech(_, pcm):
                seconds = len(pcm) / 2 / self.agent.output_rate
                self._quiet_at = max(now, self._quiet_at) + seconds
            case ReplyDone():
                self._whole = True
            case Interrupted() | Corrected():
                self._quiet_at = now
                self._whole = True
            case Said("agent", text, True):
                self.said.append(text)
                self._whole = False
            case Said("caller", text, True):
                self.heard.append(text)
            case ToolCall():
                self.tools.append(event)

    async def speak(self) -> None:
        """The microphone: sound or silence, every 20 ms, until she has hung up."""
        loop = asyncio.get_running_loop()
        due, size = loop.time(), int(RATE * FRAME_S) * 2
        while not self.over:
            piece = bytes(self._sound[:size])
            del self._sound[:size]
            await self.agent.hear(piece.ljust(size, b"\0"))
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def reply(self, text: str) -> str:
        """Say something when she has stopped; gives what she said to it."""
        # Not here: while a busy machine makes it, the microphone must not stand still.
        sound = await asyncio.to_thread(self._say, text)
        await self.her_turn_over()
        before = len(self.said)
        self._sound += sound
        await self.until(lambda: len(self.said) > before)
        return self.said[-1]

    async def until(self, what: Callable[[], object], limit_s: float = TURN_S) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limit_s
        while not what():
            assert loop.time() < deadline, (self.said, self.heard, self.over)
            await asyncio.sleep(0.02)

    async def her_turn_over(self, count: int = 1) -> None:
        """Wait until she said so much, and has been quiet for half a second."""
        loop = asyncio.get_running_loop()
        await self.until(
            lambda: (
                self._whole
                and len(self.said) >= count
                and loop.time() > self._quiet_at + 0.5
            )
        )


@pytest.fixture(scope="module")
def models_there() -> None:
    assert models.fetch(models.default_folder(os.environ)) == []


@contextlib.asynccontextmanager
async def calling(say: Say, **brief: Any) -> AsyncIterator[Phone]:
    # Faster than she speaks on the telephone: a test has no time to lose.
    profile = load("sarah").model_copy(update={"voice": Voice(speed=1.6)})
    async with LocalProcess() as local:
        agent = local_agent(
            Brief(profile=profile, facts=FACTS, **brief), address=lambda: local.url
        )
        assert isinstance(agent, WireAgent)
        async with agent:
            phone = Phone(agent, say)
            phone.pid = local.pid
            async with asyncio.TaskGroup() as group:
                listening = group.create_task(phone.listen())
                speaking = group.create_task(phone.speak())
                yield phone
                listening.cancel()
                speaking.cancel()


def lines(*pairs: tuple[str, str]) -> Sequence[Utterance]:
    return tuple(Utterance(who, text) for who, text in pairs)  # type: ignore[arg-type]


async def test_taking_over_says_the_bridge_and_goes_on(
    models_there: None, say: Say
) -> None:
    history = lines(
        ("agent", OPENING),
        ("caller", "sure go ahead"),
        ("agent", "What do your clients ask for most?"),
        ("caller", "mostly they want lower fees"),
        ("agent", "Would you like to meet one of our specialists?"),
    )
    bridge = "Sorry Nat, the line was gone for a moment. Where were we?"
    async with calling(say, history=history, bridge=bridge) as phone:
        await phone.her_turn_over()
        assert phone.said == [bridge]
        proposal = await phone.reply("Yes, Thursday at three.")
        right = "So that is Thursday, November 26th at 3 PM"
        assert proposal.startswith(right), phone.heard
        await phone.reply("No, Wednesday at ten.")
        assert "Wednesday, November 25th at 10 AM" in phone.said[-1], phone.heard
        await phone.agent.say("Yes please.")
        await phone.until(lambda: phone.tools)
        assert phone.tools[0].arguments["date"] == "2026-11-25"
        assert phone.tools[0].arguments["topic"] == "ETF solutions for lower costs"


async def test_a_process_that_stood_still_takes_the_turn_as_one(
    models_there: None, say: Say
) -> None:
    history = lines(("agent", OPENING), ("caller", "sure go ahead"))
    async with calling(say, history=history, bridge="Hello?") as phone:
        sound = say("My clients are asking for more income.")
        await phone.her_turn_over()
        phone._sound += sound
        await asyncio.sleep(0.9)
        os.kill(phone.pid, signal.SIGSTOP)
        await asyncio.sleep(1.5)
        os.kill(phone.pid, signal.SIGCONT)
        await phone.until(lambda: len(phone.said) > 1)
        assert phone.said[1].startswith("Income"), phone.heard
        assert len(phone.heard) == 1, phone.heard
