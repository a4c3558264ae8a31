"""The parts of a succession: Floor, Lately, Border, Renewal, Turnover."""

from __future__ import annotations

from convai.agent import AgentError, AgentLost, AgentProtocolError, AgentRefused
from convai.events import (
    ApprovalAsked,
    Corrected,
    Event,
    Interrupted,
    ReplyBegun,
    ReplyDone,
    Said,
    Speech,
    ToolCall,
    VoiceScore,
)
from convai.notes import Approval, Feedback, Typing
from convai.succession.border import Border, Rates
from convai.succession.floor import Floor
from convai.succession.lately import KEPT_S, LOUD, Lately
from convai.succession.renewal import AGAIN_S, LATEST_S, Renewal
from convai.succession.turnover import MOST, RETRY_AGAIN_S, WITHIN_S, Turnover

RATE = 16_000
RATES = Rates(RATE, RATE)
A, B, C = "a", "b", "c"


def sound(reply: int, seconds: float) -> Speech:
    return Speech(reply, bytes(int(RATE * seconds) * 2))


def floor(*events: Event, at: float = 0.0) -> Floor:
    made = Floor(RATE)
    for event in events:
        made.note(event, at)
    return made


# Floor.


def test_a_reply_is_reckoned_to_be_heard_as_long_as_it_is() -> None:
    talk = floor(Said("agent", "one two", True, 0), sound(0, 5))
    assert talk.lost(4.9)
    assert not talk.lost(5.0)
    assert not talk.quiet(5.9)
    assert talk.quiet(6.0)


def test_an_agent_that_marks_ends_is_unfinished_until_it_does() -> None:
    talk = floor(sound(0, 1), ReplyDone(0), sound(1, 1))
    assert talk.unfinished(99)
    talk.note(ReplyDone(1), 99)
    assert not talk.lost(99)
    assert talk.quiet(99)


def test_a_stopped_reply_is_over_and_words_are_awaited() -> None:
    talk = floor(sound(0, 9))
    talk.note(Interrupted(0), 1)
    assert not talk.unfinished(2)
    assert talk.lost(2)
    talk = floor(sound(0, 9))
    talk.cut(1)
    assert not talk.lost(1)
    assert talk.quiet(2)


def test_the_caller_is_heard_by_words_and_by_scores() -> None:
    talk = floor(VoiceScore(0.9), at=5)
    assert not talk.quiet(5.9)
    assert talk.quiet(6)
    talk.note(VoiceScore(0.1), 7)
    assert talk.quiet(7)
    talk.note(Said("caller", " ", True), 8)
    assert talk.quiet(8), "a blank is no word"
    talk.note(Said("caller", "Well", False), 9)
    assert not talk.quiet(99)


def test_what_is_owed_is_paid_by_sound() -> None:
    for event in (ToolCall("t", "x", {}), ApprovalAsked("t", "x", "", {}, 0)):
        talk = floor(event)
        assert talk.lost(9)
        talk.note(sound(0, 1), 9)
        talk.note(ReplyDone(0), 9)
        assert not talk.lost(9)
        talk.asked()
        assert talk.lost(9)
        talk.changed()
        assert not talk.lost(9)


# Lately.


def test_the_last_seconds_are_kept() -> None:
    lately = Lately(RATE)
    for number in range(400):
        lately.add(bytes([number % 200, 0]) * 320)
    pieces = lately.take()
    assert sum(map(len, pieces)) == KEPT_S * RATE * 2
    assert pieces[-1][0] == 199
    assert lately.take() == []


def test_a_hush_is_a_second_without_a_voice() -> None:
    lately = Lately(RATE)
    assert lately.hush()
    lately.add(LOUD.to_bytes(2, "little") * 320)
    for _ in range(49):
        lately.add(bytes(640))
        assert not lately.hush()
    lately.add(bytes(640))
    assert lately.hush()
    lately.add((-LOUD).to_bytes(2, "little", signed=True) * 320)
    assert not lately.hush()
    lately.forget()
    assert lately.hush()


# Border.


def test_the_first_agent_passes_unchanged() -> None:
    border = Border(RATES, RATES)
    for event in (
        sound(7, 1),
        ReplyDone(7),
        Interrupted(99),
        Said("caller", "x", True),
        ToolCall("t", "x", {}),
    ):
        assert list(border.out(event)) == [event]
    assert border.newest == 7
    assert (border.reply(3), border.call("t")) == (3, "t")


