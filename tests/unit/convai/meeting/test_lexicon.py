"""Lexicon: how its files are read, and that ours can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from re import Pattern

import pytest

from convai.meeting import lexicon as module
from convai.meeting.lexicon import lexicon

FILES = sorted(Path(module.__file__).parent.glob("*.txt"))

Read = Callable[[str], Mapping[str, Pattern[str]]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads a text as if it were a file beside the code."""
    monkeypatch.setattr(module, "__file__", str(tmp_path / "lexicon.py"))

    def of(text: str) -> Mapping[str, Pattern[str]]:
        (tmp_path / "made_up.txt").write_text(text, encoding="utf-8")
        return lexicon.__wrapped__("made_up")

    return of


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_ours_can_be_read(path: Path) -> None:
    sections = lexicon(path.stem)
    assert sections
    assert all(pattern.pattern for pattern in sections.values())


def test_there_are_some() -> None:
    assert "hours" in [path.stem for path in FILES]


def test_a_file_is_read_once() -> None:
    assert lexicon("hours") is lexicon("hours")


def test_a_section_matches_what_any_of_its_paragraphs_does(read: Read) -> None:
    found = read("# why\n[YES]\n\nyes\n\nsure\n\n[NO]\nno\n")
    assert set(found) == {"YES", "NO"}
    assert found["YES"].fullmatch("yes") and found["YES"].fullmatch("sure")
    assert not found["YES"].search("no") and found["NO"].fullmatch("no")
    assert not found["YES"].search("why")


def test_an_indented_line_goes_on_with_the_one_above(read: Read) -> None:
    found = read("[YES]\nyes\n    |of course\n    | absolutely\nsure\n")
    assert found["YES"].pattern == "yes|of course| absolutely|sure"


def test_a_section_may_come_again(read: Read) -> None:
    assert read("[A]\na\n[B]\nb\n[A]\nc\n")["A"].pattern == "a|c"


def test_parts_stand_for_what_they_say(read: Read) -> None:
    found = read("[A]\n<DAY> at\n[parts]\nW =(?:mon|tues)\nDAY =<W>day\n")
    assert set(found) == {"A"}
    assert found["A"].fullmatch("tuesday at")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[A]\n<NOBODY>\n", KeyError),
        ("[parts]\nno definition\n", AssertionError),
        ("[A]\n(open\n", Exception),
    ],
)
def test_mistakes_are_noticed(read: Read, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(text)
