from __future__ import annotations

from datetime import date

import pytest

from convai.local.booking import Wanted
from convai.local.demo import (
    ANOTHER_DAY,
    ANOTHER_TIME,
    BOOKING,
    BYE,
    CANCELLED,
    CHANGE,
    DEMO,
    GIVE_UP,
    GREETING,
    HEARD_WELL,
    HELLO,
    STOPPED,
    STORY,
    TIME_AGAIN,
    UNCLEAR,
    WHAT_PARLEY_IS,
    WHICH_DAY,
    YES_AGAIN,
    Demo,
)
from convai.local.occasion import Occasion
from convai.local.script import Answer

SUNDAY = Occasion(today=date(2026, 11, 22), now="10:00", zone="Europe/Vienna")


def demo() -> Demo:
    return Demo(SUNDAY)


def talk(*turns: str) -> tuple[Answer, Demo]:
    """The last answer, and where the brain is then."""
    answer, brain = demo().greet()
    for turn in turns:
        answer, brain = brain.hear(turn)
    assert isinstance(brain, Demo)
    return answer, brain


@pytest.mark.parametrize(
    ("turn", "say"),
    [
        ("what is parley", WHAT_PARLEY_IS),
        ("What is Parley?", WHAT_PARLEY_IS),
        ("what is partly", WHAT_PARLEY_IS),
        ("so who are you", WHAT_PARLEY_IS),
        ("can you hear me", HEARD_WELL),
        ("can you hear me well", HEARD_WELL),
        ("please tell me a story", STORY),
        ("hello", HELLO),
        ("hello there", HELLO),
        ("stop", STOPPED),
        ("wait a moment", STOPPED),
        ("could we fix a meeting", WHICH_DAY),
        ("i need an appointment", WHICH_DAY),
        ("goodbye", BYE),
        ("please hang up", BYE),
    ],
)
def test_known_requests(turn: str, say: tuple[str, ...]) -> None:
    assert talk(turn)[0].say == say


def test_the_rest_is_repeated() -> None:
    assert talk("go forward ten meters")[0].text == "I heard: go forward ten meters."
    assert talk("i am Ada. ")[0].text == "I heard: I am Ada."
    assert len(talk("word " * 1000)[0].text) < 300


def test_goodbye_hangs_up_wherever_one_is() -> None:
    for turns in ((), ("a meeting",), ("a meeting", "tuesday", "two", "yes")):
        answer, _ = talk(*turns, "goodbye")
        assert answer.hang_up and answer.say == BYE


def test_repeat_says_the_last_answer_again() -> None:
    assert talk("repeat that")[0].say == GREETING
    assert talk("tell me a story", "say that again")[0].say == STORY
    assert talk("a meeting", "pardon")[0].say == WHICH_DAY
    assert talk("a meeting", "what did you say")[0].say == WHICH_DAY


def test_repeat_says_the_clients_own_greeting() -> None:
    answer, brain = demo().greet(("Hi.",))
    assert answer.say == ("Hi.",)
    assert brain.hear("say that again")[0].say == ("Hi.",)
    answer, brain = demo().greet(())
    assert answer == Answer()
    assert brain.hear("say that again")[0].say == GREETING


def test_a_meeting_is_asked_for_repeated_and_booked() -> None:
    assert talk("a meeting", "on tuesday")[0].say[-1] == "At what time?"
    answer, _ = talk("a meeting", "on tuesday", "half past two")
    assert answer.text == "On Tuesday at 2:30 PM. Shall I book that?"
    answer, brain = talk("a meeting", "on tuesday", "half past two", "yes")
    assert answer.tool is not None
    assert answer.tool.name == "book_meeting"
    assert answer.tool.parameters == {
        "date": "2026-11-24",
        "time": "14:30",
        "zone": "Europe/Vienna",
        "duration_min": 30,
        "topic": "Meeting",
    }
    assert brain.booking and brain.booking.wanted is Wanted.ASKED
    assert brain.hear("are you there")[0].say == ("One moment, please.",)
    done, brain = brain.tool_result("ok")
    assert done.text == "Done, our meeting is booked for Tuesday at 2:30 PM."
    assert brain.tool_result("again") == (Answer(), brain)


def test_day_and_time_may_come_at_once_and_in_any_order() -> None:
    for turns in (
        ("a meeting", "next friday at ten"),
        ("fix a meeting on next friday at ten",),
        ("a meeting at ten", "next friday"),
        ("a meeting", "at ten", "next friday"),
    ):
        assert talk(*turns)[0].say[0] == "Next Friday at 10 AM.", turns
    assert talk("a meeting tomorrow", "noon")[0].say[0] == "Tomorrow at noon."


def test_no_asks_again_and_a_correction_is_taken() -> None:
    proposed = ("a meeting", "tuesday", "two")
    assert talk(*proposed, "no")[0].say == CHANGE
    assert talk(*proposed, "no", "make it four")[0].say[0] == "On Tuesday at 4 PM."
    assert talk(*proposed, "no", "no", "no")[0].say == GIVE_UP
    assert talk(*proposed, "another day")[0].say == ANOTHER_DAY
    assert talk(*proposed, "another day", "friday")[0].say[0] == "On Friday at 2 PM."
    assert talk(*proposed, "change the time")[0].say == ANOTHER_TIME
    assert talk(*proposed, "change the time", "noon")[0].say[0] == "On Tuesday at noon."
    assert talk(*proposed, "no at three")[0].say[0] == "On Tuesday at 3 PM."
    assert talk(*proposed, "on friday")[0].say[0] == "On Friday at 2 PM."
    assert talk(*proposed, "the sea is blue")[0].say == YES_AGAIN


