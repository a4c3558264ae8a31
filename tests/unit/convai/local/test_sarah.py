from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from convai.local import sarah_words as words
from convai.local.occasion import Occasion
from convai.local.sarah import SARAH, SILENCES_BROKEN, Place, Sarah
from convai.local.script import Answer

SUNDAY = Occasion(today=date(2026, 11, 22), now="10:00", zone="Europe/Vienna")
BOOKED = "Booked: Thursday 26 November 2026, 15:00 to 15:30 Europe/Vienna."
PITCHED = ("yes sure", "they want more income", "mutual funds mostly")
AGREED = (*PITCHED, "yes please")
PROPOSED = (*AGREED, "on thursday", "at three")


def talk(*turns: str) -> tuple[Answer, Sarah]:
    """Her last answer, and where she is then."""
    answer, brain = Sarah(SUNDAY).greet()
    for turn in turns:
        answer, brain = brain.hear(turn)
        if answer.tool is not None:
            answer, brain = brain.tool_result(BOOKED)
    assert isinstance(brain, Sarah)
    return answer, brain


def test_she_opens_as_her_profile_does() -> None:
    answer, _ = talk()
    assert answer.text == (
        "Hi Nat this is Sarah from American Funds. I'm calling because we noticed "
        "you've been looking at ETF products on our webpage, and many advisors like "
        "yourself are looking for better ETF solutions. Do you have a few minutes to "
        "discuss what you're seeing with your clients right now?"
    )


def test_names_come_from_the_client() -> None:
    who = replace(SUNDAY, caller="Ada", speaker="Tom", company="Acme")
    answer, brain = Sarah(who).greet()
    assert answer.text.startswith("Hi Ada this is Tom from Acme.")
    assert "Thank you for your time, Ada." in brain.hear("goodbye")[0].say


def test_from_opening_to_goodbye() -> None:
    places = []
    answer, brain = Sarah(SUNDAY).greet()
    for turn in (*PROPOSED, "yes"):
        answer, brain = brain.hear(turn)
        assert isinstance(brain, Sarah)
        places.append(brain.place)
    assert list(dict.fromkeys(places)) == list(Place)[1:-1]
    assert answer.tool is not None and answer.tool.name == "book_meeting"
    assert answer.tool.parameters == {
        "date": "2026-11-26",
        "time": "15:00",
        "zone": "Europe/Vienna",
        "duration_min": 30,
        "attendee": "Nat",
        "topic": "ETF solutions for income",
    }
    answer, brain = brain.tool_result(BOOKED)
    assert answer.say[0] == "You're all set for Thursday, November 26th at 3 PM."
    answer, brain = brain.hear("No, that's all. Thank you!")
    assert answer.hang_up and answer.say[-1] == "Goodbye!"


@pytest.mark.parametrize(
    ("turns", "place"),
    [
        (("Yes.",), Place.NEEDS),
        (("sure, but make it quick",), Place.NEEDS),
        (("my clients worry about fees",), Place.DETAIL),
        (("no",), Place.PROPOSAL),
        (("yes", "yes i have a few minutes"), Place.NEEDS),
        (("yes", "i don't know"), Place.PROPOSAL),
        (("yes", "some of this and that"), Place.DETAIL),
        (("yes", "income", "we already use another provider"), Place.PROPOSAL),
        (("call me back on thursday",), Place.MEETING),
        (("i'm busy, how about tomorrow at ten",), Place.MEETING),
        ((*PITCHED, "friday at noon"), Place.MEETING),
        ((*PITCHED, "next week"), Place.MEETING),
        ((*AGREED, "who is this again"), Place.MEETING),
        ((*PROPOSED, "no, wednesday at ten"), Place.MEETING),
        ((*PROPOSED, "yes, bye then"), Place.DONE),
        ((*PROPOSED, "yes", "can we make it friday instead"), Place.MEETING),
    ],
)
def test_where_words_lead(turns: tuple[str, ...], place: Place) -> None:
    assert talk(*turns)[1].place is place


