"""Peaks: where it is loud, and never too many points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rtc.render.peaks import MOST_POINTS, RATE_HZ, peaks
from rtc.render.sound import Sound
from rtc.render.tape import Tape
from tests.unit.rtc.render.tapes import quiet, record, sounding


def content(path: Path) -> dict[str, Any]:
    with Tape(path) as tape:
        found: dict[str, Any] = json.loads(b"".join(peaks(Sound(tape, RATE_HZ))))
    assert found["floor_db"] == -60
    return found


def test_it_is_loud_where_somebody_speaks(tmp_path: Path) -> None:
    found = content(record(tmp_path / "a.mka", sounding(3, 1), sounding(3.01, 2)))
    assert (found["length_ms"], found["step_ms"]) == (3020, 20)
    for leg, begin in (("caller", 50), ("agent", 100)):
        points = found[leg]
        assert len(points) == 151
        # A sine of 9000 is 11.2 dB below full scale.
        assert points[begin + 5] == pytest.approx(255 * (1 - 11.2 / 60), abs=6)
        assert max(points[: begin - 2] + points[begin + 25 :]) < 40


@pytest.mark.parametrize("slots", [0, 1, 4000, 4001, 9000])
def test_there_are_never_too_many_points(tmp_path: Path, slots: int) -> None:
    found = content(record(tmp_path / "a.mka", quiet(slots), quiet(min(slots, 1))))
    points = len(found["caller"])
    assert points == len(found["agent"]) <= MOST_POINTS
    assert found["length_ms"] == slots * 20
    assert found["step_ms"] % 20 == 0
    assert 0 <= points * found["step_ms"] - found["length_ms"] < found["step_ms"]
    assert not any(found["caller"])
