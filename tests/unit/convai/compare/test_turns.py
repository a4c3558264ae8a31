"""The caller's turn-taking, in virtual time: an agent made of sound and silence."""

from __future__ import annotations

from collections.abc import Callable

from convai.compare.turns import AUDIBLE, Pace, Phase, TurnTaking

SLOT_S = 0.02
TURN = (0.1, 1.1, 1.3)
"Speech from 0.1 to 1.1 s of a recording of 1.3 s."

Sounds = Callable[[float, TurnTaking], bool]


def play(taking: TurnTaking, sounds: Sounds, limit: float = 120.0) -> float:
    """Run the call; returns when it was over."""
    taking.begin(0.0)
    for slot in range(int(limit / SLOT_S)):
        now = slot * SLOT_S
        if sounds(now, taking):
            taking.hear(now, AUDIBLE * 2)
        taking.tick(now)
        if taking.phase is Phase.DONE:
            return now
    raise AssertionError("the call did not end")


def polite(greeting: float, delay: float, length: float) -> Sounds:
    """Greets, then answers each turn after `delay` for `length` seconds."""

    def sounds(now: float, taking: TurnTaking) -> bool:
        if not taking.spoken:
            return 0.3 <= now < 0.3 + greeting
        end = taking.spoken[-1].end
        return end + delay <= now < end + delay + length

    return sounds


def begins(taking: TurnTaking) -> list[float]:
    return [round(spoken.begin, 2) for spoken in taking.spoken]


def test_the_next_turn_begins_a_second_after_the_agent_fell_silent() -> None:
    taking = TurnTaking([TURN, TURN])
    over = play(taking, polite(2.0, 0.5, 3.0))
    # Greeting until 2.3, a second, and 0.1 s before the first word of the recording.
    first, second = begins(taking)
    assert abs(first - 3.4) < 0.03
    assert abs(second - (first + 1.0 + 0.5 + 3.0 + 1.0 + 0.1)) < 0.05
    assert abs(over - (second + 1.0 + 0.5 + 3.0 + 1.0)) < 0.05
    assert taking.notes == []


def test_a_pause_between_sentences_is_not_the_end() -> None:
    def sounds(now: float, taking: TurnTaking) -> bool:
        return not taking.spoken and (now < 1.0 or 1.8 < now < 3.0)

    taking = TurnTaking([TURN])
    play(taking, sounds)
    assert begins(taking)[0] > 4.0


def test_without_a_greeting_or_an_answer_the_caller_goes_on_and_notes_it() -> None:
    taking = TurnTaking([TURN, TURN], pace=Pace(greeting=3.0, answer=5.0))
    over = play(taking, lambda now, taking: False)
    assert abs(begins(taking)[0] - 3.1) < 0.03
    assert abs(over - (3.0 + 1.1 + 5.0 + 1.1 + 5.0)) < 0.1
    assert taking.notes == [
        "no greeting within 3 s",
        "no answer to turn 1 within 5 s",
        "no answer to turn 2 within 5 s",
    ]


def test_one_turn_interrupts_when_the_answer_has_gone_on_for_a_while() -> None:
    taking = TurnTaking([TURN, TURN], interrupt=1)
    play(taking, polite(1.0, 0.5, 8.0))
    one, two = taking.spoken
    assert (one.interrupts, two.interrupts) == (False, True)
    assert abs(two.begin - (one.end + 0.5 + 1.5)) < 0.05


def test_it_interrupts_a_word_and_not_a_pause() -> None:
    def sounds(now: float, taking: TurnTaking) -> bool:
        if not taking.spoken:
            return now < 1.0
        into = now - taking.spoken[0].end - 0.5
        return 0 <= into < 1.3 or 2.0 <= into < 5.0

    taking = TurnTaking([TURN, TURN], interrupt=1)
    play(taking, sounds)
    one, two = taking.spoken
    assert two.interrupts
    assert abs(two.begin - (one.end + 0.5 + 2.0 + 0.1)) < 0.03


def test_an_answer_too_short_to_interrupt_is_noted() -> None:
    taking = TurnTaking([TURN, TURN], interrupt=1)
    play(taking, polite(1.0, 0.5, 1.0))
    assert not taking.spoken[1].interrupts
    assert "turn 2 could not interrupt" in taking.notes[0]


def test_an_agent_that_never_stops_does_not_hold_the_caller_for_ever() -> None:
    taking = TurnTaking([TURN], pace=Pace(longest=20.0))
    over = play(taking, lambda now, taking: True)
    assert over < 50
    assert taking.notes == [
        "the greeting did not end within 20 s",
        "the answer to turn 1 did not end within 20 s",
    ]


def test_quiet_sound_is_silence() -> None:
    taking = TurnTaking([TURN], pace=Pace(greeting=1.0))
    taking.begin(0.0)
    for slot in range(100):
        taking.hear(slot * SLOT_S, AUDIBLE * 0.9)
        taking.tick(slot * SLOT_S)
    assert taking.notes == ["no greeting within 1 s"]
