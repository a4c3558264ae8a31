"""The real server killed under running calls, and started again: what does it know?"""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from tests.caller import Caller, tone
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.server_process import Server, server

RATE = 16_000
CALLS = 5
"Of aiortc in this process: more, and they would stumble over each other."


def hosted(url: str) -> dict[str, str]:
    return {"ELEVENLABS_AGENT_ID": "agent_1", "ELEVENLABS_BASE_URL": url}


async def talk_on(conversation: Conversation) -> None:
    t = np.arange(RATE * 60) / RATE
    sung = (8000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    await conversation.speak(1, sung.tobytes(), text="A song about ferries.")
    await conversation.until_gone(timeout=60)


async def got(it: Server, path: str, kind: str = "application/json") -> Any:
    connector = aiohttp.TCPConnector(ssl=False)  # the certificate is self-signed
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(it.url + path, headers={"Accept": kind}) as answer,
    ):
        assert answer.status == 200, await answer.text()
        if kind == "application/json":
            return await answer.json()
        return await answer.read()


async def listed(it: Server, count: int, query: str = "") -> list[dict[str, Any]]:
    """The history's calls, once there are as many and all are over."""
    async with asyncio.timeout(30):
        while True:
            rows: list[dict[str, Any]] = (await got(it, f"/calls{query}"))["calls"]
            if len(rows) == count and all(row["reason"] for row in rows):
                return rows
            await asyncio.sleep(0.1)


async def test_calls_under_which_the_server_was_killed_are_in_the_history(
    tmp_path: Path,
) -> None:
    began: dict[str, tuple[float, float]] = {}
    "Not before, and not after: the call's time begins when the server gets the offer."
    async with FakeElevenLabs(talk_on) as fake:
        with server(tmp_path, env=hosted(fake.url)) as it:
            async with AsyncExitStack() as stack:
                for _ in range(CALLS):
                    asked = time.monotonic()
                    caller = await stack.enter_async_context(Caller(it.connect))
                    began[it.call] = asked, time.monotonic()
                    caller.microphone.say(tone(600, 30))
                    await caller.event("talking", who="agent", on=True)
                live = (await got(it, "/calls"))["live"]
                assert {call["call"] for call in live} == set(began)
                await asyncio.sleep(random.uniform(1, 3))
                it.process.send_signal(signal.SIGKILL)
                killed = time.monotonic()
                it.process.wait()
        with server(tmp_path, env=hosted(fake.url)) as it:
            rows = await listed(it, CALLS)
            assert {row["call"] for row in rows} == set(began)
            for row in rows:
                assert row["reason"] == "server-died"
                most, least = (killed - at for at in began[row["call"]])
                assert least - 1.5 < row["length_ms"] / 1000 < most + 0.5
                await sounds(it, row["call"], least, most)
            assert len(await listed(it, CALLS, "?q=song+ferri")) == CALLS


async def sounds(it: Server, call: str, least: float, most: float) -> None:
    """It can be listened to, and at most a second is missing.

    It lasted between `least` and `most` seconds.
    """
    recording = it.recordings / call / "recording.mka"
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration"]
    command += ["-of", "csv=p=0", str(recording)]
    probed = subprocess.PIPE
    ffprobe = await asyncio.create_subprocess_exec(
        *command, stdout=probed, stderr=probed
    )
    out, complaints = await ffprobe.communicate()
    assert ffprobe.returncode == 0 and not complaints
    seconds = float(out)
    assert least - 1.5 < seconds < most + 0.5
    wav = await got(it, f"/calls/{call}/recording.wav", "audio/wav")
    pcm = np.frombuffer(wav[44:], np.int16).reshape(-1, 2)
    assert abs(len(pcm) / 48_000 - seconds) < 0.1
    loud = np.sqrt((pcm[-72_000:-24_000].astype(float) ** 2).mean(axis=0))
    assert (loud > 1000).all(), "both were heard to the end"
