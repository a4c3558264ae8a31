from __future__ import annotations

import json
from pathlib import Path

import pytest

from convai.desk.diary import MOST_BYTES, Diary, is_name
from convai.desk.entry import Entry
from tests.meetings import CALL, ID, OTHER, agreed, talk

ENTRY = Entry(meeting=agreed(), talk=talk(), phase="review")


def test_what_was_saved_is_there(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "new" / ".meetings")
    assert diary.names() == []
    diary.save(ENTRY)
    diary.save(ENTRY)
    assert diary.names() == [(CALL, ID)]
    assert diary.load(CALL, ID) == ENTRY
    assert diary.load(CALL, OTHER) is None
    (path,) = (tmp_path / "new" / ".meetings").iterdir()
    assert path.stat().st_mode & 0o077 == 0, "what people said is nobody else's"
    diary.forget(CALL, ID)
    diary.forget(CALL, ID)
    assert diary.names() == []


def test_half_a_pair_of_letters_can_be_kept(tmp_path: Path) -> None:
    diary = Diary(tmp_path)
    diary.save(Entry(meeting=agreed(topic="a\ud800b"), talk=talk(), phase="off"))
    found = diary.load(CALL, ID)
    assert found is not None and found.meeting.topic == "a?b"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b"\xff",
        b"x" * (MOST_BYTES + 1),
        json.dumps({**ENTRY.to_json(), "phase": "nonsense"}).encode(),
        json.dumps({**ENTRY.to_json(), "meeting": agreed(OTHER).to_json()}).encode(),
    ],
)
def test_what_cannot_be_read_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / f"{CALL}.{ID}.json"
    path.write_bytes(content)
    assert Diary(tmp_path).load(CALL, ID) is None
    assert path.read_bytes() == content


def test_strangers_files_are_none_of_ours(tmp_path: Path) -> None:
    for name in ("notes.txt", "x.json", f"{CALL}.{ID}.json.bak", ".hidden.json"):
        (tmp_path / name).write_text("{}")
    draft = tmp_path / f".{CALL}.{ID}.json.77.tmp"
    draft.write_text("torn")
    assert Diary(tmp_path).names() == []
    assert not draft.exists() and (tmp_path / "notes.txt").exists()


@pytest.mark.parametrize("name", ["", "..", "a/b", "a.b", "x" * 65, "a\0", "é", "a\n"])
def test_no_name_leads_elsewhere(tmp_path: Path, name: str) -> None:
    assert not is_name(name)
    for call, meeting in ((name, ID), (CALL, name)):
        with pytest.raises(ValueError):
            Diary(tmp_path).load(call, meeting)
