"""Patience: who waits for the agent, since when, and when it was too long."""

from __future__ import annotations

from convai.events import Handover, Said, Speech, Talking, ToolCall, ToolDone
from rtc.patience import ANSWER_S, GREETING_S, WORDLESS_S, Patience

WORDS = Said("caller", "hello?", True)
SOUND = Speech(1, b"\0\0")


def fresh(*, greets: bool = False) -> Patience:
    patience = Patience(greets=greets)
    patience.begin(0.0)
    return patience


def test_nobody_waits_for_an_agent_that_is_owed_nothing() -> None:
    assert not fresh().over(10_000)


def test_an_agent_that_is_to_open_does_so_in_time() -> None:
    patience = fresh(greets=True)
    assert not patience.over(GREETING_S - 0.1)
    assert patience.over(GREETING_S)


def test_a_greeting_before_the_caller_is_connected_counts() -> None:
    patience = Patience(greets=True)
    patience.note(SOUND, -1.0)
    patience.begin(0.0)
    assert not patience.over(10_000)


def test_words_want_an_answer() -> None:
    patience = fresh()
    patience.note(WORDS, 100.0)
    assert not patience.over(100 + ANSWER_S - 0.1)
    assert patience.over(100 + ANSWER_S)


def test_a_guess_at_words_is_not_their_end() -> None:
    patience = fresh()
    patience.note(Said("caller", "hel", False), 0.0)
    assert not patience.over(10_000)


def test_any_sign_of_an_answer_ends_the_waiting() -> None:
    for sign in (SOUND, Said("agent", "Hm", False, 1), ToolCall("1", "look", {})):
        patience = fresh()
        patience.note(WORDS, 0.0)
        patience.note(sign, 5.0)
        assert not patience.over(10_000), sign


def test_a_tool_that_is_done_wants_words() -> None:
    patience = fresh()
    patience.note(ToolCall("1", "look", {}), 0.0)
    assert not patience.over(10_000)
    patience.note(ToolDone("1", "look", "found"), 10_000.0)
    assert patience.over(10_000 + ANSWER_S)


def test_a_voice_without_words_is_waited_for_longer() -> None:
    patience = fresh()
    patience.note(Talking("caller", True), 0.0)
    patience.note(Talking("caller", False), 3.0)
    assert not patience.over(3 + ANSWER_S)
    assert patience.over(3 + WORDLESS_S)


def test_a_cough_wants_no_answer() -> None:
    patience = fresh()
    patience.note(Talking("caller", True), 0.0)
    patience.note(Talking("caller", False), 0.5)
    assert not patience.over(10_000)


def test_the_noise_of_a_waiting_caller_gives_the_agent_no_more_time() -> None:
    patience = fresh()
    patience.note(WORDS, 0.0)
    patience.note(Talking("caller", True), 10.0)
    patience.note(Talking("caller", False), 12.0)
    assert patience.over(ANSWER_S)


def test_it_is_said_once_and_the_next_agent_has_its_own_time() -> None:
    patience = fresh()
    patience.note(WORDS, 0.0)
    assert patience.over(ANSWER_S)
    assert not patience.over(ANSWER_S + 1)
    patience.note(Handover("b", "a", "agent-stalled", owes=True), ANSWER_S + 2)
    assert not patience.over(2 * ANSWER_S + 1)
    assert patience.over(2 * ANSWER_S + 2)


def test_an_agent_that_takes_over_and_owes_nothing_is_not_waited_for() -> None:
    patience = fresh()
    patience.note(Handover("a", "a", "renewed"), 0.0)
    assert not patience.over(10_000)


def test_words_that_come_after_their_answer_want_none() -> None:
    patience = fresh()
    patience.note(SOUND, 0.0)
    patience.note(Said("caller", "hello?", True, late=True), 2.0)
    assert not patience.over(10_000)


def test_a_voice_that_is_known_to_have_ended_after_the_answer_began() -> None:
    patience = fresh()
    patience.note(Talking("caller", True), 0.0)
    patience.note(SOUND, 2.0)
    patience.note(Talking("caller", False, ago_ms=700), 2.3)
    assert not patience.over(10_000), "the answer had come by then"


def test_a_voice_over_which_the_agent_spoke_on_is_no_turn() -> None:
    patience = fresh()
    patience.note(SOUND, 0.0)
    patience.note(Talking("agent", True), 0.1)
    patience.note(Talking("caller", True), 5.0)
    patience.note(Talking("caller", False, ago_ms=500), 7.0)
    assert not patience.over(10_000)
    patience.note(Talking("agent", False), 10.0)
    patience.note(Talking("caller", True), 11.0)
    patience.note(Talking("caller", False, ago_ms=500), 13.0)
    assert patience.over(13 + WORDLESS_S)


def test_the_tool_of_an_agent_that_is_gone_wants_no_words() -> None:
    patience = fresh()
    patience.note(ToolCall("1", "look", {}), 0.0)
    patience.note(Handover("b", "a", "agent-lost", owes=True), 1.0)
    patience.note(SOUND, 2.0)
    patience.note(ToolDone("1", "look", "found"), 3.0)
    assert not patience.over(10_000)


def test_a_voice_that_nobody_understands_is_waited_for_once() -> None:
    def noise(at: float) -> None:
        patience.note(Talking("caller", True), at)
        patience.note(Talking("caller", False), at + 5)

    patience = fresh()
    noise(0.0)
    assert patience.over(50)
    patience.note(Handover("b", "a", "agent-stalled", owes=True), 50.0)
    patience.note(SOUND, 51.0)
    noise(60.0)
    assert not patience.over(1000)
    patience.note(Said("caller", "Sorry", True), 1000.0)
    patience.note(SOUND, 1001.0)
    noise(1010.0)
    assert patience.over(1015 + WORDLESS_S)


def test_an_agent_that_is_heard_is_not_waited_for() -> None:
    patience = fresh()
    patience.note(SOUND, 0.0)
    patience.note(Talking("agent", True), 0.1)
    patience.note(WORDS, 5.0)
    assert not patience.over(5 + ANSWER_S), "it speaks on"
    patience.note(Talking("agent", False), 60.0)
    assert not patience.over(60 + ANSWER_S - 0.1)
    assert patience.over(60 + ANSWER_S)
