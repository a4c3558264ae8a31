"""Consent: which changes of a recording make sense, and what is left without words."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from convai.events import RecordingState
from rtc.archive.row import Kept
from rtc.consent import Consent, wordless


def states(kept: Kept, *wanted: tuple[str, str]) -> list[str]:
    """The state after each wish."""
    consent = Consent(kept)
    found = []
    for state, by in wanted:
        consent.take(RecordingState(state, by))  # type: ignore[arg-type]
        found.append(consent.state)
    return found


def test_pauses_come_and_go_and_a_second_press_does_nothing() -> None:
    consent = Consent("kept")
    pressed = ["paused", "paused", "on", "on", "paused"]
    taken = [consent.take(RecordingState(it, "caller")) for it in pressed]  # type: ignore[arg-type]
    assert taken == [True, False, True, False, True]


def test_a_pause_of_the_caller_is_the_callers_to_end() -> None:
    agent_on, caller_on = ("on", "agent"), ("on", "caller")
    paused = ("paused", "caller")
    assert states("kept", paused, agent_on, caller_on) == ["paused", "paused", "on"]
    assert states("kept", ("paused", "agent"), agent_on) == ["paused", "on"]
    assert states("kept", ("paused", "agent"), caller_on) == ["paused", "on"]
    # The caller joins in a pause of the agent.
    assert states("kept", ("paused", "agent"), paused, agent_on)[-1] == "paused"
    # ... and is not taken for its author in the next one.
    later = [paused, caller_on, ("paused", "agent"), agent_on]
    assert states("kept", *later)[-1] == "on"


@pytest.mark.parametrize("kept", ["off", "declined"])
def test_nobody_turns_on_what_is_off(kept: Kept) -> None:
    wishes = list(product(["on", "paused", "failed"], ["caller", "agent", "server"]))
    assert set(states(kept, *wishes)) == {"off"}


def test_what_failed_stays_so() -> None:
    assert states("kept", ("failed", "server"), ("paused", "caller"), ("on", "agent"))[
        1:
    ] == ["failed", "failed"]
    assert states("kept", ("paused", "caller"), ("failed", "server"))[-1] == "failed"


@pytest.mark.parametrize("kept", get_args(Kept))
def test_what_becomes_of_it(kept: Kept) -> None:
    consent = Consent(kept)
    assert consent.to_json() == {"state": kept}
    consent.lost("recording-refused", "no space")
    known = {"kept": {"state": "refused", "why": "no space"}}
    assert consent.to_json() == known.get(kept, {"state": kept})


def test_a_message_without_its_words() -> None:
    assert wordless({"type": "talking", "on": True}) == {"type": "talking", "on": True}
    assert wordless({"type": "transcript.user", "text": "x"}) is None
    called = {"type": "tool.called", "name": "pay", "arguments": {"card": 1}}
    assert wordless(called) == {**called, "arguments": {}}
    done = {"type": "tool.done", "name": "pay", "result": "x"}
    assert wordless(done) == {**done, "result": ""}
    found = {"type": "meeting.detected", "meeting": {"start": "1", "topic": "x"}}
    assert wordless(found) == {**found, "meeting": {"start": "1"}}
