"""Tape: whole, cut off anywhere, damaged in the middle."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.opus import silence
from rtc.recording.matroska import Block
from rtc.render.tape import Tape, Unreadable
from tests.unit.rtc.render.tapes import SLOT, quiet, record, write


def numbered(slots: int) -> list[bytes]:
    """Packets that are told apart."""
    return [silence() + k.to_bytes(3, "big") for k in range(slots)]


def read(path: Path) -> list[Block]:
    with Tape(path) as tape:
        return [block for blocks in tape.clusters() for block in blocks]


def leg(blocks: list[Block], track: int) -> list[tuple[int, bytes]]:
    return [(at, packet) for at, number, packet in blocks if number == track]


@pytest.mark.parametrize("ended", [True, False])
def test_gives_back_what_was_written(tmp_path: Path, ended: bool) -> None:
    path = record(tmp_path / "a.mka", numbered(500), numbered(490), ended=ended)
    blocks = read(path)
    for track, slots in enumerate((500, 490)):
        expected = [(k * SLOT, packet) for k, packet in enumerate(numbered(slots))]
        assert leg(blocks, track) == expected
    with Tape(path) as tape:
        assert tape.lengths == [500 * SLOT, 490 * SLOT]
        assert tape.length == 500 * SLOT


def test_a_leg_that_ended_long_ago_has_its_length(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mka", numbered(5), numbered(2000))
    with Tape(path) as tape:
        assert tape.lengths == [5 * SLOT, 2000 * SLOT]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([120, 240, 480, 960]), max_size=60))
def test_positions_are_exact_though_the_file_has_milliseconds(
    tmp_path_factory: pytest.TempPathFactory, durations: list[int]
) -> None:
    blocks, at = [], 0
    for samples in durations:
        blocks.append((at, 0, silence(samples)))
        at += samples
    path = write(tmp_path_factory.mktemp("tape") / "a.mka", blocks)
    assert read(path) == blocks
    with Tape(path) as tape:
        assert tape.length == at


def test_cut_off_at_any_byte_it_gives_what_is_whole(tmp_path: Path) -> None:
    whole = record(tmp_path / "a.mka", numbered(60), numbered(60), ended=False)
    expected = read(whole)
    data = whole.read_bytes()
    torn = tmp_path / "torn.mka"
    before = 0
    for size in range(200, len(data), 7):
        torn.write_bytes(data[:size])
        try:
            found = read(torn)
        except Unreadable:
            assert size < 400
            continue
        assert found == expected[: len(found)]
        assert len(found) >= before
        before = len(found)
    assert before == len(expected) - 1


def test_zeros_after_a_power_cut_are_nothing(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mka", numbered(60), numbered(60), ended=False)
    expected = read(path)
    with path.open("ab") as file:
        file.write(bytes(200_000))
    assert read(path) == expected


def test_damage_in_the_middle_costs_what_is_damaged(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mka", numbered(1000), numbered(1000))
    expected = read(path)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 300] = random.Random(1).randbytes(300)
    path.write_bytes(data)
    found = read(path)
    assert len(found) > len(expected) - 150
    good = set(expected)
    assert sum(block not in good for block in found) < 40
    assert found[-1] == expected[-1]


@pytest.mark.parametrize(
    ("offset", "damage"),
    [
        (4, b"\x10\x01\x00\x00"),  # a size that reaches over many others
        (4, b"\x10\x00\x00\x20"),  # one that ends in its midst
        (8, b"\xe7\x40\xc8"),  # a time of 200 bytes
        (10, b"\x7f"),  # a time in 24 days
        (9, b"\x81\x00"),  # a time long ago, in a byte
    ],
)
@pytest.mark.parametrize("which", [0, 20])
def test_a_damaged_head_costs_one_cluster(
    tmp_path: Path, offset: int, damage: bytes, which: int
) -> None:
    path = record(tmp_path / "a.mka", numbered(1000), numbered(1000))
    data = path.read_bytes()
    at = [it.start() for it in re.finditer(b"\x1f\x43\xb6\x75", data)][which]
    begin = at + offset
    path.write_bytes(data[:begin] + damage + data[begin + len(damage) :])
    found = read(path)
    for track in range(2):
        packets = leg(found, track)
        assert len(packets) >= 980
        assert packets == sorted(packets)
        expected = [(k * SLOT, packet) for k, packet in enumerate(numbered(1000))]
        assert set(packets) <= set(expected)
    with Tape(path) as tape:
        assert tape.length == 1000 * SLOT


@pytest.mark.parametrize("data", [b"", b"RIFF" + bytes(100), b"\x1a\x45\xdf\xa3\x84"])
def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.mka"
    path.write_bytes(data)
    with pytest.raises(Unreadable):
        Tape(path)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_is_too_much(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Only `Unreadable`, whatever bytes are changed; and what is found is bounded."""
    path = tmp_path_factory.mktemp("tape") / "a.mka"
    record(path, quiet(50), quiet(50))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.integers(0, 255)
        )
    path.write_bytes(content)
    try:
        blocks = read(path)
    except Unreadable:
        return
    assert len(blocks) <= len(content) // 5
