"""Variations: an example in other words that mean the same, so that none is learned by
heart."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from convai.events import Party
from convai.meeting.digest import Digest, Mark, Piece

from .examples import Example

__all__ = ["Phrases", "turned"]

OTHER_WORDS = 0.2
"Of the turns that name no day and no time are told in those of another talk."
LEFT_OUT = 0.1
"Of the turns that do nothing."
IDLE = "so"

Said: TypeAlias = list[Piece]


class Part(NamedTuple):
    """What a turn is for in a talk: turns of one part can stand for each other."""

    who: Party
    does: str
    before: str
    "How things stand before it, and after it."
    after: str


class Phrases:
    """How people say what names no day and no time."""

    def __init__(self, learning: Sequence[Example]) -> None:
        self._said: dict[Part, list[Said]] = defaultdict(list)
        for it in learning:
            for part, said in _parts(it):
                if part is not None:
                    self._said[part].append(said)

    def varied(self, it: Example, rng: random.Random) -> Example:
        """With some turns as others say them, and some idle ones left out."""
        if not it.does:
            return it
        turns, does, stands = [], "", ""
        parts = list(_parts(it))
        for at, (part, said) in enumerate(parts):
            who = it.digest.turns[at][0]
            if part is not None and at and at + 1 < len(parts):
                idle = part.does in IDLE and part.before == part.after
                if idle and rng.random() < LEFT_OUT:
                    continue
            if part is not None and rng.random() < OTHER_WORDS:
                said = rng.choice(self._said[part])
            turns.append((who, said))
            does += it.does[at]
            stands += it.stands[at]
        digest = Digest(it.digest.days, it.digest.hours, turns)
        return Example(digest, it.day, it.hour, it.status, does, stands)


def turned(it: Example) -> Example:
    """The same talk with caller and agent in each other's place."""
    other: dict[Party, Party] = {"agent": "caller", "caller": "agent"}
    turns = [(other[who], said) for who, said in it.digest.turns]
    digest = Digest(it.digest.days, it.digest.hours, turns)
    return Example(digest, it.day, it.hour, it.status, it.does, it.stands)


def _parts(it: Example) -> Iterator[tuple[Part | None, Said]]:
    """None: it names a day or a time, or is not known."""
    before = "n"
    for at, (who, said) in enumerate(it.digest.turns):
        named = any(isinstance(piece, Mark) for piece in said)
        if not it.does or named:
            yield None, said
        else:
            yield Part(who, it.does[at], before, it.stands[at]), said
        before = it.stands[at] if it.does else "n"
