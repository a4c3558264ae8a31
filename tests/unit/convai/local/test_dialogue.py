from __future__ import annotations

from convai.local.demo import BYE, FINE, STORY, UNCLEAR, Demo, Place
from convai.local.dialogue import (
    REPROMPT_S,
    TOOL_WAIT_S,
    Action,
    Dialogue,
    Interrupt,
    Speak,
    Transcript,
)


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
    order = speak(Dialogue(Demo()).open(None, 0))
    assert order.answer.text.startswith("Hello, this is Parley.")


def test_a_first_message_replaces_the_greeting() -> None:
    assert speak(Dialogue(Demo()).open("Hi.", 0)).answer.say == ("Hi.",)
    assert Dialogue(Demo()).open(" ", 0) == []
    two = speak(Dialogue(Demo()).open("Hi there. How is 3.5 percent?", 0)).answer
    assert two.say == ("Hi there.", "How is 3.5 percent?")


def test_words_become_a_transcript_and_an_answer() -> None:
    dialogue = Dialogue(Demo())
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
    dialogue = Dialogue(Demo())
    dialogue.onset(1)
    assert dialogue.hanging  # no word yet
    dialogue.partial(dialogue.turn, "i would like to")
    assert dialogue.hanging
    dialogue.partial(dialogue.turn, "i would like to go")
    assert not dialogue.hanging


def test_guesses_at_an_earlier_turn_are_too_late() -> None:
    dialogue = Dialogue(Demo())
    dialogue.onset(1)
    earlier = dialogue.turn
    dialogue.onset(2)
    assert dialogue.partial(earlier, "hello") == []


def test_speaking_over_a_reply_cuts_it() -> None:
    dialogue = Dialogue(Demo())
    order = speak(dialogue.typed("tell me a story", 0))
    play(dialogue, order, 0)
    (cut,) = dialogue.onset(4.5)
    assert isinstance(cut, Interrupt) and cut.reply == order.reply
    assert cut.cuts[0].text == " ".join(STORY)
    assert cut.cuts[0].heard.startswith(f"{STORY[0]} Many years ago")
    assert not dialogue.wanted(order.reply)


def test_speaking_after_a_reply_cuts_nothing() -> None:
    dialogue = Dialogue(Demo())
    play(dialogue, speak(dialogue.typed("hello", 0)), 0)
    assert dialogue.onset(6.0) == []


def test_a_reply_not_yet_sent_is_not_wanted_when_the_caller_goes_on() -> None:
    dialogue = Dialogue(Demo())
    order = speak(turn(dialogue, "hello", 1))
    assert dialogue.wanted(order.reply)
    assert dialogue.onset(1.1) == []
    assert not dialogue.wanted(order.reply)


def test_words_that_come_after_the_caller_went_on_are_not_talked_over() -> None:
    dialogue = Dialogue(Demo())
    dialogue.onset(0)
    first = dialogue.turn
    dialogue.paused()
    dialogue.onset(1)
    order = speak(dialogue.heard(first, "hello", 500, 1.1))
    assert not dialogue.wanted(order.reply)


def test_noise_is_passed_over_in_silence() -> None:
    dialogue = Dialogue(Demo())
    for noise in ("", "the", "huh"):
        dialogue.onset(1)
        dialogue.paused()
        assert dialogue.partial(dialogue.turn, noise) == []
        assert dialogue.heard(dialogue.turn, noise, 200, 2) == []


def test_speech_that_was_not_understood_is_asked_for_again() -> None:
    dialogue = Dialogue(Demo())
    assert speak(turn(dialogue, "", 2)).answer.say == UNCLEAR
    assert speak(turn(dialogue, "[unk]", 3)).answer.say == UNCLEAR


def test_a_noise_that_cut_a_reply_is_not_passed_over() -> None:
    dialogue = Dialogue(Demo())
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
    dialogue = Dialogue(Demo())
    turn(dialogue, "a meeting", 1)
    said = turn(dialogue, "[unk] wednesday", 5)[0]
    assert isinstance(said, Transcript) and said.text == "wednesday"


def test_without_a_recogniser_clicks_are_passed_over() -> None:
    dialogue = Dialogue(Demo())
    dialogue.onset(1)
    dialogue.paused()
    assert dialogue.heard(dialogue.turn, None, 120, 2) == []
    play(dialogue, speak(dialogue.typed("tell me a story", 3)), 3)
    dialogue.onset(5)  # it cut the story: then it does deserve an answer
    dialogue.paused()
    assert speak(dialogue.heard(dialogue.turn, None, 120, 6))


def test_without_a_recogniser_it_says_so() -> None:
    order = speak(turn(Dialogue(Demo()), None, 1))
    assert "cannot understand words" in order.answer.text


def test_typed_turns_take_the_turn() -> None:
    dialogue = Dialogue(Demo())
    play(dialogue, speak(dialogue.typed("tell me a story", 0)), 0)
    cut, answer = dialogue.typed("stop", 5)
    assert isinstance(cut, Interrupt) and isinstance(answer, Speak)
    assert dialogue.wanted(answer.reply)
    assert dialogue.typed("  ", 6) == []


def test_typed_turns_are_answered_while_a_noise_goes_on() -> None:
    dialogue = Dialogue(Demo())
    dialogue.onset(1)
    order = speak(dialogue.typed("tell me a story", 1.1))
    assert dialogue.wanted(order.reply)
    play(dialogue, order, 1.2)
    dialogue.paused()
    assert dialogue.heard(dialogue.turn, "", 200, 2) == []
    assert dialogue.wanted(order.reply)


def test_an_answer_that_a_noise_forestalled_is_given_after_it() -> None:
    dialogue = Dialogue(Demo())
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
    dialogue = Dialogue(Demo())
    turn(dialogue, "tell me a story", 1)
    order = speak(turn(dialogue, "how are you", 2.5))
    assert order.answer.say == FINE


def test_ids_only_grow() -> None:
    dialogue = Dialogue(Demo())
    ids = []
    for now in range(10):
        ids.append(speak(turn(dialogue, "hello", now * 20.0)).reply)
        ids.append(speak(dialogue.typed("hello", now * 20.0 + 5)).reply)
    assert ids == sorted(set(ids))


def booking(now: float) -> tuple[Dialogue, str]:
    dialogue = Dialogue(Demo(place=Place.CONFIRM, day="tuesday", time="14:00"))
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
    dialogue = Dialogue(Demo())
    play(dialogue, speak(dialogue.open("Hi.", 0)), 0, each_s=2.0)
    assert dialogue.tick(2 + REPROMPT_S - 0.1) == []
    first = speak(dialogue.tick(2 + REPROMPT_S))
    play(dialogue, first, 10, each_s=1.0)
    second = speak(dialogue.tick(12 + REPROMPT_S))
    assert first.answer != second.answer
    assert dialogue.tick(100) == dialogue.tick(200) == []  # enough is enough


def test_silence_is_not_broken_while_somebody_is_busy() -> None:
    dialogue = Dialogue(Demo())
    dialogue.open("", 0)
    dialogue.active(5)
    assert dialogue.tick(REPROMPT_S) == []
    dialogue.onset(10)
    assert dialogue.tick(30) == []


def test_words_make_silence_count_from_the_beginning() -> None:
    dialogue = Dialogue(Demo())
    dialogue.open("", 0)
    first = speak(dialogue.tick(10)).answer
    turn(dialogue, "hello", 20)
    assert speak(dialogue.tick(40)).answer == first


def test_goodbye_hangs_up() -> None:
    order = speak(turn(Dialogue(Demo()), "goodbye", 1))
    assert order.answer.hang_up and order.answer.say == BYE
