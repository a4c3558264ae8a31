from __future__ import annotations

import pytest

from convai.meeting.day import Day
from convai.meeting.polarity import Mark, between, sides
from tests.talks import clause


def names(marks: list[Mark]) -> list[str]:
    """Days of the month, and hours."""
    return [
        (f"{it.on:%d}" if it.on else "?") if isinstance(it, Day) else f"{it.hour}h"
        for it in marks
    ]


@pytest.mark.parametrize(
    ("text", "refused", "wanted"),
    [
        ("Thursday at three", [], ["26", "15h"]),
        ("Not Tuesday, Wednesday at ten", ["01"], ["02", "10h"]),
        ("not Thursday at three", ["26", "15h"], []),
        ("Thursday is bad", ["26"], []),
        ("Thursday is out, Friday works", ["26"], ["27"]),
        ("I can't do Thursday", ["26"], []),
        ("anything except Friday", ["27"], []),
        ("Friday instead of Thursday", ["26"], ["27"]),
        ("Thursday at three is no problem", [], ["26", "15h"]),
    ],
)
def test_the_words_around_decide(
    text: str, refused: list[str], wanted: list[str]
) -> None:
    no, yes = sides(clause(text), lambda mark: False)
    assert (names(no), names(yes)) == (refused, wanted)


def test_a_refusal_means_what_was_on_the_table() -> None:
    said = clause("no, Thursday at four")
    refused, wanted = sides(said, lambda mark: isinstance(mark, Day))
    assert "26" in names(refused)
    refused, wanted = sides(said, lambda mark: False)
    assert (names(refused), names(wanted)) == ([], ["26", "16h"])


def test_what_nobody_knows_is_on_neither_side() -> None:
    said = clause("it doesn't suit me as Thursday")
    refused, wanted = sides(said, lambda mark: False)
    assert names(refused) == names(wanted) == []


def test_between() -> None:
    said = clause("Monday or Tuesday at ten")
    monday, tuesday, ten = said.marks
    assert between(said, monday, tuesday) == " or "
    assert between(said, ten, tuesday) == " at "
    assert between(said, monday, ten) == "far away"
