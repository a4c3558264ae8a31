"""Files: whole pieces, JSON that is replaced whole, and a disk that is full."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from typing import Any

import pytest

from rtc.recording import files
from rtc.recording.files import EVENTS, META, Growing, amend, save


class Full:
    """A file that takes a few bytes more, then nothing."""

    def __init__(self, file: Any, room: int) -> None:
        self.file = file
        self.room = room

    def write(self, data: memoryview) -> int:
        if not self.room:
            raise OSError(28, "No space left on device")
        count = self.file.write(data[: self.room])
        self.room -= count
        return int(count)

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


def test_what_does_not_fit_is_not_begun(tmp_path: Path) -> None:
    path = tmp_path / "x"
    growing = Growing(path)
    growing.append(b"whole")
    growing._file = full = Full(growing._file, 3)  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space left"):
        growing.append(b"too much")
    assert path.read_bytes() == b"whole"
    full.room = 100
    growing.append(b" again")
    growing.overwrite(0, b"W")
    assert path.read_bytes() == b"Whole again"
    growing.close()


def test_a_json_file_is_whole_and_replaced_whole(tmp_path: Path) -> None:
    for length in (1000, 1):
        save(tmp_path / META, {"text": "ä" * length})
        assert json.loads((tmp_path / META).read_text()) == {"text": "ä" * length}
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_what_cannot_be_replaced_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    save(tmp_path / META, {"old": True})

    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(OSError, match="No space left"):
        save(tmp_path / META, {"new": True}, fsync=True)
    assert json.loads((tmp_path / META).read_text()) == {"old": True}
    assert [path.name for path in tmp_path.iterdir()] == [META]


def test_a_call_that_is_over_can_be_added_to(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save(tmp_path / META, {"a": 1, "b": 1})
    (tmp_path / EVENTS).write_text("1\n")
    amend(tmp_path, ["2", "3"], {"b": 2})
    assert json.loads((tmp_path / META).read_text()) == {"a": 1, "b": 2}
    assert (tmp_path / EVENTS).read_text() == "1\n2\n3\n"
    for damaged in ("{", "[]", "[" * 100_000):
        (tmp_path / META).write_text(damaged)
        caplog.clear()
        amend(tmp_path, [], {"b": 3})
        assert "cannot be amended" in caplog.text
        assert (tmp_path / META).read_text() == damaged
    assert files.draft_of(tmp_path / META).exists() is False


def test_what_is_added_to_a_full_disk_tears_no_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save(tmp_path / META, {"a": 1})
    (tmp_path / EVENTS).write_text("1\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))  # no file is longer
    try:
        amend(tmp_path, ["x" * 15_000] * 3, {"a": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "cannot be amended" in caplog.text
    assert (tmp_path / EVENTS).read_text() == "1\n"
    assert json.loads((tmp_path / META).read_text()) == {"a": 1}


def test_what_replaces_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut could leave a call without any `call.json`."""
    done: list[str] = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda it: (done.append("fsync"), sync(it)))
    monkeypatch.setattr(os, "replace", lambda *it: (done.append("name"), replace(*it)))
    (tmp_path / META).write_text("{}")
    amend(tmp_path, [], {"a": 1})
    assert done == ["fsync", "name"]
