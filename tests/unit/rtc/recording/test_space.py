"""Space: how much is free where nothing is yet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rtc.recording import space


def test_a_folder_that_is_still_to_be_made_has_the_room_of_its_disk(
    tmp_path: Path,
) -> None:
    found = os.statvfs(tmp_path)
    there = found.f_bavail * found.f_frsize
    assert space.free(tmp_path / "a" / "b") == pytest.approx(there, rel=0.1)


def test_calls_that_run_have_what_is_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "free", lambda folder: 100)
    for floor, begin, go_on in (
        (0, True, True),
        (100, True, True),
        (101, False, True),
        (403, False, True),
        (404, False, False),
    ):
        assert space.may_begin(tmp_path, floor) is begin, floor
        assert space.may_go_on(tmp_path, floor) is go_on, floor


def test_without_a_floor_nobody_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "free", lambda folder: pytest.fail("looked"))
    assert space.may_begin(tmp_path, 0) and space.may_go_on(tmp_path, 0)
