"""Excerpt: the part of the transcript in which the meeting was agreed on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..events import Party
from ..meeting.meeting import Evidence, Meeting
from ..turn import Turn
from .spoken import Line, clipped, clock, tidy

__all__ = ["excerpt"]

BEFORE, AFTER = 1, 1
"Turns about one that counts: what it answers, and how it was answered."
MOST = 12
"Turns: the latest, where the last word was said."
LONGEST = 300
"Characters of one."

GAP = Line("", "", "…")


def excerpt(
    meeting: Meeting, turns: Sequence[Turn], names: Mapping[Party, str]
) -> list[Line]:
    """Lines in order, a `…` where turns are left out; `names`: who is called how."""
    marked = {
        place
        for evidence in meeting.evidence
        if (place := _place(evidence, turns)) is not None
    }
    if not marked:
        # The meeting brings its own words, though nothing of what was around them.
        return [
            Line(clock(it.start_ms), names[it.who], _text(it.text), key=True)
            for it in meeting.evidence[-MOST:]
        ]
    shown = {
        near
        for place in marked
        for near in range(place - BEFORE, place + AFTER + 1)
        if 0 <= near < len(turns)
    }
    lines: list[Line] = []
    for place in sorted(shown)[-MOST:]:
        if lines and place - 1 not in shown:
            lines.append(GAP)
        turn = turns[place]
        at, text = clock(turn.start_ms), _text(turn.text)
        lines.append(Line(at, names[turn.who], text, key=place in marked))
    return lines


def _place(evidence: Evidence, turns: Sequence[Turn]) -> int | None:
    """Which turn it was: by its time, or else the last one with those words."""
    words = tidy(evidence.text)
    for place in reversed(range(len(turns))):
        turn = turns[place]
        if turn.who != evidence.who:
            continue
        if evidence.start_ms is not None and turn.start_ms == evidence.start_ms:
            return place
        if evidence.start_ms is None and words and words in tidy(turn.text):
            return place
    return None


def _text(text: str) -> str:
    return clipped(tidy(text), LONGEST)
