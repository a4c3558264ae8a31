from __future__ import annotations

from datetime import date

from convai.local.booking import Booking, Wanted
from convai.local.demo import BYE, FINE, STORY, UNCLEAR, Demo
from convai.local.dialogue import (
    REPROMPT_S,
    TOOL_WAIT_S,
    Action,
    Dialogue,
    Interrupt,
    Speak,
    Transcript,
)
from convai.local.occasion import Occasion

SUNDAY = Occasion(today=date(2026, 11, 22))


def demo() -> Demo:
    return Demo(SUNDAY)


def speak(actions: list[Action]) -> Speak:
    """The one thing to say among the actions."""
    (found,) = [action for action in actions if isinstance(action, Speak)]
    return found


def play(dialogue: Dialogue, order: Speak, now: float, each_s: float = 3.0) -> None:
    """Send it as the session does, every sentence of the same length."""
    dialogue.playing.begin(order.reply, order.answer.text, now)
    for sentence in order.answer.say:
        dialogue.playing.sent(order.reply, sentence, each_s, now)


def turn(dialogue: Dialogue, text: str | None, now: float) -> list[Action]:
    """A turn of one second that ended now."""
    actions = dialogue.onset(now - 1)
    dialogue.paused()
    return [*actions, *dialogue.heard(dialogue.turn, text, 1000, now)]


def test_it_begins_with_the_greeting() -> None:
    order = speak(Dialogue(demo()).open(None, 0))
    assert order.answer.text.startswith("Hello, this is Parley.")


def test_a_first_message_replaces_the_greeting() -> None:
    assert speak(Dialogue(demo()).open("Hi.", 0)).answer.say == ("Hi.",)
    assert Dialogue(demo()).open(" ", 0) == []
    two = speak(Dialogue(demo()).open("Hi there. How is 3.5 percent?", 0)).answer
    assert two.say == ("Hi there.", "How is 3.5 percent?")


def test_words_become_a_transcript_and_an_answer() -> None:
    dialogue = Dialogue(demo())
    dialogue.onset(1)
    first = dialogue.partial(dialogue.turn, "what is")
    assert first == [Transcript(dialogue.turn, "what is", final=False)]
    assert not dialogue.complete
    assert dialogue.partial(dialogue.turn, "what is") == []  # nothing new
    dialogue.partial(dialogue.turn, "what is partly")
    assert dialogue.complete
    dialogue.paused()
    said, answer = dialogue.heard(dialogue.turn, "what is partly", 900, 2)
    assert said == Transcript(dialogue.turn, "what is parley", final=True)
    assert isinstance(answer, Speak) and answer.reply > dialogue.turn


def test_words_that_call_for_more_are_hanging() -> None:
    dialogue = Dialogue(demo())
    dialogue.onset(1)
    assert dialogue.hanging  # no word yet
    dialogue.partial(dialogue.turn, "i would like to")
    assert dialogue.hanging
    dialogue.partial(dialogue.turn, "i would like to go")
    assert not dialogue.hanging


def test_guesses_at_an_earlier_turn_are_too_late() -> None:
    dialogue = Dialogue(demo())
    dialogue.onset(1)
    earlier = dialogue.turn
    dialogue.onset(2)
    assert dialogue.partial(earlier, "hello") == []


def test_speaking_over_a_reply_cuts_it() -> None:
    dialogue = Dialogue(demo())
    order = speak(dialogue.typed("tell me a story", 0))
    play(dialogue, order, 0)
    (cut,) = dialogue.onset(4.5)
    assert isinstance(cut, Interrupt) and cut.reply == order.reply
    assert cut.cuts[0].text == " ".join(STORY)
    assert cut.cuts[0].heard.startswith(f"{STORY[0]} Many years ago")
    assert not dialogue.wanted(order.reply)


def test_speaking_after_a_reply_cuts_nothing() -> None:
    dialogue = Dialogue(demo())
    play(dialogue, speak(dialogue.typed("hello", 0)), 0)
    assert dialogue.onset(6.0) == []


