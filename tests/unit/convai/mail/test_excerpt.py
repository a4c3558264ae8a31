"""The excerpt: what made the meeting, and what was around it."""

from __future__ import annotations

from convai.events import Party
from convai.mail.excerpt import GAP, MOST, excerpt
from convai.mail.spoken import Line
from convai.meeting.meeting import Evidence
from convai.turn import Turn
from tests.pension import TURNS, meeting

NAMES: dict[Party, str] = {"caller": "Ann", "agent": "Sarah"}


def test_a_turn_before_and_one_after() -> None:
    lines = excerpt(meeting(), TURNS, NAMES)
    assert [(it.at, it.who, it.key) for it in lines] == [
        ("0:56", "Ann", False),
        ("1:03", "Sarah", True),
        ("1:10", "Ann", True),
        ("1:17", "Sarah", False),
    ]


def test_what_lies_between_is_left_out() -> None:
    evidence = tuple(Evidence(TURNS[k].who, TURNS[k].text) for k in (1, 10))
    lines = excerpt(meeting(evidence=evidence), TURNS, NAMES)
    assert [it.at for it in lines] == [
        "0:00",
        "0:07",
        "0:14",
        "",
        "1:03",
        "1:10",
        "1:17",
    ]
    assert lines[3] == GAP


def test_without_turns_the_evidence_speaks() -> None:
    assert excerpt(meeting(), (), NAMES)[0] == Line(
        "1:03", "Sarah", "Then let's say Thursday, the twenty-sixth, at three.", True
    )
    assert excerpt(meeting(evidence=()), TURNS, NAMES) == []
    strange = Evidence("caller", "something else", 5)
    assert excerpt(meeting(evidence=(strange,)), TURNS, NAMES) == [
        Line("0:00", "Ann", "something else", True)
    ]


def test_words_are_found_within_a_turn() -> None:
    evidence = Evidence("agent", "let's say  Thursday")
    lines = excerpt(meeting(evidence=(evidence,)), TURNS, NAMES)
    assert [it.at for it in lines if it.key] == ["1:03"]


def test_there_is_a_bound() -> None:
    turns = [Turn("caller", "yes " * 500, 1000 * k) for k in range(100)]
    evidence = tuple(Evidence("caller", "yes", 1000 * k) for k in range(0, 100, 9))
    lines = excerpt(meeting(evidence=evidence), turns, NAMES)
    assert sum(it != GAP for it in lines) == MOST
    assert max(len(it.text) for it in lines) <= 300
    assert lines[-1].key
