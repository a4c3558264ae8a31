"""What a conversation's events become when somebody reads it afterwards."""

from __future__ import annotations

import json

import pytest

from convai.events import (
    Corrected,
    Cut,
    Ended,
    Event,
    Interrupted,
    Ready,
    ReplyDone,
    Said,
    Speech,
    Talking,
)
from convai.transcript import Transcript, Turn

READY = Ready("conv_1", 16000, 16000)


def second(count: float) -> bytes:
    return bytes(int(count * 32000))


def told(*events: tuple[int, Event]) -> list[Turn]:
    transcript = Transcript()
    for at_ms, event in ((0, READY), *events):
        transcript.note(event, at_ms)
    return transcript.turns


def texts(turns: list[Turn]) -> list[tuple[str, str]]:
    return [(turn.who, turn.text) for turn in turns]


def test_a_short_conversation():
    turns = told(
        (100, Said("agent", "Hello!", True, 1)),
        (110, Speech(1, second(1))),
        (200, Talking("agent", True)),
        (1200, Talking("agent", False)),
        (2000, Talking("caller", True)),
        (2300, Said("caller", "good", False)),
        (2600, Said("caller", "good morn", False)),
        (3000, Talking("caller", False)),
        (3400, Said("caller", "Good morning.", True)),
    )
    assert turns == [
        Turn("agent", "Hello!", 200, 1200, final=True),
        Turn("caller", "Good morning.", 2000, 3000, final=True),
    ]


def test_a_sound_counts_from_when_it_was_not_from_when_it_was_told():
    turns = told(
        (2280, Talking("caller", True, 280)),
        (3460, Talking("caller", False, 460)),
        (3500, Said("caller", "Good morning.", True)),
    )
    assert turns == [Turn("caller", "Good morning.", 2000, 3000, final=True)]


def test_words_that_come_before_the_sound_is_sure_begin_with_it():
    turns = told(
        (2200, Said("caller", "good", False)),
        (2280, Talking("caller", True, 280)),
        (3200, Said("caller", "Good morning.", True)),
    )
    assert turns == [Turn("caller", "Good morning.", 2000, 3200, final=True)]


def test_the_end_of_the_sound_may_be_told_after_the_words():
    turns = told(
        (1280, Talking("caller", True, 280)),
        (2300, Said("caller", "Yes.", True)),
        (2460, Talking("caller", False, 460)),
        (5000, Talking("caller", False, 460)),  # of nothing
        (5100, Said("caller", "typed", True, typed=True)),
    )
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [
        (1000, 2000),
        (5100, 5100),
    ]


def test_a_sound_that_goes_on_after_the_words_does_not_make_the_turn_longer():
    turns = told(
        (1280, Talking("caller", True, 280)),
        (2300, Said("caller", "Yes.", True)),
        (9460, Talking("caller", False, 460)),
    )
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [(1000, 2300)]


def test_a_guess_is_shown_until_the_words_are_final():
    guess = told((0, Talking("caller", True)), (300, Said("caller", "goo", False)))
    assert guess == [Turn("caller", "goo", 0, None, final=False)]


def test_words_that_come_after_the_answer_began_stand_before_it():
    turns = told(
        (1000, Talking("caller", True)),
        (2000, Talking("caller", False)),
        (2300, Said("agent", "Yes.", True, 2)),
        (2310, Speech(2, second(1))),
        (2400, Talking("agent", True)),
        (2600, Said("caller", "Can you hear me?", True)),
    )
    assert texts(turns) == [("caller", "Can you hear me?"), ("agent", "Yes.")]


def test_without_talking_events_arrival_counts():
    turns = told(
        (100, Said("caller", "one", False)),
        (500, Said("caller", "one two", True)),
        (700, Said("agent", "three", True, 1)),
    )
    assert turns == [
        Turn("caller", "one two", 100, 500, final=True),
        Turn("agent", "three", 700, final=True),
    ]


INTERRUPTION = (
    (100, Said("agent", "A long story about a lighthouse.", True, 4)),
    (110, Speech(4, second(9))),
    (200, Talking("agent", True)),
    (1700, Interrupted(4)),
    (1700, Cut(4, 1500)),
    (1710, Talking("agent", False)),
)


def test_what_was_cut_off_is_marked():
    (turn,) = told(*INTERRUPTION)
    assert turn.interrupted
    assert (turn.start_ms, turn.end_ms, turn.heard_ms) == (200, 1700, 1500)


