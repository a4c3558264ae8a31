"""Breaker: when a provider is worth asking."""

from __future__ import annotations

from convai.agent import AgentLost, AgentRefused, AgentUnavailable
from convai.succession.breaker import (
    FAILURES,
    OPEN_S,
    REFUSED_S,
    TRIAL_S,
    WINDOW_S,
    Breaker,
    State,
)

DOWN = AgentUnavailable("down")


def tripped(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed(DOWN, now)
    return breaker


def test_it_opens_after_several_failures_and_not_before() -> None:
    breaker = Breaker()
    for count in range(1, FAILURES):
        breaker.failed(AgentLost("gone"), count)
        assert breaker.admits(count)
    breaker.failed(DOWN, FAILURES)
    assert breaker.state is State.OPEN
    assert not breaker.admits(FAILURES + OPEN_S - 0.1)


def test_failures_far_apart_do_not_count_together() -> None:
    breaker = Breaker()
    for count in range(10):
        breaker.failed(DOWN, count * WINDOW_S * 0.6)
    assert breaker.admits(10 * WINDOW_S)


def test_success_forgets_failures() -> None:
    breaker = Breaker()
    for _ in range(10):
        breaker.failed(DOWN, 0)
        breaker.failed(DOWN, 0)
        breaker.succeeded()
    assert breaker.admits(0)


def test_one_call_tries_while_the_others_wait() -> None:
    breaker = tripped()
    assert breaker.admits(OPEN_S)
    breaker.begun(OPEN_S)
    assert breaker.state is State.HALF_OPEN
    assert not breaker.admits(OPEN_S + 1)
    breaker.succeeded()
    assert breaker.admits(OPEN_S + 1)


def test_a_trial_that_fails_doubles_the_time() -> None:
    breaker = tripped()
    breaker.begun(OPEN_S)
    breaker.failed(DOWN, OPEN_S)
    assert not breaker.admits(OPEN_S * 3 - 0.1)
    assert breaker.admits(OPEN_S * 3)


def test_a_trial_that_nobody_hears_of_blocks_nobody() -> None:
    breaker = tripped()
    breaker.begun(OPEN_S)
    assert not breaker.admits(OPEN_S + TRIAL_S - 0.1)
    assert breaker.admits(OPEN_S + TRIAL_S)


def test_a_wrong_key_opens_at_once_and_for_long() -> None:
    for code in ("agent-auth", "agent-quota"):
        breaker = Breaker()
        breaker.failed(AgentRefused("no", code=code), 0)
        assert not breaker.admits(REFUSED_S - 0.1)
        assert breaker.admits(REFUSED_S)


def test_a_refused_setting_says_nothing_of_the_provider() -> None:
    breaker = Breaker()
    for _ in range(10):
        breaker.failed(AgentRefused("no", code="agent-override"), 0)
    assert breaker.admits(0)
    breaker = tripped()
    breaker.begun(OPEN_S)
    breaker.failed(AgentRefused("no", code="agent-override"), OPEN_S)
    assert breaker.admits(OPEN_S), "it answered: it is up"


def test_being_asked_for_want_of_another_is_no_trial() -> None:
    breaker = tripped()
    breaker.begun(1.0)
    breaker.failed(DOWN, 1.0)
    assert breaker.state is State.OPEN
    assert breaker.admits(OPEN_S)
