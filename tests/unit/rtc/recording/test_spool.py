"""Spool: calls wait when nobody holds them, not even a process that was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rtc.recording.spool import FOLDER, Spool

HOLD = """
import sys, time
from pathlib import Path
from rtc.recording.spool import Spool
marker = Spool(Path(sys.argv[1])).begin("c2", {"agent": "x"})
print("held", flush=True)
time.sleep(60)
"""


def test_a_call_waits_from_its_end_until_it_is_done(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "recordings")
    assert spool.waiting() == []
    marker = spool.begin("c1", {"call": "c1"})
    assert spool.waiting() == []
    assert spool.read("c1") == {"call": "c1"}
    spool.add("c1", {"other": 1})
    assert spool.read("c1") == {"call": "c1"}, "it runs"
    assert spool.waiting() == []
    marker.release()
    marker.release()
    assert spool.waiting() == ["c1"]
    spool.add("c1", {"other": 1})
    assert spool.read("c1") == {"other": 1}
    spool.add("c0", {})
    assert spool.waiting() == ["c0", "c1"]
    for _ in range(2):
        spool.done("c1")
    assert spool.waiting() == ["c0"]
    assert sorted(os.listdir(tmp_path / "recordings" / FOLDER)) == ["c0"]


def test_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert spool.read("c1") == {}
    spool.add("c1", {})
    for content in (b"", b"{", b"[1]", b"\xff", b"[" * 100_000):
        (tmp_path / FOLDER / "c1").write_bytes(content)
        assert spool.read("c1") == {}


def test_a_process_that_was_killed_lets_go(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        try:
            assert spool.waiting() == []
        finally:
            other.kill()
    assert spool.waiting() == ["c2"]
    assert spool.read("c2") == {"agent": "x"}


def test_a_marker_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    spool = Spool(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="No space left"):
            spool.begin("c1", {})
        with pytest.raises(OSError, match="No space left"):
            spool.add("c1", {})
    assert os.listdir(tmp_path / FOLDER) == []
    marker = Spool(tmp_path, fsync=False).begin("c1", {})
    marker.sync()
    marker.release()
    assert spool.waiting() == ["c1"]
