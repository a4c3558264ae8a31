"""Speech: what people say, and recognisers write, in one spelling. Pure.

Lower case; words and signs apart; numbers as digits (`27th`, `25`), but for `one`,
`first`, `second` and `third`, which mostly count nothing. What may be a time of day
in words is `2~30`; whether it is one, `hours` decides. Runs of numbers, as in a
telephone number, become `#`.
"""

from __future__ import annotations

import re

__all__ = ["canonical"]

_BELOW_20 = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
    "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_NTHS = (
    "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth",
)  # fmt: skip
_NUMBER = {word: number for number, word in enumerate(_BELOW_20)}
_TEN = {word: number * 10 for number, word in enumerate(_TENS, 2)} | {"fourty": 40}
_NTH = {word: number for number, word in enumerate(_NTHS, 4)} | {
    "nineth": 9, "twelveth": 12, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_LOW_NTH = {"first": 1, "second": 2, "third": 3} | {
    word: number for word, number in _NTH.items() if number < 10
}

_SIGNS = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"'})
_HALF_OF_DAY = re.compile(r"\b([ap]) ?\. ?m\b\.?|(?<=[a-z0-9] )([ap]) m\b")
_TOUCHING = re.compile(r"(\d)(am|pm|uhr)\b")
_OCLOCK = re.compile(r"\bo ?' ?clock\b|\bo clock\b|\boclock\b")
_RUN_ON = re.compile(
    r"(?<!is )(?<!pay )(?<!paid )(?<!costs )(?<!cost )(?<!fee )(?<!price )"
    r"(?<![$€£.,\d])"
    r"\b(1[0-2]|[1-9])([0-5]\d)(?= ?[ap]m\b)"
)
"A recogniser's `645 pm`; but a rent may be 650 pm, each month."
_CLOCK = re.compile(
    r"(?<![$€£\d.:])\b([01]?\d|2[0-4])(?:[:h]|\.(?=[0-5]\d(?:\s|[?!,;]|\.?$|\.\s)))"
    r"([0-5]\d)\b"
)
_ELLIPSIS = re.compile(r"\.{2,}|…")
_DASH = re.compile(r"\s[-–—]+\s|[–—]")
_TOKEN = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}:\d\d"
    r"|\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d\d)?|\d{1,2}/\d{1,2}(?:/\d{2,4})?"
    r"|\d+(?:st|nd|rd|th)\b|[$€£]|\d+(?:[.,]\d+)*%?|[a-zà-ÿ]+(?:'[a-zà-ÿ]+)*|[.,?!;:]"
)
_MHM = re.compile(r"\b(?:uh|mm+|um|m|a)[ -]?(?:huh|hm+)\b")
_FEASTS = {
    "christmas eve": "december 24th", "christmas day": "december 25th",
    "boxing day": "december 26th", "new years eve": "december 31st",
    "new years day": "january 1st",
}  # fmt: skip
_FEAST = re.compile(
    r"\b(?:christmas (?:eve|day)|boxing day|new year'?s'? (?:eve|day))\b"
)
_FILLERS = frozenset((
    "um", "umm", "uh", "uhh", "er", "erm", "ehm", "hm", "hmm", "mm", "ah", "eh",
))  # fmt: skip
_VERB = re.compile(
    r"\b((?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|today|noon|one|two|three"
    r"|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty"
    r"|fifty|time|that|\d+(?:st|nd|rd|th)?|oclock|[ap]m|first|second|third|\w+th)'(s|ll|d)\b"
    r"(?<!that'll)(?<!that'd)"
)
_SHORT_VERBS = {"s": "is", "ll": "will", "d": "would"}
_SHORT = {
    "mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday",
    "weds": "wednesday", "thu": "thursday", "thur": "thursday", "thurs": "thursday",
    "fri": "friday", "tmrw": "tomorrow", "tomorow": "tomorrow", "tommorow": "tomorrow",
    "tommorrow": "tomorrow", "wensday": "wednesday", "wendsday": "wednesday",
    "thirsday": "thursday", "jan": "january", "feb": "february", "apr": "april",
    "aug": "august", "sep": "september", "sept": "september", "oct": "october",
    "nov": "november", "dec": "december", "midday": "noon", "okay": "ok", "k": "ok",
    "yea": "yeah", "yep": "yes", "yup": "yes", "cannot": "can't", "wanna": "want to",
    "gonna": "going to", "gotta": "got to", "lets": "let's", "thats": "that's",
    "dont": "don't", "cant": "can't", "doesnt": "doesn't", "wont": "won't",
    "didnt": "didn't", "isnt": "isn't", "im": "i'm", "youre": "you're", "ill": "i'll",
    "whats": "what's", "hows": "how's", "its": "it's", "theres": "there's",
    "itll": "it'll", "youll": "you'll", "theyll": "they'll", "weve": "we've",
    "youve": "you've", "theyre": "they're", "hes": "he's", "shes": "she's",
    "havent": "haven't", "hasnt": "hasn't", "arent": "aren't", "wasnt": "wasn't",
    "thatll": "that'll", "thatd": "that'd", "whos": "who's", "wheres": "where's",
    "wouldnt": "wouldn't", "couldnt": "couldn't", "ive": "i've", "alright": "ok",
    "noontime": "noon", "arvo": "afternoon", "fortnight's": "fortnight",
}  # fmt: skip
_MONTH_FIRST = re.compile(
    r"\b(january|february|march|april|june|july|august|september|october|november"
    r"|december|may)$"
)
_HEARD = {
    "tree": "three", "won": "one", "too": "two", "to": "two", "for": "four",
    "ate": "eight", "passed": "past", "to morrow": "tomorrow", "two": "to",
    "the morra": "tomorrow", "the morrow": "tomorrow",
}  # fmt: skip
_MISHEARD = re.compile(
    r"\b(?:tree|won|ate)(?= (?:oclock|am|pm|thirty|fifteen|forty five)\b)"
    r"|(?<=\bat )(?:tree|won|ate)(?= ?$| ?[,.?!]| (?:on|then|is|ok|works|in the"
    r"|tomorrow|\w+day)\b)|\b(?:too|to|for)(?= oclock\b)"
    r"|(?<=\bat )(?:too|to|for)(?= [ap]m\b(?! i\b))|(?<=\bhalf )passed\b"
    r"|(?<=\bquarter )passed\b|(?<=\bquarter )two(?= (?:one|two|three|four|five|six"
    r"|seven|eight|nine|ten|eleven|twelve|\d{1,2})\b)|\bto morrow\b"
    r"|\bthe morr(?:a|ow)\b"
)
_APART = re.compile(r"(?<=[a-z])-(?=[a-z])")
_LONG_NUMBER = re.compile(
    r"(?<![~:\d])(?:\b(?:\d+|one|oh|zero|double|triple)\b(?![~:])[ ,]*){5,}"
)
_MONEY = "dollars|euros|pounds|bucks|quid|euro|cents|percent|grand|rupees|rand|naira"
_NO_MINUTES = re.compile(
    rf"(?:{_MONEY}|(?:[a-z]+ ){{0,2}}street|road|avenue|kilometers|miles|people)\b"
)


