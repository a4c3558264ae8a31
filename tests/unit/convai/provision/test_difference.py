from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.provision.difference import Change, changed, differences, shown
from convai.provision.wanted import merged

TREES: Any = st.recursive(
    st.integers() | st.text(max_size=3) | st.booleans(),
    lambda inside: st.dictionaries(st.sampled_from("abcd"), inside, min_size=1),
    max_leaves=12,
)
SETTINGS = st.dictionaries(st.sampled_from("abcd"), TREES, min_size=1)


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        ({}, {"a": 1}, ["a"]),
        ({"a": 1, "b": 2}, {"a": 1}, []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3, "d": 4}}, ["a.c", "a.d"]),
        ({"a": None}, {"a": {"b": {"c": 1}}}, ["a.b.c"]),
        ({"a": 0.6499999761581421}, {"a": 0.65}, []),
        ({"a": 7.0}, {"a": 7}, []),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": [1, 2]}, {"a": [2, 1]}, ["a"]),
        ({}, {"required": []}, []),
        ({"x": {"properties": {"a": 1, "b": 2}}}, {"x": {"properties": {"a": 1}}}, 1),
        ({}, {"properties": {}}, ["properties"]),
    ],
)
def test_what_is_different(old: Any, new: Any, paths: Any) -> None:
    if paths == 1:
        paths = ["x.properties.b"]
    assert [".".join(change.path) for change in differences(old, new)] == paths


@given(SETTINGS, SETTINGS)
def test_what_is_sent_is_enough_and_no_more(old: Any, new: Any) -> None:
    changes = list(differences(old, new))
    patched = merged(old, changed(changes, new))
    assert not list(differences(patched, new))
    # Nothing beside the wanted was touched.
    assert not list(differences(patched, changed(changes, new)))
    assert patched.keys() == old.keys() | new.keys()


def test_variables_are_sent_whole() -> None:
    key = "dynamic_variable_placeholders"
    old = {"agent": {"v": {key: {"a": 1, "b": 2}}}}
    new = {"agent": {"v": {key: {"a": 1, "b": 3, "c": 4}}}}
    assert changed(list(differences(old, new)), new) == new


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (None, 3, "a.b = 3"),
        (False, True, "a.b: false -> true"),
        ("x", "ä", 'a.b: "x" -> "ä"'),
        ("x", None, 'a.b: "x" -> (not set)'),
        (["x", "y"], ["y", "z"], 'a.b: +"z" -"x"'),
        (["x", "y"], ["y", "x"], "a.b: in another order"),
        ("x" * 70, "x" * 70 + "\n", "a.b:\n    (line breaks only)"),
    ],
)
def test_a_change_is_a_line(old: Any, new: Any, line: str) -> None:
    assert shown(Change(("a", "b"), old, new)) == line


def test_of_a_long_text_the_changed_lines() -> None:
    old = "\n".join(f"Line {n} of the prompt." for n in range(20))
    new = old.replace("Line 3 of", "-- Line three of")
    assert shown(Change(("prompt",), old, new)) == (
        "prompt:\n    -Line 3 of the prompt.\n    +-- Line three of the prompt."
    )


def test_no_change_fills_the_screen() -> None:
    long = "\n".join(str(n) for n in range(10_000))
    assert len(shown(Change(("p",), "", long)).splitlines()) < 70
    assert len(shown(Change(("p",), None, long))) < 200
    assert json.dumps(long)[:50] in shown(Change(("p",), None, long))
