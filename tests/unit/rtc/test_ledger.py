"""Ledger: what of a reply was sent, and what of it is known to have arrived."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rtc.ledger import MOST_OPEN, MOST_REPLIES, Ledger

RATE = 16_000
TICK = 320


def test_what_was_sent_is_counted_for_each_reply() -> None:
    ledger = Ledger(RATE)
    for k in range(100):
        ledger.sent(k, 1 if k < 60 else 2, TICK)
    ledger.sent(100, 0, 0)
    assert (ledger.sent_ms(1), ledger.sent_ms(2), ledger.sent_ms(3)) == (1200, 800, 0)
    assert ledger.heard_ms == 2000


def test_only_a_report_tells_what_arrived() -> None:
    ledger = Ledger(RATE)
    for k in range(100):
        ledger.sent((65_500 + k) % 65_536, 1, TICK)  # the numbers wrap around
    assert ledger.arrived_ms(1) == 0
    ledger.report(highest=(65_500 + 49) % 65_536, lost=0)
    assert ledger.arrived_ms(1) == 1000
    ledger.report(highest=(65_500 + 99) % 65_536, lost=10)
    assert ledger.arrived_ms(1) == ledger.received_ms == 1000 + 800


def test_an_old_report_changes_nothing() -> None:
    ledger = Ledger(RATE)
    for k in range(10):
        ledger.sent(k, 1, TICK)
    ledger.report(9, 0)
    ledger.report(4, 0)
    assert ledger.arrived_ms(1) == 200


def test_what_left_without_a_number_is_sent_but_never_known_to_arrive() -> None:
    ledger = Ledger(RATE)
    ledger.sent(None, 1, TICK)
    ledger.report(10, 0)
    assert (ledger.sent_ms(1), ledger.arrived_ms(1)) == (20, 0)


def test_neither_replies_nor_packets_are_remembered_for_ever() -> None:
    ledger = Ledger(RATE)
    for k in range(4 * MOST_OPEN):
        ledger.sent(k % 65_536, k // 10, TICK)
    assert len(ledger._replies) == MOST_REPLIES
    assert len(ledger._open) == MOST_OPEN


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("sent"), st.integers(0, 3), st.integers(0, TICK)),
            st.tuples(st.just("report"), st.integers(0, 65_535), st.integers(-5, 99)),
        ),
        max_size=80,
    )
)
def test_never_more_arrives_than_was_sent(acts: list[tuple[str, int, int]]) -> None:
    ledger, sequence = Ledger(RATE), 65_530
    for act, first, second in acts:
        if act == "sent":
            ledger.sent(sequence, first, second)
            sequence = (sequence + 1) % 65_536
        else:
            ledger.report(first, second)
    for reply in range(4):
        assert 0 <= ledger.arrived_ms(reply) <= ledger.sent_ms(reply) + 1
