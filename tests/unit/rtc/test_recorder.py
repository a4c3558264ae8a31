"""Recorder: what is on disk afterwards, and what happens when the disk fails."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rtc import recorder as module
from rtc.opus import Encoder, silence
from rtc.recorder import BATCH, Failed, Recorder
from rtc.recording.files import AUDIO, EVENTS, META, TRANSCRIPT, Fsync
from rtc.recording.recording import REFUSED, STOPPED, Loss
from rtc.recording.spool import Spool
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


def told(failures: list[Loss]) -> Failed:
    return lambda code, text: failures.append((code, text))


def nobody(code: str, text: str) -> None:
    pass


async def record(folder: Path, at_caller: int, at_agent: int, slots: int) -> Recorder:
    """A chirp of 0.4 s in each leg at the given slot, nothing else of the caller."""
    voice = packets(chirp(seconds=0.4))
    failures: list[Loss] = []
    with Writer() as writer:
        async with Recorder(folder, writer, told(failures)) as recorder:
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
        async with Recorder(tmp_path / "call", writer, nobody) as recorder:
            recorder.agent(silence(), 50 * SLOT)
            recorder.agent(silence() + b"loud", 0)
            recorder.meta({"reason": None})
            recorder.tick(60 * SLOT)
            recorder.caller(silence(), 100 * SLOT)
            recorder.meta({"reason": "caller-left"})
    meta = json.loads((tmp_path / "call" / META).read_text())
    report = {**recorder.counters(), "skew_ms": 0.0}
    assert meta == {"reason": "caller-left", "recording": report}
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
        async with Recorder(tmp_path / "one", writer, nobody) as late:
            pass
        for k in range(100):
            late.agent(silence(), k * SLOT)
            late.caller(silence(), k * SLOT)
        failures: list[Loss] = []
        async with Recorder(tmp_path / "two", writer, told(failures)) as recorder:
            recorder.agent(silence(), 0)
        assert failures == []
    assert (tmp_path / "two" / AUDIO).stat().st_size > 100


async def test_a_recording_that_was_given_up_is_closed(tmp_path: Path) -> None:
    failures: list[Loss] = []
    with Writer() as writer:
        async with Recorder(tmp_path / "x", writer, told(failures)) as recorder:
            recorder.agent(silence(), 0)
            await asyncio.to_thread(_wait_for, tmp_path / "x" / AUDIO)
            recorder._give_up((STOPPED, "the disk is too slow"))
        assert not [f for f in os.listdir("/proc/self/fd") if _points_to(f, tmp_path)]
    assert failures == [(STOPPED, "the disk is too slow")]


def _wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


async def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    failures: list[Loss] = []
    with Writer() as writer:
        async with Recorder(tmp_path / "file" / "x", writer, told(failures)) as it:
            for k in range(100):
                it.agent(silence(), k * SLOT)
    assert len(failures) == 1
    assert failures[0][0] == STOPPED
    assert "the recording stopped" in failures[0][1]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_ends_the_recording_and_nothing_else(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    assert os.system(f"mount -t tmpfs -o size=64k tmpfs {disk}") == 0
    failures: list[Loss] = []

    async def fill() -> None:
        voice = packets(chirp(seconds=2.0))
        with Writer() as writer:
            async with Recorder(disk / "call", writer, told(failures)) as recorder:
                for k in range(3000):
                    recorder.agent(voice[k % 100], k * SLOT)
                    recorder.caller(voice[k % 100], k * SLOT)

    try:
        asyncio.run(fill())
        assert len(failures) == 1
        assert failures[0][0] == STOPPED and "No space left" in failures[0][1]
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
    failures: list[Loss] = []
    hang = threading.Event()
    with Writer() as writer:
        writer.post(lambda: hang.wait(10) and None)
        async with Recorder(tmp_path / "x", writer, told(failures)) as recorder:
            recorder.agent(silence(), 0)
        assert not (tmp_path / "x").exists(), "it hangs still, and nobody waits"
        hang.set()
    assert (tmp_path / "x" / AUDIO).exists()
    assert not failures


def meta_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / META).read_text()))


async def test_who_does_not_want_to_be_recorded_leaves_no_word_and_no_sound(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "call"
    with Writer() as writer:
        async with Recorder(folder, writer, nobody, sound=False) as recorder:
            recorder.caller(silence(), 0)
            recorder.transcript({"turns": ["secret"]})
            recorder.event('{"type":"ready"}')
            recorder.meta({"recording": {"state": "declined"}})
    assert sorted(path.name for path in folder.iterdir()) == [META, EVENTS]
    assert meta_of(folder) == {"recording": {"state": "declined"}}


async def test_a_pause_is_silence_and_a_chapter(tmp_path: Path) -> None:
    folder, voice = tmp_path / "call", packets(chirp(seconds=0.4))
    with Writer() as writer:
        async with Recorder(folder, writer, nobody) as recorder:
            for k in range(300):
                if k == 100:
                    recorder.pause(k * SLOT)
                    recorder.pause(k * SLOT + 1)  # it is so already
                if k == 200:
                    recorder.resume(k * SLOT)
                    recorder.resume(k * SLOT + 1)
                    # Late: it was said in the pause, and before it.
                    recorder.caller(voice[5], 150 * SLOT)
                spoken = 120 <= k < 140 or 250 <= k < 270
                recorder.agent(voice[k % 10] if spoken else silence(), k * SLOT)
                recorder.tick(k * SLOT)
            recorder.pause(290 * SLOT)
    to_wav(folder / AUDIO, tmp_path / "both.wav")
    both = read(tmp_path / "both.wav")
    assert len(both) == pytest.approx(300 * SLOT, abs=SLOT)
    assert abs(both[100 * SLOT : 200 * SLOT]).max() < 5, "-76 dBFS"
    assert both[250 * SLOT : 270 * SLOT, 1].any()
    assert chapters(folder / AUDIO) == [(2.0, 4.0, "paused"), (5.8, 6.0, "paused")]


async def test_a_pause_in_mid_sentence_does_not_hum(tmp_path: Path) -> None:
    """A decoder that is told nothing goes on with the noise that it heard last."""
    loud = np.random.default_rng(1).normal(0, 6000, RATE * 2).astype(np.int16)
    with Writer() as writer:
        async with Recorder(tmp_path / "call", writer, nobody) as recorder:
            for k, packet in enumerate(packets(loud)):
                if k == 30:
                    recorder.pause(k * SLOT)
                recorder.caller(packet, k * SLOT)
                recorder.agent(packet, k * SLOT)
    to_wav(tmp_path / "call" / AUDIO, tmp_path / "both.wav")
    both = read(tmp_path / "both.wav").astype(float)
    assert np.sqrt((both[20 * SLOT : 29 * SLOT] ** 2).mean()) > 3000
    assert np.sqrt((both[31 * SLOT :] ** 2).mean()) < 5


def chapters(recording: Path) -> list[tuple[float, float, str]]:
    """As ffprobe finds them; it must have nothing to complain about."""
    command = ["ffprobe", "-v", "warning", "-of", "json", "-show_chapters"]
    found = subprocess.run([*command, recording], capture_output=True, check=True)
    assert not found.stderr
    return [
        (float(it["start_time"]), float(it["end_time"]), it["tags"]["title"])
        for it in json.loads(found.stdout)["chapters"]
    ]


async def test_the_error_of_the_clock_and_of_the_placement_add_up(
    tmp_path: Path,
) -> None:
    with Writer() as writer:
        async with Recorder(tmp_path / "call", writer, nobody) as recorder:
            recorder.agent(silence(), 0)
            recorder.agent(silence(), SLOT + 30)  # too little to be filled
            recorder.meta({"recording": {"state": "kept", "clock_ms": 1.5}})
    report = meta_of(tmp_path / "call")["recording"]
    misplaced = max(leg.misplaced for leg in recorder._recording.legs)
    assert misplaced > 0
    assert report["skew_ms"] == pytest.approx(1.5 + misplaced / 48, abs=0.06)
    assert report["state"] == "kept"


async def test_under_the_floor_no_sound_is_begun_but_the_call_is_written_down(
    tmp_path: Path,
) -> None:
    failures: list[Loss] = []
    folder, floor = tmp_path / "call", 1 << 60
    with Writer() as writer:
        async with Recorder(
            folder, writer, told(failures), floor_bytes=floor
        ) as recorder:
            recorder.agent(silence(), 0)
            recorder.meta({"recording": {"state": "kept"}})
            recorder.transcript({"turns": []})
    assert [code for code, _ in failures] == [REFUSED]
    assert "MB are free" in failures[0][1]
    names = sorted(path.name for path in folder.iterdir())
    assert names == [META, EVENTS, TRANSCRIPT]
    report = meta_of(folder)["recording"]
    assert (report["state"], report["why"]) == ("refused", failures[0][1])


async def test_a_recording_that_runs_stops_under_a_fourth_of_the_floor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[Loss] = []
    left = [1000]
    monkeypatch.setattr("rtc.recording.space.free", lambda folder: left[0])
    with Writer() as writer:
        async with Recorder(
            tmp_path / "call", writer, told(failures), floor_bytes=1000
        ) as recorder:
            await asyncio.to_thread(_drain, writer)
            left[0] = 250
            for k in range(1500):
                if k == 800:
                    await asyncio.to_thread(_drain, writer)
                    assert not failures
                    left[0] = 249
                recorder.agent(silence(), k * SLOT)
                recorder.tick(k * SLOT)
            recorder.meta({})
    assert [code for code, _ in failures] == [STOPPED]
    assert 16.0 < to_wav(tmp_path / "call" / AUDIO, tmp_path / "x.wav") < 22.0
    assert meta_of(tmp_path / "call")["recording"]["state"] == "failed"


def _drain(writer: Writer) -> None:
    done = threading.Event()
    writer.post(done.set, hurry=True)
    assert done.wait(10)


async def test_the_marker_is_there_before_anything_and_free_at_the_end(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path)
    with Writer() as writer:
        recorder = Recorder(
            tmp_path / "c1", writer, nobody, spool=spool, floor_bytes=1 << 60
        )
        recorder.meta({"agent": "a"})
        async with recorder:
            await asyncio.to_thread(_drain, writer)
            assert spool.read("c1") == {"call": "c1", "agent": "a"}
            assert spool.waiting() == []
        assert spool.waiting() == ["c1"]


async def test_a_marker_that_cannot_be_written_is_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".spool").write_text("in the way")
    failures: list[Loss] = []
    with Writer() as writer:
        async with Recorder(
            tmp_path / "c1", writer, told(failures), spool=Spool(tmp_path)
        ) as recorder:
            recorder.agent(silence(), 0)
    assert "cannot be marked" in caplog.text and not failures
    assert (tmp_path / "c1" / AUDIO).exists()


async def test_the_words_outlive_a_queue_that_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtc.recording.writer.BOUND", 2)
    monkeypatch.setattr(module, "MOST_LINES", 3)
    failures: list[Loss] = []
    hang = threading.Event()
    with Writer() as writer:
        writer.post(lambda: hang.wait(10) and None)
        async with Recorder(tmp_path / "c", writer, told(failures)) as recorder:
            for k in range(100):
                recorder.agent(silence(), k * SLOT)
                recorder.tick(k * SLOT)
                if k in (22, 44, 66, 88):
                    recorder.event(f'{{"k":{k}}}')
            recorder.meta({"recording": {"state": "kept"}})
            hang.set()
    assert failures == [(STOPPED, "the disk is too slow to record this")]
    assert (tmp_path / "c" / EVENTS).read_text().splitlines()[-1] == '{"k":88}'
    assert meta_of(tmp_path / "c")["recording"]["state"] == "failed"
    assert to_wav(tmp_path / "c" / AUDIO, tmp_path / "x.wav") > 0


async def test_a_provider_may_send_half_a_character(tmp_path: Path) -> None:
    failures: list[Loss] = []
    with Writer() as writer:
        async with Recorder(tmp_path / "c", writer, told(failures)) as recorder:
            recorder.event('"\ud800"')
            recorder.transcript({"text": "\ud800"})
    assert not failures
    assert (tmp_path / "c" / EVENTS).read_text() == '"?"\n'
    assert json.loads((tmp_path / "c" / TRANSCRIPT).read_text()) == {"text": "?"}


@pytest.mark.parametrize("policy", ["off", "end", "second"])
async def test_what_is_forced_to_the_disk_and_in_which_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: Fsync
) -> None:
    """Of a power cut this is what can be shown without one."""
    done: list[str] = []

    def noted(name: str) -> None:
        real = getattr(os, name)

        def call(it: Any, *more: Any) -> Any:
            path = Path(os.readlink(f"/proc/self/fd/{it}") if name[0] != "r" else it)
            done.append(f"{name} {path.name}")
            return real(it, *more)

        monkeypatch.setattr(os, name, call)

    for name in ("fsync", "fdatasync", "replace", "pwrite"):
        noted(name)
    monkeypatch.setattr("rtc.recording.recording.SYNC_S", 0.01)
    with Writer() as writer:
        async with Recorder(tmp_path / "c", writer, nobody, fsync=policy) as recorder:
            recorder.agent(silence(), 0)
            recorder.event("{}")
            recorder.tick(BATCH)
            # Else it must not come at all, for which we do not wait that long.
            limit = 10.0 if policy == "second" else 0.5
            forced = "fdatasync events.jsonl"
            await asyncio.to_thread(_until, lambda: forced in done, limit)
            before = list(done)
            recorder.agent(silence(), 30 * SLOT)
            recorder.event("{}")
            recorder.meta({})
    after = done[len(before) :]
    patches = [f"pwrite {AUDIO}"] * 3
    if policy == "off":
        assert done == ["replace call.tmp", *patches]
        return
    sound, events = f"fdatasync {AUDIO}", f"fdatasync {EVENTS}"
    names = ["fsync c", f"fsync {tmp_path.name}"]
    assert before == ([*names, sound, events] if policy == "second" else [])
    saved = ["fsync call.tmp", "replace call.tmp"]
    assert after == [sound, *patches, sound, *saved, events, *names]


def _until(seen: Callable[[], bool], limit: float) -> None:
    """Wait for it, but not for ever: it may never come."""
    deadline = time.monotonic() + limit
    while not seen() and time.monotonic() < deadline:
        time.sleep(0.01)