def canonical(text: str) -> str:
    """The text in one spelling; tokens have one blank between them."""
    text = _ELLIPSIS.sub(" , ", text.lower().translate(_SIGNS))
    text = _DASH.sub(" , ", text)
    text = _FEAST.sub(lambda it: _FEASTS[it[0].replace("'", "")], text)
    text = _MHM.sub("mhm", text)
    text = _HALF_OF_DAY.sub(lambda it: f"{it[1] or it[2]}m", text)
    text = _OCLOCK.sub("oclock", _TOUCHING.sub(r"\1 \2", text))
    text = _VERB.sub(lambda it: f"{it[1]} {_SHORT_VERBS[it[2]]}", text)
    text = _CLOCK.sub(r"\1:\2", _RUN_ON.sub(r"\1:\2", text))
    text = _MISHEARD.sub(lambda it: _HEARD[it[0]], text)
    tokens = [
        token
        for token in _TOKEN.findall(_APART.sub(" ", text))
        if token not in _FILLERS
    ]
    words = _clocks(_numbers([_SHORT.get(token, token) for token in tokens]))
    return _LONG_NUMBER.sub("# ", " ".join(_unstuttered(words)))


def _numbers(words: list[str]) -> list[str]:
    """Numbers in words as digits; `twenty five` is one number, `two thirty` two."""
    out: list[str] = []
    at = 0
    while at < len(words):
        word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
        at += 1
        if word in _TEN:
            if after in _NUMBER and 0 < _NUMBER[after] < 10:
                out.append(str(_TEN[word] + _NUMBER[after]))
                at += 1
            elif after in _LOW_NTH:
                out.append(_nth(_TEN[word] + _LOW_NTH[after]))
                at += 1
            else:
                out.append(str(_TEN[word]))
        elif word in _NTH:
            out.append(_nth(_NTH[word]))
        elif word in _NUMBER and word != "one":
            out.append(str(_NUMBER[word]))
        else:
            out.append(word)
    return out


