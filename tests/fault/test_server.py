"""The real server killed, stopped, or robbed of its agent in the middle of a call."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rtc.render.export import to_wav
from tests.caller import Caller, tone
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.server_process import OURS, ROOT, server

RATE = 16_000


def hosted(url: str) -> dict[str, str]:
    return {"ELEVENLABS_AGENT_ID": "agent_1", "ELEVENLABS_BASE_URL": url}


async def talk_on(conversation: Conversation) -> None:
    t = np.arange(RATE * 60) / RATE
    sung = (8000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    await conversation.speak(1, sung.tobytes(), text="A long song.")
    await conversation.until_gone(timeout=60)


def probed_seconds(recording: Path) -> dict[int, float]:
    """The end of each stream as ffprobe reads it from the packets."""
    command = ["ffprobe", "-v", "error", "-of", "json"]
    command += ["-show_entries", "packet=stream_index,pts_time", str(recording)]
    packets = json.loads(subprocess.check_output(command))["packets"]
    return {p["stream_index"]: float(p["pts_time"]) + 0.02 for p in packets}


@pytest.mark.parametrize("seconds", [2.3, 5.0, 7.9])
async def test_kill_9_costs_at_most_the_last_second(
    tmp_path: Path, seconds: float
) -> None:
    async with FakeElevenLabs(talk_on) as fake:
        with server(tmp_path, env=hosted(fake.url)) as it:
            asked = time.monotonic()
            async with Caller(it.connect) as caller:
                begun = time.monotonic()
                caller.microphone.say(tone(600, seconds))
                await caller.event("talking", who="agent", on=True)
                # What was said just now may be in the second that is lost.
                left = begun + seconds - time.monotonic()
                await asyncio.sleep(max(left, 1.0))
                it.process.send_signal(signal.SIGKILL)
                killed = time.monotonic()
                it.process.wait()
    recording = it.folder / "recording.mka"
    ends = probed_seconds(recording)
    assert set(ends) == {0, 1}
    # The call's time begins in between, when the server gets the offer.
    least, most = killed - begun - 1.0, killed - asked + 0.3
    assert all(least < end < most for end in ends.values()), ends
    assert to_wav(recording, tmp_path / "both.wav") > least
    lines = (it.folder / "events.jsonl").read_text().splitlines()
    assert "A long song." in [json.loads(line).get("text") for line in lines]


async def test_sigterm_lets_the_call_go_on_for_its_grace_and_then_says_goodbye(
    tmp_path: Path,
) -> None:
    async with FakeElevenLabs(talk_on) as fake:
        with server(tmp_path, "--drain-s", "2", env=hosted(fake.url)) as it:
            async with Caller(it.connect) as caller:
                await caller.event("talking", who="agent", on=True)
                it.process.send_signal(signal.SIGTERM)
                asked = time.monotonic()
                with pytest.raises(AssertionError, match="server-stopping"):
                    async with Caller(it.connect):
                        pass
                await caller.event("conversation.ended", reason="server-stopping")
                assert 1.5 < time.monotonic() - asked < 4.0
            assert await asyncio.to_thread(it.process.wait, 10) == 0
    meta = json.loads((it.folder / "call.json").read_text())
    assert meta["reason"] == "server-stopping"


async def test_a_second_signal_hurries(tmp_path: Path) -> None:
    async with FakeElevenLabs(talk_on) as fake:
        with server(tmp_path, "--drain-s", "60", env=hosted(fake.url)) as it:
            async with Caller(it.connect) as caller:
                await caller.event("conversation.started")
                it.process.send_signal(signal.SIGINT)
                await asyncio.sleep(0.5)
                it.process.send_signal(signal.SIGINT)
                await caller.event("conversation.ended", reason="server-stopping")
            assert await asyncio.to_thread(it.process.wait, 10) == 0


async def test_the_embedded_agent_dies_and_its_call_goes_on_with_a_new_one(
    tmp_path: Path,
) -> None:
    with server(tmp_path) as it:
        async with Caller(it.connect) as caller:
            await caller.event("transcript.agent")
            os.kill(agent_pid(it.process.pid), signal.SIGKILL)
            # It is back within seconds; on a busy machine its models load slowly.
            await caller.event("agent.changed", limit=60, why="agent-lost")
            assert agents_started(it.log) == 2
        async with Caller(it.connect) as caller:
            await caller.event("transcript.agent")


async def test_the_embedded_agent_does_not_outlive_a_killed_server(
    tmp_path: Path,
) -> None:
    with server(tmp_path) as it:
        agent = agent_pid(it.process.pid)
        it.process.send_signal(signal.SIGKILL)
        it.process.wait()
        deadline = time.monotonic() + 5
        while _runs(agent):
            assert time.monotonic() < deadline, "the agent lives on"
            await asyncio.sleep(0.05)


def agents_started(log: Path) -> int:
    return log.read_text().count("embedded agent listens at")


def agent_pid(parent: int) -> int:
    """The one child of the server."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    (child,) = map(int, children)
    return child


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize(
    ("flag", "value", "text"),
    [
        ("--recordings", "README.md", "README.md cannot be written to: .+"),
        ("--ice-address", "192.0.2.77", "192.0.2.77 is not an address of .+"),
    ],
)
def test_what_only_the_start_can_find_wrong_is_one_clear_line(
    tmp_path: Path, flag: str, value: str, text: str
) -> None:
    command = [sys.executable, "server.py", flag, value]
    command += ["--host", "127.0.0.1", "--port", "0", "--certificates", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert re.fullmatch(f"{flag}: {text}", line)
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--agent", "local,openai"], "--agent: openai needs OPENAI_API_KEY, .+"),
        (["--agent", "local,elevenlabs"], "--agent: elevenlabs needs ELEVENLABS_.+"),
        (["--agent", "local", "--profile", "nobody"], "--profile: .+ no profile .+"),
        (["--agent", "local", "--prices", "README.md"], "--prices: README.md: .+"),
    ],
)
def test_a_wrong_setting_is_told_before_the_embedded_agent_starts(
    tmp_path: Path, flags: list[str], text: str
) -> None:
    certificates = tmp_path / "certificates"
    command = [sys.executable, "server.py", "--host", "127.0.0.1", "--port", "0"]
    command += ["--recordings", str(tmp_path), "--certificates", str(certificates)]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    done = subprocess.run(
        [*command, *flags], cwd=ROOT, env=clean, capture_output=True, text=True
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()  # and not a word of an agent that listens
    assert re.fullmatch(text, line)
    assert not certificates.exists()


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "server.py", "--host", "127.0.0.1"]
        command += ["--port", str(port), "--certificates", str(tmp_path)]
        environment = {**os.environ, **hosted("http://127.0.0.1:1")}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True
        )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert re.fullmatch(rf"--port: cannot listen on 127.0.0.1:{port}: .*in use.*", line)
    assert done.stdout == ""
