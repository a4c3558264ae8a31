"""Whole calls between aiortc peers and a provider, all real but the provider."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convai.cast import Cast, UnknownAgent, Wish
from convai.events import Usage
from convai.providers.elevenlabs import elevenlabs_agent
from rtc.media import Options
from rtc.outcome import Limits
from rtc.render.export import to_wav
from rtc.switchboard import Full, Stopping
from tests.caller import RATE, Caller, tone
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.mirror import mirrored
from tests.office import office
from tests.sound import chirp, place, read

AGENT_HZ = 16_000


def voice(hz: float, seconds: float) -> bytes:
    t = np.arange(int(AGENT_HZ * seconds)) / AGENT_HZ
    return (8000 * np.sin(2 * np.pi * hz * t)).astype(np.int16).tobytes()


both_media = pytest.mark.parametrize(
    "options", [Options(), Options(lean=False)], ids=["lean", "stock"]
)
"Who carries the sound makes no difference to what is heard."


def sockets() -> int:
    """Open file descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))


async def settled(count: int) -> int:
    """The number of descriptors once closed transports had their turn."""
    for _ in range(50):
        gc.collect()
        await asyncio.sleep(0.02)
        if sockets() <= count:
            break
    return sockets()


@both_media
async def test_ten_calls_at_once_each_hear_their_own_agent_and_leave_nothing(
    tmp_path: Path,
    options: Options,
) -> None:
    pitches = {f"agent{k}": 300.0 + 100.0 * k for k in range(10)}

    async def sing(conversation: Conversation) -> None:
        pitch = pitches[conversation.agent_id]
        await conversation.speak(1, voice(pitch, 2.0), text=f"I sing {pitch} Hz")
        await conversation.until_gone(timeout=60)

    async def call(agent: str) -> Caller:
        async with Caller(desk.line(agent)) as caller:
            caller.microphone.say(tone(pitches[agent] + 50, 3.0))
            await caller.event("transcript.agent")
            await caller.event("talking", who="agent", on=False, limit=20)
            desk.switchboard.hang_up(desk.calls[agent])
            await caller.event("conversation.ended", reason="caller-hung-up")
            await asyncio.wait_for(caller.closed.wait(), 10)
        return caller

    threads = set(threading.enumerate())
    before = sockets()
    async with (
        FakeElevenLabs(sing) as fake,
        office(fake.url, tmp_path, pitches, options=options) as desk,
    ):
        callers = await asyncio.gather(*(call(agent) for agent in pitches))
        for agent, caller in zip(pitches, callers, strict=True):
            assert caller.pitch() == pytest.approx(pitches[agent], abs=5)
            heard = np.frombuffer(fake.of_agent(agent).heard, np.int16)
            spectrum = np.abs(np.fft.rfft(heard))
            loudest = np.argmax(spectrum) * AGENT_HZ / len(heard)
            assert loudest == pytest.approx(pitches[agent] + 50, abs=5)
            assert (desk.folder(agent) / "recording.mka").stat().st_size > 5000
            said = json.loads((desk.folder(agent) / "transcript.json").read_text())
            assert f"I sing {pitches[agent]} Hz" in json.dumps(said)
    # A reader of the test's own loop may keep one descriptor for a moment.
    assert await settled(before) <= before
    left = {t for t in set(threading.enumerate()) - threads if not _pool(t)}
    assert not left


def _pool(thread: threading.Thread) -> bool:
    """The loop's own pool, in which callers (not Parley) encode."""
    return thread.name.startswith("asyncio_")


