"""Queries from addresses: what may be asked, and what is said about the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.archive.query import LIMIT, MOST, NAMES, BadQuery, Query, read
from rtc.archive.search import found

CALL = "20261123-140509-0123456789ab"
DAY_MS = 86_400_000


def test_nothing_given_is_nothing_narrowed() -> None:
    assert read({}) == Query()
    assert read({"q": "  ", "day": "", "limit": ""}) == Query(limit=LIMIT)


def test_all_of_it() -> None:
    given = {
        "q": " two words ", "agent": "a", "profile": "p", "reason": "r",
        "meeting": "yes", "recording": "kept", "before": CALL, "limit": "7",
    }  # fmt: skip
    assert read(given) == Query(
        text="two words", agent="a", profile="p", reason="r", meeting=True,
        recording="kept", before=CALL, limit=7,
    )  # fmt: skip
    assert read({"meeting": "no"}).meeting is False


def test_days_begin_where_somebody_lives() -> None:
    utc = read({"day": "2026-11-23"})
    assert utc.since_ms == 1_795_392_000_000
    assert utc.until_ms == 1_795_392_000_000 + DAY_MS
    vienna = read({"day": "2026-11-23", "zone": "Europe/Vienna"})
    assert vienna.since_ms == 1_795_392_000_000 - 3_600_000
    # On that day the clocks were put forward: it had 23 hours.
    short = read({"day": "2026-03-29", "zone": "Europe/Vienna"})
    assert short.since_ms and short.until_ms
    assert short.until_ms - short.since_ms == DAY_MS - 3_600_000


def test_several_days() -> None:
    week = read({"day": "2026-11-23", "until": "2026-11-29"})
    assert week.since_ms and week.until_ms
    assert week.until_ms - week.since_ms == 7 * DAY_MS
    early = read({"until": "2026-11-29"})
    assert (early.since_ms, early.until_ms) == (None, week.until_ms)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("colour", "red", "colour: unknown; allowed: q, day"),
        ("q", "x" * 201, "q: longer than 200 characters"),
        ("day", "yesterday", "write YYYY-MM-DD"),
        ("day", "2026-02-30", "is no day"),
        ("day", "0001-01-01", "not in our time"),
        ("until", "9999-12-31", "not in our time"),
        ("zone", "Middle/Earth", "no time zone"),
        ("zone", "../../etc/passwd", "no time zone"),
        ("zone", "\0", "no time zone"),
        ("meeting", "maybe", "meeting: 'maybe'; allowed: yes, no"),
        ("recording", "lost", "allowed: kept, off, declined, refused, failed"),
        ("before", "yesterday", "not the id of a call"),
        ("limit", "0", "allowed: 1 to 200"),
        ("limit", "201", "allowed: 1 to 200"),
        ("limit", "-1", "allowed: 1 to 200"),
        ("limit", "¹", "allowed: 1 to 200"),
    ],
)
def test_what_is_wrong_is_said(name: str, value: str, says: str) -> None:
    with pytest.raises(BadQuery) as caught:
        read({name: value})
    assert says in str(caught.value)


def test_many_zeros_do_not_lift_the_limit() -> None:
    assert read({"limit": "000019"}).limit == 19
    with pytest.raises(BadQuery):
        read({"limit": "000199999999"})


def test_days_in_order() -> None:
    with pytest.raises(BadQuery, match="until: before day"):
        read({"day": "2026-11-23", "until": "2026-11-22"})


VALUES = (
    st.text(max_size=30)
    | st.from_regex(r"\d{4}-\d{2}-\d{2}", fullmatch=True)
    | st.from_regex(r"\d{8}-\d{6}-[0-9a-f]{12}", fullmatch=True)
    | st.sampled_from(["UTC", "Europe/Vienna", "America", "yes", "kept", "0009", "-0"])
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), VALUES))
def test_any_address_is_a_query_or_a_bad_one(given: dict[str, str]) -> None:
    try:
        query = read(given)
    except BadQuery as error:
        assert str(error)
        return
    assert 1 <= query.limit <= MOST
    if query.since_ms is not None and query.until_ms is not None:
        assert query.since_ms < query.until_ms
    for sqlite in (True, False):
        assert found(query, sqlite=sqlite) is not None
