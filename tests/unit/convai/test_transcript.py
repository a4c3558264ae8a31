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
    RecordingState,
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
        "pauses": [],
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


# The end of the call.


def test_at_the_end_every_turn_has_one():
    (turn,) = told((100, Said("agent", "one two", True, 1)), (9000, Ended("x")))
    assert (turn.start_ms, turn.end_ms) == (100, 900)
    (turn,) = told((100, Said("agent", "one two", True, 1)), (300, Ended("x")))
    assert turn.end_ms == 300


def test_a_reply_that_the_end_of_the_call_cut_off_has_the_words_that_were_heard():
    eight = "one two three four five six seven eight"
    (turn,) = told(
        (0, Said("agent", eight, True, 1)),
        (0, Speech(1, second(4))),
        (0, ReplyDone(1)),
        (100, Talking("agent", True)),
        (2100, Ended("caller-hung-up")),
    )
    assert turn == Turn("agent", "one two three four", 100, 2100, True, True, 2000)


def test_a_reply_that_nobody_heard_is_not_in_the_transcript():
    turns = told(
        (0, Said("agent", "Good day", True, 1)),
        (0, Speech(1, second(4))),
        (0, Said("agent", "And also", True, 2)),
        (0, Speech(2, second(4))),
        (100, Talking("agent", True)),
        (4050, Ended("caller-hung-up")),
    )
    assert texts(turns) == [("agent", "Good day")]
    assert (turns[0].interrupted, turns[0].end_ms) == (False, 4050)


def test_what_the_agent_corrected_itself_is_left_as_it_is():
    (turn,) = told(
        (0, Speech(1, second(4))),
        (0, Talking("agent", True)),
        (900, Corrected(1, "Good")),
        (1000, Ended("caller-hung-up")),
    )
    assert turn.text == "Good" and turn.interrupted


# What was cut off, though nobody corrects it.

EIGHT = "one two three four five six seven eight"


def test_a_cut_that_no_agent_corrects_leaves_the_words_that_were_heard():
    (turn,) = told(
        (0, Said("agent", EIGHT, True, 1)),
        (0, Speech(1, second(4))),
        (0, ReplyDone(1)),
        (100, Talking("agent", True)),
        (2100, Cut(1, 2000)),
        (2120, Talking("agent", False)),
        (2200, Said("agent", EIGHT, True, 1)),  # told again
    )
    assert turn == Turn("agent", "one two three four", 100, 2100, True, True, 2000)


@pytest.mark.parametrize("silent_ms", [2090, 2110])
def test_what_waited_behind_a_reply_that_was_cut_was_not_heard(silent_ms):
    events = [
        (0, Said("agent", EIGHT, True, 1)),
        (0, Speech(1, second(4))),
        *[(0, Said("agent", "And also", True, reply)) for reply in (2, 3)],
        *[(0, Speech(reply, second(4))) for reply in (2, 3)],
        (100, Talking("agent", True)),
        (silent_ms, Talking("agent", False)),
        (2100, Cut(1, 2000)),
        (2100, Cut(3, 0)),
        (5000, Said("agent", "Yes?", True, 4)),
        (5000, Speech(4, second(1))),
        (5100, Talking("agent", True)),
        (6100, Talking("agent", False)),
    ]
    turns = told(*sorted(events, key=lambda event: event[0]))
    assert texts(turns) == [("agent", "one two three four"), ("agent", "Yes?")]
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [
        (100, min(silent_ms, 2100)),
        (5100, 6100),
    ]


def test_what_is_cut_before_its_first_sound_takes_no_time():
    """As while the announcement is heard."""
    turns = told(
        (0, Said("agent", "Good day", True, 1)),
        (0, Speech(1, second(4))),
        (0, Said("agent", "And also", True, 2)),
        (0, Speech(2, second(4))),
        (900, Cut(2, 0)),
        (5000, Said("agent", "Yes?", True, 3)),
        (5000, Speech(3, second(1))),
        (5100, Talking("agent", True)),
        (6100, Talking("agent", False)),
    )
    assert turns == [Turn("agent", "Yes?", 5100, 6100, final=True)]


