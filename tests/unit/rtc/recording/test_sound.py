"""Sound: the file as it grows, and when the disk refuses it."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import av
import pytest

from rtc.opus import silence
from rtc.recording.files import AUDIO
from rtc.recording.leg import Leg, Piece
from rtc.recording.sound import PAUSED, Sound, chapters

SLOT = 960


def sound(folder: Path) -> Sound:
    return Sound(folder, (Leg(), Leg()))


def said(begin: int, end: int) -> list[Piece]:
    return [(silence() + b"." + bytes((k % 256,)), k * SLOT) for k in range(begin, end)]


def tracks(path: Path) -> list[list[bytes]]:
    found: list[list[bytes]] = [[], []]
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.pts is not None:
                found[packet.stream.index].append(bytes(packet))
    return found


def test_all_that_was_written_is_on_the_disk_at_once(tmp_path: Path) -> None:
    it, path = sound(tmp_path / "call"), tmp_path / "call" / AUDIO
    it.write((said(0, 25), said(0, 20)), 0, ())
    assert [len(track) for track in tracks(path)] == [25, 20]
    it.write((said(25, 50), said(20, 50)), None, ())
    assert [len(track) for track in tracks(path)] == [50, 50]
    it.close((), fsync=False)
    expected = [payload for payload, _ in said(0, 50)]
    assert tracks(path) == [expected, expected]


def test_both_legs_lie_side_by_side_in_the_file(tmp_path: Path) -> None:
    it = sound(tmp_path)
    it.write((said(0, 30), said(0, 30)), None, ())
    it.close((), fsync=False)
    with av.open(str(tmp_path / AUDIO)) as container:
        legs = [packet.stream.index for packet in container.demux() if packet.size]
    assert legs == [0, 1] * 30


def test_what_a_full_disk_refused_is_not_in_the_index_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be room for the little that is written at the end."""
    it, other = sound(tmp_path / "a"), sound(tmp_path / "b")
    for one in (it, other):
        one.write((said(0, 100), said(0, 100)), None, ())
    append = it._file.append

    def refuse(whole: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(it._file, "append", refuse)
    with pytest.raises(OSError, match="No space left"):
        it.write((said(100, 200), said(100, 200)), None, ())
    monkeypatch.setattr(it._file, "append", append)
    for one in (it, other):
        one.close((), fsync=False)
    first, second = ((tmp_path / name / AUDIO).read_bytes() for name in "ab")
    assert first == second


def test_what_nobody_could_open_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = sound(tmp_path)

    def refuse(whole: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(it._file, "append", refuse)
    with pytest.raises(OSError, match="No space left"):
        it.close((), fsync=False)
    assert not (tmp_path / AUDIO).exists()


def test_a_file_that_never_got_a_packet_is_not_left_behind_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head found room, and so would the end: for what is between there was none."""
    it = sound(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(it._file, "append", Mock(side_effect=OSError(28, "No space")))
        with pytest.raises(OSError, match="No space"):
            it.write((said(0, 20), said(0, 20)), None, ())
    it.close((), fsync=False)
    assert not (tmp_path / AUDIO).exists()


def test_both_legs_end_together(tmp_path: Path) -> None:
    it = sound(tmp_path)
    it.write((said(0, 10), said(0, 30)), 0, ())
    it.close((), fsync=True)
    assert [len(track) for track in tracks(tmp_path / AUDIO)] == [30, 30]


def test_pauses_are_chapters_within_the_file() -> None:
    pauses = [(10, 20), (30, 90), (50, None), (70, None)]
    assert chapters(pauses, 60) == [
        (10, 20, PAUSED),
        (30, 60, PAUSED),
        (50, 60, PAUSED),
    ]
