"""Recordings: which calls are recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from convai.cast import Wish
from rtc.archive.row import Kept
from rtc.recording.writer import Writer
from rtc.recordings import Mode, Recordings


@pytest.mark.parametrize(
    ("mode", "record", "kept"),
    [
        ("on", None, "kept"),
        ("on", True, "kept"),
        ("off", True, "off"),
        ("off", None, "off"),
        ("ask", True, "kept"),
        ("ask", False, "declined"),
        ("ask", None, "declined"),
    ],
)
def test_who_is_recorded(mode: Mode, record: bool | None, kept: Kept) -> None:
    recordings = Recordings(folder=Path("calls"), writer=Writer(), mode=mode)
    assert recordings.kept(Wish(record=record)) == kept
