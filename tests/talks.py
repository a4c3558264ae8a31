"""Talks on a Wednesday in Vienna, in one string: `a: Thursday at 3?|c: Perfect.`"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from convai.events import Party
from convai.meeting.clauses import Clause, clauses
from convai.meeting.dates import Today
from convai.meeting.detect import Line, follow
from convai.meeting.negotiation import Negotiation

__all__ = ["NOW", "VIENNA", "clause", "lines", "negotiated", "split"]

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 11, 25, 10, tzinfo=VIENNA)
"A Wednesday."

PARTIES: dict[str, Party] = {"a": "agent", "c": "caller"}


def lines(talk: str) -> list[Line]:
    found = []
    for turn in talk.split("|"):
        who, _, text = turn.partition(":")
        found.append(Line(PARTIES[who.strip()], text.strip()))
    return found


def negotiated(talk: str) -> Negotiation:
    """The negotiation at the end of the talk."""
    return follow(lines(talk), NOW, VIENNA)[0]


def split(text: str, *, asked: bool = False) -> list[Clause]:
    """What the turn is made of."""
    return clauses(text, Today(NOW.date(), minutes=NOW.hour * 60), asked=asked)[0]


def clause(text: str, *, asked: bool = False) -> Clause:
    (found,) = split(text, asked=asked)
    return found
