from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from convai.local.booking import Booking, Step, Wanted, remark_in
from convai.local.occasion import Occasion

SUNDAY = Occasion(
    today=date(2026, 11, 22), now="10:00", zone="Europe/Vienna", caller="Nat"
)


def agree(*turns: str) -> tuple[Step, Booking]:
    step, booking = Booking(SUNDAY).begin("a meeting")
    for turn in turns:
        step, booking = booking.hear(turn)
    return step, booking


@pytest.mark.parametrize(
    ("turns", "step"),
    [
        ((), Step.WHICH_DAY),
        (("thursday",), Step.WHICH_TIME),
        (("at three",), Step.AND_DAY),
        (("thursday at three",), Step.PROPOSED),
        (("thursday", "half past two"), Step.PROPOSED),
        (("whenever",), Step.WHICH_TIME),
        (("thursday", "in the morning"), Step.SUGGESTED),
        (("thursday", "when are you free"), Step.SUGGESTED),
        (("next week",), Step.WHICH_DAY),
        (("today", "at nine"), Step.PAST),
        (("today", "at eleven"), Step.PROPOSED),
        (("february 30th",), Step.PAST),
        (("2026-11-20",), Step.PAST),
        (("2026-11-20 at three", "friday"), Step.PROPOSED),
        (("2026-11-20 at three", "at four"), Step.AND_DAY),
        (("thursday", "not thursday"), Step.ANOTHER_DAY),
        (("thursday", "at three", "no"), Step.CHANGE),
        (("thursday", "at three", "another day"), Step.ANOTHER_DAY),
        (("thursday", "at three", "another time"), Step.ANOTHER_TIME),
        (("thursday", "at three", "no, wednesday at ten"), Step.PROPOSED),
        (("thursday", "at three", "yes"), Step.AGREED),
        (("thursday", "at three", "november 26th at three"), Step.AGREED),
        (("thursday", "at three", "the sea"), Step.MISSED),
        (("never mind",), Step.CANCELLED),
        (("the sea", "the sea"), Step.MISSED),
        (("the sea", "the sea", "the sea"), Step.GIVEN_UP),
    ],
)
def test_what_comes_next(turns: tuple[str, ...], step: Step) -> None:
    assert agree(*turns)[0] is step


def test_a_bare_weekday_after_next_week_is_of_that_week() -> None:
    wednesday = replace(SUNDAY, today=date(2026, 11, 25))
    _, booking = Booking(wednesday).begin("maybe next week")
    _, booking = booking.hear("friday at ten")
    assert booking.date == date(2026, 12, 4)
    _, named = booking.hear("no, the 27th")
    assert named.date == date(2026, 11, 27)


def test_what_the_client_is_asked_for() -> None:
    _, booking = agree("thursday at three")
    assert booking.when == "Thursday, November 26th at 3 PM"
    request = booking.request("ETF solutions")
    assert request.name == "book_meeting"
    assert request.parameters == {
        "date": "2026-11-26",
        "time": "15:00",
        "zone": "Europe/Vienna",
        "duration_min": 30,
        "attendee": "Nat",
        "topic": "ETF solutions",
    }
    nowhere = replace(booking, occasion=Occasion(today=SUNDAY.today))
    assert {"zone", "attendee"}.isdisjoint(nowhere.request("x").parameters)


def test_what_moves_an_agreed_meeting() -> None:
    _, booking = agree("thursday at three", "yes")
    assert booking.wanted is Wanted.ASKED and booking.grammar == ()
    assert booking.moved_by("can we make it friday")
    assert not booking.moved_by("see you thursday at three")


def test_a_proposal_of_somebody_else_keeps_the_day_as_it_was_said() -> None:
    _, booking = agree("thursday")
    same = booking.proposed("november 26th", "15:00")
    assert (same.day, same.wanted) == ("thursday", Wanted.CONFIRM)
    assert booking.proposed("friday", "15:00").day == "friday"


@pytest.mark.parametrize(
    ("result", "remark"),
    [
        ("The number is twelve.", "The number is twelve."),
        ("Booked: Thursday 26 November 2026, 15:00 to 15:30 UTC.", ""),
        ("ok", ""),
        ('{"ok": true}', ""),
    ],
)
def test_remarks(result: str, remark: str) -> None:
    assert remark_in(result) == remark
