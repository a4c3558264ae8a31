from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.acts import Act, acts, is_question, without_false_noes
from convai.meeting.lexicon import lexicon


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("yes", Act.YES),
        ("perfect", Act.GOOD),
        ("no problem", Act.YES),
        ("that doesn't work", Act.REFUSE),
        ("no thanks", Act.REFUSE),
        ("i'm good thanks", Act.REFUSE),
        ("see you then", Act.COMMIT),
        ("you're all set", Act.BOOKED),
        ("let me check and call you back", Act.HOLD),
        ("maybe", Act.MAYBE),
        ("please cancel that", Act.CANCEL),
        ("make it HOUR", Act.CHANGE),
        ("how about DAY at HOUR", Act.PROPOSE),
        ("is that right", Act.CHECK),
        ("what day", Act.ASK_DAY),
        ("what time", Act.ASK_TIME),
        ("if we met on DAY", Act.ASIDE),
        ("yesterday i called you at HOUR", Act.ASIDE),
        ("your parcel comes on DAY", Act.DELIVERY),
        ("bye", Act.THANKS),
        ("either is fine", Act.EITHER),
        ("the first one", Act.FIRST),
        ("the second one", Act.LAST),
        ("the earlier one", Act.EARLIER),
        ("the later one", Act.LATER),
        ("same time", Act.SAME_TIME),
        ("could you repeat that", Act.REPEAT),
    ],
)
def test_what_a_clause_does(text: str, does: Act) -> None:
    assert does in acts(text)


@pytest.mark.parametrize(
    ("text", "not_this"),
    [
        ("not good", Act.GOOD),
        ("that doesn't work", Act.GOOD),
        ("never perfect", Act.GOOD),
        ("yes no", Act.YES),
        ("if that's perfect", Act.GOOD),
        ("no problem", Act.REFUSE),
        ("i'm good thanks", Act.GOOD),
        ("goodbye", Act.GOOD),
        ("good bye then", Act.GOOD),
        ("so we agreed on DAY at HOUR", Act.ASIDE),
    ],
)
def test_what_it_does_not(text: str, not_this: Act) -> None:
    assert not acts(text) & not_this


def test_who_is_busy_states_a_fact() -> None:
    assert Act.BUSY | Act.FACT in acts("i'm in a meeting on DAY")


def test_noes_that_refuse_nothing_are_blotted_out() -> None:
    text = "no problem at all"
    plain = without_false_noes(text)
    assert len(plain) == len(text) and plain.startswith("__")
    assert without_false_noes("no") == "no"


@pytest.mark.parametrize(
    ("text", "sign", "asks"),
    [
        ("DAY at HOUR", "?", True),
        ("DAY at HOUR", ".", False),
        ("DAY at HOUR", "", False),
        ("could we meet", "", True),
        ("and what about DAY", "", True),
        ("could we meet", ".", False),
        ("would be great", "", False),
        ("so it is for what", ".", True),
    ],
)
def test_a_question(text: str, sign: str, asks: bool) -> None:
    assert is_question(text, sign) is asks


def test_each_act_has_its_phrases() -> None:
    assert {str(act.name) for act in Act} <= set(lexicon("acts"))


@given(st.text(max_size=60))
def test_whatever_is_said(text: str) -> None:
    acts(text)
    is_question(text, "")
