"""Blind pairs, and what raters' votes become."""

from __future__ import annotations

import json
from typing import Any

import pytest

from convai.compare.rating import joined_votes, pairs, parsed
from convai.compare.trouble import WrongInput


def call(agent: str, run: int, answered: bool = True) -> dict[str, Any]:
    turns = [
        {"turn": n, "begin_s": 10.0 * n, "answered": answered or n == 1} for n in (1, 2)
    ]
    audio = f"audio/{agent}{run}.webm"
    more = {"length_s": 28, "audio": audio, "replaced": False}
    return {"agent": agent, "run": run, "turns": turns, **more}


def ballot(*votes: dict[str, Any], rater: str = "r1") -> dict[str, Any]:
    return {"comparison": "c", "rater": rater, "votes": list(votes)}


def test_pairs_are_the_same_turn_of_two_agents_in_one_run() -> None:
    found = pairs([call("x", 1), call("y", 1), call("x", 2), call("y", 2)], seed=1)
    assert len(found) == 4
    for pair in found:
        assert {pair["a"]["agent"], pair["b"]["agent"]} == {"x", "y"}
        assert pair["a"]["audio"][-6] == pair["b"]["audio"][-6] == str(pair["run"])
        assert pair["a"]["from_s"] == 10.0 * pair["turn"] - 0.3
    assert {pair["a"]["agent"] for pair in pairs([call("x", 1), call("y", 1)] * 1, 3)}


def test_sides_and_order_are_random_but_repeatable() -> None:
    calls = [call(agent, run) for run in range(8) for agent in "xy"]
    assert pairs(calls, 5) == pairs(calls, 5)
    assert pairs(calls, 5) != pairs(calls, 6)
    assert {pair["a"]["agent"] for pair in pairs(calls, 5)} == {"x", "y"}


def test_a_turn_without_an_answer_is_no_pair() -> None:
    found = pairs([call("x", 1), call("y", 1, answered=False)], seed=0)
    assert [pair["turn"] for pair in found] == [1]


def test_votes_are_joined_under_the_agents_names() -> None:
    known = pairs([call("x", 1), call("y", 1)], seed=0)
    score = {"x": 5, "y": 2}

    def vote(pair: dict[str, Any], prefer: str | None) -> dict[str, Any]:
        sides = {letter: score[pair[letter]["agent"]] for letter in "ab"}
        if prefer in score:
            prefer = "a" if pair["a"]["agent"] == prefer else "b"
        return {"pair": pair["pair"], **sides, "prefer": prefer}

    votes = joined_votes(
        known,
        [
            ballot(vote(known[0], "x"), vote(known[1], "same")),
            ballot(vote(known[0], None), rater="r2"),
        ],
    )
    assert (votes["raters"], votes["votes"]) == (2, 3)
    x, y = votes["agents"]["x"], votes["agents"]["y"]
    assert (x["n"], x["mean"], x["sd"]) == (3, 5.0, 0.0)
    assert (y["mean"], y["min"], y["max"]) == (2.0, 2, 2)
    assert (x["preferred"], x["even"], x["other_preferred"]) == (1, 1, 0)
    assert (y["preferred"], y["even"], y["other_preferred"]) == (0, 1, 1)


def test_a_later_vote_of_the_same_rater_replaces() -> None:
    known = pairs([call("x", 1), call("y", 1)], seed=0)
    first = {"pair": "p1", "a": 1, "b": 1, "prefer": None}
    votes = joined_votes(known, [ballot(first), ballot({**first, "a": 4, "b": 4})])
    assert votes["votes"] == 1
    assert votes["agents"]["x"]["mean"] == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"comparison": "c", "rater": "r"}',
        b'{"comparison": "c", "rater": "r", "votes": [{"pair": "p1", "a": 6, "b": 1}]}',
        b'{"comparison":"c","rater":"r","votes":[{"pair":"p1","a":true,"b":1}]}',
        b'{"comparison": "c", "rater": "r", "votes": [1]}',
        b'{"comparison":"c","rater":"r",'
        b'"votes":[{"pair":"p","a":1,"b":1,"prefer":"c"}]}',
    ],
)
def test_what_are_no_votes_is_refused(content: bytes) -> None:
    with pytest.raises(WrongInput, match=r"v\.json: these are no votes"):
        parsed(content, "v.json", "c")


def test_votes_of_another_comparison_are_refused() -> None:
    content = json.dumps(ballot()).encode()
    assert parsed(content, "v.json", "c")["votes"] == []
    with pytest.raises(WrongInput, match="another comparison"):
        parsed(content, "v.json", "d")