def test_sound_that_comes_of_a_reply_that_was_cut_takes_no_time():
    """The person's button stops a reply of which an agent goes on to send."""
    turns = told(
        *INTERRUPTION,
        (1750, Speech(4, second(3))),
        (5000, Said("agent", "Yes?", True, 5)),
        (5000, Speech(5, second(1))),
        (5100, Talking("agent", True)),
        (6100, Talking("agent", False)),
    )
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [
        (200, 1700),
        (5100, 6100),
    ]


@pytest.mark.parametrize("end", [Ended("caller-hung-up"), Cut(1, 2000)])
def test_a_stumbling_reply_that_is_cut_off_has_the_words_of_both_parts(end):
    (turn,) = told(
        (0, Said("agent", EIGHT, True, 1)),
        (0, Speech(1, second(1))),
        (100, Talking("agent", True)),
        (1100, Talking("agent", False)),  # the network was late
        (2000, Speech(1, second(3))),
        (2000, ReplyDone(1)),
        (2000, Talking("agent", True)),
        (3000, end),
    )
    assert turn == Turn("agent", "one two three four", 100, 3000, True, True, 2000)


# Pauses.

PAUSED, ON = RecordingState("paused", "caller"), RecordingState("on", "caller")


def spoken(text: str, begin: int, end: int) -> list[tuple[int, Event]]:
    """The caller says something, as it is told: sound first, words later."""
    return [
        (begin + 280, Talking("caller", True, 280)),
        (end + 460, Talking("caller", False, 460)),
        (end + 900, Said("caller", text, True)),
    ]


def uttered(text: str, reply: int, begin: int, seconds: int) -> list[tuple[int, Event]]:
    return [
        (begin, Said("agent", text, True, reply)),
        (begin, Speech(reply, second(seconds))),
        (begin + 60, Talking("agent", True)),
        (begin + 60 + seconds * 1000, Talking("agent", False)),
    ]


def test_a_reply_that_was_over_before_the_pause_stays() -> None:
    """Though another went on with no gap, so that nothing had told of its end."""
    transcript = paused(
        [
            (1000, Said("agent", "First.", True, 1)),
            (1000, Speech(1, second(2))),
            (1010, Said("agent", "second secret", True, 2)),
            (1010, Speech(2, second(9))),
            (1100, Talking("agent", True)),
            (12_100, Talking("agent", False)),
        ],
        since=4000,
        until=6000,
    )
    assert transcript.turns == [Turn("agent", "First.", 1100, 3100, final=True)]


def paused(*pieces: list[tuple[int, Event]], since: int, until: int) -> Transcript:
    transcript = Transcript()
    transcript.note(READY, 0)
    pause: list[tuple[int, Event]] = [(since, PAUSED), (until, ON)]
    for at_ms, event in sorted(sum(pieces, pause), key=lambda piece: piece[0]):
        transcript.note(event, at_ms)
    return transcript


@pytest.mark.parametrize(
    ("begin", "end", "kept"),
    [
        (1000, 4000, True),  # with its words, before the pause
        (8000, 9500, False),  # before it, but its words come in the pause
        (9000, 11_000, False),
        (12_000, 15_000, False),
        (18_000, 19_800, False),  # in the pause, its words after it
        (19_000, 26_000, False),  # into the time after it
        (19_900, 20_500, False),
        (21_000, 24_000, True),
        (9000, 31_000, False),  # longer than the whole pause
    ],
)
def test_what_the_caller_says_in_a_pause_is_not_kept(begin, end, kept):
    transcript = paused(spoken("secret", begin, end), since=10_000, until=20_000)
    assert [turn.text for turn in transcript.turns] == ["secret"] * kept
    assert ("secret" in json.dumps(transcript.to_json())) is kept


@pytest.mark.parametrize(
    ("begin", "kept"),
    [(3000, True), (9000, False), (12_000, False), (19_000, False), (20_100, True)],
)
def test_what_the_agent_says_in_a_pause_is_not_kept(begin, kept):
    transcript = paused(uttered("secret", 5, begin, 2), since=10_000, until=20_000)
    assert [turn.text for turn in transcript.turns] == ["secret"] * kept


@pytest.mark.parametrize("begin", [9000, 12_000, 19_000])
@pytest.mark.parametrize(
    "late", [Corrected(5, "sec"), Said("agent", "secret", True, 5)]
)
def test_no_correction_brings_back_what_was_said_in_a_pause(begin, late):
    transcript = paused(
        uttered("secret", 5, begin, 2), [(30_000, late)], since=10_000, until=20_000
    )
    assert transcript.turns == []
    assert transcript.note(late, 31_000) is False


