"""Verdict: rules and reader, together and against each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.hour import Hour
from convai.meeting.reading import Reading
from convai.meeting.verdict import (
    AGAINST,
    ALONE,
    NOTHING,
    SUPPOSED,
    TOGETHER,
    Verdict,
    ruled,
    weighed,
)
from tests.talks import NOW, VIENNA, negotiated

THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)
THREE = Hour(0, 0, 15)
START = datetime(2026, 11, 26, 15, tzinfo=VIENNA)
SAME = Reading(1.0, 0.0, THURSDAY, 1.0, THREE, 1.0)
"A reader that is sure of Thursday at three."


def by_rules(talk: str) -> Verdict:
    return ruled(negotiated(talk), NOW)


AGREED = by_rules("a: How about Thursday at three?|c: Perfect.")
OPEN = by_rules("a: How about Thursday?|c: Perfect.")


def both(rules: Verdict, reading: Reading) -> Verdict:
    return weighed(rules, reading, NOW)


def test_the_rules_alone() -> None:
    assert (AGREED.status, AGREED.start) == ("agreed", START)
    assert (OPEN.status, OPEN.day, OPEN.hour) == ("draft", THURSDAY, None)
    assert by_rules("a: Hello.|c: Hello.") == NOTHING


def test_what_both_find_needs_little() -> None:
    unsure = replace(SAME, agreed=TOGETHER, day_sure=0.5, hour_sure=0.5)
    found = both(AGREED, unsure)
    assert (found.status, found.start) == ("agreed", START)
    assert 0.7 < found.confidence < both(AGREED, SAME).confidence == 1


@pytest.mark.parametrize("rules", [NOTHING, OPEN])
def test_what_only_the_reader_finds_needs_more(rules: Verdict) -> None:
    assert both(rules, replace(SAME, agreed=ALONE)).status == "agreed"
    asked = both(rules, replace(SAME, agreed=ALONE - 0.01))
    assert (asked.status, asked.start) == ("draft", None)
    assert (asked.day, asked.hour) == (THURSDAY, THREE), "a person is asked: just then?"
    vague = both(rules, replace(SAME, hour_sure=ALONE - 0.01))
    assert vague.status == "draft"


def test_of_a_day_that_nobody_named_it_has_to_be_very_sure() -> None:
    unsure = replace(SAME, agreed=SUPPOSED - 0.01, supposed=True)
    found = both(NOTHING, unsure)
    assert (found.status, found.day, found.hour) == ("draft", THURSDAY, THREE)
    sure = both(NOTHING, replace(SAME, agreed=SUPPOSED, supposed=True))
    assert (sure.status, sure.start) == ("agreed", START)


def test_who_means_another_day_than_the_rules_has_to_be_very_sure() -> None:
    other = both(AGREED, replace(SAME, day=FRIDAY, agreed=AGAINST - 0.01))
    assert (other.status, other.start) == ("draft", None)
    assert (other.day, other.hour) == (FRIDAY, THREE), "a person is asked: just then?"
    sure = both(AGREED, replace(SAME, day=FRIDAY, agreed=AGAINST))
    assert (sure.status, sure.start) == ("agreed", START + timedelta(1))


def test_what_the_reader_denies_is_nothing() -> None:
    denied = replace(SAME, agreed=0.09, draft=0.1)
    assert both(AGREED, denied) == both(OPEN, denied) == NOTHING


def test_a_draft_knows_what_the_rules_do() -> None:
    wanted = replace(SAME, agreed=0.09, draft=0.8)
    found = both(OPEN, wanted)
    assert (found.status, found.day, found.hour) == ("draft", THURSDAY, None)
    asked = both(AGREED, wanted)
    assert (asked.status, asked.start) == ("draft", None)
    assert (asked.day, asked.hour) == (THURSDAY, THREE)


@pytest.mark.parametrize("named", [{"day": None}, {"hour": None}])
def test_without_day_or_time_nothing_is_agreed(named: dict[str, None]) -> None:
    assert both(NOTHING, replace(SAME, **named)).status == "draft"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        (date(2026, 11, 25), Hour(0, 0, 9)),  # an hour ago
        (date(2027, 3, 28), Hour(0, 0, 2, 30)),  # left out when the clocks go forward
    ],
)
def test_what_cannot_be_is_not_agreed_on(day: date, hour: Hour) -> None:
    found = both(NOTHING, replace(SAME, day=day, hour=hour))
    assert (found.status, found.day, found.hour) == ("draft", day, None)


likely = st.floats(0, 1)


@given(likely, likely, likely, likely, st.sampled_from([NOTHING, OPEN, AGREED]))
def test_any_reading_has_one(
    agreed: float, draft: float, day: float, hour: float, rules: Verdict
) -> None:
    reading = Reading(agreed, draft, THURSDAY, day, THREE, hour)
    found = both(rules, reading)
    assert (found.start is not None) == (found.status == "agreed")
    assert found.status != "agreed" or found.confidence >= TOGETHER
    assert found.start is None or (found.day, found.hour) == (None, None)
