"""Rounds: everything comes, what is well known less often."""

from __future__ import annotations

import random

from convai.meeting.reader import reader

from .rounds import AGAIN, BATCH, Rounds, well_known
from .samples import AGREED, REFUSED, example

LEARNING = [AGREED, REFUSED] * 40


def test_what_is_hard_comes_in_each_round() -> None:
    rounds = Rounds(LEARNING, (), random.Random(1))
    batches = list(rounds.batches())
    assert all(0 < len(batch) <= BATCH for batch in batches)
    assert sum(map(len, batches)) >= len(LEARNING)
    assert abs(len(batches) - rounds.steps) <= 3


def test_what_is_easy_comes_in_some() -> None:
    easy = set(range(len(LEARNING)))
    rounds = Rounds(LEARNING, easy, random.Random(2))
    talks = sum(len(batch) for batch in rounds.batches())
    assert 0 < talks < len(LEARNING) * 2 * AGAIN * 1.5


def test_well_known_is_what_the_reader_has_right() -> None:
    plain = example(
        "agreed", "Shall we say Thursday at three?", "Perfect, see you then."
    )
    right = example(
        "agreed",
        *("Shall we say Thursday at three?", "Yes, perfect. See you on Thursday."),
        start="2026-11-26T15:00",
    )
    wrong = example("none", "Shall we say Thursday at three?", "Yes, perfect. Thanks.")
    assert well_known(reader(), [plain, right, wrong]) == {1}
