from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convai.profile import DEFAULT, Profile, ProfileError, Voice, filled

FULL = """
title = "Sarah"
speaker = "Sarah"
prompt = "You are {{speaker}}."
first_message = "Hi {{caller_name}}"
bridge = ""
language = "pt-BR"
temperature = 0.7
tools = ["book_meeting", "my_tools:price"]
[voice]
id = "21m00Tcm4TlvDq8ikWAM"
stability = 0.65
similarity = 1
speed = 1.1
style = 0.0
speaker_boost = true
[variables]
caller_name = "Nat"
calls = 3
share = 0.5
known = true
[elevenlabs]
agent_id = "agent_1"
voice = "v"
llm = "gpt-4o"
tts_model = "eleven_flash_v2"
keywords = ["ETF"]
events = ["vad_score"]
turn_timeout_s = 7
turn_eagerness = "patient"
silence_end_s = 60.5
max_duration_s = 600
[openai]
model = "gpt-realtime"
voice = "marin"
reasoning = "low"
turn_detection = "semantic_vad"
eagerness = "high"
max_output_tokens = 1000
[local]
script = "sarah"
"""


def test_everything_can_be_said() -> None:
    found = Profile.parse("sarah", FULL)
    assert found.name == "sarah" and found.shown == "Sarah"
    assert found.language == "pt-BR" and found.bridge == ""
    assert found.tools == ("book_meeting", "my_tools:price")
    assert found.voice == Voice(
        id="21m00Tcm4TlvDq8ikWAM",
        stability=0.65,
        similarity=1,
        speed=1.1,
        style=0.0,
        speaker_boost=True,
    )
    assert dict(found.variables) == {
        "caller_name": "Nat",
        "calls": 3,
        "share": 0.5,
        "known": True,
    }
    assert found.elevenlabs.keywords == ("ETF",)
    assert found.elevenlabs.turn_timeout_s == 7
    assert found.openai.eagerness == "high" and found.openai.threshold == 0.5
    assert found.local.script == "sarah"
    unset = {"prefix_ms", "threshold", "silence_ms", "idle_ms"}
    assert not unset & found.openai.model_fields_set
    # Each key of the file is a field that is set: nothing was taken for something else.
    assert found.model_fields_set == set(Profile.model_fields)


def test_nothing_need_be_said() -> None:
    found = Profile.parse("x", "")
    assert found == Profile(name="x")
    assert found.shown == "x"
    assert found.prompt is None and found.first_message is None
    assert DEFAULT.model_fields_set == {"name", "title"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompt = ", "profile x: not TOML"),
        ("a = 1\na = 2", "not TOML"),
        ("a = " + "[" * 5000, "not TOML"),
        ('name = "y"', "name: known without, and not written"),
        ('promt = "x"', "promt: there is no such key"),
        ("[voice]\npitch = 1", "voice.pitch: there is no such key"),
        ("[eleven]\nx = 1", "eleven: there is no such key"),
        ('temperature = "0.7"', "temperature: input should be a valid number"),
        ("temperature = true", "temperature: input should be a valid number"),
        ("temperature = 2.5", "temperature: input should be less than or equal to 2"),
        ("temperature = nan", "profile x: temperature: "),
        ("[voice]\nspeed = -inf", "profile x: voice.speed: "),
        ("[voice]\nstability = 1.01", "voice.stability: "),
        ("[voice]\nspeaker_boost = 1", "voice.speaker_boost: "),
        ("[voice]\nid = ''", "voice.id: "),
        ("title = 3", "title: input should be a valid string"),
        ("title = 2026-11-26", "title: a date or time is written in quotes"),
        ('language = "English"', "language: "),
        ('language = "en-us"', "language: input should be like en or pt-BR"),
        ("tools = [10:00:00]", "tools.0: a date or time is written in quotes"),
        ('tools = "book_meeting"', "tools: "),
        ("tools = [1]", "tools.0: "),
        ("[variables]\na = [1]", "variables.a: input should be a text, a number"),
        ("[variables]\na = {b = 1}", "variables.a"),
        ("voice = 3", "voice: "),
        ('[openai]\nturn_detection = "vad"', "openai.turn_detection: "),
        ("[openai]\nidle_ms = 100", "openai.idle_ms: "),
        ("[elevenlabs]\nmax_duration_s = 60.5", "elevenlabs.max_duration_s: "),
        ("[elevenlabs]\nturn_timeout_s = 0", "elevenlabs.turn_timeout_s: "),
        (f'prompt = "{"x" * 200_001}"', "prompt: "),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(ProfileError) as caught:
        Profile.parse("x", text)
    assert said in str(caught.value)
    assert str(caught.value).startswith("profile x: ")
    assert len(str(caught.value)) < 300


def test_an_error_does_not_show_what_may_be_private() -> None:
    with pytest.raises(ProfileError) as caught:
        Profile.parse("x", 'temperature = "s3cret"')
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "-a", "ä", "a" * 65, "a/b", "a.b", "a\n"])
def test_a_name_is_fit_for_a_url(name: str) -> None:
    with pytest.raises(ProfileError):
        Profile.parse(name, "")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3),
    max_leaves=4,
)


@given(st.text())
@example("\ud800 = 1")
@example('title = "\\u0000"')
@example("[variables]\n'' = 1")
@example("x = 99999999999999999999999999999999999999")
@example("temperature = 1e400")
def test_any_text_is_a_profile_or_an_error(text: str) -> None:
    try:
        assert Profile.parse("x", text).name == "x"
    except ProfileError as error:
        assert str(error)


@given(st.dictionaries(st.sampled_from(sorted(Profile.model_fields)), VALUES))
def test_any_value_of_a_known_key_too(fields: dict[str, object]) -> None:
    lines = [f"{key} = {_toml(value)}" for key, value in fields.items()]
    try:
        Profile.parse("x", "\n".join(lines))
    except ProfileError as error:
        assert str(error)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return repr(value)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{name}} and {{ name }}", "Nat and Nat"),
        ("{{n}} {{share}} {{on}}", "3 0.5 True"),
        ("{{other}} {name} {{}} {{a b}}", "{{other}} {name} {{}} {{a b}}"),
        ("{{braces}}", "{{name}}"),
    ],
)
def test_variables_are_put_in_once(text: str, result: str) -> None:
    values = {"name": "Nat", "n": 3, "share": 0.5, "on": True, "braces": "{{name}}"}
    assert filled(text, values) == result


def test_a_long_text_with_many_braces_is_filled_soon() -> None:
    assert filled("{{" * 100_000, {}) == "{{" * 100_000
