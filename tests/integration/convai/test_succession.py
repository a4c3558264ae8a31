"""One conversation over real sockets, led by a provider that is killed and another."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from convai.agent import Agent, AgentUnavailable
from convai.brief import Brief, Utterance
from convai.elevenlabs.codec import ElevenLabsCodec
from convai.elevenlabs.overrides import Overrides
from convai.endpoint import Endpoint
from convai.events import Corrected, Event, Handover, Said, Speech
from convai.local.process import LocalProcess
from convai.profile import Profile
from convai.succession.succession import Candidate, Succession
from convai.wire import WireAgent
from tests.fake_elevenlabs import Conversation, FakeElevenLabs

_log = logging.getLogger(__name__)

RATE = 16_000
WORDS = "Good morning, I am calling because of the offer that you looked at yesterday."
PROFILE = Profile(name="p", first_message=WORDS, bridge="Sorry, where were we?")
GAP_MS = 2000
"What a caller may have to wait."


def candidate(name: str, url: Callable[[], str]) -> Candidate:
    def make(brief: Brief) -> Agent:
        async def dial() -> Endpoint:
            base = url().replace("http", "ws", 1)
            address = f"{base}/v1/convai/conversation?agent_id={name}"
            return Endpoint(address, subprotocols=("convai",))

        overrides = Overrides(first_message=brief.first_message)
        codec = ElevenLabsCodec(overrides=overrides)
        return WireAgent(codec=codec, dial=dial)

    return Candidate(name=name, make=make)


def sound(seconds: float) -> bytes:
    at = np.arange(int(RATE * seconds)) / RATE
    return (8_000 * np.sin(2 * np.pi * 200 * at)).astype("<i2").tobytes()


class Ear:
    """When what was heard: sound is played as it comes, at its own pace."""

    def __init__(self, agent: Succession) -> None:
        self.events: list[tuple[float, Event]] = []
        self.spurts: list[tuple[float, float]] = []
        "Start and end of each reply's sound, loop time."
        self._agent = agent

    @property
    def gap_ms(self) -> float:
        """From the last sound of the first agent to the first of the second."""
        (_, ended), (began, _) = self.spurts
        return (began - ended) * 1000

    async def listen(self) -> None:
        now = asyncio.get_running_loop().time
        until = 0.0
        reply = -1
        async for event in self._agent:
            self.events.append((now(), event))
            if isinstance(event, Speech):
                start = max(until, now())
                until = start + len(event.pcm) / 2 / self._agent.output_rate
                if event.reply != reply:
                    self.spurts.append((start, until))
                    reply = event.reply
                self.spurts[-1] = (self.spurts[-1][0], until)

    async def until(self, found: Callable[[Event], bool], seconds: float) -> Event:
        async with asyncio.timeout(seconds):
            while True:
                for _, event in self.events:
                    if found(event):
                        return event
                await asyncio.sleep(0.01)


@asynccontextmanager
async def talking(agent: Succession) -> AsyncIterator[Ear]:
    """A caller who is there, silently."""

    async def call() -> None:
        while True:
            await agent.hear(bytes(640))
            await asyncio.sleep(0.02)

    async with agent, asyncio.TaskGroup() as tasks:
        ear = Ear(agent)
        both = [tasks.create_task(ear.listen()), tasks.create_task(call())]
        try:
            yield ear
        finally:
            for task in both:
                task.cancel()


def killing(how: str) -> Callable[[Conversation], Awaitable[None]]:
    async def script(conversation: Conversation) -> None:
        # As late as can be: with the sound that came the words end, too.
        await conversation.send(
            "agent_response", {"agent_response": WORDS, "event_id": 1}
        )
        for _ in range(10):
            await conversation.speak(1, sound(0.1))
            await asyncio.sleep(0.1)
        if how == "drop":
            conversation.drop()
        elif how == "crash":
            await conversation.close(1011, "internal error")
        else:
            await conversation.until_gone(timeout=30)

    return script


@pytest.mark.parametrize("how", ["drop", "crash", "stall"])
async def test_the_embedded_agent_takes_over_in_mid_sentence(how: str) -> None:
    async with (
        LocalProcess(["--models", "/nowhere"]) as local,
        FakeElevenLabs(killing(how)) as fake,
    ):
        asked: list[str] = []

        def url() -> str:
            asked.append("hosted")
            if len(asked) > 1:
                raise AgentUnavailable("the provider is down")
            return fake.url

        agent = Succession(
            [candidate("hosted", url), candidate("local", lambda: local.url)],
            Brief(profile=PROFILE),
        )
        async with talking(agent) as ear:
            if how == "stall":
                await ear.until(lambda it: isinstance(it, Speech), 5)
                await asyncio.sleep(1.0)
                await agent.fail(AgentUnavailable("silent", code="agent-stalled"))
            handover = await ear.until(lambda it: isinstance(it, Handover), 5)
            await ear.until(lambda it: isinstance(it, Speech) and it.reply == 2, 5)
    assert isinstance(handover, Handover)
    assert (handover.agent, handover.previous) == ("local", "hosted")
    assert handover.conversation
    assert 2 <= len(asked) <= 3, "the same provider is asked once more"
    words = [it for _, it in ear.events if isinstance(it, Said | Corrected)]
    assert words == [
        Said("agent", WORDS, True, 1),
        Corrected(1, "Good morning,"),  # 1 s of it
        Said("agent", PROFILE.bridge, True, 2),
    ]
    _log.info("%s: nothing was heard for %d ms", how, ear.gap_ms)
    assert 0 <= ear.gap_ms < GAP_MS


async def test_a_provider_whose_line_breaks_goes_on_with_what_was_said() -> None:
    briefs: list[Brief] = []

    async def script(conversation: Conversation) -> None:
        if conversation.number == 1:
            await conversation.speak(1, sound(4.0), text=WORDS)
            await conversation.send("agent_response_complete", {"event_id": 1})
            await conversation.user_said("Which offer?", 2)
            await asyncio.sleep(0.2)
            conversation.drop()
        else:
            first = conversation.opening["conversation_config_override"]["agent"]
            await conversation.speak(1, sound(1.0), text=first["first_message"])
            await conversation.until_gone()

    async with FakeElevenLabs(script) as fake:
        hosted = candidate("hosted", lambda: fake.url)

        def make(brief: Brief) -> Agent:
            briefs.append(brief)
            return hosted.make(brief)

        agent = Succession(
            [Candidate(name="hosted", make=make)], Brief(profile=PROFILE)
        )
        async with talking(agent) as ear:
            await ear.until(lambda it: isinstance(it, Speech) and it.reply == 2, 5)
        assert ear.gap_ms < GAP_MS
    assert briefs[1].history == (
        Utterance("agent", WORDS),
        Utterance("caller", "Which offer?"),
    )
    assert briefs[1].bridge == PROFILE.bridge


async def test_the_embedded_agent_goes_on_after_its_own_death() -> None:
    async with LocalProcess(["--models", "/nowhere"]) as local:
        agent = Succession(
            [candidate("local", lambda: local.url)], Brief(profile=PROFILE)
        )
        async with talking(agent) as ear:
            await ear.until(lambda it: isinstance(it, Speech), 5)
            os.kill(local.pid, signal.SIGKILL)
            await agent.say("Which offer?")
            await ear.until(lambda it: isinstance(it, Handover), 10)
            await ear.until(lambda it: isinstance(it, Speech) and it.reply > 1, 5)
    words = [it.text for _, it in ear.events if isinstance(it, Said)]
    assert words == [WORDS, PROFILE.bridge], "what was typed has to be asked again"
    _log.info("killed: nothing was heard for %d ms", ear.gap_ms)
