"""Words: the same for who spoke and who searches, and harmless in any query."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.archive.words import MARK, MOST_BYTES, MOST_LETTERS, split, tag, tags, wanted

TEXT = st.text(max_size=80)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, hello! HELLO", ["hello"]),
        ("don't", ["don", "t"]),
        ("Crème brûlée", ["creme", "brulee"]),
        ("STRASSE straße", ["strasse"]),
        ("Ωμέγα ΣΊΣΥΦΟΣ", ["ωμεγα", "σισυφοσ"]),
        ("İstanbul ﬁx ２０２６", ["istanbul", "fix", "2026"]),
        ("snake_case a.b@c.de 3,50", ["snake", "case", "a", "b", "c", "de", "3", "50"]),
        ("会議は明日", ["会", "議", "は", "明", "日"]),
        ("हिन्दी", ["हनद"]),
        ("😀 👍🏽 — … \"'*", []),
        ("\0\ud800x\n", ["x"]),
        ("", []),
    ],
)
def test_text_is_cut_into_words(text: str, words: list[str]) -> None:
    assert split(text) == words
    assert wanted(text) == words


@settings(deadline=None)
@given(TEXT)
def test_a_word_is_letters_and_digits_and_stays_as_it_is(text: str) -> None:
    for word in split(text):
        assert not set(word) & {*string.punctuation, *string.whitespace, "\0", MARK}
        assert split(word) == [word]


@settings(deadline=None)
@given(TEXT, TEXT)
def test_what_was_said_is_found_by_any_part_of_it(before: str, after: str) -> None:
    assert set(wanted(after)) <= set(split(f"{before}\n{after}"))


@settings(deadline=None)
@given(TEXT)
def test_case_makes_no_difference(text: str) -> None:
    # Letters like ŉ have no capital of their own: what upper() makes of them is two.
    assert split(text.casefold().upper().casefold()) == split(text.casefold())


def test_of_words_wanted_the_last_one_is_last() -> None:
    assert wanted("the cat the c the") == ["cat", "c", "the"]
    assert wanted(None) == []
    many = wanted(" ".join(f"w{n}" for n in range(100)))
    assert len(many) == 32 and many[-1] == "w99"


def test_endless_words_and_endless_texts_are_bounded() -> None:
    assert split("x" * 1000) == ["x" * MOST_LETTERS]
    words = split(" ".join(f"w{n:030}" for n in range(100_000)))
    assert len(words) == MOST_BYTES // 31
    assert split("ﷺ" * 40_000)[:2] == ["صلى", "الله"]


def test_a_tag_is_no_word() -> None:
    assert tag("agent", "x") != tag("profile", "x")
    assert tag("agent", "x").startswith(MARK)
    assert split(tag("agent", "x")) == split(tag("agent", "x").removeprefix(MARK))
    assert tags({"agent": "x", "profile": None, "turns": 3}) == [tag("agent", "x")]
    assert tag("agent", "\ud800")
