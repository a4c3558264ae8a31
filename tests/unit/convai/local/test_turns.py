from __future__ import annotations

from convai.local.turns import (
    DOUBT_WINDOWS,
    LONG_PAUSE_WINDOWS,
    LONGEST_WINDOWS,
    ONSET_WINDOWS,
    SHORT_PAUSE_WINDOWS,
    Heard,
    Turns,
)

QUIET, ONSET, SPEECH, END = Heard.QUIET, Heard.ONSET, Heard.SPEECH, Heard.END


def run(turns: Turns, pattern: str, complete: bool = False) -> list[Heard]:
    """`#` is a window of speech, `-` of a soft sound, `.` of silence."""
    probability = {"#": 0.9, "-": 0.4, ".": 0.01}
    return [turns.window(probability[mark], complete) for mark in pattern]


def test_a_turn() -> None:
    turns = Turns()
    assert run(turns, ".." + "#" * ONSET_WINDOWS) == [QUIET] * 4 + [ONSET]
    assert turns.speaking
    assert set(run(turns, "###" + "." * (LONG_PAUSE_WINDOWS - 1))) == {SPEECH}
    assert run(turns, ".") == [END]
    assert not turns.speaking
    assert turns.voiced_windows == ONSET_WINDOWS + 3
    assert run(turns, "...") == [QUIET] * 3


def test_a_cough_is_no_turn() -> None:
    turns = Turns()
    assert set(run(turns, "##." * 20)) == {QUIET}


def test_soft_sounds_do_not_begin_a_turn_but_carry_it_on() -> None:
    turns = Turns()
    assert set(run(turns, "-" * 50)) == {QUIET}
    run(turns, "###")
    assert set(run(turns, "-" * 50)) == {SPEECH}


def test_a_whole_request_ends_after_a_short_pause() -> None:
    turns = Turns()
    run(turns, "#####")
    heard = run(turns, "." * SHORT_PAUSE_WINDOWS, complete=True)
    assert heard == [SPEECH] * (SHORT_PAUSE_WINDOWS - 1) + [END]


def test_a_pause_between_words_is_part_of_the_turn() -> None:
    turns = Turns()
    run(turns, "#####")
    assert END not in run(turns, ("." * (LONG_PAUSE_WINDOWS - 1) + "#") * 4)


def test_words_that_become_whole_late_end_the_turn_at_once() -> None:
    turns = Turns()
    run(turns, "#####" + "." * (SHORT_PAUSE_WINDOWS + 4))
    assert run(turns, ".", complete=True) == [END]


def test_a_pause_that_sounds_like_the_end_is_one() -> None:
    turns = Turns()
    run(turns, "#####" + "." * DOUBT_WINDOWS[0])
    turns.settle(turns.pauses)
    rest = run(turns, "." * (SHORT_PAUSE_WINDOWS - DOUBT_WINDOWS[0]))
    assert rest.index(END) == len(rest) - 1


def test_what_was_found_about_one_pause_does_not_end_the_next() -> None:
    turns = Turns()
    run(turns, "#####" + "." * DOUBT_WINDOWS[0])
    earlier = turns.pauses
    run(turns, "##" + "." * DOUBT_WINDOWS[0])
    turns.settle(earlier)  # the answer came late
    assert END not in run(turns, "." * SHORT_PAUSE_WINDOWS)


def test_a_turn_without_end_is_taken_as_it_is() -> None:
    turns = Turns()
    heard = run(turns, "#" * (ONSET_WINDOWS + LONGEST_WINDOWS))
    assert heard[-1] is END and heard.count(END) == 1
    assert run(turns, "###")[-1] is ONSET


def test_a_client_that_stopped_sending_can_begin_again() -> None:
    turns = Turns()
    run(turns, "#####.....")
    turns.end()
    assert not turns.speaking
    assert run(turns, "##.") == [QUIET] * 3