@pytest.mark.parametrize("place", range(len(INTERRUPTION) + 1))
def test_a_correction_counts_wherever_it_arrives(place):
    events = list(INTERRUPTION)
    events.insert(place, (1700, Corrected(4, "A long story about")))
    transcript = Transcript()
    transcript.note(READY, 0)
    for at_ms, event in events:
        transcript.note(event, at_ms)
    (turn,) = transcript.turns
    assert turn.text == "A long story about"
    assert turn.interrupted
    assert turn.heard_ms == 1500


def test_a_reply_of_which_nothing_was_heard_is_left_out():
    turns = told(
        (100, Said("agent", "Never mind.", True, 1)),
        (200, Cut(1, 0)),
        (210, Corrected(1, "")),
    )
    assert turns == []


def test_the_cut_may_come_after_the_silence():
    (turn,) = told(
        (0, Speech(1, second(5))),
        (0, Said("agent", "Hm, well, so", True, 1)),
        (0, Talking("agent", True)),
        (1000, Talking("agent", False)),
        (1020, Cut(1, 1000)),
    )
    assert (turn.end_ms, turn.heard_ms, turn.interrupted) == (1000, 1000, True)


def test_two_replies_in_one_breath_share_its_time():
    turns = told(
        (0, Said("agent", "One moment.", True, 1)),
        (0, Speech(1, second(1))),
        (100, Talking("agent", True)),
        (300, Said("agent", "Here it is.", True, 3)),
        (300, Speech(3, second(2))),
        (3100, Talking("agent", False)),
    )
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [
        (100, 1100),
        (1100, 3100),
    ]


def test_a_stumbling_reply_is_one_turn():
    turns = told(
        (0, Said("agent", "Let me think about it.", True, 1)),
        (0, Speech(1, second(1))),
        (100, Talking("agent", True)),
        (1100, Talking("agent", False)),  # the network was late
        (1400, Speech(1, second(1))),
        (1400, Talking("agent", True)),
        (2400, Talking("agent", False)),
        (2400, ReplyDone(1)),
    )
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [(100, 2400)]


def test_parts_of_an_answer_replace_each_other():
    turns = told(
        (0, Said("agent", "We", False, 1)),
        (10, Said("agent", "We are", False, 1)),
        (20, Said("agent", "We are open.", True, 1)),
        (30, Said("agent", "We are o", False, 1)),  # late
    )
    assert turns == [Turn("agent", "We are open.", 0, final=True)]


def test_a_cough_does_not_start_the_next_sentence():
    turns = told(
        (1000, Talking("caller", True)),
        (1200, Talking("caller", False)),
        (9000, Talking("caller", True)),
        (9500, Talking("caller", False)),
        (9800, Said("caller", "Hello?", True)),
    )
    assert turns == [Turn("caller", "Hello?", 9000, 9500, final=True)]


def test_a_pause_does_not_split_a_sentence():
    turns = told(
        (1000, Talking("caller", True)),
        (1500, Talking("caller", False)),
        (2200, Talking("caller", True)),
        (2800, Talking("caller", False)),
        (3000, Said("caller", "Well, hello.", True)),
    )
    assert turns == [Turn("caller", "Well, hello.", 1000, 2800, final=True)]


def test_what_is_no_turn_leaves_no_trace():
    assert told((0, Ended("caller")), (1, Talking("agent", True))) == []


def test_json_form():
    transcript = Transcript()
    transcript.note(READY, 0)
    transcript.note(Said("agent", "Grüß dich", True, 1), 20)
    assert json.loads(json.dumps(transcript.to_json())) == {
        "conversation": "conv_1",
        "turns": [
            {
                "who": "agent",
                "text": "Grüß dich",
                "start_ms": 20,
                "end_ms": None,
                "final": True,
                "interrupted": False,
                "heard_ms": None,
            }
        ],
    }


def test_turns_have_a_bound(monkeypatch):
    monkeypatch.setattr("convai.transcript._MOST_TURNS", 2)
    transcript = Transcript()
    for number in range(4):
        transcript.note(Said("agent", f"reply {number}", True, number), number)
        transcript.note(Said("caller", f"words {number}", True), number)
    assert texts(transcript.turns) == [
        ("agent", "reply 0"),
        ("caller", "words 0"),
        ("agent", "reply 1"),
        ("caller", "words 1"),
    ]
    assert transcript.dropped == 4
