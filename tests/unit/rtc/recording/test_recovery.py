"""Recovery: whatever a crash left becomes a call that can be heard and listed."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from rtc.opus import silence
from rtc.recording import recovery
from rtc.recording.files import AUDIO, EVENTS, LEGS, META, TRANSCRIPT
from rtc.recording.leg import Leg
from rtc.recording.matroska import Matroska
from rtc.recording.recovery import DIED, recover
from rtc.recording.sound import PAUSED, Sound

SLOT = 960
CALL = "20261123-140509-0123456789ab"
MARKER = {"call": CALL, "agent": "a", "began": "2026-11-23T14:05:09.123+00:00"}

HEAD = len(Matroska(LEGS).head)


def begun(folder: Path, slots: int, step: int = 20) -> Sound:
    """A recording of so many slots."""
    sound = Sound(folder, (Leg(), Leg()))
    for begin in range(0, slots, step):
        came = [
            (silence() + b"." + bytes(k % 60), k * SLOT)
            for k in range(begin, begin + step)
        ]
        sound.write((came, came), None, ())
    return sound


def crashed(folder: Path, slots: int = 100, step: int = 20) -> Path:
    """The file of one that nobody finished."""
    begun(folder, slots, step)._file.close()
    return folder / AUDIO


def finished(folder: Path, slots: int = 100) -> bytes:
    """The content of the same one, finished."""
    begun(folder, slots).close((), fsync=False)
    return (folder / AUDIO).read_bytes()


def packets(path: Path) -> int:
    """Of both legs, as libavformat finds them."""
    with av.open(str(path)) as container:
        return sum(packet.size > 0 for packet in container.demux())


def probed(path: Path) -> dict[str, Any]:
    """What ffprobe reads; it must have nothing to complain about."""
    command = ["ffprobe", "-v", "warning", "-of", "json", "-show_format"]
    found = subprocess.run(
        [*command, "-show_chapters", path], capture_output=True, check=True
    )
    assert found.stderr == b""
    return dict(json.loads(found.stdout))


def meta_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / META).read_text()))


def test_a_recording_is_finished_as_its_recorder_would_have_done(
    tmp_path: Path,
) -> None:
    path = crashed(tmp_path / CALL)
    assert recover(path.parent, MARKER)
    assert path.read_bytes() == finished(tmp_path / "other")
    assert meta_of(path.parent) == {
        **MARKER,
        "reason": DIED,
        "length_ms": 2000,
        "recording": {"state": "kept"},
    }
    assert not recover(path.parent, MARKER), "again there is nothing to do"
    assert float(probed(path)["format"]["duration"]) == pytest.approx(2.0, abs=0.01)


def test_a_finished_call_is_left_as_it_is(tmp_path: Path) -> None:
    content = finished(tmp_path)
    meta = {"call": CALL, "reason": "caller-left", "length_ms": 1}
    meta_text = json.dumps({**meta, "recording": {"state": "kept"}})
    (tmp_path / META).write_text(meta_text)
    (tmp_path / EVENTS).write_text('{"at_ms":9000}\n')
    assert not recover(tmp_path, {"call": CALL})
    assert (tmp_path / AUDIO).read_bytes() == content
    assert (tmp_path / META).read_text() == meta_text


def test_at_whichever_byte_it_was_cut_off_all_whole_clusters_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("fsync", "fdatasync"):  # thousands of them would take a minute
        monkeypatch.setattr(os, name, lambda descriptor: None)
    path = crashed(tmp_path / "call", 20, 5)
    whole = path.read_bytes()
    ends = [whole.find(b"\x1f\x43\xb6\x75", HEAD + 1)]
    while (end := whole.find(b"\x1f\x43\xb6\x75", ends[-1] + 1)) > 0:
        ends.append(end)
    ends.append(len(whole))
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        recover(path.parent, {})
        clusters = sum(end <= size for end in ends)
        content = path.read_bytes()
        if clusters:
            end = ends[clusters - 1]
            assert content[HEAD:end] == whole[HEAD:end]
        # Opening one takes its time.
        if size % 19 == 0:
            assert packets(path) == (clusters * 10 or 2), size


def test_zeros_instead_of_what_was_written_are_as_nothing(tmp_path: Path) -> None:
    """As some file systems leave it after a power cut."""
    path = crashed(tmp_path / "call")
    whole = path.read_bytes()
    for size in (0, 10, HEAD, len(whole) - 30):
        path.write_bytes(whole[:size].ljust(len(whole) + 5000, b"\0"))
        assert recover(path.parent, {})
        probed(path)
        assert packets(path) >= (2 if size <= HEAD else 160)
        assert path.stat().st_size < len(whole) + 200


def test_damage_in_the_middle_costs_no_more_than_its_cluster(tmp_path: Path) -> None:
    path = crashed(tmp_path / "call")
    whole = path.read_bytes()
    second = whole.find(b"\x1f\x43\xb6\x75", HEAD + 1)
    for damage in (b"\0" * 20, b"\x1f\x43\xb6\x75\x1f\xff\xff\xff"):
        path.write_bytes(whole[:second] + damage + whole[second + len(damage) :])
        assert recover(path.parent, {})
        assert packets(path) == 200 - 40
        assert float(probed(path)["format"]["duration"]) == pytest.approx(2, abs=0.01)
        assert not recover(path.parent, {})


def test_a_file_that_is_not_ours_is_not_touched(tmp_path: Path) -> None:
    for content in (b"RIFF" + bytes(2000), os.urandom(3000)):
        (tmp_path / AUDIO).write_bytes(content)
        recover(tmp_path, {})
        assert (tmp_path / AUDIO).read_bytes() == content


def test_pauses_are_learnt_from_the_events(tmp_path: Path) -> None:
    path = crashed(tmp_path)
    lines = [
        (500, "paused"),
        (900, "on"),
        (1000, "paused"),
        (1200, "paused"),
        (1500, "on"),
        (1800, "paused"),
    ]
    told = [
        {"at_ms": at, "type": "recording.state", "state": state} for at, state in lines
    ]
    (tmp_path / EVENTS).write_text("".join(json.dumps(it) + "\n" for it in told))
    assert recover(tmp_path, {})
    chapters = [
        (float(it["start_time"]), float(it["end_time"]), it["tags"]["title"])
        for it in probed(path)["chapters"]
    ]
    assert chapters == [
        (0.5, 0.9, PAUSED),
        (1.0, 1.2, PAUSED),
        (1.2, 1.5, PAUSED),
    ]


def test_of_the_events_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    events = tmp_path / EVENTS
    for torn in ('{"at_ms":', '{"at_ms": 9000}', "\0" * 200_000):
        events.write_text('{"at_ms":7000}\nnot json\n[1]\n' + torn)
        assert recover(tmp_path, {})
        assert events.read_text() == '{"at_ms":7000}\nnot json\n[1]\n'
        assert meta_of(tmp_path)["length_ms"] == 7000
        (tmp_path / META).unlink()
    events.write_text("torn")
    recover(tmp_path, {})
    assert events.read_text() == ""


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"reason": null}'])
def test_call_json_is_completed_from_the_marker(
    tmp_path: Path, content: str | None
) -> None:
    folder = tmp_path / CALL
    folder.mkdir()
    if content is not None:
        (folder / META).write_text(content)
    (folder / "call.tmp").write_text('{"rea')
    (folder / "transcript.tmp").write_text("{")
    assert recover(folder, {**MARKER, "recording": {"state": "declined"}})
    assert meta_of(folder) == {
        **MARKER,
        "reason": DIED,
        "length_ms": 0,
        "recording": {"state": "declined"},
    }
    assert sorted(os.listdir(folder)) == [META, EVENTS]
    assert not recover(folder, MARKER)


def test_without_any_marker_the_name_of_the_folder_tells_the_call(
    tmp_path: Path,
) -> None:
    assert recover(tmp_path / CALL, {})
    assert meta_of(tmp_path / CALL) == {
        "call": CALL,
        "began": "2026-11-23T14:05:09+00:00",
        "reason": DIED,
        "length_ms": 0,
        "recording": {"state": "failed"},
    }


def test_a_recording_that_had_failed_is_not_called_whole(tmp_path: Path) -> None:
    crashed(tmp_path)
    (tmp_path / META).write_text('{"recording": {"state": "kept", "lost": 3}}')
    failed = {"at_ms": 5000, "type": "recording.state", "state": "failed"}
    (tmp_path / EVENTS).write_text(json.dumps(failed) + "\n")
    assert recover(tmp_path, {})
    assert meta_of(tmp_path)["recording"] == {"state": "failed", "lost": 3}
    assert meta_of(tmp_path)["length_ms"] == 5000


def test_two_do_not_mend_at_once(tmp_path: Path) -> None:
    path = crashed(tmp_path)
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BlockingIOError):
            recover(tmp_path, {})
    assert recover(tmp_path, {})


class Killed(BaseException):
    """Nobody catches it: as if the process ended there."""


def test_killed_at_any_step_it_goes_on_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = crashed(tmp_path / "call")
    path.write_bytes(path.read_bytes() + b"\x1f\x43\xb6\x75torn" * 20)
    (path.parent / EVENTS).write_text('{"at_ms":1}\n{"at')
    before = packets(path)
    shutil.copytree(path.parent, tmp_path / "kept")
    real: dict[str, Callable[..., Any]] = {}
    steps = 0

    def dying(name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            nonlocal steps
            steps -= 1
            if steps == 0:
                raise Killed
            return real[name](*args)

        return call

    for name in ("pwrite", "fsync", "fdatasync", "replace"):
        real[name] = getattr(os, name)
        monkeypatch.setattr(recovery.os, name, dying(name))
    for step in range(1, 100):
        shutil.rmtree(path.parent)
        shutil.copytree(tmp_path / "kept", path.parent)
        steps = step
        try:
            recover(path.parent, {})
        except Killed:
            assert packets(path) == before, f"in step {step}"
            steps = 0
            recover(path.parent, {})
        else:
            break
        assert meta_of(path.parent)["reason"] == DIED
        assert path.read_bytes() == finished(tmp_path / "other")
    assert step > 8


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_bytes_nothing_but_oserror_and_no_giants(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    path = crashed(tmp_path, 60)
    whole = path.read_bytes()
    events = b'{"at_ms":5,"type":"recording.state","state":"paused"}\n' * 5
    meta = b'{"call":"x","reason":null,"recording":{"state":"kept"}}'
    for _ in range(60):
        files = {AUDIO: whole, EVENTS: events, META: meta, TRANSCRIPT: meta}
        for name, content in files.items():
            broken = bytearray(content)
            for _ in range(chance.choice((0, 1, 1, 5, 50))):
                # Half of it where it hurts.
                most = min(len(broken), chance.choice((600, 1 << 30)))
                broken[chance.randrange(most)] ^= 1 << chance.randrange(8)
            if chance.random() < 0.3:
                del broken[chance.randrange(len(broken)) :]
            (tmp_path / name).write_bytes(broken)
        size = path.stat().st_size
        recover(tmp_path, {"call": CALL})
        assert path.stat().st_size <= size + HEAD + 500
        assert meta_of(tmp_path)["recording"]["state"]
        assert not recover(tmp_path, {"call": CALL}), "once is enough"


def test_an_hour_is_not_read_into_memory(tmp_path: Path) -> None:
    path = crashed(tmp_path, 100)
    whole = path.read_bytes()
    with path.open("wb") as file:
        file.write(whole)
        for _ in range(50):  # garbage, as long as nothing was ever
            file.write(b"\x1f\x43\xb6\x75" + os.urandom(100_000))
    reads: list[int] = []
    real = os.pread

    def read(descriptor: int, size: int, at: int) -> bytes:
        reads.append(size)
        return real(descriptor, size, at)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pread", read)
        assert recover(tmp_path, {})
    assert max(reads) <= recovery.clusters.MOST_BYTES
    assert path.read_bytes() == finished(tmp_path / "other")