@pytest.mark.parametrize(
    ("turn", "kind"),
    [
        ("not a good time, I'm driving", "busy"),
        ("I am in a meeting", "busy"),
        ("call me later", "busy"),
        ("I\N{RIGHT SINGLE QUOTATION MARK}m not interested", "not interested"),
        ("no, thank you", "not interested"),
        ("we already have a provider for that", "provider"),
        ("I'm happy with what we use", "provider"),
        ("your funds are too expensive", "fees"),
        ("just send me an email", "email"),
        ("I'm not the right person for this", "authority"),
        ("I would have to ask my partner", "authority"),
        ("let me think about it", "think"),
    ],
)
def test_an_objection_is_answered_once_and_then_respected(turn: str, kind: str) -> None:
    for before in ((), PITCHED):
        answer, brain = talk(*before, turn)
        assert answer.say == words.OBJECTIONS[kind] and not answer.hang_up
        assert answer.say[-1].endswith("?")
        again, _ = brain.hear(turn)
        assert again.hang_up and "won't keep you" in again.text
        agreed, _ = brain.hear("yes, all right")
        assert "Which day would suit you best?" in agreed.say


def test_a_second_no_and_a_fourth_objection_end_the_call() -> None:
    assert talk("not interested", "no")[0].hang_up
    turns = ("i'm busy", "send me an email", "let me think about it")
    assert not talk(*turns)[0].hang_up
    assert talk(*turns, "too expensive")[0].hang_up


@pytest.mark.parametrize(
    ("turn", "kind"),
    [
        ("who is this again?", "who"),
        ("sorry, who am I speaking to, who are you", "who"),
        ("are you a robot?", "robot"),
        ("am i talking to a real person", "robot"),
        ("is this call recorded", "recorded"),
        ("what does it cost?", "cost"),
        ("how much is it", "cost"),
        ("why do you call?", "why"),
        ("what is this about", "why"),
        ("where did you get my number", "source"),
        ("which ETF would you recommend?", "advice"),
        ("what returns did your funds make", "advice"),
        ("how long does it take", "length"),
        ("can you hear me", "hearing"),
        ("what kind of ETFs do you have", "products"),
    ],
)
def test_a_question_is_answered_wherever_it_comes(turn: str, kind: str) -> None:
    for before in ((), ("yes",), PITCHED, AGREED, PROPOSED):
        _, there = talk(*before)
        answer, brain = there.hear(turn)
        assert isinstance(brain, Sarah)
        told = words.cast(words.ANSWERS[kind], brain._arranging)
        assert answer.say[: len(told)] == told, before
        assert answer.say[-1].endswith(("?", "no?")) and brain.place is there.place


def test_the_same_question_is_never_put_twice_in_the_same_words() -> None:
    for turns in ((), ("yes",), PITCHED, AGREED, PROPOSED):
        brain = talk(*turns)[1]
        asked = [brain.said[-1]]
        for _ in range(2):
            answer, brain = brain.hear("who is this?")
            asked.append(answer.say[-1])
        assert all(a != b for a, b in zip(asked, asked[1:], strict=False)), asked


@pytest.mark.parametrize(
    ("turn", "says"),
    [
        ("please leave a message after the tone", words.VOICEMAIL[-1]),
        ("you have the wrong number", "I'm sorry, then I have the wrong number."),
        ("this is not Nat", "I'm sorry, then I have the wrong number."),
        ("take me off your list", "I'm sorry for the interruption."),
        ("don't call me again", "I'm sorry for the interruption."),
        ("go to hell", "I'm sorry for the interruption, and I won't keep you."),
        ("leave me alone", "I'm sorry for the interruption, and I won't keep you."),
        ("goodbye", "Goodbye!"),
    ],
)
def test_what_ends_the_call_at_once(turn: str, says: str) -> None:
    for before in ((), PITCHED, PROPOSED):
        answer, _ = talk(*before, turn)
        assert answer.hang_up and says in answer.say, before


def test_voicemail_hears_nothing_of_products() -> None:
    assert "ETF" not in talk("leave a message after the beep")[0].text


def test_corrections_are_repeated_before_anything_is_booked() -> None:
    answer, _ = talk(*PROPOSED, "no, wednesday at ten")
    assert "Wednesday, November 25th at 10 AM" in answer.text
    answer, _ = talk(*PROPOSED, "no", "the time", "half past four")
    assert "Thursday, November 26th at 4:30 PM" in answer.text
    answer, _ = talk(*PROPOSED, "thursday doesn't work, not thursday")
    assert "Which day would be better?" in answer.say
    assert (
        talk(*AGREED, "i'm busy this week")[0].say[-1] == "Which day would be better?"
    )


