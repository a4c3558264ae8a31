"""Moments: events in the order in which they happened."""

from __future__ import annotations

from convai.metrics.moments import MOST, Moment, Moments, number


def told(*moments: Moment) -> list[tuple[int, str]]:
    return [(moment.at_ms, moment.kind) for moment in moments]


def test_what_is_told_late_stands_where_it_happened() -> None:
    moments = Moments()
    agent = {"type": "talking", "who": "agent", "at_ms": 1000}
    caller = {"type": "talking", "who": "caller", "at_ms": 1200, "ago_ms": 460}
    assert moments.put(agent) == []
    assert moments.put({"type": "reply.begun", "at_ms": 1100}) == []
    assert moments.put(caller) == []
    assert told(*moments.flush()) == [
        (740, "talking"),
        (1000, "talking"),
        (1100, "reply.begun"),
    ]


def test_a_second_later_a_moment_is_certain() -> None:
    moments = Moments()
    moments.put({"type": "a", "at_ms": 100})
    assert moments.put({"type": "b", "at_ms": 1199}) == []
    assert told(*moments.put({"type": "c", "at_ms": 1200})) == [(100, "a")]


def test_nothing_goes_back_behind_what_was_given_out() -> None:
    moments = Moments()
    moments.put({"type": "a", "at_ms": 5000})
    moments.put({"type": "b", "at_ms": 9000})
    assert told(*moments.put({"type": "c", "at_ms": 10})) == [(5000, "c")]
    assert told(*moments.flush()) == [(9000, "b")]


def test_only_talking_may_be_late_and_not_without_end() -> None:
    moments = Moments()
    found: list[Moment] = []
    for kind, ago in (("usage", 400), ("talking", 4000), ("talking", -4000)):
        found += moments.put({"type": kind, "at_ms": 5000, "ago_ms": ago})
    assert [at for at, _ in told(*found, *moments.flush())] == [3900, 5000, 5000]


def test_nobody_ends_before_having_begun() -> None:
    moments = Moments()
    moments.put({"type": "talking", "who": "caller", "at_ms": 9329, "ago_ms": 275})
    moments.put({"type": "talking", "who": "agent", "at_ms": 9340, "ago_ms": 460})
    moments.put({"type": "talking", "who": "caller", "at_ms": 9368, "ago_ms": 460})
    found = [(moment.at_ms, moment.fields["who"]) for moment in moments.flush()]
    assert found == [(8880, "agent"), (9054, "caller"), (9054, "caller")]


def test_odd_messages_are_counted_and_left_out() -> None:
    moments = Moments()
    for at in (None, True, -1, 1e18, float("nan"), float("inf"), "7", 10**400):
        assert moments.put({"type": "a", "at_ms": at}) == []
    assert moments.put({"type": 3, "at_ms": 3}) == []
    assert moments.put({}) == []
    assert moments.odd == 10
    assert moments.flush() == []


def test_as_many_wait_as_there_is_room() -> None:
    moments = Moments()
    given = sum(len(moments.put({"type": "a", "at_ms": 7})) for _ in range(MOST + 3))
    assert given == moments.crowded == 3
    assert len(moments.flush()) == MOST


def test_fields_are_read_with_care() -> None:
    assert number({"a": 2.5}, "a") == 2.5
    assert number({"a": True}, "a") is None
    assert number({"a": 2**60}, "a") is None
