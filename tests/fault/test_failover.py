"""Fail-over on the whole way: an agent is killed in mid-sentence, another goes on.

One call, one recording, one transcript; the caller waits less than two seconds.
"""

from __future__ import annotations

import asyncio
import json
import wave
from pathlib import Path

import numpy as np

from convai.agent import Agent
from convai.brief import Brief
from convai.casting import Casting
from convai.local.process import LocalProcess
from convai.profile import Profile
from convai.providers.elevenlabs import elevenlabs_agent
from convai.providers.local import provider
from convai.providers.provider import Provider
from convai.wire import Deadlines
from rtc.render.export import to_wav
from tests.caller import Caller
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.office import office

WORDS = "Good morning, I am calling because of the offer that you looked at yesterday."
BRIDGE = "Sorry, where were we?"
HELLO = "Hello! What can I do for you?"
PROFILE = Profile(name="p", first_message=WORDS, bridge=BRIDGE)
RATE = 16_000
GAP_MS = 2000
"What the caller may have to wait."
SLOT_MS = 20
LOUD = 300
"Of 32768: quieter is silence."


def sound(seconds: float) -> bytes:
    at = np.arange(int(RATE * seconds)) / RATE
    return (8_000 * np.sin(2 * np.pi * 200 * at)).astype("<i2").tobytes()


def hosted(fake: FakeElevenLabs) -> Provider:
    def make(brief: Brief) -> Agent:
        patient = Deadlines(keepalive=0.5)
        url = fake.url
        return elevenlabs_agent(brief, agent_id="a", base_url=url, deadlines=patient)

    return Provider("elevenlabs", "ElevenLabs", make, lambda profile: [])


async def killed(conversation: Conversation) -> None:
    """Three seconds of a longer sentence, and then nothing any more."""
    if conversation.number > 1:
        await conversation.close(1011, "not again")
        return
    await conversation.speak(1, sound(3.0), text=WORDS)
    await asyncio.sleep(2.0)
    conversation.drop()


async def test_killed_in_mid_sentence_and_another_goes_on(tmp_path: Path) -> None:
    async with LocalProcess() as local, FakeElevenLabs(killed) as fake:
        casting = Casting(
            [hosted(fake), provider(lambda: local.url)], {"p": PROFILE}, profile="p"
        )
        async with office("", tmp_path, casting=casting) as desk:
            async with Caller(desk.line("")) as caller:
                await caller.event("conversation.started")
                # First the same provider is tried again, and breaks off again.
                await caller.event("agent.changed", agent="elevenlabs")
                await caller.event("agent.changed", agent="local")
                bridge = await caller.event("transcript.agent", text=BRIDGE)
                # The sound of the dead one may still be played: wait for the other's.
                await caller.event("reply.begun", reply=bridge["reply"])
                await asyncio.sleep(3.0)
                caller.send(type="text.input", text="hello")
                await caller.event("transcript.agent", text=HELLO)
                await asyncio.sleep(1.0)
            await desk.empty(10)
            folder = desk.folder("")
    turns = json.loads((folder / "transcript.json").read_text())["turns"]
    dead, bridged, typed, _ = turns
    assert dead["interrupted"]
    assert WORDS.startswith(dead["text"])
    assert 0 < len(dead["text"]) < len(WORDS)
    assert [turn["text"] for turn in turns[1:3]] == [BRIDGE, "hello"]
    assert HELLO.startswith(turns[3]["text"]), "what was heard until the end"
    assert gap_ms(folder, until_ms=typed["start_ms"]) < GAP_MS
    meta = json.loads((folder / "call.json").read_text())
    assert meta["metrics"]["agents"] == ["elevenlabs", "elevenlabs", "local"]
    assert meta["metrics"]["handovers"] == 2


def gap_ms(folder: Path, until_ms: int) -> float:
    """The longest time that the caller was sent no sound, once there was some."""
    wav = folder / "agent.wav"
    to_wav(folder / "recording.mka", wav, "agent")
    with wave.open(str(wav)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    slot = 48 * SLOT_MS
    slots = np.abs(pcm[: until_ms * 48 // slot * slot].reshape(-1, slot))
    loud = np.flatnonzero(slots.max(axis=1) > LOUD)
    assert len(loud) > 3000 / SLOT_MS, "not even the first agent was heard"
    return float(np.diff(loud).max() * SLOT_MS)
