"""The digest: only what was said, and what the call was about."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from convai.mail.digest import LONGEST, MOST, digest
from convai.mail.spoken import tidy
from convai.turn import Turn
from tests.pension import TURNS


def turns(*texts: str) -> list[Turn]:
    """The caller begins."""
    return [
        Turn(("caller", "agent")[k % 2], text, 1000 * k, final=True)  # type: ignore[arg-type]
        for k, text in enumerate(texts)
    ]


def texts(*said: str, **more: Any) -> list[str]:
    return [it.text for it in digest(turns(*said), **more)]


def test_what_the_call_was_about() -> None:
    points = digest(TURNS)
    assert len(points) == MOST
    assert [it.at_ms for it in points] == sorted(it.at_ms for it in points)
    told = " ".join(it.text for it in points)
    assert "old fund" in told and "pension" in told
    assert "Thursday" not in told and "Hello" not in told


def test_no_words_no_points() -> None:
    assert digest([]) == []
    assert texts("", "Yes.", "Hello, how are you today?", "Thank you, good bye!") == []
    assert texts("Let's meet on Thursday at three o'clock.", "Great, talk then.") == []


def test_the_same_is_told_once() -> None:
    assert texts(
        "The heating in the cellar is broken.",
        "So your heating in the cellar is broken.",
        "Yes, the heating down in the cellar, it is broken.",
    ) == ["The heating in the cellar is broken."]


def test_a_question_weighs_less_than_a_statement() -> None:
    said = ("Does the roof leak near the chimney?", "The roof leaks near the window.")
    assert texts(*said, most=1) == ["The roof leaks near the window."]


def test_recognised_speech_without_stops_is_cut() -> None:
    (point,) = texts("the invoice for the roof is wrong " * 20)
    assert len(point) <= LONGEST and point.endswith("…")
    assert point.startswith("The invoice")


@given(st.lists(st.text(max_size=200), max_size=12), st.integers(0, 5))
def test_nothing_is_made_up(said: list[str], most: int) -> None:
    points = digest(turns(*said), most)
    assert len(points) <= most
    heard = " ".join(tidy(text) for text in said).lower()
    for point in points:
        assert len(point.text) <= LONGEST
        assert point.text[1:].removesuffix("…").rstrip().lower() in heard
