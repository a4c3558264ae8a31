from __future__ import annotations

from typing import get_args

import pytest

from convai.desk.standing import STATES, Standing, State, outcome_of
from convai.post.parcel import Kind, Report
from convai.post.parcel import State as Carried


def report(state: Carried, why: str = "", kind: Kind = "mail") -> Report:
    return Report("x", kind, "c", "m", state, 1, why)


@pytest.mark.parametrize(
    ("reports", "outcome", "why"),
    [
        ([], "", ""),
        ([report("waiting")], "", ""),
        ([report("sent"), report("waiting", "away")], "", "away"),
        ([report("sent"), report("sent")], "sent", ""),
        ([report("sent", "one is refused")], "sent", "one is refused"),
        ([report("outbox"), report("sent")], "outbox", ""),
        ([report("waiting"), report("failed", "no")], "failed", "no"),
        ([report("sent"), report("failed", "no", "webhook")], "sent", ""),
        ([report("failed", "no", "webhook")], "failed", "no"),
    ],
)
def test_what_came_of_all_mails(reports: list[Report], outcome: str, why: str) -> None:
    assert outcome_of(reports) == (outcome, why)


def test_states_are_listed() -> None:
    assert set(get_args(State)) == set(STATES)


def test_it_is_told_with_what_there_is() -> None:
    assert Standing("off").to_json() == {"state": "off", "to": []}
    assert Standing("waiting", ("desk",), 3.14159).to_json() == {
        "state": "waiting",
        "to": ["desk"],
        "leaves_in_s": 3.1,
    }
    assert Standing("failed", why="no").to_json()["why"] == "no"
