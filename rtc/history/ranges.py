"""Ranges: which bytes of a file a request wants, as RFC 9110 section 14 has it. Pure.

A server may ignore a Range header that it cannot make sense of, and one that asks for
several ranges at once, which no player does: the whole file is the answer then.
"""

from __future__ import annotations

import re

__all__ = ["Unsatisfiable", "same", "wanted"]

_SPEC = re.compile(r"bytes=[ \t,]*(\d*)-(\d*)[ \t,]*", re.ASCII | re.IGNORECASE)
"One range. Empty elements of a list are allowed to recipients (section 5.6.1.2)."

MOST_DIGITS = 18
"More than any file has; int() of a stranger's thousand digits would take its time."


class Unsatisfiable(Exception):
    """The range begins behind the end: 416."""


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last; None: the header is to be ignored.

    Raises Unsatisfiable.
    """
    match = _SPEC.fullmatch(header)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = min(_number(last), size)
        if not length:
            raise Unsatisfiable
        return size - length, size
    begin = _number(first)
    if last and _number(last) < begin:
        return None
    if begin >= size:
        raise Unsatisfiable
    return begin, min(_number(last) + 1, size) if last else size


def same(header: str, etag: str) -> bool:
    """Whether an If-Range names this very version: a weak tag or a date does not."""
    return header.strip() == etag


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or 0) if len(digits) <= MOST_DIGITS else 10**18