def test_a_moved_meeting_is_booked_anew() -> None:
    _, done = talk(*PROPOSED, "yes", "actually make it friday")
    answer, _ = done.hear("yes")
    assert answer.tool is not None
    assert answer.tool.parameters["date"] == "2026-11-27"
    _, done = talk(*PROPOSED, "yes")
    assert done.hear("great, see you thursday at three")[0].hang_up


def test_another_time_while_the_calendar_is_at_work_is_not_lost() -> None:
    answer, brain = talk(*PROPOSED)
    _, asked = brain.hear("yes")
    said, brain = asked.hear("no wait make it four")
    assert said.tool is None and said.say == words.ONE_MOMENT
    answer, brain = brain.tool_result(BOOKED)
    assert "4 PM" in answer.text and answer.tool is None
    answer, brain = brain.hear("yes")
    assert answer.tool is not None and answer.tool.parameters["time"] == "16:00"
    answer, _ = brain.tool_result(BOOKED)
    assert answer.text.startswith("You're all set for Thursday, November 26th at 4 PM")


def test_a_yes_said_in_two_breaths_is_answered_once() -> None:
    _, brain = talk(*PROPOSED)
    answer, brain = brain.hear("yes")
    assert answer.tool is not None
    assert brain.hear("that's right") == (Answer(), brain)
    assert brain.hear("hello are you there")[0].say == words.ONE_MOMENT


@pytest.mark.parametrize(
    "turn",
    [
        "tuesday no wednesday at three",
        "tuesday doesn't work wednesday at three does",
        "not tuesday, wednesday at three",
        "at two on tuesday, sorry, wednesday at three",
        "wednesday at three, no problem",
    ],
)
def test_the_last_word_of_a_correction_counts(turn: str) -> None:
    answer, _ = talk(*AGREED, turn)
    assert "November 25th at 3 PM" in answer.text, answer.text
    assert talk(*AGREED, turn, "yes")[1].place is Place.DONE


@pytest.mark.parametrize(
    "turn",
    [
        "thursday at three doesn't work for me",
        "thursday at three is impossible",
        "thursday doesn't work",
        "unfortunately thursday at three is my golf lesson",
    ],
)
def test_what_does_not_work_is_never_booked(turn: str) -> None:
    answer, brain = Sarah(SUNDAY).greet()
    for one in (*PROPOSED, turn):
        answer, brain = brain.hear(one)
        assert answer.tool is None


def test_nothing_is_promised_that_no_tool_can_do() -> None:
    answer, brain = talk(*PROPOSED, "yes", "please cancel the meeting")
    assert answer.say == words.NO_CANCELLING and not answer.hang_up
    assert "Friday, November 27th at 3 PM" in brain.hear("then friday")[0].text
    assert brain.hear("no never mind")[0].hang_up


def test_who_has_no_time_after_all_is_asked_for_another_day() -> None:
    answer, brain = talk(*PROPOSED, "yes", "oh wait i'm busy then")
    assert answer.say[-1] == "Which day would be better?"
    answer, _ = brain.hear("friday")
    assert "Friday, November 27th at 3 PM" in answer.text
    assert talk(*PROPOSED, "yes", "i have to go")[0].hang_up


def test_who_wants_no_meeting_gets_none() -> None:
    assert talk(*AGREED, "i don't want a meeting")[0].hang_up


def test_not_this_week_is_the_next() -> None:
    monday = replace(SUNDAY, today=date(2026, 11, 23))
    answer, brain = Sarah(monday).greet()
    for turn in (*AGREED, "not this week", "on thursday", "at three"):
        answer, brain = brain.hear(turn)
    assert "December 3rd" in answer.text


def test_minutes_are_no_time_of_day() -> None:
    _, brain = talk(*PROPOSED)
    assert isinstance(brain, Sarah) and brain.booking is not None
    answer, _ = brain.hear("yes but i only have 20 minutes")
    assert answer.tool is not None and answer.tool.parameters["time"] == "15:00"


def test_changing_ones_mind_ends_it() -> None:
    for turn in ("no, i'm not interested", "never mind", "i have to go"):
        assert talk(*PROPOSED, turn)[0].hang_up, turn


