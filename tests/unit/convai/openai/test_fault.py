"""Faults: what OpenAI's errors and the end of a connection mean."""

from __future__ import annotations

import pytest

from convai.agent import AgentLost, AgentRefused, AgentUnavailable
from convai.openai.fault import Fault, at_the_door, verdict


def fault(code: str | None, text: str = "text", **more: object) -> Fault:
    return Fault.read({"code": code, "message": text, **more})


def test_anything_can_be_read():
    for error in (None, [], "text", {}, {"message": 1}):
        assert Fault.read(error).text == "the agent reported an error"
    long = fault("c", "x" * 9999, param="session.voice")
    assert len(long.text) == 500
    assert fault("c", "Bad", param="session.voice").text == "Bad (session.voice)"


@pytest.mark.parametrize(
    ("native", "code"),
    [
        ("account_deactivated", "agent-auth"),
        ("billing_hard_limit_reached", "agent-quota"),
        ("model_not_found", "agent-misconfigured"),
    ],
)
def test_some_errors_are_refusals_at_any_time(native: str, code: str):
    for error in (fault(native).fatal(), fault(native).at_start()):
        assert isinstance(error, AgentRefused)
        assert error.code == code


def test_a_rate_limit_passes():
    limited = fault("rate_limit_exceeded")
    assert limited.fatal() is None
    assert limited.code == "agent-busy"
    assert not isinstance(limited.at_start(), AgentRefused)


def test_a_truncation_that_came_too_late_does_no_harm():
    late = "Audio content of 100ms is already shorter than 200ms"
    assert fault("invalid_value", late).harmless
    assert not fault("invalid_value").harmless


@pytest.mark.parametrize(
    ("close", "reason", "kind", "code"),
    [
        (1001, "", AgentLost, "agent-expired"),
        (3000, "", AgentRefused, "agent-auth"),
        (3000, "invalid_request_error.invalid_api_key", AgentRefused, "agent-auth"),
        (4000, "beta_api_shape_disabled", AgentRefused, "agent-misconfigured"),
        (1008, "insufficient_quota", AgentRefused, "agent-quota"),
        (1011, "internal", AgentLost, "agent-lost"),
        (None, "", AgentLost, "agent-lost"),
    ],
)
def test_the_end(close: int | None, reason: str, kind: type[AgentLost], code: str):
    error = verdict(close, reason)
    assert type(error) is kind
    assert error.code == code
    assert str(error)
    assert not isinstance(error, AgentUnavailable) or isinstance(error, AgentRefused)


def test_a_good_end():
    assert verdict(1000, "bye") is None


def test_a_shut_door():
    busy = AgentUnavailable("Too many requests.", code="agent-busy")
    assert at_the_door(busy) is busy
    empty = AgentUnavailable("You exceeded your current quota.", code="agent-busy")
    assert at_the_door(empty).code == "agent-quota"
    assert isinstance(at_the_door(empty), AgentRefused)
    model = AgentRefused("The model `x` does not exist.")
    assert at_the_door(model).code == "agent-misconfigured"
