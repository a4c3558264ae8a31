"""Polarity: which days and times of a clause are wanted, and which are not. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from .acts import Act, without_false_noes
from .clauses import Clause
from .days import Day
from .hours import Hour

__all__ = ["Mark", "sides"]

Mark = Day | Hour

_NOT_BEFORE = re.compile(
    r"(?:\b(?:not|can't|cannot|couldn't|won't|never|instead of|rather than|except|nothing|without"
    r"|scratch|scrap|forget|than|isn't|don't|busy|tied up|fully booked|neither|nor|closed|cancel|drop|hate|out of office|am away|are away|is away)"
    r"(?: (?:really|do|make|it|that|any|the|this|on|at|for|in|have|want|anything|come|"
    r"be|a|an|free|available|like|manage|either|my|our|go|with|of|take|until|before|get|out|say|said))*) $"
)
_MOVED_FROM = re.compile(
    r"\b(?:move|moved|change|shift|switch|swap|reschedule|push|bring|from)\b(?: \w+){0,5} $"
)
_NOT_AFTER = re.compile(
    r"^ ?,? ?(?:(?:is|are|was|would be|looks|sounds|seems|it|that|i'm|i am|we're|we are|unfortunately|i|we|actually|at|on|this|'s|morning|afternoon) ?)*"
    r"(?:not\b|isn't|doesn't|won't|wouldn't|can't|cannot|no\b|nope|out\b(?! (?:of the|and))"
    r"|bad\b|busy|taken|full\b|fully|gone|impossible|tricky|difficult|too (?:early|late|soon|far)|a bit\b|might be (?:tight|difficult|tricky|hard|early|late)|tight\b"
    r"|a (?:problem|nightmare|no)|booked (?:up|out|solid)|away|in (?:court|surgery|a meeting|meetings|hospital|school)|off\b|closed"
    r"|(?:(?:he|she|they|who)(?:'s| is| are| has)? ?)?(?:got |have |has )?(?:no|nothing|not)\b|(?:(?:i|we|he|she|they)(?:'ve|'s| have| has)? )?(?:have (?:a|an|my|another|the)|got \w)|don't|tied|hopeless|rubbish|crazy|awful|terrible|unavailable|clashes|dead|mental|hectic|rammed|solid)"
)
_GOOD_AFTER = re.compile(
    r"^ ?,? ?(?:(?:at|on|it|that|would|will|'ll|should|could|can|is|'s|sounds|looks|be|then|just|all|really|very|ok|yes|yeah|we|i|does|are|might|actually|instead|please|could) ?)*"
    r"(?:works?|fine|good|great|perfect|better|best|possible|free|available|open|suits?|ok|it is|then|please|instead|lovely|ideal|cool|do\b|easier|yes|yeah|sure|sound)\b"
)
_WANTED_BEFORE = re.compile(
    r"\b(?:but|only|make it|make that|then|rather|prefer|instead|until|say|do|so|better|about|how about|maybe|perhaps|yes|yeah|no make it|take|ok|it's|it is|i said|i mean|i meant|to|sorry) (?:on |at |to |for |the |it |that )*$"
)


def sides(it: Clause, known: Callable[[Mark], bool]) -> tuple[list[Mark], list[Mark]]:
    """What is refused and what is wanted; `known`: it was on the table already."""
    refused: list[Mark] = []
    wanted: list[Mark] = []
    spots = [match for match in re.finditer(r"DAY|HOUR", it.text)]
    negative = it.has(Act.REFUSE)
    text = without_false_noes(it.text)
    for at, mark in enumerate(it.marks):
        begin = spots[at - 1].end() if at else 0
        end = spots[at + 1].start() if at + 1 < len(spots) else len(text)
        before = text[begin : spots[at].start()]
        after = text[spots[at].end() : end]
        bad: bool | None = None
        if _NOT_AFTER.match(after) and not _starts_next(after, it, at, known):
            bad = True
        elif _NOT_BEFORE.search(before):
            bad = True
        elif _GOOD_AFTER.match(after) or _WANTED_BEFORE.search(before):
            bad = False
        elif at and re.fullmatch(
            r" ?,? ?(?:or|and|at|on|the|,|in the morning|in the afternoon) ?", before
        ):
            previous = it.marks[at - 1]
            if type(previous) is type(mark) and " or " not in before:
                previous = mark  # "not tuesday , wednesday"
            bad = previous in refused
            if previous not in refused and previous not in wanted:
                bad = None
        if bad is None and negative:
            if known(mark):
                bad = True
            elif re.match(r"^(?:no|nope|nah|not)\b", it.text) or it.has(Act.CHANGE):
                bad = False
            else:
                continue  # nobody knows
        (refused if bad else wanted).append(mark)
    # A day and its time stand and fall together.
    if refused and wanted:
        for one in list(wanted):
            joined = any(
                type(one) is not type(no)
                and re.fullmatch(
                    r" ?,? ?(?:at|on|,|around|about)? ?", _gap(it, one, no)
                )
                for no in refused
            )
            if joined and known(one):
                wanted.remove(one)
                refused.append(one)
    return refused, wanted


def _gap(it: Clause, one: Mark, two: Mark) -> str:
    spots = [match for match in re.finditer(r"DAY|HOUR", it.text)]
    a, b = sorted((it.marks.index(one), it.marks.index(two)))
    if b - a != 1:
        return "far away"
    return it.text[spots[a].end() : spots[b].start()]


def _starts_next(
    after: str, it: Clause, at: int, known: Callable[[Mark], bool]
) -> bool:
    """`friday not thursday`: the not is of what comes next."""
    return bool(re.fullmatch(r" ?,? ?(?:not|no|nope) (?:on |at |the )?", after))
