"""Digest: what was discussed, in sentences that were really said. Pure.

Extractive on purpose: nothing is in it that nobody said. A sentence counts by the words
that the call comes back to; greetings, small talk and the arranging itself do not.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..events import Party
from ..turn import Turn
from .spoken import clipped, tidy

__all__ = ["Point", "digest"]

MOST = 4
"Sentences: a glance, the transcript has the rest."
LEAST_WORDS = 5
"Shorter ones say yes, no or hello."
LONGEST = 180
"Characters of one; recognised speech may have no full stop for a minute."
ALIKE = 0.6
"Share of common words from which two sentences say the same."
MOST_TURNS = 2000
"The latest: of a call of hours."
REPEATED = 3
"Times that a word counts at most: a tic is no topic."

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")

_HOLDS = """
a about after again all also am an and any are as at back be because been before being
but by can could did do does doing done don't down each else even every few first for
from get gets getting give go goes going gone got had has have having he her here him
his how i i'd i'll i'm i've if in into is isn't it it's its just know last let let's
like look made make makes many may maybe me mean might more most much must my need no
not now of off on one only or other our out over own put quite rather really right
said same say see shall she should so some something still such take tell than that
that's the their them then there there's these they thing things think this those
through to too up us use very want wants was way we we'd we'll we're we've well were
what what's when where which while who why will with without won't would yes yet you
you'd you'll you're you've your
"""
"What holds sentences together."

_POLITE = """
actually afternoon alright bye calling course evening fine glad good goodbye great
happy hear hello help hi hope lovely morning name nice okay ok perfect please pleasure
quick sorry speak speaking sure thank thanks today uh um welcome wonderful
"""

_ARRANGES = """
appointment available book booked calendar call clock confirm confirmed day half hour
invitation invite meet meeting minutes monday tuesday wednesday thursday friday
saturday sunday noon o'clock past quarter schedule scheduled suit suits talk time
tomorrow week work works one two three four five six seven eight nine ten eleven
twelve
"""
"The meeting, of which the letter tells anyhow."

_IDLE = frozenset(f"{_HOLDS} {_POLITE} {_ARRANGES}".split())


class Point(NamedTuple):
    who: Party
    text: str
    at_ms: int


class _Sentence(NamedTuple):
    point: Point
    words: frozenset[str]
    "Those that carry something."


def digest(turns: Sequence[Turn], most: int = MOST) -> list[Point]:
    """The weightiest sentences, in the order in which they were said."""
    sentences = [it for it in _sentences(turns) if len(it.words) > 1]
    counts = Counter(word for it in sentences for word in it.words)

    def weight(sentence: _Sentence) -> float:
        # Not the sum alone, or the longest always won; nor the mean, or the shortest.
        total = sum(min(counts[word], REPEATED) for word in sentence.words)
        own = 1.2 if sentence.point.who == "caller" else 1.0
        asked = 0.7 if sentence.point.text.endswith("?") else 1.0
        return own * asked * total / math.sqrt(len(sentence.words))

    chosen: list[_Sentence] = []
    for sentence in sorted(sentences, key=weight, reverse=True):
        if len(chosen) < most and not any(_alike(sentence, it) for it in chosen):
            chosen.append(sentence)
    return [it.point for it in sentences if it in chosen]


def _sentences(turns: Sequence[Turn]) -> Iterator[_Sentence]:
    for turn in turns[-MOST_TURNS:]:
        for text in _SENTENCE.split(tidy(turn.text)):
            if len(text.split()) >= LEAST_WORDS:
                words = (word.lower().replace("’", "'") for word in _WORD.findall(text))
                point = Point(turn.who, _shown(text), turn.start_ms)
                yield _Sentence(point, frozenset(words) - _IDLE)


def _shown(text: str) -> str:
    text = clipped(text, LONGEST)
    return text[:1].upper() + text[1:]


def _alike(one: _Sentence, other: _Sentence) -> bool:
    common = len(one.words & other.words)
    return common >= ALIKE * min(len(one.words), len(other.words))
