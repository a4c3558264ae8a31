"""Words: how much of what was said was understood, as word error rate. Pure.

Both texts are brought to one spelling first: lower case, no punctuation, numbers in
words, so that "3:30 p.m." and "three thirty pm" are the same.
"""

from __future__ import annotations

import re
from typing import Any

import jiwer

__all__ = ["compared", "spelled"]

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
    "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty",
    "ninety",
]  # fmt: skip
_SCALES = ((1_000_000, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_MOST = 1_000_000_000
"Longer numbers are read digit by digit: telephone numbers, accounts."

_SIGNS = (("%", " percent "), ("&", " and "), ("+", " plus "))
_SPELLINGS = {"okay": "ok", "mister": "mr", "missus": "mrs", "doctor": "dr"}

_TIME = re.compile(r"\b(\d{1,2}):(\d\d)\b")
_MONEY = re.compile(r"\$\s?(\d+(?:\.\d+)?)")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")
_HALVES = re.compile(r"\b([ap])\.\s?m\b\.?")
_DECIMAL = re.compile(r"(\d+)\.(\d+)")
_NUMBER = re.compile(r"(\d+)(st|nd|rd|th)?")
_NO_WORD = re.compile(r"[^\w']+|_")


def compared(script: str, heard: str) -> dict[str, Any]:
    """Errors in `heard`, and both texts as they were compared.

    `aligned` has what is equal, substituted, deleted or inserted, piece by piece.
    """
    reference, hypothesis = spelled(script), spelled(heard)
    if not reference:
        return {"wer": None, "why": "the script has no words", "heard": hypothesis}
    output = jiwer.process_words(reference, hypothesis)
    errors = output.substitutions + output.deletions + output.insertions
    words = len(reference.split())
    aligned = [
        [
            chunk.type,
            " ".join(reference.split()[chunk.ref_start_idx : chunk.ref_end_idx]),
            " ".join(hypothesis.split()[chunk.hyp_start_idx : chunk.hyp_end_idx]),
        ]
        for chunk in output.alignments[0]
    ]
    return {
        "errors": errors,
        "words": words,
        "substitutions": output.substitutions,
        "deletions": output.deletions,
        "insertions": output.insertions,
        "wer": round(errors / words, 4),
        "script": reference,
        "heard": hypothesis,
        "aligned": aligned,
    }


def spelled(text: str) -> str:
    """In the one spelling in which texts are compared."""
    text = text.lower().replace("\u2019", "'")
    text = _GROUPED.sub("", _HALVES.sub(r"\1m", text))
    text = _TIME.sub(_time, _MONEY.sub(r"\1 dollars", text))
    for sign, word in _SIGNS:
        text = text.replace(sign, word)
    text = _DECIMAL.sub(r"\1 point \2", text)
    text = _NUMBER.sub(_number, text)
    words = (word.strip("'") for word in _NO_WORD.sub(" ", text).split())
    return " ".join(_SPELLINGS.get(word, word) for word in words if word)


def _time(match: re.Match[str]) -> str:
    hour, minute = match[1], match[2]
    if minute == "00":
        return f" {int(hour)} "
    return f" {int(hour)} {'oh ' if minute[0] == '0' else ''}{int(minute)} "


def _number(match: re.Match[str]) -> str:
    digits, ordinal = match[1], match[2]
    if len(digits) > 1 and (digits[0] == "0" or int(digits[:12]) >= _MOST):
        words = [_ONES[int(digit)] for digit in digits if digit.isascii()]
    elif not digits.isascii():
        return match[0]
    else:
        words = _cardinal(int(digits)).split()
    if ordinal:
        words[-1] = _ordinal(words[-1])
    return f" {' '.join(words)} "


def _cardinal(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        rest = number % 10
        return _TENS[number // 10] + (f" {_ONES[rest]}" if rest else "")
    for scale, name in _SCALES:
        if number >= scale:
            rest = number % scale
            whole = f"{_cardinal(number // scale)} {name}"
            return f"{whole} {_cardinal(rest)}" if rest else whole
    raise AssertionError(number)


def _ordinal(word: str) -> str:
    if word in _ORDINALS:
        return _ORDINALS[word]
    return f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th"
