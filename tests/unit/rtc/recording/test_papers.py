"""Papers: a disk that refuses them is told once, and they are tried again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtc.recording.files import EVENTS, META
from rtc.recording.papers import Papers


def test_what_was_refused_is_counted_and_what_comes_later_is_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "file" / "call"
    (tmp_path / "file").write_text("in the way")
    papers = Papers(folder, "second")
    papers.open()
    papers.note(["1", "2"])
    papers.save(META, {})
    assert papers.lost == 4
    assert len(caplog.records) == 1
    (tmp_path / "file").unlink()
    papers.note(["3"])
    papers.save(META, {"a": 1})
    papers.sync()
    papers.close()
    assert papers.lost == 4
    assert (folder / EVENTS).read_text() == "3\n"
    assert json.loads((folder / META).read_text()) == {"a": 1}
