"""Parcels, and words of carriers that name nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.post.parcel import LONGEST_WHY, Later, Never, Parcel, Partly, plain


def test_an_id_is_the_name_of_a_file() -> None:
    for name in ("a", "0123-abc", "x" * 80):
        Parcel(name, "mail", "c", "m", b"")
    for name in ("", "A", "a.b", "../a", "a/b", "a\n", "x" * 81, "ä"):
        with pytest.raises(ValueError, match="id of a parcel"):
            Parcel(name, "mail", "c", "m", b"")


def test_there_is_a_bound() -> None:
    with pytest.raises(ValueError, match="bytes"):
        Parcel("a", "mail", "c", "m", bytes(10_000_001))


def test_a_parcel_shows_neither_words_nor_addresses() -> None:
    shown = repr(Parcel("a", "mail", "c", "m", b"words", "me@b.example", ("x@y.z",)))
    assert "words" not in shown and "@" not in shown


def test_reasons_hold_no_addresses() -> None:
    text = "550 <ann@example.com>: no such user ann@example.com,\r\n bob@x.example"
    assert plain(text) == "550 <…>: no such user …, …"
    for verdict in (Later(text), Never(text), Partly(text)):
        assert "@" not in str(verdict)
    assert "@" not in Later("x", refused=text).refused


@given(st.text())
def test_a_reason_is_a_short_line(text: str) -> None:
    line = plain(text)
    assert len(line) <= LONGEST_WHY and line.isprintable()
