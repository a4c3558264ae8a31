"""Variations: other words, the same meeting."""

from __future__ import annotations

import random
from dataclasses import replace

from .samples import AGREED, REFUSED, example
from .variations import Phrases, turned

OTHER = example(
    "agreed",
    *("Hello, could you do Monday?", "Rather Tuesday.", "At four?"),
    *("Suits me down to the ground.", "Lovely."),
    start="2026-12-01T16:00",
    does="pcpys",
    stands="nddaa",
)


def test_a_turn_is_said_as_others_say_it_at_the_same_point() -> None:
    phrases, rng = Phrases([AGREED, OTHER, REFUSED]), random.Random(1)
    seen = {str(phrases.varied(AGREED, rng).digest.turns[3][1]) for _ in range(60)}
    own, others = (str(it.digest.turns[3][1]) for it in (AGREED, OTHER))
    assert seen == {own, others}


def test_what_names_a_day_or_a_time_stays() -> None:
    phrases, rng = Phrases([AGREED, OTHER, REFUSED]), random.Random(2)
    for _ in range(60):
        found = phrases.varied(AGREED, rng)
        assert found.digest.turns[:3] == AGREED.digest.turns[:3]
        assert (found.day, found.hour, found.status) == (
            *(AGREED.day, AGREED.hour, AGREED.status),
        )


def test_idle_turns_are_left_out_now_and_then() -> None:
    talk = example(
        "agreed",
        *("Hello there.", "Lovely weather.", "Thursday at three?", "Perfect.", "Bye."),
        start="2026-11-26T15:00",
        does="sspys",
        stands="nnnaa",
    )
    phrases, rng = Phrases([talk]), random.Random(3)
    found = [phrases.varied(talk, rng) for _ in range(60)]
    lengths = {len(it.digest.turns) for it in found}
    assert lengths == {4, 5}, "the first and the last stay"
    for it in found:
        assert len(it.does) == len(it.stands) == len(it.digest.turns)
        assert it.digest.turns[-1][1] == talk.digest.turns[-1][1]


def test_of_which_nothing_is_known_is_left_alone() -> None:
    bare = replace(AGREED, does="", stands="")
    assert Phrases([bare, OTHER]).varied(bare, random.Random(4)) is bare


def test_turned_the_other_says_it() -> None:
    found = turned(AGREED)
    assert [who for who, _ in found.digest.turns] == [
        *("caller", "agent", "caller", "agent", "caller"),
    ]
    assert [it for _, it in found.digest.turns] == [it for _, it in AGREED.digest.turns]
    assert turned(found) == AGREED
