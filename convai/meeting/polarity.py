"""Polarity: which days and times of a clause are wanted, and which are not. Pure.

The words around each decide (`polarity.txt`); where they say nothing, a clause that
refuses means what was on the table, and a day and its time stand and fall together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from .acts import Act, without_false_noes
from .clauses import Clause
from .day import Day
from .hour import Hour
from .lexicon import lexicon

__all__ = ["Mark", "between", "sides"]

Mark: TypeAlias = Day | Hour

_MARK = re.compile(r"DAY|HOUR")
_PHRASES = lexicon("polarity")
_NEXT = re.compile(r" ?,? ?(?:not|no|nope) (?:on |at |the )?")
"Between two of them: the no is of the second."
_JOINED = re.compile(r" ?,? ?(?:or|and|at|on|the|,|in the morning|in the afternoon) ?")
_TOGETHER = re.compile(r" ?,? ?(?:at|on|,|around|about)? ?")
_NO = re.compile(r"^(?:no|nope|nah|not)\b")


def sides(it: Clause, known: Callable[[Mark], bool]) -> tuple[list[Mark], list[Mark]]:
    """What is refused and what is wanted; `known`: it was on the table already."""
    refused: list[Mark] = []
    wanted: list[Mark] = []
    for at, mark in enumerate(it.marks):
        bad = _bad_by_words(it, at, refused, wanted)
        if bad is None and it.has(Act.REFUSE):
            if not known(mark) and not (_NO.match(it.text) or it.has(Act.CHANGE)):
                continue  # nobody knows
            bad = known(mark)
        (refused if bad else wanted).append(mark)
    for one in list(wanted):
        if known(one) and any(_stand_together(it, one, no) for no in refused):
            wanted.remove(one)
            refused.append(one)
    return refused, wanted


def between(it: Clause, one: Mark, two: Mark) -> str:
    """The words between two marks that follow each other; else a text of no use."""
    first, second = sorted((it.marks.index(one), it.marks.index(two)))
    if second - first != 1:
        return "far away"
    spots = list(_MARK.finditer(it.text))
    return it.text[spots[first].end() : spots[second].start()]


def _bad_by_words(
    it: Clause, at: int, refused: list[Mark], wanted: list[Mark]
) -> bool | None:
    """Whether the words around a mark refuse it; None: they do not say."""
    text = without_false_noes(it.text)
    spots = list(_MARK.finditer(text))
    begin = spots[at - 1].end() if at else 0
    end = spots[at + 1].start() if at + 1 < len(spots) else len(text)
    before, after = text[begin : spots[at].start()], text[spots[at].end() : end]
    if _PHRASES["NOT_AFTER"].match(after) and not _NEXT.fullmatch(after):
        return True
    if _PHRASES["NOT_BEFORE"].search(before):
        return True
    if _PHRASES["GOOD_AFTER"].match(after) or _PHRASES["WANTED_BEFORE"].search(before):
        return False
    if at and _JOINED.fullmatch(before):
        last = it.marks[at - 1]
        if type(last) is type(it.marks[at]) and " or " not in before:
            return None  # "not tuesday , wednesday"
        return True if last in refused else False if last in wanted else None
    return None


def _stand_together(it: Clause, one: Mark, two: Mark) -> bool:
    """Whether they are a day and its time."""
    if type(one) is type(two):
        return False
    return bool(_TOGETHER.fullmatch(between(it, one, two)))