def _nth(number: int) -> str:
    teen = number in (11, 12, 13)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if teen else ending}"


_MOST_CLOCKS = 3
"Times said one after another."
_CLOCKS_ARE_AT = ("at", "by", "from", "until", "till", "to", "around")


def _clocks(words: list[str]) -> list[str]:
    """`2 30`, `3 oh 5` and `15 hundred` as what may be a time of day."""
    out: list[str] = []
    at = 0
    while at < len(words):
        hour = "1" if words[at] == "one" else words[at]
        second, third, fourth = [*words[at + 1 : at + 4], "", "", ""][:3]
        dated = bool(out) and bool(_MONTH_FIRST.search(out[-1]))
        if dated and len(out) > 1:
            dated = out[-2] != "of" and not out[-2][0].isdigit()
        if not _is_hour(hour) or dated:
            out.append(words[at])
            at += 1
            continue
        step, minute = 0, ""
        if second in ("oh", "o", "0") and third.isdecimal() and int(third) < 10:
            step, minute, following = 3, f"0{third}", fourth
        elif second == "hundred" and _military(hour, out, third):
            step, minute, following = 2, "00", third
        elif _is_minute(second) and not (hour == "20" and int(second) < 40):
            step, minute, following = 2, second, third
        more = _goes_on(words, at + step) and not _all_clocks(words, at)
        if not step or _NO_MINUTES.match(following) or more:
            out.append(words[at])
            at += 1
            continue
        if _is_zero(out, minute):
            out[-1], hour = f"0{hour}~{minute}", ""
        else:
            out.append(f"{hour}~{minute}")
        at += step
    return out


def _is_zero(before: list[str], minute: str) -> bool:
    """`At oh four thirty`, `oh nine hundred`; but "oh , 4 30 , sorry" is a sigh."""
    said = before[-1] if before else ""
    meant = minute == "00" or (len(before) > 1 and before[-2] in _CLOCKS_ARE_AT)
    return said in ("0", "zero") or (said == "oh" and meant)


def _military(hour: str, before: list[str], following: str) -> bool:
    """`Oh nine hundred`, `fifteen hundred`, `nine hundred hours`; not a sum."""
    zero = bool(before) and before[-1] in ("oh", "0", "zero")
    part = bool(before) and (before[-1] == "thousand" or before[-1].isdecimal())
    at = bool(before) and (before[-1] in _CLOCKS_ARE_AT or before[-1].endswith("day"))
    late = int(hour) > 12 or (int(hour) > 9 and at)
    return not part and (late or zero or following == "hours")


def _is_hour(word: str) -> bool:
    return word.isdecimal() and len(word) <= 2 and 0 < int(word) < 24


def _is_minute(word: str) -> bool:
    return word.isdecimal() and len(word) == 2 and 10 <= int(word) < 60


def _goes_on(words: list[str], at: int) -> bool:
    """More digits follow: then it was part of a longer number, and no time."""
    return at < len(words) and words[at].isdecimal() and len(words[at]) < 4


def _all_clocks(words: list[str], at: int) -> bool:
    """`5 15 6 45 8 10`: two or three times one after another."""
    run: list[str] = []
    for word in words[at : at + _MOST_CLOCKS * 2 + 1]:
        if not (word.isdecimal() and len(word) <= 2):
            break
        run.append(word)
    pairs = list(zip(run[::2], run[1::2], strict=False))
    fit = all(_is_hour(a) and _is_minute(b) and b[-1] in "05" for a, b in pairs)
    return fit and len(run) in (2, 4, 6)


def _unstuttered(words: list[str]) -> list[str]:
    """`on on tuesday` is `on tuesday`; numbers said twice stay."""
    out: list[str] = []
    for word in words:
        if out and word == out[-1] and not word[0].isdigit():
            continue
        out.append(word)
    return out
