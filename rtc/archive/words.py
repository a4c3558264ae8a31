"""Words: what was said, and what is searched for, cut into words. Pure.

Both databases get the words that are made here and cut up nothing themselves. So both
find the same calls, and nothing that people type can mean anything in a query language:
a word consists of letters and digits only. Case, accents and compatibility forms make
no difference; of Chinese and Japanese, which put no spaces, each character is a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from hashlib import blake2b

__all__ = ["MARK", "split", "tag", "tags", "wanted"]

MOST_LETTERS = 64
"Of a word; what follows is cut off, in what was said and in what is searched for."

MOST_BYTES = 1_000_000
"Of all words of a call in UTF-8: a little less than PostgreSQL has room for."

MOST_WANTED = 32
"Words to search for; each narrows the search, and nobody remembers more."

AT_ONCE = 20_000
"""Characters that are cut up in one go. Regular expressions hold Python's lock from
end to end, 2 ms for so many, and calls are running beside us."""

_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_HAN}]|[^\\W_{_HAN}]+")

MARK = "\ue000"
"A character for private use begins a tag, so that none is a word that can be said."

TAGGED = ("agent", "profile", "reason", "recording", "meeting")


def split(text: str) -> list[str]:
    """The different words of `text`, in the order in which they come."""
    words: dict[str, None] = {}
    for piece in _pieces(text):
        words.update(dict.fromkeys(_cut_up(piece)))
    left = MOST_BYTES
    for place, word in enumerate(words):
        left -= len(word.encode())
        if left < 0:
            return list(words)[:place]
    return list(words)


def wanted(text: str | None) -> list[str]:
    """The words to be found, all of them; the last may be the beginning of a word.

    None for an empty text, and for one that holds nothing but punctuation.
    """
    if text is None:
        return []
    words = _cut_up(text[:AT_ONCE])
    # A word that comes again counts where it comes last: there it may be unfinished.
    return list(dict.fromkeys(reversed(words)))[:MOST_WANTED][::-1]


def tag(name: str, value: object) -> str:
    """A word that stands for `value` of the column `name`."""
    whole = f"{name}={value}".encode("utf-8", "replace")
    return MARK + blake2b(whole, digest_size=8).hexdigest()


def tags(values: Mapping[str, object]) -> list[str]:
    """The tags of a call, or of a query: there, None does not narrow the search."""
    given = ((name, values.get(name)) for name in TAGGED)
    return [tag(name, value) for name, value in given if value is not None]


def _pieces(text: str) -> Iterator[str]:
    for line in text.splitlines():
        # A turn so long is none; where it is cut, a word may become two.
        for place in range(0, len(line), AT_ONCE):
            yield line[place : place + AT_ONCE]


def _cut_up(text: str) -> list[str]:
    if text.isascii():
        plain = text.lower()
    else:
        letters = unicodedata.normalize("NFKD", text).translate(_NO_MARKS)
        # Once more: folding takes apart what is a single letter in NFKD.
        plain = unicodedata.normalize("NFKD", letters.casefold()).translate(_NO_MARKS)
    return [word[:MOST_LETTERS] for word in _WORD.findall(plain)]


class _NoMarks(dict[int, int | None]):
    """A table for `str.translate`, which fills as letters come: combining marks go."""

    def __missing__(self, letter: int) -> int | None:
        mark = unicodedata.category(chr(letter)).startswith("M")
        self[letter] = None if mark else letter
        return self[letter]


_NO_MARKS = _NoMarks()
