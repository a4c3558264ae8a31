"""Hours: the times of day that a text names. Pure.

Reads the spelling of `speech`. A number alone is a time only where its neighbours say
so (`at 3`, `3 works`); one to seven is taken for the afternoon, eight to eleven for
the morning (`quarter to eight` too, for the eight in it), unless something said which
half of the day is meant: people meet in office hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .hour import Hour
from .lexicon import lexicon
from .parts import NO_PART, PART, PARTS, halved, plausible

__all__ = ["hours"]


NEAR = 80
"Characters around a number, which say whether it is a time."
WINDOW_MIN = 240
"Minutes: what is said to last so long is a window in which somebody may come."

_H = r"(?:\d{1,2}|one)"
_HALF = r"(?: ?(?P<half>am|pm)\b)?"
_PHRASES = lexicon("hours")
_UNITS = rf"(?! ?(?:{_PHRASES['UNITS'].pattern})\b)"
_STRONG = r"(?:at|around|about|approximately|roughly|say|by about|at around|at about)"
_THE_DAY = re.compile(r"\bthe x*day $")
"The Thursday one."
_ONE_AFTER = re.compile(r"^ (?:in the (?:afternoon|morning)|sharp|it is|on the dot)\b")
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:a )?(?P<amount>half|quarter|\d{{1,2}}(?: and \d\d)?)(?: minutes?)?"
        rf" (?P<side>past|after|to|before|of|till|til) (?P<h>{_H}|noon|midnight)\b"
        rf"(?![:~])(?: oclock)?{_HALF}{_UNITS}",
        rf"\b(?P<amount>half) (?P<h>{_H})\b(?![:~]){_HALF}{_UNITS}(?! an?\b)",
        rf"(?P<h>\d{{1,2}}):(?P<m>\d\d)\b(?: oclock)?{_HALF}(?! (?:euros?|pounds?)\b)",
        rf"(?P<h>\d{{1,2}})~(?P<soft>\d\d)\b(?: hours?\b)?{_HALF}"
        rf"(?:(?= \d{{1,2}}~\d)|{_UNITS})",
        rf"\b(?P<h>{_H}) (?P<oclock>oclock|uhr){_HALF}",
        r"(?<=\bat )(?P<h>1[0-9]|2[0-3]) (?P<oclock>hours)\b(?! (?:a|per|each)\b)",
        r"(?:^|(?<=\bby )|(?<=\bfrom )|(?<=day )|(?<=tomorrow )|(?<=\bsay )|(?<=\bit ))"
        r"(?P<h>1[3-9]|2[0-3]) (?P<oclock>hours)\b"
        r"(?! (?:a|per|each|of|to|long|later|ago|straight|notice|work|drive|away)\b)",
        rf"\b(?P<h>{_H}) ?(?P<half>am|pm)\b",
        rf"\b(?P<h>{_H})(?= (?:in the (?:morning|afternoon|evening)|at night|sharp)\b)",
        r"\b(?:12 )?(?P<word>noon|midnight)\b(?! (?:on )?the phone)",
        rf"\b(?<!~)(?P<bare>{_H})(?: ?ish)?\b(?![:~/.%]|,\d){_UNITS}",
    )
)
_OF_ENDS = re.compile(r"^ ?(?:$|[,.?]|(?:on|in the|then|x*day|works?|is)\b)")
_BETWEEN = re.compile(r"\b(?:any ?time |some ?time |somewhere )*between $")
_LIMIT = re.compile(
    r"\b(?:any ?time |some ?time |from |not |only |or )*"
    r"(?P<word>after|before|until|till|by|past|from|since|gone)"
    r"(?: about| around| like| (?:he|she|they|it|we|i) \w+(?: \w+)?(?: at)?)? $"
)
_PUT_OFF = re.compile(
    r"\b(?:give (?:me|us|him|her)|(?:leave|left|leaving|push|pushed)"
    r" (?:it|that|him|her)) (?:till|until) $"
)
"No limit: it is when they meet then."
_TO_DO = re.compile(r"^(?: oclock)? to\b")
_JOINT = re.compile(r"^ (?P<word>to|till|until|and|or|through|,) $")
_ONWARDS = re.compile(
    r"^ (?:onwards?|on(?= ?$|[,.])|or (?:later|after|so later|earlier)"
    r"|at the (?:latest|earliest))\b"
)


def hours(text: str, *, asked: bool = False) -> list[Hour]:
    """The times in the order of the text; none overlaps another.

    `asked`: a time was asked for, so a number is likely to be one.
    """
    singles = sorted(_singles(text, asked), key=lambda it: it.begin)
    if _PHRASES["CODE"].search(text):
        singles = [it for it in singles if it.sure or not it.alone]
    return _in_halves(text, _joined(text, singles))


def _singles(text: str, asked: bool) -> Iterator[Hour]:
    taken: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(b < match.end() and match.start() < e for b, e in taken):
                continue
            if (found := _read(match, text, asked)) is not None:
                taken.append(match.span())
                yield found


def _around(text: str, begin: int, end: int) -> tuple[str, str]:
    """What stands before and after, as far as it matters; whole words."""
    before, after = text[max(0, begin - NEAR) : begin], text[end : end + NEAR]
    if begin > NEAR:
        before = "x " + before.partition(" ")[2]
    if end + NEAR < len(text):
        after = after.rpartition(" ")[0] + " x"
    return before, after


def _read(match: re.Match[str], text: str, asked: bool) -> Hour | None:
    got = match.groupdict()
    at = match.span()
    before, after = _around(text, *at)
    if word := got.get("word"):
        return Hour(*at, hour=12 if word == "noon" else 0, sure=True)
    if re.search(r"[$€£] ?$", before):
        return None
    if bare := got.get("bare"):
        return _bare(at, _number(bare), before, after, asked)
    if amount := got.get("amount"):
        if re.search(r"\bfrom $", before) and got.get("side") == "to":
            return None  # from ten to four: a range
        if got.get("side") == "of" and not (
            re.search(r"\bat $", before) or _OF_ENDS.match(after)
        ):
            return None  # ten of twelve said yes
        return _past(at, amount, got.get("side") or "past", got["h"], got["half"])
    hour, minute = _number(got["h"]), int(got.get("m") or got.get("soft") or 0)
    if got.get("soft") and not got["half"] and not _soft(before, after, asked):
        return None
    zero = got["h"].startswith("0")
    return _made(at, hour, minute, got.get("half"), sure=zero)


def _bare(
    at: tuple[int, int], hour: int, before: str, after: str, asked: bool
) -> Hour | None:
    if not 1 <= hour <= 23 or not _fits(before, after, asked):
        return None
    company = _PHRASES["ONE_BEFORE"].search(before) or _ONE_AFTER.match(after)
    if hour == 1 and (not company or _THE_DAY.search(before)):
        return None
    found = _made(at, hour, 0, None)
    strong = re.search(rf"\b{_STRONG} $", before)
    return found and replace(found, alone=not strong)


def _soft(before: str, after: str, asked: bool) -> bool:
    """Whether `2~30` is a time, and no price: `she has 2~30`, `make that 2~30`."""
    if re.match(r"^ (?:in the (?:morning|afternoon|evening)|on the dot)\b", after):
        return True
    plain = re.match(r"^(?! ?(?:\d|\w*hundred|\w*thousand))", after)
    if asked and plain and not _PHRASES["NOT_BEFORE"].search(before):
        return True
    if re.search(r"\d~\d\d (?:and |or )?$", before):
        return True  # one of several
    if re.search(r"\b(?:has|have|got|do|exactly|there|here|an?) $", before):
        return bool(
            re.match(r"^ ?(?:$|[,.]|(?:or|and|on|free|if|available|x*day)\b)", after)
        )
    return _fits(before, after, asked)


def _fits(before: str, after: str, asked: bool) -> bool:
    """Whether a number stands where times stand."""
    if re.search(r"\b(?:at|at around|at about) $", before):
        return not re.search(r"\blook(?:ing|ed)? at $", before)
    if re.search(r"\w*(?:day|tomorrow|tonight) (?:about|around) $", before):
        return True
    ends = re.match(r"^(?:$| ?x*day\b| (?:tonight|then|instead)\b)", after)
    if ends and re.search(r"^(?:\w+ ,? ?)?(?:how|what) about $", before):
        return True
    if _PHRASES["NOT_BEFORE"].search(before):
        # "I've got 11": an answer to who asked for a time.
        return (
            asked
            and bool(re.search(r"\b(?:got|have|about) $", before))
            and (not after or bool(re.match(r"^ ?(?:$|[,.]|or\b|and\b)", after)))
        )
    if re.search(r"(?:\b\w+day|\btomorrow|\btonight) ,? ?$", before):
        return True
    if re.match(r"^ on (?:the )?x*day\b", after):
        return True
    fits = bool(_PHRASES["AFTER"].search(after))
    return fits if asked else fits and bool(_PHRASES["BEFORE"].search(before))


def _past(
    at: tuple[int, int], amount: str, side: str, hour: str, half: str | None
) -> Hour | None:
    parts = {"half": 30, "quarter": 15}
    minutes = parts.get(amount) or sum(int(it) for it in amount.split(" and "))
    if not 0 < minutes < 60 or (amount == "half" and side not in ("past", "after")):
        return None
    if side == "of" and amount not in ("quarter", "5", "10", "20"):
        return None
    if amount.isdecimal() and side != "past" and minutes not in (5, 10, 20, 25):
        return None  # two to three: a range
    named = {"noon": 12, "midnight": 24}.get(hour)
    base = (named or _number(hour)) * 60
    if side in ("past", "after"):
        base += minutes
    else:
        base -= minutes
    if named:
        return Hour(*at, hour=base // 60 % 24, minute=base % 60, sure=True)
    if not 0 < base < 24 * 60:
        return None
    early = base // 60 == 0
    if not half and base // 60 == 7 and side not in ("past", "after"):
        # The half of the day is that of the hour which is named: eight is before noon.
        return Hour(*at, hour=7, minute=base % 60)
    return _made(at, 12 if early else base // 60, base % 60, half)


def _made(
    at: tuple[int, int], hour: int, minute: int, half: str | None, sure: bool = False
) -> Hour | None:
    if hour > 23 or minute > 59 or (half and hour > 12 and half == "am"):
        return None
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half == "pm")
        return Hour(*at, hour=hour, minute=minute, sure=True)
    sure = sure or hour > 12 or hour == 0
    if not sure and 1 <= hour <= 7:
        hour += 12
    return Hour(*at, hour=hour, minute=minute, sure=sure)


def _joined(text: str, singles: list[Hour]) -> list[Hour]:
    """Ranges as one, and what stands before or after as a limit."""
    out: list[Hour] = []
    at = 0
    while at < len(singles):
        one = singles[at]
        at += 1
        before, after = _around(text, one.begin, one.end)
        if at < len(singles):
            two = singles[at]
            joint = _JOINT.match(text[one.end : two.begin])
            word = joint["word"] if joint else ""
            between = _BETWEEN.search(before)
            if between and word in ("and", "to", "or", ","):
                out.append(replace(one, end=two.end, vague=True))
                at += 1
                continue
            if word in ("to", "till", "until", "through"):
                out.append(_span(one, two))
                at += 1
                continue
        limit = _LIMIT.search(before)
        put_off = _PUT_OFF.search(before) and not _TO_DO.match(after)
        bound = limit and limit["word"] != "from" and not put_off
        if bound or _ONWARDS.match(after):
            one = replace(one, vague=True)
        out.append(one)
    return out


def _span(one: Hour, two: Hour) -> Hour:
    """From one to two; the half of the day that the second has counts for both."""
    first, last = one.minutes, two.minutes
    if two.sure and not one.sure and one.hour >= 12 and last < 12 * 60:
        first -= 12 * 60
    if two.sure and not one.sure and first < 12 * 60 <= first + 12 * 60 < last:
        later = first + 12 * 60
        first = later if last - later < last - first and last - later <= 240 else first
    while last <= first:
        last += 12 * 60  # twice from noon to midnight
    hour, minute = divmod(first % (24 * 60), 60)
    window = last - first >= WINDOW_MIN
    return replace(
        one,
        end=two.end,
        hour=hour,
        minute=minute,
        sure=one.sure or two.sure,
        until=last,
        vague=window,
        alone=one.alone and two.alone,
    )


def _in_halves(text: str, found: list[Hour]) -> list[Hour]:
    """With the half of the day that is named beside the time."""
    masked = NO_PART.sub(lambda it: "." * len(it[0]), text)
    parts = [match for match in PART.finditer(masked) if match[1] in PARTS]
    out = []
    for it in found:
        near = [part for part in parts if not _between(it, part, found)]
        if near and not it.sure:
            near.sort(key=lambda one: abs(one.start() - it.end))
            fitting = [one for one in near if plausible(it.hour % 12, one[1])]
            it = halved(it, (fitting or near)[0][1], beside=True)
        out.append(it)
    return out


def _between(it: Hour, part: re.Match[str], found: list[Hour]) -> bool:
    """Whether another time stands between: then the part of the day is its own."""
    begin, end = sorted((it.begin, part.start()))
    return any(begin < one.begin < end for one in found if one is not it)


def _number(word: str) -> int:
    return 1 if word == "one" else int(word)
