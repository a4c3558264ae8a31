"""Leg: packets back to back, silence where nothing was sent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rtc.opus import duration, silence
from rtc.recording.leg import LEAST_HOLE, Leg

PACKET = silence(960) + b"x"


def test_silence_fills_what_lies_before_a_packet() -> None:
    leg = Leg()
    pieces = list(leg.put(PACKET, 960 + 480 + 130))
    assert pieces == [
        (silence(960), 0),
        (silence(480), 960),
        (silence(120), 1440),
        (PACKET, 1560),
    ]


def test_a_hole_smaller_than_10_ms_is_left_until_it_has_grown() -> None:
    leg = Leg()
    list(leg.put(PACKET, 0))
    assert list(leg.put(PACKET, 960 + 300)) == [(PACKET, 960)]
    assert len(list(leg.put(PACKET, 1920 + 600))) == 3


def test_a_packet_whose_time_is_taken_is_dropped() -> None:
    leg = Leg()
    list(leg.put(PACKET, 960))
    assert list(leg.put(PACKET, 960)) == []
    assert list(leg.put(PACKET, 1430)) == []
    assert list(leg.put(b"", 5000)) == []
    assert leg.dropped == 3


def test_a_slip_does_not_stay() -> None:
    """One packet came 9 ms early; what follows is written where it belongs."""
    leg = Leg()
    list(leg.put(PACKET, 0))
    written = [list(leg.put(PACKET, 960 * k - 432)) for k in range(1, 50)]
    assert all(len(pieces) == 1 for pieces in written)
    long = b"\x1b\x02.."  # 120 ms in one packet
    leg = Leg()
    list(leg.put(long, 0))
    assert list(leg.put(PACKET, 5760 - 960)) == []


@given(st.lists(st.integers(0, 5000), max_size=100))
def test_a_leg_is_contiguous_and_never_further_off_than_a_packet(
    steps: list[int],
) -> None:
    leg, at, position = Leg(), 0, 0
    for step in steps:
        at += step
        for payload, where in leg.put(PACKET, at):
            assert where == position
            position += duration(payload)
            if payload == PACKET:
                assert -LEAST_HOLE < where - at <= 480
    assert leg.end == position
