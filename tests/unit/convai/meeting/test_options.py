from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from convai.meeting.hour import Hour
from convai.meeting.options import Option, options, same
from tests.talks import clause

MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)
TEN, TWO = Hour(0, 1, 10), Hour(0, 1, 14)


def offered(text: str) -> list[str]:
    said = clause(text)
    return [
        f"{it.day.day if it.day else '-'}/{it.hour.hour if it.hour else '-'}"
        for it in options(said, said.marks, lambda hour: hour)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Monday at ten", ["30/10"]),
        ("at ten on Monday", ["30/10"]),
        ("Monday", ["30/-"]),
        ("at ten", ["-/10"]),
        ("perfect", []),
        ("Monday at ten or Tuesday at two", ["30/10", "1/14"]),
        ("at ten on Monday or at two on Tuesday", ["30/10", "1/14"]),
        ("Monday or Tuesday at ten", ["30/10", "1/10"]),
        ("at ten on Monday or Tuesday", ["30/10", "1/10"]),
        ("Monday at ten or at two", ["30/10", "30/14"]),
        ("at ten on Monday, at one on Tuesday", ["30/10", "1/13"]),
        ("at ten or at two on Monday", ["30/10", "30/14"]),
        ("Monday at ten, yes, Monday at ten", ["30/10"]),
        ("Monday at three, no, make that four", ["30/16"]),
        ("next week", []),
    ],
)
def test_options(text: str, found: list[str]) -> None:
    assert offered(text) == found


def test_times_are_turned_to_the_clocks_here() -> None:
    said = clause("Monday at ten")
    (found,) = options(said, said.marks, lambda hour: replace(hour, hour=11))
    assert found.hour is not None and found.hour.hour == 11


def test_the_same_whatever_words_it_had() -> None:
    assert same(None, None) and not same(TEN, None) and not same(TEN, TWO)
    assert same(TEN, Hour(5, 9, 10, sure=True))
    assert Option(MONDAY, TEN).same(Option(MONDAY, Hour(5, 9, 10)))
    assert not Option(MONDAY, TEN).same(Option(MONDAY))


def test_what_may_be_meant() -> None:
    one = Option(MONDAY, TEN)
    for named in (Option(MONDAY), Option(hour=TEN), Option(), one):
        assert one.fits(named)
    for named in (Option(TUESDAY), Option(hour=TWO), Option(MONDAY, TWO)):
        assert not one.fits(named)
    assert Option(MONDAY).fits(Option(hour=TWO)), "the time is open"
