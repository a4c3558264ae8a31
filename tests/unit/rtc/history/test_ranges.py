"""Ranges: one range is obeyed exactly, everything else is ignored or out of reach."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.history.ranges import Unsatisfiable, same, wanted


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-1", (0, 2)),  # the first that an iPhone asks for
        ("bytes=0-", (0, 1000)),
        ("bytes=0-999", (0, 1000)),
        ("bytes=0-99999", (0, 1000)),
        ("bytes=999-", (999, 1000)),
        ("bytes=500-500", (500, 501)),
        ("bytes=-1", (999, 1000)),
        ("bytes=-1000", (0, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("BYTES=3-4", (3, 5)),
        ("bytes= 3-4 ", (3, 5)),
        ("bytes=,3-4,", (3, 5)),
        ("bytes=0000000000000000000000000003-4", (3, 5)),
        (f"bytes=3-{'9' * 4000}", (3, 1000)),
        (f"bytes=-{'9' * 4000}", (0, 1000)),
    ],
)
def test_one_range(header: str, span: tuple[int, int]) -> None:
    assert wanted(header, 1000) == span


@pytest.mark.parametrize(
    "header",
    [
        "", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "bytes=1",
        "bytes=0-1,5-6", "items=0-1", "bytes=0-1-2", "bytes=--1", "bytes=+1-2",
        "bytes=1 - 2", "bytes=٣-٤", "bytes=0x1-2", "bytes=0-1;q=1",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_ignored(header: str) -> None:
    assert wanted(header, 1000) is None


@pytest.mark.parametrize(
    "header", ["bytes=1000-", "bytes=1000-1001", "bytes=-0", f"bytes={'9' * 4000}-"]
)
def test_behind_the_end(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        wanted(header, 1000)


def test_an_empty_file_has_no_ranges() -> None:
    for header in ("bytes=0-", "bytes=-1", "bytes=0-0"):
        with pytest.raises(Unsatisfiable):
            wanted(header, 0)


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d*-\d*"), st.integers(0, 10**10))
def test_any_header_gives_a_span_within_the_file(header: str, size: int) -> None:
    try:
        span = wanted(header, size)
    except Unsatisfiable:
        return
    assert span is None or 0 <= span[0] < span[1] <= size


def test_if_range_needs_the_very_version() -> None:
    assert same('"abc"', '"abc"')
    assert same(' "abc" ', '"abc"')
    for other in ('W/"abc"', '"abd"', "abc", '"abc', "", "*", '"abc","abc"'):
        assert not same(other, '"abc"')
    assert not same("Mon, 23 Nov 2026 14:05:09 GMT", '"abc"')