def test_last_wishes_are_noted() -> None:
    done = (*PROPOSED, "yes")
    assert "noted" in talk(*done, "bring something on bonds")[0].text
    assert not talk(*done, "yes")[0].hang_up
    assert "noted" in talk(*done, "yes", "bring something on bonds")[0].text


def test_a_tool_that_fails_is_not_the_end() -> None:
    brain = talk(*PROPOSED)[1]
    _, booking = brain.hear("yes")
    assert booking.silence(1) is None and booking.unclear()[0] == Answer()
    assert booking.hear("hello?")[0].say == words.ONE_MOMENT
    answer, after = booking.tool_result(None)
    assert "calendar is not answering" in answer.text
    assert "Thursday, November 26th at 3 PM" in answer.text
    assert after.tool_result("late")[0] == Answer()
    remark = booking.tool_result("The confirmation number is twelve.")[0]
    assert "The confirmation number is twelve." in remark.say


def test_what_is_not_understood_has_an_end() -> None:
    for turns in ((), PITCHED, AGREED):
        _, brain = talk(*turns)
        for _ in range(2):
            answer, brain = brain.unclear()
            assert answer.say[0] == words.UNCLEAR[0] and not answer.hang_up
        assert brain.unclear()[0].hang_up
    assert "type to me" in Sarah(SUNDAY).wordless()[0].text


def test_silence_is_broken_and_then_she_hangs_up() -> None:
    for turns in ((), PITCHED, AGREED, PROPOSED):
        brain = talk(*turns)[1]
        asked = set()
        for times in range(1, SILENCES_BROKEN + 1):
            move = brain.silence(times)
            assert move is not None and not move[0].hang_up
            asked.add(move[0].say)
            brain = move[1]
        assert len(asked) > 1
        last = brain.silence(SILENCES_BROKEN + 1)
        assert last is not None and last[0].hang_up
    done = talk(*PROPOSED, "yes")[1].silence(1)
    assert done is not None and done[0].hang_up


def test_say_that_again() -> None:
    for turns in ((), PITCHED, PROPOSED):
        before, brain = talk(*turns)
        assert brain.hear("pardon?")[0] == before
    _, brain = Sarah(SUNDAY).greet(())
    assert "this is Sarah" in brain.hear("what did you say")[0].text


@pytest.mark.parametrize(
    ("turns", "text", "whole"),
    [
        ((), "yes", False),
        ((), "who is this", True),
        ((), "goodbye", True),
        (AGREED, "on", False),
        (AGREED, "on thursday", True),
        (PROPOSED, "yes", False),  # "yes ... that's right"
        (PROPOSED, "yes please", True),
        (PROPOSED, "wednesday", True),
        (PROPOSED, "no", False),
        ((), "well you know i think that who is this", False),
    ],
)
def test_when_a_turn_is_whole(turns: tuple[str, ...], text: str, whole: bool) -> None:
    assert talk(*turns)[1].complete(text) is whole


def test_grammars_only_where_the_answer_is_narrow() -> None:
    assert talk()[1].grammar == talk(*PITCHED)[1].grammar == ()
    assert "thursday" in talk(*AGREED)[1].grammar
    assert "not interested" in talk(*AGREED)[1].grammar
    assert "yes" in talk(*PROPOSED)[1].grammar
    assert talk(*PROPOSED)[1].hear("yes")[1].grammar == ()


def test_letters_are_joined() -> None:
    assert Sarah(SUNDAY).spelled("the e t f s you have") == "the ETFs you have"
    assert Sarah(SUNDAY).spelled("an e t f") == "an ETF"


def test_the_greeting_is_among_what_is_prepared() -> None:
    assert set(SARAH.opening(SUNDAY).greet()[0].say) <= set(SARAH.fixed)
    assert not any("{" in sentence for sentence in SARAH.fixed)


@pytest.mark.parametrize("text", ["", "?", "x" * 4000, "\0", "{caller}", "no no no"])
def test_any_words_have_an_answer(text: str) -> None:
    for turns in ((), ("yes",), PITCHED, AGREED, PROPOSED, (*PROPOSED, "yes")):
        answer, _ = talk(*turns)[1].hear(text)
        assert answer.say
