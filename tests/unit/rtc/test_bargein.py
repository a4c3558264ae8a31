"""Yielding: duck at once, take it back when it was nothing."""

from __future__ import annotations

import pytest

from rtc.bargein import State, Step, Yielding
from rtc.vad import Vad
from tests import sound


def play(yielding: Yielding, pattern: str, start: float = 0.0) -> list[tuple[int, str]]:
    """Slots of 20 ms: `s` speech, `.` none, while the agent is audible; `S` and `,`
    the same while it is not; `!` is confirmed. Returns the steps that are not KEEP."""
    steps = []
    for index, what in enumerate(pattern):
        if what == "!":
            yielding.confirmed()
            continue
        step = yielding.speech(what in "sS", what in "s.", start + index * 0.02)
        if step is not Step.KEEP:
            steps.append((index, step.value))
    return steps


def test_the_agent_is_ducked_in_the_slot_in_which_speech_begins() -> None:
    yielding = Yielding(duck=True)
    assert play(yielding, "..........s") == [(10, "duck")]
    assert yielding.state is State.DUCKED
    assert yielding.ducks == 1


def test_a_false_alarm_is_taken_back_after_700_ms() -> None:
    yielding = Yielding(duck=True)
    assert play(yielding, "s" * 10 + "." * 60) == [(0, "duck"), (35, "restore")]
    assert yielding.false_alarms == 1
    assert yielding.state is State.READY


def test_whoever_speaks_on_is_not_ducked_for_again_before_a_pause() -> None:
    yielding = Yielding(duck=True)
    assert play(yielding, "s" * 100) == [(0, "duck"), (35, "restore")]
    assert yielding.state is State.WARY
    assert play(yielding, "." * 10 + "s" * 10, 2.0) == []  # 200 ms are no pause
    assert play(yielding, "." * 15 + "s", 2.4) == [(15, "duck")]


def test_confirmed_means_ready_for_the_next_reply() -> None:
    yielding = Yielding(duck=True)
    assert play(yielding, "s" * 20 + "!") == [(0, "duck")]
    assert yielding.state is State.READY
    assert play(yielding, "S" * 20 + "," * 30 + "." * 30 + "s", 1.0) == [(80, "duck")]
    assert yielding.false_alarms == 0


def test_an_agent_that_falls_silent_says_its_next_words_aloud() -> None:
    yielding = Yielding(duck=True)
    assert play(yielding, "ssSS") == [(0, "duck"), (2, "restore")]
    assert yielding.state is State.READY


def test_a_silent_agent_is_not_ducked() -> None:
    assert play(Yielding(duck=True), ",,SSSSSS,,,,") == []


def test_time_alone_restores() -> None:
    yielding = Yielding(duck=True)
    play(yielding, "s")
    assert yielding.tick(True, 0.6) is Step.KEEP
    assert yielding.tick(True, 0.71) is Step.RESTORE


def test_in_mode_provider_nothing_is_ducked_but_talking_is_told() -> None:
    yielding = Yielding(duck=False)
    assert play(yielding, "s" * 30) == []
    assert yielding.talking


def test_talking_has_neither_blips_nor_gaps() -> None:
    yielding = Yielding(duck=True)
    pattern = "." * 10 + "s" * 12 + "." * 30 + "s" * 40 + "." * 13 + "s" * 20 + "." * 40
    told = []
    for index, what in enumerate(pattern):
        yielding.speech(what == "s", True, index * 0.02)
        told.append(yielding.talking)
    edges = [i for i in range(1, len(told)) if told[i] != told[i - 1]]
    begin, end = 52, 52 + 40 + 13 + 20
    assert len(edges) == 2
    assert edges[0] - begin == 13  # 0.26 s
    assert edges[1] - end in (14, 15)  # 0.3 s
    assert yielding.speech_at == pytest.approx(begin * 0.02)
    assert yielding.last_at == pytest.approx((end - 1) * 0.02)


@pytest.mark.parametrize("name", ["goforward", "cards_005", "librivox_0930"])
def test_from_voice_to_duck(name: str) -> None:
    """The whole reflex on a human voice; the sound began in the slot named here."""
    began = {"goforward": 25, "cards_005": 10, "librivox_0930": 13}[name]
    pcm = sound.read(sound.CLIPS / f"{name}.wav")[:, 0].tobytes()
    vad, yielding = Vad(16_000), Yielding(duck=True)
    for index in range(len(pcm) // 640):
        on = vad.feed(pcm[index * 640 : index * 640 + 640])
        if yielding.speech(on, True, index * 0.02) is Step.DUCK:
            break
    assert began <= index <= began + 3