def test_the_next_agent_counts_on_and_back() -> None:
    border = Border(RATES, RATES, newest=7, prefix="1:")
    assert border.reply(8) is None
    assert list(border.out(Interrupted(50))) == [Interrupted(7)]
    assert list(border.out(sound(100, 1))) == [sound(8, 1)]
    for number, ours in ((101, 9), (104, 12), (100, 8), (3, 8)):
        for event in (
            Said("agent", "x", True, number),
            Corrected(number, "x"),
            ReplyBegun(number),
        ):
            (out,) = border.out(event)
            assert getattr(out, "reply") == ours
    assert list(border.out(Interrupted(101))) == [Interrupted(9)]
    assert list(border.out(Interrupted(999))) == [Interrupted(12)]
    assert list(border.out(Interrupted(3))) == [Interrupted(7)]
    assert list(border.out(Said("caller", "x", True))) == [Said("caller", "x", True)]
    assert [border.reply(n) for n in (7, 8, 12)] == [None, 100, 104]
    (asked,) = border.out(ApprovalAsked("t", "x", "", {}, 0))
    assert isinstance(asked, ApprovalAsked)
    assert border.note(Approval(asked.id, True)) == Approval("t", True)
    assert border.note(Approval("t", True)) is None
    assert border.note(Feedback(8, None)) == Feedback(100, None)
    assert border.note(Feedback(7, None)) is None
    assert border.note(Typing()) == Typing()


def test_sound_of_another_rate_loses_nothing_at_the_end_of_a_reply() -> None:
    border = Border(RATES, Rates(8_000, 48_000), newest=0)
    out = [
        event
        for number in (1, 2, 3)
        for event in border.out(Speech(number, bytes(48_000 * 2)))
    ]
    out += border.out(ReplyDone(3))
    for number in (1, 2, 3):
        size = sum(
            len(e.pcm) for e in out if isinstance(e, Speech) and e.reply == number
        )
        assert abs(size - RATE * 2) <= 64
    assert out[-1] == ReplyDone(3)
    assert list(border.rest()) == []


def test_what_is_left_of_an_interrupted_reply_is_not_told() -> None:
    border = Border(RATES, Rates(8_000, 48_000), newest=0)
    out = list(border.out(Speech(1, bytes(48_000 * 2))))
    assert list(border.out(Interrupted(0))) == [Interrupted(0)]
    assert list(border.out(Interrupted(1))) == [Interrupted(1)]
    assert list(border.rest()) == []
    for number in (2, 3):  # one that is over takes nothing from the next
        out += border.out(Speech(number, bytes(48_000 * 2)))
    out += border.out(Interrupted(2))
    out += border.out(ReplyDone(3))
    sizes = [
        sum(len(e.pcm) for e in out if isinstance(e, Speech) and e.reply == number)
        for number in (1, 2, 3)
    ]
    assert sizes[0] < RATE * 2
    assert sizes[1:] == [RATE * 2] * 2


# Renewal.


def test_a_renewal_is_due_then_pressing() -> None:
    renewal = Renewal(60.0, 10.0)
    assert not renewal.due(69.9)
    assert renewal.look_at(10.0) == 70.0
    assert renewal.due(70.0)
    assert not renewal.pressing(70.0 + LATEST_S - 1)
    assert renewal.pressing(70.0 + LATEST_S)
    renewal.put_off(70.0)
    assert not renewal.due(70.0 + AGAIN_S - 1)
    assert renewal.look_at(70.0) == 70.0 + AGAIN_S
    assert renewal.due(70.0 + AGAIN_S)


def test_a_renewal_that_is_not_wanted_never_comes() -> None:
    renewal = Renewal(None, 0.0)
    assert renewal.look_at(9e9) is None
    assert not renewal.due(9e9)
    assert not renewal.pressing(9e9)


# Turnover.


def order(error: AgentError, same: str = B) -> str:
    return "".join(Turnover().successors([A, B, C], same, error, 0.0))


def test_who_is_asked_depends_on_whose_fault_it_was() -> None:
    assert order(AgentLost("x")) == "bca"
    assert order(AgentRefused("x")) == "ca"
    assert order(AgentProtocolError("x")) == "cab"
    assert order(AgentLost("x", code="agent-expired"), C) == "cab"


def test_a_drop_soon_after_another_is_for_the_others() -> None:
    turnover, lost = Turnover(), AgentLost("x")
    asked = [
        "".join(turnover.successors([A, B], A, lost, now))
        for now in (0.0, RETRY_AGAIN_S - 1, RETRY_AGAIN_S)
    ]
    assert asked == ["ab", "ba", "ab"]
    expired = AgentLost("x", code="agent-expired")
    for now in range(100, 110):
        assert turnover.successors([A, B], A, expired, now) == [A, B]


def test_there_are_only_so_many_handovers() -> None:
    turnover = Turnover()
    assert not any(turnover.exhausted(now) for now in range(MOST))
    assert turnover.exhausted(WITHIN_S - 1)
    assert not turnover.exhausted(WITHIN_S)
    assert turnover.exhausted(WITHIN_S)
