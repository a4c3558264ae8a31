"""Turns: who answered whom, and how fast."""

from __future__ import annotations

import pytest

from convai.metrics.turn import TurnFigures
from convai.metrics.turns import Turns

KEYS = {"A": ("agent", True), "a": ("agent", False), "C": ("caller", True)}
KEYS["c"] = ("caller", False)


def played(scene: str) -> tuple[list[TurnFigures], Turns]:
    """`1200C` is what happens at 1200 ms: C and c, the caller begins and ceases, A and
    a, the agent; w final words, t typed ones, b a reply's first byte, ! a cut."""
    turns, told, at = Turns(), [], 0
    for token in scene.split():
        at, what = int(token[:-1]), token[-1]
        match what:
            case "w":
                turns.said(2, at)
            case "t":
                turns.typed(2, at)
            case "b":
                turns.begun(at)
            case "!":
                turns.cut(at)
            case _:
                turns.talking(*KEYS[what], at)
        told += turns.take()
    turns.finish(at)
    return told + turns.take(), turns


def test_a_greeting_and_a_turn() -> None:
    told, turns = played("400A 1900a 3000C 5000c 5200w 5300b 5450A 7000a")
    assert told == [
        TurnFigures(
            number=1,
            typed=False,
            start_ms=3000,
            end_ms=5000,
            words=2,
            answer_ms=5450,
            voice_to_voice_ms=450,
            first_byte_ms=300,
            words_ms=200,
            interrupted=False,
            stop_ms=None,
            false_alarm=False,
            talked_over=False,
        )
    ]
    assert turns.greeting_ms == 400
    assert turns.figures() == {"caller": 1, "typed": 0, "agent": 2, "unanswered": 0}
    assert turns.longest_wait_ms == 450


def test_where_nobody_told_of_sound_an_answer_that_came_counts_as_one() -> None:
    told, turns = played("1000t 1300b 5000t 9000t 9300b")
    assert turns.figures() == {"caller": 0, "typed": 3, "agent": 0, "unanswered": 1}
    assert [turn.first_byte_ms for turn in told] == [300, None, 300]
    told, turns = played("400A 900a 1000t 1300b 5000t 5300b 5400A 6000a")
    assert turns.unanswered == 1  # sound was told of, and there was none


def test_who_speaks_second_does_not_greet() -> None:
    _, turns = played("1000C 2000c 2500A 3000a")
    assert turns.greeting_ms is None


def test_an_answer_is_measured_from_the_last_pause() -> None:
    (turn,), turns = played("1000C 2000c 2600C 3000c 3100b 3200w 3500A 5000a")
    assert (turn.start_ms, turn.end_ms) == (1000, 3000)
    assert (turn.voice_to_voice_ms, turn.first_byte_ms) == (500, 100)
    assert turns.figures()["caller"] == 1


def test_what_came_for_the_first_half_of_a_sentence_is_not_the_answer() -> None:
    (turn,), _ = played("1000C 2000c 2300b 2600C 3000c 3400b 3500A 4000a")
    assert turn.first_byte_ms == 400


def test_an_agent_that_goes_on_after_a_gap_answers_nobody() -> None:
    told, turns = played("1000C 2000c 2500A 3500a 5000A 6000a")
    assert [turn.voice_to_voice_ms for turn in told] == [500]
    assert turns.figures()["agent"] == 1


def test_words_may_come_after_the_answer() -> None:
    told, turns = played("1000C 2000c 2500A 3200w 3500a 4000w")
    assert [(turn.words, turn.words_ms) for turn in told] == [(2, 1200), (2, None)]
    assert turns.unanswered == 1, "the last words had no sound of their own"


def test_words_without_a_sound_are_a_turn_that_is_not_measured() -> None:
    (turn,), _ = played("1000w 1500A 2000a")
    assert (turn.words, turn.answer_ms) == (2, 1500)
    assert (turn.start_ms, turn.voice_to_voice_ms, turn.words_ms) == (None, None, None)


def test_an_interruption() -> None:
    told, turns = played(
        "0A 900a 1000C 2000c 2500A 4000C 4380! 4400a 5000c 5600A 6000a"
    )
    first, second = told
    assert not first.interrupted
    assert second.interrupted
    assert (second.stop_ms, second.voice_to_voice_ms) == (400, 600)
    assert turns.interruptions()["voice"] == 1
    assert turns.interruptions()["button"] == 0


def test_an_interruption_by_a_short_word_that_is_confirmed_after_it() -> None:
    told, turns = played("0A 1000C 1300c 1800! 1820a 1900w 2500A 3000a")
    (turn,) = told
    assert turn.stop_ms == 820
    assert turn.voice_to_voice_ms == 1200
    assert turns.interruptions() == {
        "voice": 1,
        "typed": 0,
        "button": 0,
        "false_alarms": 0,
        "withdrawn": 0,
    }


def test_the_word_of_the_cut_may_come_after_the_silence() -> None:
    (turn,), _ = played("0A 1000C 1400a 1450! 2000c 2100w 2500A 3000a")
    assert turn.stop_ms == 400