def test_a_reply_not_yet_sent_is_not_wanted_when_the_caller_goes_on() -> None:
    dialogue = Dialogue(demo())
    order = speak(turn(dialogue, "hello", 1))
    assert dialogue.wanted(order.reply)
    assert dialogue.onset(1.1) == []
    assert not dialogue.wanted(order.reply)


def test_words_that_come_after_the_caller_went_on_are_not_talked_over() -> None:
    dialogue = Dialogue(demo())
    dialogue.onset(0)
    first = dialogue.turn
    dialogue.paused()
    dialogue.onset(1)
    order = speak(dialogue.heard(first, "hello", 500, 1.1))
    assert not dialogue.wanted(order.reply)


def test_noise_is_passed_over_in_silence() -> None:
    dialogue = Dialogue(demo())
    for noise in ("", "the", "huh"):
        dialogue.onset(1)
        dialogue.paused()
        assert dialogue.partial(dialogue.turn, noise) == []
        assert dialogue.heard(dialogue.turn, noise, 200, 2) == []


def test_speech_that_was_not_understood_is_asked_for_again() -> None:
    dialogue = Dialogue(demo())
    assert speak(turn(dialogue, "", 2)).answer.say == UNCLEAR
    assert speak(turn(dialogue, "[unk]", 3)).answer.say == UNCLEAR


def test_a_noise_that_cut_a_reply_is_not_passed_over() -> None:
    dialogue = Dialogue(demo())
    play(dialogue, speak(dialogue.typed("tell me a story", 0)), 0)
    dialogue.onset(2)
    dialogue.paused()
    sorry = speak(dialogue.heard(dialogue.turn, "", 150, 3))
    assert sorry.answer.say == UNCLEAR
    play(dialogue, sorry, 3)
    dialogue.onset(20)
    dialogue.paused()
    assert dialogue.heard(dialogue.turn, "", 150, 21) == []


def test_unknown_words_are_left_out_of_the_transcript() -> None:
    dialogue = Dialogue(demo())
    turn(dialogue, "a meeting", 1)
    said = turn(dialogue, "[unk] wednesday", 5)[0]
    assert isinstance(said, Transcript) and said.text == "wednesday"


def test_without_a_recogniser_clicks_are_passed_over() -> None:
    dialogue = Dialogue(demo())
    dialogue.onset(1)
    dialogue.paused()
    assert dialogue.heard(dialogue.turn, None, 120, 2) == []
    play(dialogue, speak(dialogue.typed("tell me a story", 3)), 3)
    dialogue.onset(5)  # it cut the story: then it does deserve an answer
    dialogue.paused()
    assert speak(dialogue.heard(dialogue.turn, None, 120, 6))


def test_without_a_recogniser_it_says_so() -> None:
    order = speak(turn(Dialogue(demo()), None, 1))
    assert "cannot understand words" in order.answer.text


def test_typed_turns_take_the_turn() -> None:
    dialogue = Dialogue(demo())
    play(dialogue, speak(dialogue.typed("tell me a story", 0)), 0)
    cut, answer = dialogue.typed("stop", 5)
    assert isinstance(cut, Interrupt) and isinstance(answer, Speak)
    assert dialogue.wanted(answer.reply)
    assert dialogue.typed("  ", 6) == []


def test_typed_turns_are_answered_while_a_noise_goes_on() -> None:
    dialogue = Dialogue(demo())
    dialogue.onset(1)
    order = speak(dialogue.typed("tell me a story", 1.1))
    assert dialogue.wanted(order.reply)
    play(dialogue, order, 1.2)
    dialogue.paused()
    assert dialogue.heard(dialogue.turn, "", 200, 2) == []
    assert dialogue.wanted(order.reply)


