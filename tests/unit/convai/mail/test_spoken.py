"""Words of a call, fit to be quoted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convai.mail.spoken import clipped, clock, heading, tidy


def test_a_clock() -> None:
    assert [clock(ms) for ms in (0, 65_999, 3_725_000, -5, None)] == [
        "0:00",
        "1:05",
        "1:02:05",
        "0:00",
        "",
    ]


def test_nothing_invisible_is_left() -> None:
    assert tidy(" a\r\n\tb\0\u202ec\u2028d\udc80e\u200b ") == "a b c d e"
    assert tidy("Zoë 🎉") == "Zoë 🎉"


def test_cut_between_words() -> None:
    assert clipped("short", 10) == "short"
    assert clipped("one two three four", 14) == "one two three…"
    assert clipped("one two, three", 10) == "one two…"
    assert clipped("x" * 30, 10) == "x" * 9 + "…"
    assert clipped("a " + "x" * 30, 10) == "a " + "x" * 7 + "…"


def test_nothing_in_a_heading_is_decoded() -> None:
    assert heading("=?utf-8?q?=0D=0ABcc: x?= ", 80) == "= ?utf-8?q?=0D=0ABcc: x?="
    assert heading("one\r\ntwo three", 10) == "one two…"


@given(st.text(), st.integers(2, 40))
def test_never_longer(text: str, most: int) -> None:
    assert len(clipped(text, most)) <= most
    assert tidy(text) == tidy(tidy(text))
