"""Call ids: what counts as one, and how calls sort by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.call_id import began, is_call_id, key, make

RANDOM = "0123456789ab"
MOMENTS = st.integers(0, 7_200_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
"Until 2198."
HEX = st.text("0123456789abcdef", min_size=12, max_size=12)


def test_it_says_when_the_call_began_in_utc() -> None:
    vienna = timezone(timedelta(hours=1))
    call = make(datetime(2026, 11, 23, 15, 5, 9, tzinfo=vienna), RANDOM)
    assert call == f"20261123-140509-{RANDOM}"
    assert began(call) == datetime(2026, 11, 23, 14, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20261123-140509",
        f"20261123-140509-{RANDOM}\n",
        f"20261123-140509-{RANDOM.upper()}",
        f"20260231-140509-{RANDOM}",
        f"20261123-240509-{RANDOM}",
        f"19691231-235959-{RANDOM}",
        f"22000101-000000-{RANDOM}",
        "../../../etc/passwd",
        f"２０２６1123-140509-{RANDOM}",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_call_id(text)


@given(st.text(max_size=40))
def test_any_text_may_be_asked(text: str) -> None:
    is_call_id(text)


@given(MOMENTS, HEX, MOMENTS, HEX)
def test_keys_sort_as_calls_began(
    first: datetime, one: str, second: datetime, other: str
) -> None:
    earlier, later = sorted((make(first, one), make(second, other)))
    assert is_call_id(earlier) and is_call_id(later)
    assert 0 <= key(earlier) <= key(later) < 1 << 63
    if began(earlier) < began(later):
        assert key(earlier) < key(later)


@given(MOMENTS, HEX)
def test_a_key_is_the_same_each_time_and_differs_with_the_random_part(
    moment: datetime, random: str
) -> None:
    call = make(moment, random)
    assert key(call) == key(call)
    other = f"{(int(random, 16) + (1 << 20)) % (1 << 48):012x}"
    assert key(call) != key(make(moment, other))
