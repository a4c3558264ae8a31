"""Reception: loss and jitter as a receiver report tells them."""

from __future__ import annotations

import random

import pytest
from aiortc.rtp import RtcpReceiverInfo
from hypothesis import given
from hypothesis import strategies as st

from rtc.reception import Reception

SLOT = 960


def feed(reception: Reception, sequences: list[int], start: int = 0) -> None:
    """One packet each 20 ms, the first after `start` of them."""
    for k, sequence in enumerate(sequences, start):
        reception.add(sequence % 65536, k * SLOT, k * SLOT)


def received(*sequences: int) -> Reception:
    reception = Reception()
    feed(reception, list(sequences))
    return reception


@given(st.integers(0, 65535), st.integers(1, 300))
def test_nothing_is_lost_when_all_come(first: int, count: int) -> None:
    reception = received(*range(first, first + count))
    assert reception.packets_received == reception.packets_expected == count
    assert reception.packets_lost == reception.fraction_lost == 0
    assert reception.max_seq == first + count - 1  # cycles included
    assert reception.lost_share == 0


@given(
    st.integers(0, 65535),
    st.sets(st.integers(1, 198)),
    st.sets(st.integers(0, 198)),
    st.integers(),
)
def test_reordering_and_duplicates_do_not_spoil_loss(
    first: int, lost: set[int], twice: set[int], seed: int
) -> None:
    dice = random.Random(seed)
    sent = [k for k in range(200) if k not in lost]
    sent += [k for k in sent if k in twice]
    sent.sort(key=lambda k: k + dice.uniform(0, 30))
    reception = received(*(first + k for k in sent))
    expected = max(sent) - min(sent) + 1
    assert reception.packets_lost == expected - len(set(sent))
    assert reception.packets_received == len(set(sent))
    assert reception.duplicates == len(sent) - len(set(sent))
    assert (reception.max_seq - first) % 65536 == max(sent)


def test_asking_for_the_fraction_begins_a_new_interval() -> None:
    reception = Reception()
    assert reception.fraction_lost == 0
    feed(reception, [k for k in range(100) if k % 4 != 1])
    assert reception.fraction_lost == 64
    assert reception.fraction_lost == 0
    feed(reception, list(range(100, 200)))
    assert reception.fraction_lost == 0
    assert reception.packets_lost == 25


def test_what_comes_after_the_report_is_not_counted_against_the_next() -> None:
    reception = received(0, 1, 3)
    assert reception.fraction_lost == 64
    feed(reception, [2])
    assert reception.fraction_lost == 0
    assert reception.packets_lost == 0


def test_a_sender_that_counts_anew_has_lost_nothing() -> None:
    reception = received(*range(60_000, 60_100), 60_101)
    feed(reception, list(range(20_000, 20_100)), 101)
    assert reception.packets_lost == 1
    assert reception.max_seq == 20_099
    assert reception.packets_received == 201
    feed(reception, [20_101], 201)
    assert reception.packets_lost == 2


def test_a_single_stray_packet_is_not_counted() -> None:
    reception = received(1, 2, 30_000, 3, 4)
    assert reception.packets_lost == 0
    assert reception.packets_received == 4
    feed(reception, [50_000, 5, 50_001])
    assert reception.packets_lost == 0


def test_the_numbers_fit_into_a_report() -> None:
    reception = Reception()
    for k in range(3000):  # 2999 of 3000 lost, until the count is full
        reception.add(k * 2999 % 65536, k, k)
    assert reception.packets_lost == (1 << 23) - 1
    info = RtcpReceiverInfo(
        ssrc=1,
        fraction_lost=reception.fraction_lost,
        packets_lost=reception.packets_lost,
        highest_sequence=reception.max_seq,
        jitter=reception.jitter,
        lsr=0,
        dlsr=0,
    )
    again = RtcpReceiverInfo.parse(bytes(info))
    assert again == info
    assert again.fraction_lost == 255
    assert again.highest_sequence == 2999 * 2999


def test_jitter_is_the_mean_deviation() -> None:
    """Every second packet late by d: all distances differ by d from what was sent."""
    reception = Reception()
    for k in range(200):
        reception.add(k, (k * SLOT + 4_294_900_000) % (1 << 32), k * SLOT + k % 2 * 480)
    assert reception.jitter == pytest.approx(480, abs=2)


def test_a_clock_that_starts_anew_is_no_jitter() -> None:
    reception = received(*range(100))
    reception.add(100, 123_456_789, 100 * SLOT)
    reception.add(101, 123_456_789 + SLOT, 101 * SLOT)
    assert reception.jitter == 0


def test_the_lost_share_is_of_late_and_asking_changes_nothing() -> None:
    reception = Reception()
    feed(reception, [k for k in range(500) if k % 5])
    shares = [reception.lost_share for _ in range(3)]
    assert shares == [pytest.approx(0.2, abs=0.02)] * 3
    feed(reception, list(range(500, 1000)), 500)
    assert reception.lost_share == 0
    assert reception.packets_lost == 99
