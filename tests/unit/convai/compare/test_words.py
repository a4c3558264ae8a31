"""Word error rates, and the one spelling of texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.compare.words import compared, spelled


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Let's meet at 3:30 p.m.!", "let's meet at three thirty pm"),
        ("at 3:00", "at three"),
        ("at 9:05", "at nine oh five"),
        ("on the 26th", "on the twenty sixth"),
        ("the 1st, 2nd, 3rd and 12th", "the first second third and twelfth"),
        ("the 20th", "the twentieth"),
        ("5% of $1,250,000", "five percent of one million two hundred fifty thousand "
         "dollars"),
        ("3.14", "three point fourteen"),
        ("007", "zero zero seven"),
        ("well-known “words” — okay?", "well known words ok"),
        ("don’t 'quote' me", "don't quote me"),
        ("0", "zero"),
        ("110", "one hundred ten"),
    ],
)  # fmt: skip
def test_spelling(written: str, spoken: str) -> None:
    assert spelled(written) == spoken


@given(st.text())
def test_spelling_twice_changes_nothing(text: str) -> None:
    assert spelled(spelled(text)) == spelled(text)


def test_errors_are_counted_by_kind() -> None:
    figures = compared("What is Parley?", "what was")
    assert (figures["errors"], figures["words"]) == (2, 3)
    assert figures["wer"] == round(2 / 3, 4)
    kinds = (figures["substitutions"], figures["deletions"], figures["insertions"])
    assert kinds == (1, 1, 0)
    assert [piece[0] for piece in figures["aligned"]] == [
        "equal",
        "substitute",
        "delete",
    ]


def test_the_same_in_another_spelling_has_no_errors() -> None:
    assert compared("At 2:30, please.", "at two thirty please")["wer"] == 0


def test_nothing_heard_is_all_wrong_and_a_script_without_words_has_no_rate() -> None:
    assert compared("Hello there", "")["wer"] == 1
    assert compared("?!", "hello")["wer"] is None
