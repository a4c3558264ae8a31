from __future__ import annotations

from datetime import date

import pytest

from convai.local.occasion import Occasion

HERE = Occasion(today=date(2026, 11, 22), now="10:00", zone="Europe/Vienna")


def test_as_the_variables_say() -> None:
    said = {
        "today": "2026-12-01",
        "now": "23:59",
        "zone": "America/New_York",
        "caller_name": "  Ada\nLovelace ",
        "speaker": "Sarah",
        "company": "American Funds",
        "other": 5,
    }
    assert Occasion.of(said, HERE) == Occasion(
        today=date(2026, 12, 1),
        now="23:59",
        zone="America/New_York",
        caller="Ada Lovelace",
        speaker="Sarah",
        company="American Funds",
    )


@pytest.mark.parametrize("wrong", [None, 5, True, "", "25:00", "x" * 99, "../etc", []])
def test_what_is_wrong_is_taken_from_elsewhere(wrong: object) -> None:
    names = dict.fromkeys(("today", "now", "zone"), wrong)
    occasion = Occasion.of(names, HERE)
    assert (occasion.today, occasion.now) == (HERE.today, HERE.now)
    assert len(occasion.zone) <= 64 and " " not in occasion.zone


def test_the_time_of_here_says_nothing_about_another_day() -> None:
    assert Occasion.of({"today": "2026-11-23"}, HERE).now == ""


@pytest.mark.parametrize("end", ["9999-12-31", "0001-01-01"])
def test_an_end_of_the_calendar_is_no_day_of_a_call(end: str) -> None:
    """There is no tomorrow, or no yesterday."""
    assert Occasion.of({"today": end}, HERE).today == HERE.today


def test_a_name_has_an_end() -> None:
    assert len(Occasion.of({"caller_name": "a" * 500}, HERE).caller) == 60
