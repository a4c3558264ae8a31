"""Recording: the files of a call as they grow, and when the disk refuses them."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest

from rtc.opus import silence
from rtc.recording.files import AUDIO, EVENTS, META, Recording
from rtc.recording.leg import Piece

SLOT = 960


def said(begin: int, end: int) -> list[Piece]:
    return [(silence() + bytes((k % 256,)), k * SLOT) for k in range(begin, end)]


def tracks(path: Path) -> list[list[bytes]]:
    found: list[list[bytes]] = [[], []]
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.pts is not None:
                found[packet.stream.index].append(bytes(packet))
    return found


def test_all_that_was_written_is_on_the_disk_at_once(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call")
    recording.write((said(0, 25), said(0, 20)))
    recording.note(['{"type":"x"}'])
    sound, events = (tmp_path / "call" / name for name in (AUDIO, EVENTS))
    assert [len(track) for track in tracks(sound)] == [25, 20]
    assert events.read_text() == '{"type":"x"}\n'
    recording.write((said(25, 50), said(20, 50)))
    assert [len(track) for track in tracks(sound)] == [50, 50]
    recording.close()
    expected = [payload for payload, _ in said(0, 50)]
    assert tracks(sound) == [expected, expected]


def test_both_legs_lie_side_by_side_in_the_file(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.write((said(0, 30), said(0, 30)))
    recording.close()
    with av.open(str(tmp_path / AUDIO)) as container:
        legs = [packet.stream.index for packet in container.demux() if packet.size]
    assert legs == [0, 1] * 30


def test_a_disk_that_is_full_leaves_no_half_of_a_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = Recording(tmp_path)
    recording.write((said(0, 50), said(0, 50)))
    size = (tmp_path / AUDIO).stat().st_size
    audio = recording._audio

    class Full:
        """Takes a few bytes more, then nothing."""

        def __init__(self) -> None:
            self.room = 100

        def write(self, data: memoryview) -> int:
            if not self.room:
                raise OSError(28, "No space left on device")
            count = audio.write(data[: self.room])
            self.room -= count
            return count

        def __getattr__(self, name: str) -> object:
            return getattr(audio, name)

    monkeypatch.setattr(recording, "_audio", Full())
    with pytest.raises(OSError, match="No space left"):
        recording.write((said(50, 100), said(50, 100)))
    assert (tmp_path / AUDIO).stat().st_size == size
    with pytest.raises(OSError, match="No space left"):
        recording.close()
    assert audio.closed
    assert [len(track) for track in tracks(tmp_path / AUDIO)] == [50, 50]


def test_what_a_full_disk_refused_is_not_in_the_index_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be room for the little that is written at the end."""
    recording, other = Recording(tmp_path / "a"), Recording(tmp_path / "b")
    for one in (recording, other):
        one.write((said(0, 100), said(0, 100)))
    write = recording._append

    def refuse(whole: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recording, "_append", refuse)
    with pytest.raises(OSError, match="No space left"):
        recording.write((said(100, 200), said(100, 200)))
    monkeypatch.setattr(recording, "_append", write)
    for one in (recording, other):
        one.close()
    first, second = ((tmp_path / name / AUDIO).read_bytes() for name in "ab")
    assert first == second


def test_a_json_file_is_whole_and_replaced_whole(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    for length in (1000, 1):
        recording.save(META, {"text": "ä" * length})
        assert json.loads((tmp_path / META).read_text()) == {"text": "ä" * length}
    assert not list(tmp_path.glob("*.tmp"))
    recording.write((said(0, 1), said(0, 1)))
    recording.close()
