"""Errors as people are told them."""

from __future__ import annotations

import pytest

from convai.elevenlabs.texts import REFUSALS, refusal_code, told
from tests.elevenlabs_schema import LOST, REFUSED


@pytest.mark.parametrize("kind", sorted(REFUSED | LOST))
def test_every_kind_has_a_sentence_and_keeps_the_providers_words(kind):
    code, text = told(kind, "words of theirs")
    if kind in {"unknown", "websocket_disconnect"}:
        assert text == "words of theirs"  # says as much as we know
    else:
        sentence, _, words = text.rpartition(" (")
        assert words == "words of theirs)"
        assert sentence.endswith(".")
        assert "_" not in sentence
    assert (code in REFUSALS) == (kind in REFUSED)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Missing required dynamic variables: name", "the variable name that"),
        (
            "Missing required dynamic variables in first message: {'who'}",
            "variable who",
        ),
        ("Missing dynamic variables in prompt: {'a', 'b'}", "the variables a, b that"),
        ("", "speak of a variable that"),
    ],
)
def test_a_missing_variable_is_named(words, names):
    code, text = told("missing_dynamic_variable", words)
    assert code == "agent-misconfigured"
    assert names in text
    if words:  # without its kind, from the close reason alone
        assert told("", words) == (code, text)


@pytest.mark.parametrize("kind", ["override_error", ""])
def test_a_refused_override_names_its_field(kind):
    words = "Override for field 'first_message' is not allowed by config."
    assert told(kind, words) == (
        "agent-override",
        "This agent does not allow overriding first_message: switch it on under "
        "Security in the agent's settings, or leave it out of the profile. "
        f"({words})",
    )


def test_an_override_that_is_not_named():
    code, text = told("override_error", "")
    assert code == "agent-override"
    assert "switch it on under Security" in text


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("This request exceeds your quota limit.", "agent-quota"),
        ("quota_exceeded", "agent-quota"),
        ("a quotation", None),
        ("The AI agent you are trying to reach does not exist.", "agent-refused"),
        ("Document with id agent_1 not found.", "agent-refused"),
        ("the agent's server answered with HTTP status 404", "agent-refused"),
        ("Page not found", None),
        ("Missing permission convai_write", "agent-auth"),
        ("Invalid API key", "agent-auth"),
        ("too many concurrent requests", "agent-busy"),
        (
            "The AI agent you are trying to reach is misconfigured",
            "agent-misconfigured",
        ),
    ],
)
def test_refusals_in_words(words, code):
    assert refusal_code(words) == code


def test_an_empty_account_explains_any_breakdown():
    assert told("llm_error", "exceeds your quota").code == "agent-quota"
    # ... but not the quota of a model of one's own.
    assert told("custom_llm_error", "exceeds your quota").code == "agent-error"
    assert told("custom_llm_error", "is misconfigured").code == "agent-misconfigured"


@pytest.mark.parametrize(
    "words", ["no", "Invalid API key", "exceeds your quota limit", "no such agent"]
)
@pytest.mark.parametrize("code", ["agent-auth", "agent-busy", "agent-refused"])
def test_what_was_told_once_stays_as_it_is(words, code):
    once = told("", words, code)
    assert told("", once.text, once.code) == once


def test_long_words_are_cut_and_on_one_line():
    text = told("llm_error", "x\n" * 10_000).text
    assert len(text) < 1000
    assert "\n" not in text
