"""Cache: what goes, and in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rtc.render.cache import Cache, tag

TAG = "0123456789abcdef"


def put(folder: Path, name: str, size: int, age: int) -> Path:
    path = folder / name
    path.write_bytes(bytes(size))
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def test_the_oldest_goes_first_and_others_stay(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    old, new = (
        put(tmp_path, f"{c}.both.{TAG}.mp3", 400, a) for c, a in (("a", 9), ("b", 1))
    )
    strange = put(tmp_path, "a.recording.mka", 5000, 99)
    part = put(tmp_path, f"c.mix.{TAG}.wav.part", 100, 50)
    cache.make_room(100)
    assert old.exists()
    cache.make_room(101)
    assert not old.exists()
    assert new.exists()
    assert cache.evicted == 1
    cache.make_room(5000)
    assert not new.exists() and strange.exists() and part.exists()
    assert cache.evicted == 2


def test_what_was_asked_for_is_young_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    one, two = (
        put(tmp_path, f"{c}.both.{TAG}.mp3", 400, a) for c, a in (("a", 9), ("b", 1))
    )
    assert cache.find(one) == 400
    assert cache.find(tmp_path / "none") is None
    cache.make_room(500)
    assert one.exists()
    assert not two.exists()


def test_of_a_call_that_is_dropped_nothing_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    for name in ("a.both", "a.peaks", "ab.both"):
        put(tmp_path, f"{name}.{TAG}.json", 1, 1)
    cache.drop("a")
    assert [path.name for path in tmp_path.iterdir()] == [f"ab.both.{TAG}.json"]


def test_the_older_of_the_same_goes(tmp_path: Path) -> None:
    other = "f" * 16
    names = [f"a.both.{TAG}.mp3", f"a.both.{other}.mp3", f"a.mix.{other}.mp3"]
    new, old, mix = (put(tmp_path, name, 1, 1) for name in names)
    Cache(tmp_path, 1000).outdate(new)
    assert new.exists() and mix.exists() and not old.exists()


@pytest.mark.parametrize("change", ["size", "time"])
def test_the_tag_follows_the_recording(tmp_path: Path, change: str) -> None:
    path = put(tmp_path, "recording.mka", 10, 10)
    before = tag(path, "mp3", "both")
    assert before == tag(path, "mp3", "both")
    assert before != tag(path, "mp3", "mix")
    put(tmp_path, "recording.mka", 10 + (change == "size"), 10 + (change == "time"))
    assert before[1] != tag(path, "mp3", "both")[1]
    assert len(before[1]) == 16


def test_a_cache_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        Cache(tmp_path / "file" / "cache", 1).open()
