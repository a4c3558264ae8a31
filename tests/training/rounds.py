"""Rounds: what a network is given, epoch after epoch."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence

from convai.meeting.reader import NetworkReader

from .examples import STATUS, Example, begun, joined
from .variations import Phrases, turned

__all__ = ["BATCH", "Rounds", "well_known"]

BATCH = 16
BEGINNINGS = 0.8
"Of the examples come once more, broken off."
JOINED = 0.1
"Of the examples begin with another talk, which came to nothing."
VARIED = 0.6
"Are told in other words."
TURNED = 0.15
"Have caller and agent in each other's place."
AGAIN = 0.33
"Of what is well known comes again."
SURE = 0.93
"So likely is the answer to what is well known."
SURE_OF_MARKS = 0.95


class Rounds:
    """`easy`: the numbers of those that need not come each time."""

    def __init__(
        self, learning: Sequence[Example], easy: Collection[int], rng: random.Random
    ) -> None:
        self._learning = learning
        self._easy = easy
        self._rng = rng
        self._phrases = Phrases(learning)
        self._empty = [it for it in learning if it.stands.endswith("n")]

    @property
    def steps(self) -> int:
        """Batches of a round, about."""
        hard = len(self._learning) - len(self._easy)
        talks = hard + AGAIN * len(self._easy)
        return round(talks * (1 + BEGINNINGS) / BATCH) + 1

    def batches(self) -> Iterator[list[Example]]:
        """Of talks that are about as long."""
        chance = self._rng.random
        talks: list[Example] = []
        for number, it in enumerate(self._learning):
            if number in self._easy and chance() > AGAIN:
                continue
            first = chance() < JOINED
            talks.append(joined(self._rng.choice(self._empty), it) if first else it)
            beginning = begun(it, self._rng) if chance() < BEGINNINGS else None
            talks += [] if beginning is None else [beginning]
        talks = [self._varied(it) for it in talks]
        talks.sort(key=lambda it: len(str(it.digest.turns)) // 250 + 4 * chance())
        batches = [talks[at : at + BATCH] for at in range(0, len(talks), BATCH)]
        self._rng.shuffle(batches)
        yield from batches

    def _varied(self, it: Example) -> Example:
        if self._rng.random() < VARIED:
            it = self._phrases.varied(it, self._rng)
        return turned(it) if self._rng.random() < TURNED else it


def well_known(reader: NetworkReader, learning: Sequence[Example]) -> set[int]:
    """The numbers of those that it has right and is sure of."""
    return {at for at, it in enumerate(learning) if _is_known(reader, it)}


def _is_known(reader: NetworkReader, it: Example) -> bool:
    found = reader.read(it.digest)
    status = STATUS[it.status]
    none = 1 - found.agreed - found.draft
    shares = {"agreed": found.agreed, "draft": found.draft, "none": none}
    if shares[status] < SURE:
        return False
    if status != "agreed":
        return True
    days, hours = it.digest.days, it.digest.hours
    right = (
        it.day >= 0
        and it.hour >= 0
        and found.day == days[it.day]
        and found.hour == hours[it.hour]
    )
    return right and min(found.day_sure, found.hour_sure) >= SURE_OF_MARKS
