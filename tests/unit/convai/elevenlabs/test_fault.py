"""What an error means for the conversation: over, refused, busy, or worth a retry."""

from __future__ import annotations

import pytest

from convai.agent import AgentLost, AgentRefused, AgentUnavailable
from convai.elevenlabs.fault import Fault, at_the_door, verdict
from convai.elevenlabs.texts import REFUSALS
from tests.elevenlabs_schema import LOST, REFUSED


def fault(kind: str, words: str, close: int) -> Fault:
    event = {"error_type": kind, "message": words, "code": close}
    return Fault.read({"type": "error", "error_event": event})


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_refusals_are_never_tried_again(kind):
    error = verdict(fault(kind, "words", 1008), 1008, "words")
    assert type(error) is AgentRefused
    assert error.code in REFUSALS


@pytest.mark.parametrize("kind", sorted(LOST))
@pytest.mark.parametrize("close", [1002, 1011, None])
def test_breakdowns_may_be_tried_again(kind, close):
    error = verdict(fault(kind, "words", close or 1002), close, "")
    assert type(error) is AgentLost
    assert error.code == "agent-lost"
    assert "words" in str(error)


def test_the_longest_time_is_a_good_end():
    assert verdict(fault("max_duration_exceeded", "", 1000), 1000, "") is None


@pytest.mark.parametrize(
    ("error", "kind", "code", "text"),
    [
        (AgentRefused("no", code="agent-auth"), AgentRefused, "agent-auth",
         "check ELEVENLABS_API_KEY and its permissions"),
        (AgentRefused("exceeds your quota", code="agent-auth"), AgentRefused,
         "agent-quota", "check its plan and credits"),
        (AgentUnavailable("slow down", code="agent-busy"), AgentUnavailable,
         "agent-busy", "try again in a moment"),
        (AgentUnavailable("x cannot be reached: no route"), AgentUnavailable,
         "agent-unavailable", "x cannot be reached: no route"),
        (AgentRefused("Bad Request"), AgentRefused, "agent-refused", "Bad Request"),
    ],
)  # fmt: skip
def test_refusals_at_the_door(error, kind, code, text):
    made = at_the_door(error)
    assert type(made) is kind
    assert made.code == code
    assert text in str(made)
    assert str(error) in str(made)