@both_media
async def test_the_agent_hangs_up_and_is_heard_to_the_end(
    tmp_path: Path, options: Options
) -> None:
    async def goodbye(conversation: Conversation) -> None:
        await conversation.speak(1, voice(440, 3.0), text="Goodbye!")
        await conversation.end_call(1)

    async with (
        FakeElevenLabs(goodbye) as fake,
        office(fake.url, tmp_path, options=options) as desk,
    ):
        async with Caller(desk.line("agent")) as caller:
            await caller.event("conversation.ended", reason="agent-ended")
            await asyncio.wait_for(caller.closed.wait(), 10)
        pcm = np.concatenate([pcm for _, pcm in caller.heard]).astype(float)
        slots = pcm[: len(pcm) // 960 * 960].reshape(-1, 960)
        loud = np.sqrt(np.mean(slots**2, axis=1)) > 2000
        assert 2.9 < loud.sum() * 0.02 < 3.1


@both_media
async def test_a_barge_in_is_heard_as_one(tmp_path: Path, options: Options) -> None:
    stopped: list[float] = []

    async def chatter(conversation: Conversation) -> None:
        await conversation.speak(1, voice(440, 30.0), text="A long story.")
        await conversation.expect_audio(2000)
        stopped.append(asyncio.get_running_loop().time())
        await conversation.interrupt(1, "A long")
        await conversation.speak(1, voice(440, 2.0))  # too late: must not be heard
        await conversation.until_gone()

    async with (
        FakeElevenLabs(chatter) as fake,
        office(fake.url, tmp_path, options=options) as desk,
    ):
        async with Caller(desk.line("agent")) as caller:
            cut = await caller.event("conversation.interrupted", reply=1)
            await caller.event("transcript.corrected", text="A long")
            await asyncio.sleep(2.2)
            desk.switchboard.hang_up(desk.calls["agent"])
        assert 1000 < cut["heard_ms"] < 4000
        assert caller.level(stopped[0] - 0.5, stopped[0]) > 3000
        assert caller.level(stopped[0] + 0.8, stopped[0] + 1.9) < 30


async def test_a_typed_turn_and_a_tool_reach_the_agent(tmp_path: Path) -> None:
    done = asyncio.Event()

    async def clerk(conversation: Conversation) -> None:
        said = await conversation.expect("user_message")
        assert said["text"] == "Are you there?"
        call = {
            "tool_name": "look_up",
            "tool_call_id": "t1",
            "parameters": {"what": "ETF"},
            "event_id": 1,
        }
        await conversation.send("client_tool_call", call)
        result = await conversation.expect("client_tool_result")
        assert (result["tool_call_id"], result["result"]) == ("t1", "found")
        done.set()
        await conversation.until_gone()

    async with FakeElevenLabs(clerk) as fake, office(fake.url, tmp_path) as desk:
        async with Caller(desk.line("agent")) as caller:
            await caller.event("conversation.started")
            caller.send(type="text.input", text="Are you there?")
            tool = await caller.event("tool.called", name="look_up")
            caller.send(type="tool.result", id=tool["id"], result="found")
            await asyncio.wait_for(done.wait(), 10)
            desk.switchboard.hang_up(desk.calls["agent"])


async def test_a_caller_who_closes_is_noticed_at_once(tmp_path: Path) -> None:
    async with FakeElevenLabs() as fake, office(fake.url, tmp_path) as desk:
        async with Caller(desk.line("agent")) as caller:
            await caller.event("conversation.started")
        await desk.empty(5)
        meta = json.loads((desk.folder("agent") / "call.json").read_text())
        assert meta["reason"] == "caller-left"


async def test_a_caller_who_vanishes_is_noticed(tmp_path: Path) -> None:
    limits = Limits(silence_s=2.0)
    async with (
        FakeElevenLabs() as fake,
        office(fake.url, tmp_path, limits=limits) as desk,
    ):
        async with Caller(desk.line("agent")) as caller:
            await caller.event("conversation.started")
            await asyncio.sleep(0.5)
            _unplug(caller)
            started = asyncio.get_running_loop().time()
            await desk.empty(10)
            assert asyncio.get_running_loop().time() - started < 7.0
        meta = json.loads((desk.folder("agent") / "call.json").read_text())
        assert meta["reason"] == "caller-vanished"


def _unplug(caller: Caller) -> None:
    """Pull the caller's cable: nothing leaves and nothing arrives any more."""
    dtls = caller.pc.getTransceivers()[0].receiver.transport
    connection = dtls.transport._connection

    async def nowhere(data: bytes) -> None: ...

    connection.send = nowhere
    for protocol in connection._protocols:
        protocol.transport.sendto = lambda data, address: None


async def test_silence_alone_is_not_vanishing(tmp_path: Path) -> None:
    limits = Limits(silence_s=3.0)
    async with (
        FakeElevenLabs() as fake,
        office(fake.url, tmp_path, limits=limits) as desk,
    ):
        async with Caller(desk.line("agent")) as caller:
            await caller.event("conversation.started")
            caller.pc.getSenders()[0].replaceTrack(None)  # RTCP goes on
            await asyncio.sleep(6)
            assert len(desk.switchboard) == 1
            desk.switchboard.hang_up(desk.calls["agent"])


async def test_no_more_calls_than_lines_and_none_after_closing_time(
    tmp_path: Path,
) -> None:
    async with (
        FakeElevenLabs() as fake,
        office(fake.url, tmp_path, max_calls=1) as desk,
    ):
        async with Caller(desk.line("agent")) as caller:
            await caller.event("conversation.started")
            with pytest.raises(Full):
                async with Caller(desk.line("agent")):
                    pass
            with pytest.raises(UnknownAgent):
                async with Caller(desk.line("nobody")):
                    pass
            await desk.switchboard.drain(0.1)
            await caller.event("conversation.ended", reason="server-stopping")
        with pytest.raises(Stopping):
            async with Caller(desk.line("agent")):
                pass


async def test_a_bug_in_what_a_call_cost_touches_no_other_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def bills() -> list[Usage]:
        raise ZeroDivisionError

    def casting(wish: Wish) -> Cast:
        agent = elevenlabs_agent(base_url=fake.url, agent_id=wish.agent)
        return Cast(agent=agent, agent_name=wish.agent, bills=bills)

    fake = FakeElevenLabs()
    async with fake, office(fake.url, tmp_path, casting=casting) as desk:
        async with Caller(desk.line("one")) as other:
            await other.event("conversation.started")
            async with Caller(desk.line("two")) as caller:
                await caller.event("conversation.started")
                desk.switchboard.hang_up(desk.calls["two"])
                await caller.event("conversation.ended")
                await asyncio.wait_for(caller.closed.wait(), 10)
            await asyncio.sleep(0.3)
            assert len(desk.switchboard) == 1
            desk.switchboard.hang_up(desk.calls["one"])
            await other.event("conversation.ended", reason="caller-hung-up")
            await desk.empty(5)
    assert "ZeroDivisionError" in caplog.text


async def test_a_server_that_stops_still_learns_what_its_last_call_cost(
    tmp_path: Path,
) -> None:
    async def bills() -> list[Usage]:
        await asyncio.sleep(0.5)
        return [Usage({"cost_usd": 0.25})]

    def casting(wish: Wish) -> Cast:
        agent = elevenlabs_agent(base_url=fake.url, agent_id=wish.agent)
        return Cast(agent=agent, agent_name=wish.agent, bills=bills)

    fake = FakeElevenLabs()
    async with fake, office(fake.url, tmp_path, casting=casting) as desk:
        async with Caller(desk.line("one")) as caller:
            await caller.event("conversation.started")
            await desk.switchboard.drain(0.1)
        call = desk.calls["one"]
    lines = (tmp_path / call / "events.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["amounts"] == {"cost_usd": 0.25}


class Diary:
    """A register that remembers what it was told, and of which reason."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.settled = asyncio.Event()

    def began(self, meta: Mapping[str, Any]) -> None:
        self.lines.append(f"began {meta['reason']}")

    def ended(self, meta: Mapping[str, Any], *, settled: bool = True) -> None:
        self.lines.append(f"{'settled' if settled else 'ended'} {meta['reason']}")
        if settled:
            self.settled.set()


@pytest.mark.parametrize("cost", ["is not known", "is a bug", "finds a busy disk"])
async def test_a_call_is_settled_whatever_becomes_of_its_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cost: str
) -> None:
    async def bills() -> list[Usage]:
        if cost == "is a bug":
            raise ZeroDivisionError
        if cost == "is not known":
            return []
        monkeypatch.setattr("rtc.recording.writer.BOUND", 0)
        return [Usage({"cost_usd": 0.25})]

    def casting(wish: Wish) -> Cast:
        agent = elevenlabs_agent(base_url=fake.url, agent_id=wish.agent)
        return Cast(agent=agent, agent_name=wish.agent, bills=bills)

    fake, diary = FakeElevenLabs(), Diary()
    at = office(fake.url, tmp_path, casting=casting, register=diary)
    async with fake, at as desk:
        async with Caller(desk.line("one")) as caller:
            await caller.event("conversation.started")
            desk.switchboard.hang_up(desk.calls["one"])
            await caller.event("conversation.ended")
        async with asyncio.timeout(5):
            await diary.settled.wait()
        lines = (desk.folder("one") / "events.jsonl").read_text()
    how = "caller-hung-up"
    assert diary.lines == ["began None", f"ended {how}", f"settled {how}"]
    assert ("cost_usd" in lines) is (cost == "finds a busy disk")


async def test_a_call_is_in_the_history_when_its_files_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the disk takes longer than anybody waits for it."""
    monkeypatch.setattr("rtc.recorder.CLOSE_S", 0.1)
    diary, disk = Diary(), threading.Event()
    async with (
        FakeElevenLabs() as fake,
        office(fake.url, tmp_path, ["one"], register=diary) as desk,
    ):
        try:
            async with Caller(desk.line("one")) as caller:
                await caller.event("conversation.started")
                desk.writer.post(partial(disk.wait, 30))
                desk.switchboard.hang_up(desk.calls["one"])
                await caller.event("conversation.ended")
                await asyncio.sleep(0.5)
            assert diary.lines == ["began None"]
            assert not (desk.folder("one") / "call.json").exists()
        finally:
            disk.set()
        async with asyncio.timeout(5):
            await diary.settled.wait()
        assert (desk.folder("one") / "call.json").exists()
    how = "caller-hung-up"
    assert diary.lines == ["began None", f"ended {how}", f"settled {how}"]


async def test_both_legs_are_aligned_within_20_ms(tmp_path: Path) -> None:
    """What the caller sends back the moment it hears it is as far behind as it was.

    The agent's chirp goes out, a mirror at the caller's end returns it packet by
    packet. The mirror's own delay is known; the rest is what the recording added.
    """

    async def chirps(conversation: Conversation) -> None:
        await asyncio.sleep(1)
        await conversation.speak(1, chirp(AGENT_HZ).tobytes())
        await asyncio.sleep(2)
        await conversation.speak(2, chirp(AGENT_HZ).tobytes())
        await conversation.until_gone()

    async with FakeElevenLabs(chirps) as fake, office(fake.url, tmp_path) as desk:
        async with Caller(desk.line("agent")) as caller:
            mirrored(caller)
            await asyncio.sleep(6)
            desk.switchboard.hang_up(desk.calls["agent"])
            await caller.event("conversation.ended")
    to_wav(desk.folder("agent") / "recording.mka", tmp_path / "both.wav")
    both = read(tmp_path / "both.wav")
    lines = (desk.folder("agent") / "events.jsonl").read_text().splitlines()
    starts = [
        event["at_ms"] * RATE // 1000
        for event in map(json.loads, lines)
        if event["type"] == "talking" and event["on"] and event["who"] == "agent"
    ]
    assert len(starts) == 2
    for start in starts:
        caller, agent = both[start - RATE // 10 : start + 3 * RATE // 2].T
        assert abs(place(caller, chirp()) - place(agent, chirp())) < 0.020 * RATE
