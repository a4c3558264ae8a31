"""Recorder: what is on disk afterwards, and what happens when the disk fails."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rtc import recorder as module
from rtc.opus import Encoder, silence
from rtc.recorder import Recorder
from rtc.recording.files import AUDIO, EVENTS, META, TRANSCRIPT
from rtc.recording.writer import Writer
from rtc.render.export import main as export
from rtc.render.export import to_wav
from tests.sound import chirp, place, read

RATE = 48_000
SLOT = 960


def packets(pcm: NDArray[np.int16]) -> list[bytes]:
    encoder = Encoder(RATE)
    slots = len(pcm) // SLOT
    return [encoder.encode(pcm[k * SLOT :][:SLOT].tobytes()) for k in range(slots)]


async def record(folder: Path, at_caller: int, at_agent: int, slots: int) -> Recorder:
    """A chirp of 0.4 s in each leg at the given slot, nothing else of the caller."""
    voice = packets(chirp(seconds=0.4))
    failures: list[str] = []
    with Writer() as writer:
        async with Recorder(folder, writer, failures.append) as recorder:
            for k in range(slots):
                if 0 <= k - at_caller < len(voice):
                    recorder.caller(voice[k - at_caller], k * SLOT)
                spoken = 0 <= k - at_agent < len(voice)
                recorder.agent(voice[k - at_agent] if spoken else silence(), k * SLOT)
            recorder.event('{"type":"x"}')
            recorder.transcript({"turns": []})
    assert failures == []
    return recorder


async def test_both_legs_stand_where_they_were_in_time(tmp_path: Path) -> None:
    folder = tmp_path / "call"
    await record(folder, 100, 250, 400)
    length = to_wav(folder / AUDIO, tmp_path / "both.wav")
    assert length == pytest.approx(8.0, abs=0.05)
    both = read(tmp_path / "both.wav")
    pattern = chirp(seconds=0.4)
    assert abs(place(both[:, 0], pattern) - 100 * SLOT) < RATE // 200  # 5 ms
    assert abs(place(both[:, 1], pattern) - 250 * SLOT) < RATE // 200
    assert not both[: 99 * SLOT, 0].any()
    assert (folder / EVENTS).read_text() == '{"type":"x"}\n'
    assert json.loads((folder / TRANSCRIPT).read_text()) == {"turns": []}


async def test_call_json_has_the_counters_of_all_that_was_written(
    tmp_path: Path,
) -> None:
    with Writer() as writer:
        async with Recorder(tmp_path / "call", writer, lambda why: None) as recorder:
            recorder.agent(silence(), 50 * SLOT)
            recorder.agent(silence(), 0)
            recorder.meta({"reason": None})
            recorder.tick(60 * SLOT)
            recorder.caller(silence(), 100 * SLOT)
            recorder.meta({"reason": "caller-left"})
    meta = json.loads((tmp_path / "call" / META).read_text())
    assert meta == {"reason": "caller-left", "recording": recorder.counters()}
    assert recorder.counters()["agent_not_recorded"] == 1
    assert recorder.counters()["caller_silence_filled"] == 100 * SLOT


async def test_one_leg_alone_is_mono_and_equal_to_its_side(tmp_path: Path) -> None:
    folder = tmp_path / "call"
    await record(folder, 10, 20, 60)
    to_wav(folder / AUDIO, tmp_path / "both.wav")
    both = read(tmp_path / "both.wav")
    for channel, leg in enumerate(("caller", "agent")):
        to_wav(folder / AUDIO, tmp_path / f"{leg}.wav", leg)
        alone = read(tmp_path / f"{leg}.wav")
        assert alone.shape[1] == 1
        assert np.array_equal(alone[:, 0], both[: len(alone), channel])


async def test_the_command_line_exports(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await record(tmp_path / "c1", 10, 20, 60)
    monkeypatch.chdir(tmp_path)
    assert export(["export", "c1", "--recordings", ".", "--leg", "agent"]) == 0
    assert capsys.readouterr().out == "c1/agent.wav: 1.2 s\n"
    assert (tmp_path / "c1" / "agent.wav").exists()
    assert export(["export", "c2", "--recordings", "."]) == 1
    assert "there is no such recording" in capsys.readouterr().err


async def test_a_call_that_never_connected_leaves_files_that_open(
    tmp_path: Path,
) -> None:
    await record(tmp_path / "call", 0, 0, 0)
    assert to_wav(tmp_path / "call" / AUDIO, tmp_path / "both.wav") < 0.1


async def test_what_comes_too_late_harms_nobody(tmp_path: Path) -> None:
    with Writer() as writer:
        async with Recorder(tmp_path / "one", writer, print) as late:
            pass
        for k in range(100):
            late.agent(silence(), k * SLOT)
            late.caller(silence(), k * SLOT)
        failures: list[str] = []
        async with Recorder(tmp_path / "two", writer, failures.append) as recorder:
            recorder.agent(silence(), 0)
        assert failures == []
    assert (tmp_path / "two" / AUDIO).stat().st_size > 100


async def test_a_recording_that_was_given_up_is_closed(tmp_path: Path) -> None:
    failures: list[str] = []
    with Writer() as writer:
        async with Recorder(tmp_path / "x", writer, failures.append) as recorder:
            recorder.agent(silence(), 0)
            await asyncio.to_thread(_wait_for, tmp_path / "x" / AUDIO)
            recorder._give_up("the disk is too slow")
        assert not [f for f in os.listdir("/proc/self/fd") if _points_to(f, tmp_path)]
    assert failures == ["the disk is too slow"]


def _wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


async def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    failures: list[str] = []
    with Writer() as writer:
        async with Recorder(tmp_path / "file" / "x", writer, failures.append) as it:
            for k in range(100):
                it.agent(silence(), k * SLOT)
    assert len(failures) == 1
    assert "the recording stopped" in failures[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_ends_the_recording_and_nothing_else(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    assert os.system(f"mount -t tmpfs -o size=64k tmpfs {disk}") == 0
    failures: list[str] = []

    async def fill() -> None:
        voice = packets(chirp(seconds=2.0))
        with Writer() as writer:
            async with Recorder(disk / "call", writer, failures.append) as recorder:
                for k in range(3000):
                    recorder.agent(voice[k % 100], k * SLOT)
                    recorder.caller(voice[k % 100], k * SLOT)

    try:
        asyncio.run(fill())
        assert len(failures) == 1
        assert "No space left" in failures[0]
        # What was written until then can be played.
        assert to_wav(disk / "call" / AUDIO, tmp_path / "x.wav") > 1.0
        assert not [f for f in os.listdir("/proc/self/fd") if _points_to(f, disk)]
    finally:
        os.system(f"umount {disk}")


def _points_to(descriptor: str, folder: Path) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}").startswith(str(folder))
    except OSError:
        return False


async def test_a_disk_that_hangs_loses_the_recording_but_not_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSE_S", 0.05)
    failures: list[str] = []
    hang = threading.Event()
    with Writer() as writer:
        writer.post(lambda: hang.wait(10) and None)
        async with Recorder(tmp_path / "x", writer, failures.append) as recorder:
            recorder.agent(silence(), 0)
        hang.set()
    assert (tmp_path / "x" / AUDIO).exists()
