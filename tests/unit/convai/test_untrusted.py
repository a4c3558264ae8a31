"""Reading JSON that a stranger wrote."""

from __future__ import annotations

import pytest

from convai import untrusted
from convai.agent import AgentProtocolError


def test_an_object_in_text_or_bytes():
    assert untrusted.parse('{"a": "é"}') == untrusted.parse('{"a": "é"}'.encode())


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_are_none_are_null(word):
    assert untrusted.parse(f'{{"a": {word}}}') == {"a": None}


@pytest.mark.parametrize(
    "message", ["", "[]", "1", "null", "{", b"\xff", "[" * 10**5, "9" * 5000, "\ud800"]
)
def test_what_is_no_object(message):
    with pytest.raises(AgentProtocolError):
        untrusted.parse(message)


@pytest.mark.parametrize("value", [5, 5.0])
def test_whole_numbers(value):
    number = untrusted.whole({"n": value}, "n")
    assert number == 5
    assert type(number) is int


@pytest.mark.parametrize("value", [None, True, "5", 5.5, 2**53, -(2**53), [], 1e300])
def test_what_is_no_whole_number(value):
    with pytest.raises(AgentProtocolError, match="n is missing"):
        untrusted.whole({"n": value}, "n")


@pytest.mark.parametrize("value", [None, True, 5, [], {}])
def test_what_is_no_text(value):
    with pytest.raises(AgentProtocolError):
        untrusted.text({"t": value}, "t")
    assert untrusted.optional_text({"t": value}, "t") == ""


def test_text_can_be_written():
    assert untrusted.text({"t": "a\ud800b"}, "t") == "a?b"
    assert untrusted.optional_text({"t": "👋"}, "t") == "👋"


@pytest.mark.parametrize("value", [None, 1, "true", []])
def test_what_is_no_flag_leaves_the_default(value):
    assert untrusted.flag({"f": value}, "f", default=True) is True
    assert untrusted.flag({"f": value}, "f", default=False) is False


def test_plain_values():
    assert untrusted.plain({"\ud800": ["\udc00", 1, None, {"x": 1.5}]}) == {
        "?": ["?", 1, None, {"x": 1.5}]
    }


def test_nesting_has_a_bound():
    def nested(levels: int) -> list:
        return [nested(levels - 1)] if levels > 1 else []

    assert untrusted.plain(nested(32)) == nested(32)
    with pytest.raises(AgentProtocolError, match="deep"):
        untrusted.plain(nested(33))
