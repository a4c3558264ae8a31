"""Examples: dialogues of the corpus as a network learns from them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

from convai.meeting.detect import Line, follow
from convai.meeting.digest import Digest, Mark, Piece
from convai.meeting.tokens import SLOTS, SPECIAL, Vocabulary
from convai.meeting.verdict import Status
from tests.dialogues import Dialogue, dialogues

__all__ = [
    "DOES",
    "STANDS",
    "STATUS",
    "UNKNOWN",
    "Example",
    "Taught",
    "begun",
    "examples",
    "joined",
    "taught",
    "used",
    "varied",
]

STATUS = get_args(Status)
DOES = "pyrcxios"
"What a turn does; the README of the corpus says what each letter means."
STANDS = {"a": "agreed", "b": "agreed", "d": "draft", "n": "none"}
"How things stand after a turn; `b`: agreed on another day or time than in the end."
UNKNOWN = -100
"A token with which no turn begins, or a turn of which nothing is known."
FORGET = 0.06
"Of the words: which must not hang on one of them."
AT_TURNS = 0.6
"Of the beginnings end where something was just proposed, agreed on or taken back."


@dataclass(frozen=True)
class Example:
    digest: Digest
    day: int
    "Number of the one that both stand by; -1: none, or it was not understood."
    hour: int
    status: int
    "In STATUS."
    does: str
    "A letter for each turn; nothing where it is not known."
    stands: str


class Taught(NamedTuple):
    """All of one length."""

    ids: list[int]
    days: list[int]
    hours: list[int]
    does: list[int]
    "At the first token of each turn, in DOES; elsewhere UNKNOWN."
    stands: list[int]
    "The same, in STATUS."


def examples(held_out: bool) -> list[Example]:
    return [example(it) for it in dialogues() if it.held_out == held_out]


def example(dialogue: Dialogue) -> Example:
    zone = dialogue.now.tzinfo
    assert isinstance(zone, ZoneInfo)
    lines = [Line(who, text) for who, text in dialogue.turns]
    _, digest = follow(lines, dialogue.now, zone)
    day, minutes = _settled(dialogue, zone)
    hours = [it.minutes for it in digest.hours]
    return Example(
        digest,
        digest.days.index(day) if day in digest.days else -1,
        hours.index(minutes) if minutes in hours else -1,
        STATUS.index(dialogue.status),
        dialogue.does,
        dialogue.stands,
    )


def joined(first: Example, second: Example) -> Example:
    """One talk after another, which came to nothing: what is true of the second."""
    # Both are held on one day, which is number 0.
    days, hours = len(first.digest.days) - 1, len(first.digest.hours)

    def moved(piece: Piece) -> Piece:
        if isinstance(piece, str) or piece.number is None:
            return piece
        by = hours if piece.kind == "hour" else days if piece.number else 0
        return Mark(piece.kind, piece.number + by)

    after = [(who, [moved(it) for it in pieces]) for who, pieces in second.digest.turns]
    digest = Digest(
        first.digest.days + second.digest.days[1:],
        first.digest.hours + second.digest.hours,
        first.digest.turns + after,
    )
    day = second.day + days if second.day > 0 else second.day
    hour = second.hour + hours if second.hour >= 0 else -1
    known = bool(first.does and second.does)
    return Example(
        digest,
        day,
        hour,
        second.status,
        first.does + second.does if known else "",
        first.stands + second.stands if known else "",
    )


def begun(it: Example, rng: random.Random) -> Example | None:
    """The beginning of a talk, and how things stand there; None: there is none to read.

    Calls are read turn by turn: a proposal must not pass for its answer.
    """
    turns = it.digest.turns
    named = (at for at, (_, said) in enumerate(turns) if any(map(_is_mark, said)))
    first = next(named, len(turns)) + 1
    if not it.stands or first >= len(turns):
        return None
    ends = range(first, len(turns))
    changes = [
        end
        for end in ends
        if it.stands[end] != it.stands[end - 1]
        or (end > 1 and it.stands[end - 1] != it.stands[end - 2])
    ]
    end = rng.choice(changes if changes and rng.random() < AT_TURNS else ends)
    stands = it.stands[end - 1]
    settled = stands == "a"
    return Example(
        Digest(it.digest.days, it.digest.hours, turns[:end]),
        it.day if settled else -1,
        it.hour if settled else -1,
        STATUS.index(STANDS[stands]),
        it.does[:end],
        it.stands[:end],
    )


def taught(it: Example, known: Vocabulary) -> Taught:
    """As the network is given it."""
    tokens = known.encode(it.digest)
    speakers = {SPECIAL.index("[AGENT]"), SPECIAL.index("[CALLER]")}
    begins = [at for at, id in enumerate(tokens.ids) if id in speakers]
    does = [UNKNOWN] * len(tokens.ids)
    stands = list(does)
    if tokens.whole and len(begins) == len(it.does):
        for at, letter, state in zip(begins, it.does, it.stands, strict=True):
            does[at] = DOES.index(letter)
            stands[at] = STATUS.index(STANDS[state])
    return Taught(tokens.ids, tokens.days, tokens.hours, does, stands)


def varied(tokens: Taught, rng: random.Random) -> Taught:
    """Days and hours in other slots, a few words left out."""
    first = {kind: SPECIAL.index(f"[{kind}0]") for kind in ("DAY", "HOUR")}
    places = {}
    for begin in first.values():
        order = rng.sample(range(SLOTS), SLOTS)
        places |= {begin + at: begin + place for at, place in enumerate(order)}
    own = len(SPECIAL)
    kept = [at for at, it in enumerate(tokens.ids) if it < own or rng.random() > FORGET]
    ids, *rest = ([column[at] for at in kept] for column in tokens)
    return Taught([places.get(it, it) for it in ids], *rest)


def used(all_of_them: Sequence[Example], vocabulary: Vocabulary) -> set[int]:
    """The pieces that occur in them."""
    return {id for it in all_of_them for id in vocabulary.encode(it.digest).ids}


def _is_mark(piece: Piece) -> bool:
    return isinstance(piece, Mark)


def _settled(dialogue: Dialogue, zone: ZoneInfo) -> tuple[date | None, int | None]:
    """The day, and the minutes after midnight, that both stand by."""
    if dialogue.start is not None:
        start = dialogue.start.astimezone(zone)
        return start.date(), start.hour * 60 + start.minute
    day = date.fromisoformat(dialogue.day) if dialogue.day else None
    at = time.fromisoformat(dialogue.time) if dialogue.time else None
    return day, None if at is None else at.hour * 60 + at.minute
