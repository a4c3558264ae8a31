"""Words: how much each party said, as far as it was heard."""

from __future__ import annotations

from convai.metrics.words import Words


def test_final_words_of_the_caller_count_and_typed_ones_apart() -> None:
    words = Words()
    assert words.user({"text": "I want", "final": False}) == 0
    assert words.user({"text": "I want a meeting", "final": True}) == 4
    assert words.user({"text": "on Monday", "final": True, "typed": True}) == 2
    assert words.user({"text": 7, "final": True}) == 0
    assert (words.caller, words.typed) == (4, 2)


def test_the_newest_words_of_a_reply_count() -> None:
    words = Words()
    words.reply({"reply": 1, "text": "We are"})
    words.reply({"reply": 1, "text": "We are open."})
    words.reply({"reply": 3, "text": "Until six."})
    words.reply({"text": "nobody's"})
    assert words.agent == 5


def test_of_a_cut_reply_the_words_heard_count() -> None:
    words = Words()
    words.reply({"reply": 1, "text": "one two three four five six"})
    words.cut({"reply": 1, "heard_ms": 1600})
    assert words.agent == 4, "at an unhurried pace"
    words.corrected({"reply": 1, "text": "one two"})
    words.reply({"reply": 1, "text": "one two three four five six"})  # late
    assert words.agent == 2
    words.reply({"reply": 2, "text": "never heard"})
    words.cut({"reply": 2, "heard_ms": 0})
    assert words.agent == 2


def test_a_short_reply_cut_late_has_no_more_words_than_it_has() -> None:
    words = Words()
    words.reply({"reply": 1, "text": "one two"})
    words.cut({"reply": 1, "heard_ms": 60_000})
    words.cut({"reply": "x"})
    assert words.agent == 2
