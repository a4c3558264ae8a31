"""Whole calls: announced, paused, declined; what is on the disk afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convai.agent import AgentUnavailable
from convai.cast import Cast, Wish
from convai.providers.elevenlabs import elevenlabs_agent
from convai.tools.recording import PAUSE, RESUME
from convai.tools.toolbox import Toolbox
from rtc import sdp
from rtc.announcement import AFTER_MS, BEFORE_MS
from rtc.media import Media, Options
from rtc.outcome import Limits
from rtc.recording.writer import Writer
from rtc.recordings import Recordings
from rtc.render.export import to_wav
from rtc.switchboard import Connected, Switchboard
from tests.caller import Caller, tone
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.sound import read

AGENT_HZ = 16_000
ANNOUNCED = tone(1000, 1.0).tobytes()
ANNOUNCED_MS = BEFORE_MS + 1000 + AFTER_MS


class Desk:
    """Calls to one agent; `fields` are those of Recordings."""

    def __init__(self, switchboard: Switchboard, folder: Path) -> None:
        self.switchboard, self._recordings = switchboard, folder
        self.call: Connected

    def line(self, record: bool | None = None) -> Callable[[str], Awaitable[str]]:
        async def connect(offer: str) -> str:
            wish = Wish(record=record)
            self.call = await self.switchboard.connect(sdp.prepare(offer), wish)
            return self.call.answer

        return connect

    @property
    def folder(self) -> Path:
        return self._recordings / self.call.call

    def json(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name).read_text())
        return found

    def leg(self, name: str) -> NDArray[np.int16]:
        output = self.folder / f"{name}.wav"
        to_wav(self.folder / "recording.mka", output, name)
        return read(output).reshape(-1)

    async def over(self) -> None:
        async with asyncio.timeout(10):
            while len(self.switchboard):  # noqa: ASYNC110, there is nothing to await
                await asyncio.sleep(0.02)


@asynccontextmanager
async def desk(
    url: str, folder: Path, options: Options | None = None, **fields: Any
) -> AsyncIterator[Desk]:
    def casting(wish: Wish) -> Cast:
        agent = elevenlabs_agent(base_url=url, agent_id="agent")
        return Cast(agent=agent, agent_name="agent", toolbox=Toolbox((PAUSE, RESUME)))

    with Writer() as writer:
        async with (
            Media(options) as media,
            Switchboard(
                casting,
                Recordings(folder=folder, writer=writer, **fields),
                media,
                limits=Limits(),
                max_calls=5,
                ice_address="127.0.0.1",
            ) as switchboard,
        ):
            yield Desk(switchboard, folder)


def voice(hz: float, seconds: float) -> bytes:
    return tone(hz, seconds)[::3].tobytes()


def level(pcm: NDArray[np.int16], begin_ms: float, end_ms: float) -> float:
    piece = pcm[int(begin_ms * 48) : int(end_ms * 48)].astype(float)
    return float(np.sqrt(np.mean(piece**2)))


def pitch(pcm: NDArray[np.int16], begin_ms: float, end_ms: float) -> float:
    piece = pcm[int(begin_ms * 48) : int(end_ms * 48)].astype(float)
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece))))
    return float(np.argmax(spectrum)) * 48_000 / len(piece)


def strength(pcm: NDArray[np.int16], hz: float) -> float:
    """How much of that frequency there is."""
    wave = np.exp(-2j * np.pi * hz * np.arange(len(pcm)) / 48_000)
    return float(abs(np.dot(pcm, wave)))


@pytest.mark.parametrize(
    "options", [Options(), Options(lean=False)], ids=["lean", "stock"]
)
async def test_the_announcement_is_first_uncut_and_in_the_recording(
    tmp_path: Path, options: Options
) -> None:
    async def greet(conversation: Conversation) -> None:
        await conversation.speak(1, voice(440, 2.0), text="Hello")
        await conversation.until_gone()

    async with (
        FakeElevenLabs(greet) as fake,
        desk(fake.url, tmp_path, options, announcement=ANNOUNCED) as at,
    ):
        async with Caller(at.line()) as caller:
            caller.microphone.say(tone(700, 8.0))
            await caller.event("conversation.started")
            await asyncio.wait_for(caller.connected.wait(), 10)
            for _ in range(5):
                caller.send(type="conversation.interrupt")
                await asyncio.sleep(0.1)
            began = await caller.event("talking", who="agent", on=True)
            await caller.event("talking", who="agent", on=False)
            at.switchboard.hang_up(at.call.call)
        await at.over()
        agent = at.leg("agent")
        start_ms = began["at_ms"]  # the greeting; the announcement ends right before
        assert pitch(agent, start_ms - 1000, start_ms - 300) == pytest.approx(1000, 5)
        assert level(agent, start_ms - 150, start_ms - 40) < 100
        assert pitch(agent, start_ms + 100, start_ms + 1900) == pytest.approx(440, 5)
        before_ms = max(1, start_ms - ANNOUNCED_MS - 60)
        assert level(agent, 0, before_ms) < 100
        # The caller talks all the time, and is recorded; the agent hears it later on.
        loud = np.flatnonzero(np.abs(at.leg("caller").astype(int)) > 2000)[0] / 48
        assert loud < start_ms - 800
        heard = np.frombuffer(fake.of_agent("agent").heard, np.int16).astype(float)
        silent_ms = np.flatnonzero(np.abs(heard) > 1000)[0] / AGENT_HZ * 1000
        assert silent_ms == pytest.approx(ANNOUNCED_MS, abs=400)
        figures = at.json("call.json")["figures"]
        assert figures["heard_ms"] == pytest.approx(2000, abs=20)
        (turn,) = at.json("transcript.json")["turns"]
        assert not turn["interrupted"]
        assert turn["start_ms"] == pytest.approx(start_ms, abs=40)


async def test_a_pause_is_silence_and_no_words(tmp_path: Path) -> None:
    async def listen(conversation: Conversation) -> None:
        await conversation.user_said("before the pause")
        await conversation.expect("user_message")
        await conversation.speak(1, voice(440, 1.0), text="a secret answer")
        await conversation.user_said("a secret number")
        await conversation.expect("user_message")
        await conversation.user_said("a secret that comes late")
        await conversation.until_gone()

    async with FakeElevenLabs(listen) as fake, desk(fake.url, tmp_path) as at:
        async with Caller(at.line()) as caller:
            caller.microphone.say(tone(700, 12.0))
            await caller.event("transcript.user", text="before the pause")
            await asyncio.sleep(1.0)
            caller.send(type="recording.pause")
            caller.send(type="recording.pause")
            paused = await caller.event("recording.state", state="paused", by="caller")
            caller.microphone.waiting = tone(1900, 12.0)
            caller.send(type="text.input", text="a secret in writing")
            await caller.event("transcript.user", text="a secret number")
            await caller.event("talking", who="agent", on=False)
            caller.microphone.waiting = tone(700, 12.0)
            await asyncio.sleep(0.5)  # what is on its way is still of the pause
            caller.send(type="recording.resume")
            resumed = await caller.event("recording.state", state="on", by="caller")
            caller.send(type="text.input", text="now")
            await caller.event("transcript.user", text="a secret that comes late")
            await asyncio.sleep(1.0)
            at.switchboard.hang_up(at.call.call)
        await at.over()
        for path in at.folder.iterdir():
            assert b"secret" not in path.read_bytes(), path.name
        span = {"start_ms": paused["at_ms"], "end_ms": resumed["at_ms"]}
        transcript = at.json("transcript.json")
        assert transcript["pauses"] == [span]
        said = [turn["text"] for turn in transcript["turns"]]
        assert said == ["before the pause", "now"]
        # Not "is silent": decoders make noise of the last they heard before a silence.
        assert strength(at.leg("caller"), 1900) < 0.01 * strength(at.leg("caller"), 700)
        assert level(at.leg("agent"), span["start_ms"] + 60, span["end_ms"] - 60) < 30
        pcm = at.leg("caller")
        assert level(pcm, span["start_ms"] - 500, span["start_ms"] - 60) > 3000
        assert level(pcm, span["end_ms"] + 100, span["end_ms"] + 700) > 3000


async def test_the_agent_pauses_by_a_tool_but_does_not_end_the_callers_pause(
    tmp_path: Path,
) -> None:
    results: list[str] = []

    async def use(conversation: Conversation, name: str) -> None:
        call = {
            "tool_name": name,
            "tool_call_id": f"t{len(results)}",
            "parameters": {},
            "event_id": 1,
        }
        await conversation.send("client_tool_call", call)
        results.append((await conversation.expect("client_tool_result"))["result"])

    async def clerk(conversation: Conversation) -> None:
        await use(conversation, "pause_recording")
        await use(conversation, "resume_recording")
        await conversation.expect("user_message")  # the caller has paused
        await use(conversation, "resume_recording")
        await conversation.close()

    async with FakeElevenLabs(clerk) as fake, desk(fake.url, tmp_path) as at:
        async with Caller(at.line()) as caller:
            await caller.event("recording.state", state="on", by="agent")
            caller.send(type="recording.pause")
            await caller.event("recording.state", state="paused", by="caller")
            caller.send(type="text.input", text="go on")
            await caller.event("conversation.ended")
        await at.over()
        told = [e for e in caller.events if e["type"] == "recording.state"]
        assert [(it["state"], it["by"]) for it in told] == [
            ("on", "server"),
            ("paused", "agent"),
            ("on", "agent"),
            ("paused", "caller"),
        ]
        assert "is paused" in results[0] and "unless" in results[1]
        first, second = at.json("transcript.json")["pauses"]
        assert first["end_ms"] <= second["start_ms"] < second["end_ms"]


@pytest.mark.parametrize(
    ("mode", "record", "kept"),
    [
        ("ask", False, "declined"),
        ("ask", None, "declined"),
        ("off", True, "off"),
        ("ask", True, "kept"),
    ],
)
async def test_nothing_said_is_kept_of_who_does_not_want_it(
    tmp_path: Path, mode: str, record: bool | None, kept: str
) -> None:
    async def talk(conversation: Conversation) -> None:
        await conversation.speak(1, voice(440, 0.5), text="a secret")
        await conversation.user_said("a secret number")
        await conversation.until_gone()

    async with (
        FakeElevenLabs(talk) as fake,
        desk(fake.url, tmp_path, mode=mode, announcement=ANNOUNCED) as at,
    ):
        async with Caller(at.line(record)) as caller:
            assert at.call.recording == kept
            state = await caller.event("recording.state")
            assert state["state"] == ("on" if kept == "kept" else "off")
            caller.send(type="recording.resume")
            await caller.event("transcript.user", text="a secret number")
            await caller.event("talking", who="agent", on=False)
            at.switchboard.hang_up(at.call.call)
        await at.over()
        meta = at.json("call.json")
        assert meta["recording"]["state"] == kept
        assert meta["metrics"]["words"]["caller"] == 3
        names = {path.name for path in at.folder.iterdir()}
        every = b"".join(path.read_bytes() for path in at.folder.iterdir())
        if kept == "kept":
            assert b"secret" in every and {"recording.mka", "transcript.json"} <= names
        else:
            assert b"secret" not in every and names == {"events.jsonl", "call.json"}
            # No announcement of what does not happen.
            heard = np.concatenate([pcm for _, pcm in caller.heard])
            assert pitch(heard, 0, len(heard) / 48) == pytest.approx(440, abs=5)


async def test_a_call_that_never_came_about_is_in_the_books(tmp_path: Path) -> None:
    async with FakeElevenLabs() as fake:
        url = fake.url
    async with desk(url, tmp_path) as at:
        with pytest.raises(AgentUnavailable):
            async with Caller(at.line()):
                raise AssertionError
        await at.over()
        (folder,) = tmp_path.glob("*-*-*")
        meta = json.loads((folder / "call.json").read_text())
        assert (meta["call"], meta["reason"]) == (folder.name, "agent-failed")
        assert meta["trouble"].startswith("agent-")
        assert meta["recording"]["state"] == "kept"
        assert meta["length_ms"] >= 0
