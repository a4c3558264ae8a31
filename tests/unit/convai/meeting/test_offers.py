"""Offers: what lies on the table after something was named, and who stands by it."""

from __future__ import annotations

import pytest

from convai.meeting.negotiation import Negotiation
from convai.meeting.offers import offers
from tests.talks import clause, negotiated


def lies(talk: Negotiation) -> str:
    day = f"{talk.day:%m-%d}" if talk.day else "-"
    hour = f"{talk.hour.hour}:{talk.hour.minute:02}" if talk.hour else "-"
    return f"{day} {hour}"


def by(talk: Negotiation) -> tuple[list[str], list[str]]:
    return sorted(talk.day_by), sorted(talk.hour_by)


def test_who_proposes_stands_by_it() -> None:
    talk = negotiated("a: How about Thursday at three?")
    assert lies(talk) == "11-26 15:00"
    assert by(talk) == (["agent"], ["agent"])
    assert not talk.agreed


def test_who_only_asks_does_not() -> None:
    talk = negotiated("c: Is Thursday at three free?")
    assert by(talk) == ([], []) or not talk.agreed
    assert not negotiated("a: Thursday at three.|c: Thursday at three?").agreed


def test_who_repeats_it_stands_by_it() -> None:
    assert negotiated("a: Shall we say Thursday at three?|c: Thursday at three.").agreed


@pytest.mark.parametrize(
    ("talk", "found"),
    [
        ("a: Thursday at three?|c: At four.", "11-26 16:00"),
        ("a: Thursday at three?|c: Friday would be better.", "11-27 15:00"),
        ("a: Thursday at three?|c: An hour later please.", "11-26 16:00"),
        ("a: Thursday at three?|c: Make it half past.", "11-26 15:30"),
        ("a: Thursday at three?|c: Quarter to.", "11-26 14:45"),
        ("a: Thursday?|c: Ok.|a: Ten?", "11-26 10:00"),
        ("a: Thursday between two and three?", "11-26 -"),
        ("a: Thursday at three?|c: Ok.|a: Friday, same time?", "11-27 15:00"),
    ],
)  # fmt: skip
def test_what_lies_on_the_table(talk: str, found: str) -> None:
    assert lies(negotiated(talk)) == found


def test_several_until_one_is_taken() -> None:
    talk = negotiated("a: We have Tuesday at ten or Wednesday at two.")
    assert len(talk.options) == 2 and talk.offered_by == "agent"
    assert lies(talk) == "- -"
    talk = negotiated("a: We have Tuesday at ten or Wednesday at two.|c: Tuesday.")
    assert not talk.options and lies(talk) == "12-01 10:00"
    assert by(talk) == (["agent", "caller"], ["agent", "caller"])


def test_refusing_all_but_one_leaves_it() -> None:
    talk = negotiated("a: Tuesday at ten or Wednesday at two?|c: I can't do Tuesday.")
    assert lies(talk) == "12-02 14:00"


def test_what_is_of_something_else_is_not_put_there() -> None:
    talk = negotiated(
        "a: Your parcel comes on Thursday at three.|c: Thursday at three, great."
    )
    assert not talk.agreed
    assert talk.memory.strange


def test_after_the_agreement_another_time_must_be_meant() -> None:
    agreed = "a: Thursday at three?|c: Perfect."
    assert lies(negotiated(f"{agreed}|a: We close at six.")) == "11-26 15:00"
    assert lies(negotiated(f"{agreed}|c: Could we make it four?")) == "11-26 16:00"


def test_a_part_of_the_day_counts_for_the_time() -> None:
    talk = negotiated("a: Friday evening?|c: Ok, at eight.")
    assert lies(talk) == "11-27 20:00"


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("How about Thursday at three?", True),
        ("Thursday at three?", True),
        ("Are you free on Thursday?", True),
        ("See you on Thursday.", True),
        ("Is the price that you told your brother on Thursday the right one?", False),
        ("The contract is of Thursday.", False),
    ],
)
def test_offers(text: str, offer: bool) -> None:
    assert offers(clause(text)) is offer
