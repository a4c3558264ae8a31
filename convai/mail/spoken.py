"""Spoken: words of a call as they are quoted in a letter. Pure."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Line", "clipped", "clock", "heading", "tidy"]


class Line(NamedTuple):
    at: str
    "`1:05`; empty when nobody knows."
    who: str
    text: str
    key: bool = False
    "It made the meeting."


def clock(ms: int | None) -> str:
    """`1:05`, `1:02:05`."""
    if ms is None:
        return ""
    seconds = max(ms, 0) // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours}:{minutes:02}:{seconds % 60:02}"
    return f"{minutes}:{seconds % 60:02}"


def tidy(text: str) -> str:
    """One line, in which nothing is invisible."""
    return " ".join("".join(it if it.isprintable() else " " for it in text).split())


def heading(text: str, most: int) -> str:
    """A line fit for the head of a letter.

    What looks like an encoded word (RFC 2047) would be decoded by its reader, and then
    be another text than the one that was looked at here.
    """
    return clipped(tidy(text).replace("=?", "= ?"), most)


def clipped(text: str, most: int) -> str:
    """At most so many characters, cut between words where there are any."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    head, space, _ = cut.rpartition(" ")
    # A word that fills half of it is none: cut through it.
    kept = head if space and len(head) > most // 2 else cut
    return kept.rstrip(" ,;:-") + "…"