def test_a_noise_that_interrupts_is_a_false_alarm() -> None:
    told, turns = played("0A 1000C 1300c 1500! 1520a 9000C 9900c 9950w 10500A 11000a")
    noise, turn = told
    assert noise.false_alarm
    assert noise.stop_ms == 520
    assert not turn.interrupted
    assert turn.voice_to_voice_ms == 600
    assert turns.interruptions()["false_alarms"] == 1
    assert turns.figures()["caller"] == 1


def test_words_that_come_while_the_caller_speaks_again_are_of_the_turn_before() -> None:
    first = "0A 1000C 1500c 1600! 1620a 2000A 4000C 4100w 4300! 4320a"
    told, _ = played(f"{first} 5000c 5400w 5500A 6000a")
    assert [(it.words, it.interrupted, it.false_alarm) for it in told] == [
        (2, True, False),
        (2, True, False),
    ]
    assert [turn.words_ms for turn in told] == [2600, 400]


def test_words_of_both_turns_may_come_with_the_second() -> None:
    first = "0A 1000C 1500c 1600! 1620a 2000A 4000C 4300! 4320a"
    told, turns = played(f"{first} 5000c 5500A 5600w 5610w 6000a")
    assert [(it.words, it.false_alarm) for it in told] == [(2, False), (2, False)]
    assert turns.figures()["caller"] == 2


def test_a_button_interrupts_nobodys_turn() -> None:
    told, turns = played("0C 500c 600w 1000A 2000! 2020a 6000C 6500c 7000A 7500a")
    assert [turn.interrupted for turn in told] == [False, False]
    assert turns.interruptions()["button"] == 1


def test_a_reply_stopped_before_it_was_heard_is_no_interruption() -> None:
    _, turns = played("0A 500a 1000C 2000! 2500c 3000A")
    assert turns.interruptions()["withdrawn"] == 1
    assert turns.interruptions()["voice"] == 0


def test_into_a_remark_the_agent_speaks_on() -> None:
    told, turns = played("0A 1000C 1300c 3000a 4000A 5000a 6000C 7000c 7500A 8000a")
    assert [turn.voice_to_voice_ms for turn in told] == [500]
    assert turns.figures() == {"caller": 1, "typed": 0, "agent": 2, "unanswered": 0}


def test_a_remark_with_words_is_a_turn_that_is_not_measured() -> None:
    (turn,), _ = played("0A 1000C 1300c 1500w 3000a 3100A 5000a")
    assert (turn.words, turn.voice_to_voice_ms, turn.interrupted) == (2, None, False)


def test_who_begins_over_the_agent_and_outlasts_it_is_answered() -> None:
    (turn,), turns = played("0A 1800C 2000a 3000c 3400w 3500A 4000a")
    assert (turn.voice_to_voice_ms, turn.interrupted) == (500, False)
    assert turns.interruptions()["button"] == 0


@pytest.mark.parametrize(("end", "expected"), [(2200, 0), (2800, None)])
def test_an_agent_may_begin_a_little_early(end: int, expected: int | None) -> None:
    (turn,), _ = played(f"1000C 2000A {end}c 3000w 4000a")
    assert turn.voice_to_voice_ms == expected
    assert turn.talked_over is (expected is None)


def test_an_agent_that_began_too_early_and_gave_way_still_has_to_answer() -> None:
    (turn,), turns = played("1000C 2000A 2300! 2320a 3000c 3100w 3600A 4000a")
    assert (turn.stop_ms, turn.voice_to_voice_ms) == (320, 600)
    assert turns.interruptions()["voice"] == 1


def test_a_typed_turn_is_marked_and_measured_from_its_writing() -> None:
    (turn,), turns = played("0A 500a 1000t 1400b 1700A 2000a")
    assert (turn.typed, turn.voice_to_voice_ms, turn.first_byte_ms) == (True, 700, 400)
    assert turn.words_ms is None
    assert turns.figures()["typed"] == 1


def test_a_typed_turn_interrupts() -> None:
    (turn,), turns = played("0A 1000t 1200! 1220a 1800A 2000a")
    assert (turn.interrupted, turn.stop_ms, turn.voice_to_voice_ms) == (True, 220, 800)
    assert turns.interruptions()["typed"] == 1


def test_a_typed_turn_while_the_agent_speaks_on_is_not_measured() -> None:
    (turn,), _ = played("0A 1000t 3000a 3100A 4000a")
    assert turn.voice_to_voice_ms is None


def test_a_noise_that_nobody_answers_is_no_turn() -> None:
    told, turns = played("1000C 1300c 9000C 10000c 10100w 10500A 11000a")
    assert [turn.start_ms for turn in told] == [9000]
    assert turns.longest_wait_ms == 500


def test_a_caller_who_waits_in_vain() -> None:
    (turn,), turns = played("1000C 2000c 2100w 9000C 9500c 9600w 12000w")
    assert turn.answer_ms is None
    assert turns.unanswered == 1
    assert turns.longest_wait_ms == 7000


def test_events_twice_count_once() -> None:
    told, turns = played("0A 0A 500a 500a 1000C 1500C 2000c 2100c 2500A 3000a")
    assert [turn.voice_to_voice_ms for turn in told] == [500]
    assert turns.figures()["agent"] == 2
