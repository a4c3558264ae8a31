"""Examples: dialogues of the corpus as a network learns from them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import get_args
from zoneinfo import ZoneInfo

from convai.meeting.detect import Line, follow
from convai.meeting.digest import Digest, Mark, Piece
from convai.meeting.tokens import SLOTS, SPECIAL, TODAY, Tokens, Vocabulary
from convai.meeting.verdict import Status
from tests.dialogues import Dialogue, dialogues

__all__ = ["STATUS", "Example", "begun", "examples", "joined", "used", "varied"]

STATUS = get_args(Status)
TAKEN_BACK = re.compile(
    r"\b(cancel|call(ed|ing)? (it|that) off|scrap|forget it|never ?mind|changed my mind"
    r"|second thoughts?|actually,? no|hang on|hold on|on reflection)",
    re.IGNORECASE,
)
"Where something may have been agreed on before."
FORGET = 0.03
"Of the words: which must not hang on one of them."


@dataclass(frozen=True)
class Example:
    dialogue: Dialogue
    digest: Digest
    day: int
    "Number of the one that both stand by; -1: none, or it was not understood."
    hour: int

    whole: bool = True
    "Of the beginning of a talk nothing is known but that nothing was agreed on yet."

    @property
    def status(self) -> int:
        return STATUS.index(self.dialogue.status)


def examples(held_out: bool) -> list[Example]:
    return [_example(it) for it in dialogues() if it.held_out == held_out]


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
    return Example(second.dialogue, digest, day, hour)


def begun(it: Example, rng: random.Random) -> Example | None:
    """The beginning of a talk, in which nothing is agreed on yet; None: unknown.

    Calls are read turn by turn: a proposal must not pass for its answer.
    """
    turns = it.digest.turns
    last = len(turns) - 1
    if it.dialogue.status == "agreed":
        last = _complete(it)
    elif any(TAKEN_BACK.search(text) for _, text in it.dialogue.turns):
        return None
    named = [at for at in range(1, last + 1) if _names_hour(turns[at - 1][1])]
    if last < 1:
        return None
    end = rng.choice(named or range(1, last + 1))
    digest = Digest(it.digest.days, it.digest.hours, turns[:end])
    return Example(it.dialogue, digest, -1, -1, whole=False)


def _complete(it: Example) -> int:
    """So many turns until day and time that are agreed on in the end are named."""
    wanted = {Mark("day", it.day), Mark("hour", it.hour)} - {TODAY}
    for at, (_, pieces) in enumerate(it.digest.turns[:-1]):
        wanted -= {piece for piece in pieces if isinstance(piece, Mark)}
        if not wanted:
            # A question waits for its answer.
            return at + (pieces[-1:] == ["?"])
    return 0


def _names_hour(pieces: Sequence[Piece]) -> bool:
    return any(isinstance(it, Mark) and it.kind == "hour" for it in pieces)


def varied(tokens: Tokens, rng: random.Random) -> Tokens:
    """Days and hours in other slots, a few words left out."""
    first = {kind: SPECIAL.index(f"[{kind}0]") for kind in ("DAY", "HOUR")}
    places = {}
    for begin in first.values():
        order = rng.sample(range(SLOTS), SLOTS)
        places |= {begin + at: begin + place for at, place in enumerate(order)}
    own = len(SPECIAL)
    kept = [at for at, it in enumerate(tokens.ids) if it < own or rng.random() > FORGET]
    return Tokens(
        [places.get(tokens.ids[at], tokens.ids[at]) for at in kept],
        [tokens.days[at] for at in kept],
        [tokens.hours[at] for at in kept],
    )


def used(all_of_them: Sequence[Example], vocabulary: Vocabulary) -> set[int]:
    """The pieces that occur in them."""
    return {id for it in all_of_them for id in vocabulary.encode(it.digest).ids}


def _example(dialogue: Dialogue) -> Example:
    zone = dialogue.now.tzinfo
    assert isinstance(zone, ZoneInfo)
    lines = [Line(who, text) for who, text in dialogue.turns]
    _, digest = follow(lines, dialogue.now, zone)
    day, minutes = _settled(dialogue, zone)
    hours = [it.minutes for it in digest.hours]
    return Example(
        dialogue,
        digest,
        digest.days.index(day) if day in digest.days else -1,
        hours.index(minutes) if minutes in hours else -1,
    )


def _settled(dialogue: Dialogue, zone: ZoneInfo) -> tuple[date | None, int | None]:
    """The day, and the minutes after midnight, that both stand by."""
    if dialogue.start is not None:
        start = dialogue.start.astimezone(zone)
        return start.date(), start.hour * 60 + start.minute
    day = date.fromisoformat(dialogue.day) if dialogue.day else None
    at = time.fromisoformat(dialogue.time) if dialogue.time else None
    return day, None if at is None else at.hour * 60 + at.minute