def test_beyond_so_many_private_replies_no_words_of_any_are_kept(monkeypatch):
    monkeypatch.setattr("convai.transcript._MOST_TURNS", 2)
    pieces = [[(12_000, Said("agent", "secret", True, reply))] for reply in range(3)]
    late = Corrected(2, "secret")
    transcript = paused(*pieces, [(30_000, late)], since=10_000, until=20_000)
    assert transcript.turns == []
    assert transcript.note(late, 31_000) is False


def test_an_answer_waiting_for_its_sound_when_the_pause_begins_is_not_kept():
    events = [(9900, Said("agent", "secret", True, 5)), (10_100, Speech(5, second(1)))]
    assert paused(events, since=10_000, until=20_000).turns == []


def test_words_without_sound_are_kept_again_some_time_after_the_pause():
    said = [(time, Said("caller", str(time), True)) for time in range(0, 40_000, 2500)]
    transcript = paused(said, since=10_001, until=20_000)
    kept = [int(turn.text) for turn in transcript.turns]
    assert kept == [*range(0, 10_001, 2500), *range(30_000, 40_000, 2500)]


def test_guesses_in_a_pause_and_from_before_it_are_not_shown():
    transcript = Transcript()
    transcript.note(Said("caller", "my number", False), 9000)
    transcript.note(PAUSED, 10_000)
    assert transcript.turns == []
    assert transcript.note(Said("caller", "my number is", False), 11_000) is False
    transcript.note(ON, 12_000)
    assert transcript.note(Said("caller", "my number is 5", True), 16_000) is False
    assert transcript.turns == []


def test_the_second_of_two_sentences_in_a_pause_is_not_taken_for_a_later_one():
    transcript = paused(
        [
            (12_000, Talking("caller", True)),
            (19_500, Talking("caller", False)),
            (15_000, Said("caller", "twelve", True)),
            (20_500, Talking("caller", True)),  # says something else
            (20_900, Said("caller", "thirty-four", True)),
        ],
        since=10_000,
        until=20_000,
    )
    assert transcript.turns == []


def test_who_speaks_through_the_pause_is_not_kept_however_long():
    transcript = paused(
        [
            (9000, Talking("caller", True)),
            (9500, Said("caller", "hello", True)),
            (35_000, Said("caller", "secret", True)),
            (36_000, Talking("caller", False)),
            (37_000, Talking("caller", True)),
            (39_000, Said("caller", "goodbye", True)),
        ],
        since=10_000,
        until=20_000,
    )
    assert texts(transcript.turns) == [("caller", "hello"), ("caller", "goodbye")]


def test_what_is_written_counts_when_it_is_sent_and_leaves_speech_alone():
    transcript = paused(
        [
            (19_000, Talking("caller", True)),
            (15_000, Said("caller", "secret", True, typed=True)),
            (20_100, Said("caller", "hello", True, typed=True)),
            (24_000, Said("caller", "said", True)),
        ],
        since=10_000,
        until=20_000,
    )
    assert transcript.turns == [Turn("caller", "hello", 20_100, 20_100, final=True)]


def test_pauses_are_told_with_their_times():
    transcript = Transcript()
    for at_ms, state in enumerate(["on", "paused", "paused", "on", "on", "paused"]):
        transcript.note(RecordingState(state), at_ms)
    assert transcript.to_json()["pauses"] == [
        {"start_ms": 1, "end_ms": 3},
        {"start_ms": 5, "end_ms": None},
    ]
    transcript.note(Ended("caller-hung-up"), 9)
    assert transcript.to_json()["pauses"][1] == {"start_ms": 5, "end_ms": 9}


@pytest.mark.parametrize("state", ["off", "failed"])
def test_where_nothing_is_recorded_no_words_are_kept(state):
    transcript = Transcript()
    transcript.note(Said("caller", "before", True), 0)
    transcript.note(RecordingState(state), 1)
    assert transcript.note(Said("caller", "after", True), 60_000) is False
    assert texts(transcript.turns) == [("caller", "before")]
    assert transcript.to_json()["pauses"] == []
