"""Negotiation: whole talks, and what is kept of them."""

from __future__ import annotations

import pytest

from tests.talks import negotiated

AGREED = "a: How about Thursday at three?|c: Perfect."


def test_the_turns_in_which_it_was_said() -> None:
    talk = f"a: Hello.|c: Hello.|{AGREED}|a: Fine weather today.|c: Goodbye."
    assert negotiated(talk).evidence == [3, 4]


def test_a_test_is_no_meeting() -> None:
    assert not negotiated(f"a: This is only a test call.|{AGREED}").agreed


def test_numbers_that_were_asked_for_are_no_times() -> None:
    talk = negotiated("a: What is your date of birth?|c: The third of May at 3.")
    assert talk.day is None and talk.hour is None


def test_the_time_is_left_open() -> None:
    talk = negotiated(f"{AGREED}|a: I'll let you know the exact time.")
    assert talk.hour is None and not talk.agreed


def test_a_cancellation_of_something_else_is_none() -> None:
    assert not negotiated(f"{AGREED}|a: Shall I cancel that?").mood.dropped


def test_who_is_busy_then_refuses() -> None:
    talk = negotiated("a: How about Thursday at three?|c: I'm in a meeting at three.")
    assert not talk.agreed and talk.hour is None


def test_what_is_only_told_is_no_offer() -> None:
    talk = negotiated("c: When does the shop close?|a: At six on Thursday.|c: Great.")
    assert not talk.agreed


@pytest.mark.parametrize(
    ("more", "hour"),
    [
        # One names another time as if it had been agreed on: a slip.
        ("a: So I'll see you Thursday at four.", 15),
        # The other says so, too: that is what they mean.
        ("a: So I'll see you Thursday at four.|c: Yes, Thursday at four.", 16),
    ],
)
def test_another_time_after_the_agreement(more: str, hour: int) -> None:
    talk = negotiated(f"{AGREED}|{more}")
    assert talk.hour is not None and talk.hour.hour == hour
    assert talk.agreed


def test_it_remembers_what_was_agreed_on() -> None:
    talk = negotiated(f"{AGREED}|c: Could we make it Friday?")
    assert talk.memory.agreed is not None and talk.memory.agreed.day != talk.day
    assert talk.hour is not None, "on another day, the same time"
