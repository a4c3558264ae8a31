"""Tokens: a digest as the numbers that the reader's network takes. Pure.

Words are cut as BERT does it (greedily, into the longest pieces that the vocabulary
has; what follows within a word is marked with `##`), so that a network can be used
that has learned English that way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import chain, count
from typing import NamedTuple, TypeAlias

from ..events import Party
from .digest import Digest, Mark, Piece

__all__ = ["MOST_TOKENS", "SLOTS", "SPECIAL", "TODAY", "Tokens", "Vocabulary"]

SLOTS = 10
"Days, and hours, that are told apart at a time."
MOST_TOKENS = 256
"Of the newest turns: most calls need a third."
LONGEST_WORD = 60
"Signs; a longer one is unknown."
OWN = 3
"Tokens beside those of the turns: start, today, end."
NEAR = 2
"Turns around one that names a day or time, which say what it means."
NEWEST = 6
"Turns at the end, which say what came of it."

TODAY = Mark("day", 0)
"Is named by every talk, at its head."
_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_WHO = {"agent": "[AGENT]", "caller": "[CALLER]"}
_SLOTS = [f"[{kind}{slot}]" for kind in ("DAY", "HOUR") for slot in range(SLOTS)]
SPECIAL = ("[PAD]", _START, _END, _UNKNOWN, *_WHO.values(), "[DAY]", "[HOUR]", *_SLOTS)
"The first pieces of the vocabulary."
_WORD = re.compile(r"\w+|[^\w\s]")

Turn: TypeAlias = list[tuple[int, Mark | None]]
"Tokens, and the marks that some of them are."


class Tokens(NamedTuple):
    """All of one length."""

    ids: list[int]
    days: list[int]
    "At each token that is a day its number in the digest, elsewhere -1."
    hours: list[int]
    whole: bool = True
    "False: turns were left out, for want of room."


class Vocabulary:
    """The pieces that a network knows; their numbers are their places."""

    def __init__(self, pieces: list[str]) -> None:
        """Raises ValueError when they do not begin with SPECIAL."""
        if tuple(pieces[: len(SPECIAL)]) != SPECIAL:
            raise ValueError("this is the vocabulary of another reader")
        self._ids: Mapping[str, int] = {piece: at for at, piece in enumerate(pieces)}
        self._slots = {"day": self._ids["[DAY0]"], "hour": self._ids["[HOUR0]"]}

    def encode(self, digest: Digest) -> Tokens:
        """The newest turns that have room, or those that matter of a long talk."""
        turns = [self._turn(who, pieces) for who, pieces in digest.turns]
        kept = list(chain.from_iterable(_fitting(turns)))
        talk: Turn = [(self._slots["day"], TODAY), *kept]
        out = Tokens([self._ids[_START]], [-1], [-1])
        places: dict[Mark, int] = {}
        counters = {"day": count(), "hour": count()}
        for token, mark in talk:
            numbers = {"day": -1, "hour": -1}
            if mark is not None and mark.number is not None:
                if mark not in places:
                    places[mark] = next(counters[mark.kind]) % SLOTS
                token = self._slots[mark.kind] + places[mark]
                numbers[mark.kind] = mark.number
            out.ids.append(token)
            out.days.append(numbers["day"])
            out.hours.append(numbers["hour"])
        out.ids.append(self._ids[_END])
        out.days.append(-1)
        out.hours.append(-1)
        return out._replace(whole=len(kept) == sum(map(len, turns)))

    def _turn(self, who: Party, pieces: Sequence[Piece]) -> Turn:
        out: Turn = [(self._ids[_WHO[who]], None)]
        for piece in pieces:
            if isinstance(piece, str):
                out += [(token, None) for token in self._words(piece)]
            else:
                out.append((self._ids[f"[{piece.kind.upper()}]"], piece))
        return out

    def _words(self, text: str) -> list[int]:
        plain = text.lower()
        if not plain.isascii():
            letters = unicodedata.normalize("NFD", plain)
            plain = "".join(it for it in letters if unicodedata.category(it) != "Mn")
        out: list[int] = []
        for word in _WORD.findall(plain):
            known = self._ids.get(word)
            out += self._word(word) if known is None else (known,)
        return out

    def _word(self, word: str) -> list[int]:
        found: list[int] = []
        at = 0
        while at < len(word) <= LONGEST_WORD:
            prefix = "##" if at else ""
            ends = range(len(word), at, -1)
            end = next((it for it in ends if prefix + word[at:it] in self._ids), at)
            if end == at:
                return [self._ids[_UNKNOWN]]
            found.append(self._ids[prefix + word[at:end]])
            at = end
        return found or [self._ids[_UNKNOWN]]


def _fitting(turns: list[Turn]) -> list[Turn]:
    """Those that there is room for: first those near a day, a time, or the end."""
    named = [at for at, turn in enumerate(turns) if any(mark for _, mark in turn)]
    near = {it + by for it in named for by in range(-NEAR, NEAR + 1)}
    near |= set(range(len(turns) - NEWEST, len(turns)))
    rest = set(range(len(turns))) - near
    room = MOST_TOKENS - OWN
    kept: dict[int, Turn] = {}
    for at in (*sorted(near, reverse=True), *sorted(rest, reverse=True)):
        if room and 0 <= at < len(turns):
            kept[at] = turns[at][-room:]
            room -= len(kept[at])
    return [kept[at] for at in sorted(kept)]