def test_an_answer_that_a_noise_forestalled_is_given_after_it() -> None:
    dialogue = Dialogue(demo())
    order = speak(turn(dialogue, "tell me a story", 1))
    dialogue.onset(1.02)
    assert not dialogue.wanted(order.reply)
    dialogue.paused()
    again = speak(dialogue.heard(dialogue.turn, "", 120, 2))
    assert again.answer.say == STORY and dialogue.wanted(again.reply)
    play(dialogue, again, 2)
    dialogue.onset(100)
    dialogue.paused()
    assert dialogue.heard(dialogue.turn, "", 120, 101) == []  # given once


def test_an_answer_to_words_that_went_on_is_not_given() -> None:
    dialogue = Dialogue(demo())
    turn(dialogue, "tell me a story", 1)
    order = speak(turn(dialogue, "how are you", 2.5))
    assert order.answer.say == FINE


def test_ids_only_grow() -> None:
    dialogue = Dialogue(demo())
    ids = []
    for now in range(10):
        ids.append(speak(turn(dialogue, "hello", now * 20.0)).reply)
        ids.append(speak(dialogue.typed("hello", now * 20.0 + 5)).reply)
    assert ids == sorted(set(ids))


def booking(now: float) -> tuple[Dialogue, str]:
    dialogue = Dialogue(
        Demo(
            SUNDAY, Booking(SUNDAY, wanted=Wanted.CONFIRM, day="tuesday", time="14:00")
        )
    )
    order = speak(turn(dialogue, "yes", now))
    assert order.answer.tool is not None
    return dialogue, dialogue.call(now)


def test_a_tool_is_answered_once() -> None:
    dialogue, call = booking(1)
    assert dialogue.tool_answered("other", "ok", 2) == []
    assert "booked" in speak(dialogue.tool_answered(call, "ok", 2)).answer.text
    assert dialogue.tool_answered(call, "ok", 2) == []


def test_a_tool_that_is_never_answered_does_not_stop_the_talk() -> None:
    dialogue, call = booking(1)
    assert dialogue.tick(1 + TOOL_WAIT_S - 0.1) == []
    order = speak(dialogue.tick(1 + TOOL_WAIT_S))
    assert "could not reach your calendar" in order.answer.text
    assert dialogue.tool_answered(call, "ok", 8) == []


def test_a_tool_result_waits_for_the_end_of_a_noise() -> None:
    dialogue, call = booking(1)
    dialogue.onset(2)
    assert not dialogue.wanted(speak(dialogue.tool_answered(call, "ok", 2.1)).reply)
    dialogue.paused()
    order = speak(dialogue.heard(dialogue.turn, "", 200, 3))
    assert "booked" in order.answer.text and dialogue.wanted(order.reply)


def test_a_tool_result_comes_before_the_next_answer() -> None:
    for unanswered in (False, True):
        dialogue, call = booking(1)
        dialogue.onset(6)
        if unanswered:
            dialogue.tick(1 + TOOL_WAIT_S)
        else:
            dialogue.tool_answered(call, "ok", 7)
        dialogue.paused()
        order = speak(dialogue.heard(dialogue.turn, "how are you", 900, 8))
        assert "our meeting" in order.answer.text
        assert order.answer.say[-len(FINE) :] == FINE
        play(dialogue, order, 8)
        after = speak(turn(dialogue, "how are you", 60))
        assert after.answer.say == FINE  # told once


def test_news_stay_owed_but_what_was_joined_to_them_does_not() -> None:
    dialogue, call = booking(1)
    dialogue.onset(6)
    dialogue.tool_answered(call, "ok", 7)
    dialogue.paused()
    dialogue.heard(dialogue.turn, "tell me a story", 900, 8)
    order = speak(turn(dialogue, "how are you", 10))
    assert "booked" in order.answer.say[0] and order.answer.say[1:] == FINE


