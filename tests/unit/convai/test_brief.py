from __future__ import annotations

from convai.brief import Brief, Utterance
from convai.profile import DEFAULT, Profile

FACTS = {
    "today": "2026-11-22",
    "weekday": "Sunday",
    "now": "21:30",
    "zone": "Europe/Vienna",
}

SARAH = Profile(
    name="sarah",
    prompt="You call {{caller_name}}; it is {{weekday}}, {{now}} in {{zone}}.",
    first_message="Hi {{caller_name}}, {{unknown}}",
    variables={"caller_name": "Nat", "zone": "America/New_York"},
)

TALK = (Utterance("agent", "Hi Nat"), Utterance("caller", "Hello,\n  who is this?"))


def test_nothing_said_leaves_it_to_the_provider() -> None:
    brief = Brief()
    assert brief.profile is DEFAULT
    assert brief.prompt is None and brief.first_message is None
    assert brief.variables == {} and brief.background == ""


def test_the_profiles_variables_win_over_the_facts() -> None:
    brief = Brief(profile=SARAH, facts=FACTS)
    assert brief.variables == {
        "today": "2026-11-22",
        "weekday": "Sunday",
        "now": "21:30",
        "zone": "America/New_York",
        "caller_name": "Nat",
    }
    assert brief.prompt == "You call Nat; it is Sunday, 21:30 in America/New_York."
    assert brief.first_message == "Hi Nat, {{unknown}}"


def test_an_empty_first_message_is_silence() -> None:
    silent = Profile(name="x", first_message="", prompt="")
    assert Brief(profile=silent).first_message == ""
    assert Brief(profile=silent).prompt == ""


def test_who_takes_over_does_not_greet() -> None:
    silent = Brief(profile=SARAH, facts=FACTS, history=TALK)
    assert silent.first_message == ""
    spoken = Brief(profile=SARAH, facts=FACTS, history=TALK, bridge="Where were we?")
    assert spoken.first_message == "Where were we?"
    assert spoken.prompt == Brief(profile=SARAH, facts=FACTS).prompt


def test_a_bridge_without_history_is_not_said() -> None:
    brief = Brief(profile=SARAH, bridge="Where were we?")
    assert brief.first_message == "Hi Nat, {{unknown}}"


def test_the_background_has_a_line_for_each_turn() -> None:
    brief = Brief(history=TALK)
    assert brief.background == "agent: Hi Nat\ncaller: Hello, who is this?"


def test_the_speaker_is_a_variable_that_a_profile_may_set_otherwise():
    anna = Profile(name="p", speaker="Anna", first_message="{{speaker}} here.")
    assert Brief(profile=anna).first_message == "Anna here."
    other = anna.model_copy(update={"variables": {"speaker": "Miss Anna"}})
    assert Brief(profile=other).first_message == "Miss Anna here."
    assert "speaker" not in Brief().variables
