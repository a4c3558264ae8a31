"""HeardWords: the words of a reply that was stopped by the call."""

from __future__ import annotations

from convai.events import Corrected, ReplyDone, Said, Speech
from convai.heard import HeardWords

RATE = 16_000
TEN = "one two three four five six seven eight nine ten"


def reply(heard: HeardWords, number: int, seconds: float, *, whole: bool) -> None:
    heard.note(Said("agent", TEN, True, number))
    heard.note(Speech(number, bytes(int(RATE * seconds) * 2)))
    if whole:
        heard.note(ReplyDone(number))


def test_words_are_cut_in_proportion_to_the_sound() -> None:
    heard = HeardWords(RATE)
    reply(heard, 1, 5.0, whole=True)
    assert heard.cut(1, 2500) == Corrected(1, "one two three four five")
    assert heard.cut(1, 0) == Corrected(1, "")
    assert heard.cut(1, 9000) == Corrected(1, TEN)


def test_while_sound_is_still_coming_an_even_pace_is_assumed() -> None:
    heard = HeardWords(RATE)
    reply(heard, 1, 1.0, whole=False)
    assert heard.cut(1, 1000) == Corrected(1, "one two")


def test_only_the_newest_reply_is_known() -> None:
    heard = HeardWords(RATE)
    assert heard.cut(0, 100) is None
    reply(heard, 1, 5.0, whole=True)
    reply(heard, 2, 5.0, whole=True)
    assert heard.cut(1, 100) is None
    heard.note(Speech(3, bytes(3200)))
    assert heard.cut(3, 100) is None