def test_silence_is_broken_after_the_reply_was_heard() -> None:
    dialogue = Dialogue(demo())
    play(dialogue, speak(dialogue.open("Hi.", 0)), 0, each_s=2.0)
    assert dialogue.tick(2 + REPROMPT_S - 0.1) == []
    first = speak(dialogue.tick(2 + REPROMPT_S))
    play(dialogue, first, 10, each_s=1.0)
    second = speak(dialogue.tick(12 + REPROMPT_S))
    assert first.answer != second.answer
    play(dialogue, second, 22, each_s=1.0)
    assert dialogue.tick(100) == dialogue.tick(200) == []  # enough is enough


def test_silence_is_not_broken_while_somebody_is_busy() -> None:
    dialogue = Dialogue(demo())
    dialogue.open("", 0)
    dialogue.active(5)
    assert dialogue.tick(REPROMPT_S) == []
    dialogue.onset(10)
    assert dialogue.tick(30) == []


def test_silence_is_not_broken_while_the_words_are_being_recognised() -> None:
    dialogue = Dialogue(demo())
    dialogue.open("", 0)
    dialogue.onset(1)
    dialogue.paused()
    assert dialogue.tick(1 + 2 * REPROMPT_S) == []
    dialogue.heard(dialogue.turn, "", 100, 20)
    assert dialogue.tick(20 + REPROMPT_S) != []


def test_words_make_silence_count_from_the_beginning() -> None:
    dialogue = Dialogue(demo())
    dialogue.open("", 0)
    first = speak(dialogue.tick(10)).answer
    play(dialogue, speak(turn(dialogue, "hello", 20)), 20)
    assert speak(dialogue.tick(40)).answer == first


def test_silence_is_not_broken_while_a_slow_voice_makes_the_answer() -> None:
    dialogue = Dialogue(demo())
    dialogue.open("", 0)
    order = speak(turn(dialogue, "tell me a story", 2))
    assert dialogue.tick(3 + REPROMPT_S) == []  # it would be said after the answer
    play(dialogue, order, 12, each_s=1.0)
    assert dialogue.tick(13 + REPROMPT_S) == []
    assert dialogue.tick(30 + REPROMPT_S) != []


def test_goodbye_hangs_up() -> None:
    order = speak(turn(Dialogue(demo()), "goodbye", 1))
    assert order.answer.hang_up and order.answer.say == BYE


HISTORY = """This is what was said so far:
agent: Hello, this is Parley.
caller: let us fix a meeting on tuesday
agent: Tuesday, good. At what time?
"""


def test_what_was_said_before_is_lived_through() -> None:
    dialogue = Dialogue(demo())
    bridge = speak(dialogue.open("Where were we?", 0))
    assert bridge.answer.say == ("Where were we?",)
    assert dialogue.remember(HISTORY)
    assert speak(turn(dialogue, "say that again", 5)).answer.say == bridge.answer.say
    order = speak(turn(dialogue, "half past two", 10))
    assert order.answer.text == "On Tuesday at 2:30 PM. Shall I book that?"


def test_it_makes_no_difference_whether_the_bridge_was_spoken_already() -> None:
    brains = []
    for spoken in (False, True):
        dialogue = Dialogue(demo())
        bridge = speak(dialogue.open("Where were we?", 0))
        if spoken:
            play(dialogue, bridge, 0)
        assert dialogue.remember(HISTORY)
        assert dialogue.wanted(bridge.reply)
        brains.append(dialogue.brain)
    assert brains[0] == brains[1]


def test_without_a_bridge_nothing_is_said() -> None:
    dialogue = Dialogue(demo())
    assert dialogue.open("", 0) == []
    assert dialogue.remember(HISTORY)
    assert speak(turn(dialogue, "repeat", 5)).answer.say == (
        "Tuesday, good. At what time?",
    )


def test_what_was_said_before_comes_too_late_after_a_turn() -> None:
    for typed in (False, True):
        dialogue = Dialogue(demo())
        dialogue.open("Where were we?", 0)
        if typed:
            dialogue.typed("a meeting", 1)
        else:
            turn(dialogue, "a meeting", 1)
        before = dialogue.brain
        assert not dialogue.remember(HISTORY) and dialogue.brain is before
