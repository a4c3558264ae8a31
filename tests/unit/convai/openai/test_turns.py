"""Turns of the caller: in the order in which they were spoken."""

from __future__ import annotations

from typing import Any

from convai.events import Said, Usage
from convai.openai.turns import MOST, WAIT_S, CallerTurns


def committed(turns: CallerTurns, item: str, after: str = "", now: float = 0.0) -> Any:
    return turns.committed({"item_id": item, "previous_item_id": after or None}, now)


def recognised(turns: CallerTurns, item: str, text: str, now: float = 0.0) -> Any:
    return turns.recognised({"item_id": item, "transcript": text}, now)


def final(text: str) -> Said:
    return Said("caller", text, True)


def test_a_later_turn_waits_for_an_earlier_one():
    turns = CallerTurns("m")
    committed(turns, "a")
    committed(turns, "b", "a")
    assert recognised(turns, "b", "Second.") == []
    assert recognised(turns, "a", "First.") == [final("First."), final("Second.")]


def test_the_order_is_that_of_the_items():
    turns = CallerTurns("m")
    committed(turns, "b", "a")
    committed(turns, "a")
    committed(turns, "a")
    assert recognised(turns, "b", "Second.") == []
    assert recognised(turns, "a", "First.") == [final("First."), final("Second.")]


def test_but_it_does_not_wait_for_ever():
    turns = CallerTurns("m")
    committed(turns, "a", now=0.0)
    committed(turns, "b", "a", now=1.0)
    assert recognised(turns, "b", "Second.", now=2.0) == []
    assert turns.settled(WAIT_S + 0.1) == [final("Second.")]
    # What comes too late is better than what does not come.
    late = Said("caller", "First.", True, late=True)
    assert recognised(turns, "a", "First.", now=9.0) == [late]


def test_alone_a_turn_may_take_its_time():
    turns = CallerTurns("m")
    committed(turns, "a")
    assert turns.settled(60.0) == []
    assert recognised(turns, "a", "At last.", now=60.0) == [final("At last.")]


def test_guesses_are_told_of_the_first_only():
    turns = CallerTurns("m")
    committed(turns, "a")
    committed(turns, "b", "a")
    first = turns.guess({"item_id": "a", "delta": "Fi"}, 0.0)
    assert first == [Said("caller", "Fi", False)]
    assert turns.guess({"item_id": "b", "delta": "Sec"}, 0.0) == []
    assert recognised(turns, "a", "First.") == [
        final("First."),
        Said("caller", "Sec", False),
    ]


def test_silence_and_what_nobody_understood_hold_up_nothing():
    turns = CallerTurns("m")
    committed(turns, "a")
    committed(turns, "b", "a")
    committed(turns, "c", "b")
    recognised(turns, "b", " ")
    recognised(turns, "c", "Third.")
    assert turns.unrecognised({"item_id": "a", "error": {}}, 0.0) == [final("Third.")]


def test_turns_without_words_are_bounded():
    turns = CallerTurns("m")
    for number in range(MOST + 5):
        committed(turns, f"i{number}")
    assert recognised(turns, "i5", "Words.") == [final("Words.")]


def test_recognition_has_a_price_of_its_own():
    turns = CallerTurns("gpt-transcribe")
    usage = {"type": "duration", "seconds": 2.5}
    message = {"item_id": "a", "transcript": "Hi.", "usage": usage}
    committed(turns, "a")
    assert turns.recognised(message, 0.0) == [
        final("Hi."),
        Usage({"transcription_s": 2.5}, "gpt-transcribe"),
    ]


def test_words_that_come_after_their_answer_say_so():
    turns = CallerTurns("m")
    committed(turns, "a")
    turns.answered()
    committed(turns, "b", "a")
    (first,) = recognised(turns, "a", "First.")
    (second,) = recognised(turns, "b", "Second.")
    assert (first.late, second.late) == (True, False)
