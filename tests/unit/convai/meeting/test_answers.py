"""Answers: what a yes or a no does to what lies on the table."""

from __future__ import annotations

import pytest

from tests.talks import negotiated

OFFER = "a: How about Thursday at three?"
SEVERAL = "a: We have Tuesday at ten, Tuesday at two or Wednesday at nine."


@pytest.mark.parametrize(
    "answer",
    ["Yes.", "Perfect.", "That works.", "See you then.", "Sure, no problem.", "k"],
)
def test_a_yes(answer: str) -> None:
    assert negotiated(f"{OFFER}|c: {answer}").agreed


@pytest.mark.parametrize(
    "answer",
    ["Thanks.", "Goodbye.", "Maybe.", "Hm.", "Sorry, what?", "Not really.", "Why?"],
)
def test_no_yes(answer: str) -> None:
    assert not negotiated(f"{OFFER}|c: {answer}").agreed


def test_nobody_agrees_with_oneself() -> None:
    assert not negotiated(f"{OFFER}|a: Perfect.").agreed
    assert not negotiated("c: How about Thursday at three?|c: Great.").agreed


def test_a_yes_to_another_question() -> None:
    assert not negotiated(f"{OFFER}|a: Are you still living in Graz?|c: Yes.").agreed


def test_a_yes_comes_too_late() -> None:
    chat = "|c: The weather is bad here.|a: It rains here, too." * 4
    assert not negotiated(f"{OFFER}{chat}|c: Yes.").agreed


def test_who_asks_back_may_still_agree() -> None:
    talk = f"{OFFER}|c: Is that by phone?|a: Yes, by phone.|c: Perfect."
    assert negotiated(talk).agreed


@pytest.mark.parametrize("answer", ["No.", "I can't.", "That doesn't suit me."])
def test_a_no(answer: str) -> None:
    talk = negotiated(f"{OFFER}|c: {answer}|a: I see.")
    assert not talk.agreed and "caller" not in talk.day_by | talk.hour_by


def test_a_no_to_the_day_leaves_the_time() -> None:
    talk = negotiated(f"{OFFER}|c: Thursday is bad.")
    assert talk.day is None and talk.hour is not None


def test_who_thinks_it_over() -> None:
    talk = negotiated(f"{OFFER}|c: I'll have to check and let you know.")
    assert talk.mood.held == {"caller"} and not talk.agreed
    talk = negotiated(f"{OFFER}|c: I'll let you know.|a: Ok.|c: Yes, book it.")
    assert not talk.mood.held


def test_cancelled() -> None:
    talk = negotiated(f"{OFFER}|c: Perfect.|c: Sorry, I have to cancel that.")
    assert talk.mood.dropped and talk.day is None and talk.hour is None
    assert len(talk.memory.dead) == 1
    again = negotiated(
        f"{OFFER}|c: Perfect.|c: Sorry, I have to cancel that."
        "|a: Thursday at three is cancelled.|c: Great."
    )
    assert not again.agreed


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("The first one.", "12-01 10"),
        ("The last one.", "12-02 9"),
        ("The earlier one.", "12-01 10"),
        ("The later one.", "12-02 9"),
        ("Wednesday.", "12-02 9"),
        ("The one at two.", "12-01 14"),
    ],
)
def test_one_of_several(answer: str, found: str) -> None:
    talk = negotiated(f"{SEVERAL}|c: {answer}")
    assert talk.agreed and talk.day is not None and talk.hour is not None
    assert f"{talk.day:%m-%d} {talk.hour.hour}" == found


def test_a_yes_to_several_takes_none() -> None:
    assert not negotiated(f"{SEVERAL}|c: Great.").agreed