@pytest.mark.parametrize(
    ("turn", "say"),
    [
        ("yes, tuesday at two", BOOKING),
        ("yes, at two please", BOOKING),
        ("tuesday at two", BOOKING),
        ("yes, that's all", BOOKING),
        ("yes why not", BOOKING),
        ("no problem", BOOKING),
        ("no wait, make it four", ("On Tuesday at 4 PM.", "Shall I book that?")),
        ("no, wednesday not tuesday", ("On Wednesday at 2 PM.", "Shall I book that?")),
        ("wait, not tuesday", ANOTHER_DAY),
        ("no, not tuesday", ANOTHER_DAY),
        ("no wait", CHANGE),
        ("not at two", CHANGE),
        ("no tuesday at two", CHANGE),
        ("one to two say", YES_AGAIN),  # "what did you say", misheard
        ("cancel tuesday at two", CANCELLED),
        ("yes, never mind", CANCELLED),
        ("no, that's all", BYE),
        ("yes, goodbye", BYE),
    ],
)
def test_only_a_yes_books_and_only_leaving_hangs_up(
    turn: str, say: tuple[str, ...]
) -> None:
    answer, _ = talk("a meeting", "tuesday", "two", turn)
    assert answer.say == say
    assert (answer.tool is not None) is (say == BOOKING)
    assert answer.hang_up is (say == BYE)


def test_never_mind_leaves_the_meeting() -> None:
    answer, brain = talk("a meeting", "never mind")
    assert answer.say == CANCELLED and brain.booking is None


def test_insisting_has_an_end() -> None:
    _, brain = talk("a meeting", "tuesday")
    for _ in range(2):
        answer, brain = brain.hear("the sea is blue")
        assert answer.say == TIME_AGAIN
    answer, brain = brain.unclear()
    assert answer.say == GIVE_UP
    assert brain.unclear()[0].say == UNCLEAR


def test_a_tool_that_fails_is_not_the_end() -> None:
    _, brain = talk("a meeting", "tuesday", "two", "yes")
    answer, brain = brain.tool_result(None)
    assert "I remember our meeting on Tuesday at 2 PM." in answer.text
    assert brain.hear("hello")[0].say == HELLO


@pytest.mark.parametrize(
    ("result", "remark"),
    [
        ("The number is twelve.", True),
        ("ok", False),
        ('{"status": "booked"}', False),
        ("x " * 500, False),
        ("", False),
    ],
)
def test_only_what_one_can_say_of_a_result_is_said(result: str, remark: bool) -> None:
    _, brain = talk("a meeting", "tuesday", "two", "yes")
    assert (len(brain.tool_result(result)[0].say) == 2) is remark


def test_silence_is_broken_twice() -> None:
    brain = demo()
    said = [brain.silence(times) for times in (1, 2, 3, 4)]
    assert said[0] is not None and said[1] is not None and said[0] != said[1]
    assert said[2:] == [None, None]
    _, asking = talk("a meeting")
    again = asking.silence(1)
    assert again is not None and again[0].say == WHICH_DAY
    _, booking = talk("a meeting", "tuesday", "two", "yes")
    assert booking.silence(1) is None


@pytest.mark.parametrize(
    ("turns", "text", "whole"),
    [
        ((), "what is parley", True),
        ((), "what is", False),
        ((), "the weather is nice", False),
        ((), "yesterday i had a meeting with a man who", False),
        (("a meeting",), "tuesday", True),
        (("a meeting",), "on", False),
        (("a meeting", "tuesday"), "half past", False),
        (("a meeting", "tuesday"), "half past two", True),
        (("a meeting", "tuesday", "two"), "yes", True),
        (("a meeting", "tuesday", "two"), "well", False),
        (("a meeting", "tuesday", "two"), "no", False),
        (("a meeting", "tuesday", "two"), "no wait", False),
        (("a meeting", "tuesday", "two"), "no make it four", True),
        (("a meeting", "tuesday", "two"), "never mind", True),
    ],
)
def test_when_a_turn_is_whole(turns: tuple[str, ...], text: str, whole: bool) -> None:
    assert talk(*turns)[1].complete(text) is whole


def test_grammars_only_where_the_answer_is_narrow() -> None:
    assert talk()[1].grammar == ()
    assert "tuesday" in talk("a meeting")[1].grammar
    assert "half past two" in talk("a meeting", "tuesday")[1].grammar
    assert "yes" in talk("a meeting", "tuesday", "two")[1].grammar


def test_names_are_spelled_only_where_they_are_names() -> None:
    assert demo().spelled("what is partly") == "what is parley"
    assert demo().spelled("it is partly cloudy") == "it is partly cloudy"


def test_wordless_callers_are_told_why() -> None:
    assert "cannot understand words" in demo().wordless()[0].text


def test_the_greeting_is_among_what_is_prepared() -> None:
    assert set(DEMO.opening(SUNDAY).greet()[0].say) <= set(DEMO.fixed)
