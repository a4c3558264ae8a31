"""Jitter: every packet in its order, and every hole told as what it is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.jitter import (
    HOLD_S,
    MOST_WAITING,
    Begin,
    Hole,
    Jitter,
    Packet,
    Pause,
    Piece,
    Tail,
)

SLOT = 960
SLOT_S = 0.020


def packet(k: int, *, pause: int = 0, ssrc: int = 1) -> Packet:
    """The k-th of a stream that paused for so many samples before it."""
    payload = str(k).encode()
    timestamp = (k * SLOT + pause) % (1 << 32)
    return Packet(111, False, k % 65536, timestamp, ssrc, payload)


class Ear:
    """A jitter buffer, fed and looked at with as few words as possible."""

    def __init__(self) -> None:
        self.jitter = Jitter()
        self.now = 0.0

    def put(self, *packets: Packet | int) -> list[Piece]:
        """All at the same moment."""
        pieces: list[Piece] = []
        for one in packets:
            one = packet(one) if isinstance(one, int) else one
            pieces += self.jitter.put(one, SLOT, self.now)
        return pieces

    def wait(self, seconds: float) -> list[Piece]:
        self.now += seconds
        return list(self.jitter.expire(self.now))


@pytest.fixture
def ear() -> Ear:
    """One that heard the packets 0 to 2."""
    ear = Ear()
    assert ear.put(0) == [Begin(), packet(0)]
    ear.now += SLOT_S
    assert ear.put(1) == [packet(1)]
    ear.now += SLOT_S
    assert ear.put(2) == [packet(2)]
    ear.now += SLOT_S
    return ear


def test_a_packet_overtaken_by_others_takes_its_place(ear: Ear) -> None:
    assert ear.put(4, 5) == []
    ear.wait(SLOT_S)
    assert ear.put(3) == [packet(3), packet(4), packet(5)]
    assert ear.put(6) == [packet(6)]
    assert ear.jitter.gone.lost == 0


def test_a_hole_is_one_when_the_time_is_over(ear: Ear) -> None:
    assert ear.put(4) == []
    assert ear.wait(HOLD_S - 0.001) == []
    assert ear.wait(0.002) == [Hole(SLOT, b"4"), packet(4)]
    assert ear.jitter.gone.lost == 1
    assert ear.put(5) == [packet(5)]


def test_the_time_is_over_without_a_tick_as_well(ear: Ear) -> None:
    assert ear.put(5) == []
    ear.now += HOLD_S
    assert ear.put(6) == [Hole(2 * SLOT, b"5"), packet(5), packet(6)]


def test_each_hole_waits_its_own_time(ear: Ear) -> None:
    ear.put(4)
    ear.wait(0.03)
    ear.put(6)
    assert ear.wait(0.031) == [Hole(SLOT, b"4"), packet(4)]
    assert ear.put(5) == [packet(5), packet(6)]


def test_more_than_fits_gives_the_hole_up_at_once(ear: Ear) -> None:
    pieces = ear.put(*range(4, 4 + MOST_WAITING + 1))
    assert pieces[0] == Hole(SLOT, b"4")
    assert len(pieces) == MOST_WAITING + 2


def test_time_without_packets_is_a_pause_when_none_is_missing(ear: Ear) -> None:
    ear.now += 0.4
    assert ear.put(packet(3, pause=20 * SLOT)) == [
        Pause(20 * SLOT),
        packet(3, pause=20 * SLOT),
    ]


def test_a_loss_beside_a_pause_is_as_long_as_a_packet(ear: Ear) -> None:
    ear.now += 0.4
    later = packet(4, pause=20 * SLOT)
    ear.put(later)
    assert ear.wait(HOLD_S) == [Hole(SLOT, None), Pause(20 * SLOT), later]


def test_late_and_twice_are_told_apart(ear: Ear) -> None:
    ear.put(2, 0)
    assert (ear.jitter.gone.late, ear.jitter.gone.duplicate) == (0, 2)
    ear.put(4, 4)
    assert ear.jitter.gone.duplicate == 3
    ear.wait(HOLD_S)
    assert ear.put(3, 3) == []
    assert (ear.jitter.gone.late, ear.jitter.gone.duplicate) == (1, 4)


def test_what_was_sent_before_the_first_is_late() -> None:
    ear = Ear()
    ear.put(65_536)
    assert ear.put(65_535, 65_534) == []
    assert (ear.jitter.gone.late, ear.jitter.gone.duplicate) == (2, 0)


def test_what_comes_for_time_filled_with_silence_is_late(ear: Ear) -> None:
    """The network stood still for 300 ms and delivers all of it at once."""
    ear.jitter.skip(5 * SLOT)
    ear.now += 0.3
    assert ear.put(*range(3, 18)) == [packet(k) for k in range(8, 18)]
    assert ear.jitter.gone.late == 5
    assert ear.jitter.jumps == 0


def test_of_a_packet_that_is_half_late_the_other_half_is_played(ear: Ear) -> None:
    ear.jitter.skip(SLOT + 240)
    ear.now += 0.05
    assert ear.put(3, 4, 5) == [Tail(packet(4), 240), packet(5)]


def test_after_an_outage_the_rest_is_a_hole(ear: Ear) -> None:
    ear.jitter.skip(90 * SLOT)
    ear.now += 2.0
    assert ear.put(103) == []
    assert ear.wait(HOLD_S) == [Hole(10 * SLOT, b"103"), packet(103)]
    assert ear.jitter.jumps == 0


def test_a_hole_whose_time_was_given_out_is_not_waited_for(ear: Ear) -> None:
    ear.jitter.skip(10 * SLOT)
    ear.now += 0.2
    assert ear.put(13) == [packet(13)]


def test_a_clock_that_stood_still_begins_anew(ear: Ear) -> None:
    """Sequence and timestamp go on as if the silence had not been."""
    ear.jitter.skip(50 * SLOT)
    ear.now += 1.2
    pieces: list[Piece] = []
    for k in range(3, 10):
        pieces += ear.put(k)
        ear.now += SLOT_S
    assert pieces == [Begin(), *(packet(k) for k in range(6, 10))]
    assert ear.jitter.gone.late == 3
    assert ear.jitter.jumps == 1


def test_a_network_that_catches_up_is_no_clock_that_stood_still(ear: Ear) -> None:
    """A second of packets comes within 150 ms: of them the newest are in time."""
    ear.jitter.skip(40 * SLOT)
    ear.now += 1.0
    pieces: list[Piece] = []
    for k in range(3, 53):
        ear.now += 0.003
        pieces += ear.put(k)
    assert pieces == [packet(k) for k in range(43, 53)]
    assert ear.jitter.jumps == 0


def test_late_now_and_then_is_not_a_clock_that_stood_still(ear: Ear) -> None:
    for k in range(3, 200, 2):
        ear.jitter.skip(SLOT)  # given up a moment too early
        ear.now += 2 * SLOT_S
        assert ear.put(k, k + 1) == [packet(k + 1)]
    assert ear.jitter.jumps == 0


@pytest.mark.parametrize("jump", [5_000_000, -5_000_000, 1 << 31, 150_000])
def test_a_clock_put_elsewhere_is_a_beginning_and_no_silence(
    ear: Ear, jump: int
) -> None:
    after = [packet(k, pause=jump) for k in (3, 4)]
    assert ear.put(after[0]) == [Begin(), after[0]]
    ear.now += SLOT_S
    assert ear.put(after[1]) == [after[1]]
    assert ear.jitter.jumps == 1


def test_a_sequence_elsewhere_is_a_beginning(ear: Ear) -> None:
    for sequence in (30_000, 10_000):
        anew = Packet(111, False, sequence, 3 * SLOT, 1, b"")
        assert ear.put(anew) == [Begin(), anew]


def test_at_a_change_of_source_nothing_of_the_old_one_is_lost(ear: Ear) -> None:
    ear.put(4, 5)
    new = packet(7000, ssrc=2)
    assert ear.put(new) == [Hole(SLOT, b"4"), packet(4), packet(5), Begin(), new]
    # What was overtaken by the change does not change it back.
    assert ear.put(6) == []
    assert ear.jitter.gone.late == 1
    assert ear.put(packet(7001, ssrc=2)) == [packet(7001, ssrc=2)]


def test_a_source_may_come_back(ear: Ear) -> None:
    ear.put(packet(7000, ssrc=2))
    ear.now += 0.2
    assert ear.put(3) == [Pause(9 * SLOT), Begin(), packet(3)]


def test_many_sources_take_no_memory(ear: Ear) -> None:
    for k in range(1000):
        ear.put(packet(k, ssrc=k + 2))
    assert len(ear.jitter._retired) < 20
    assert len(ear.jitter.gone._missing) < 100


def test_a_packet_without_sound_is_no_hole(ear: Ear) -> None:
    blank = Packet(111, False, 3, 12_345_678, 1, b"")
    assert ear.jitter.put(blank, 0, ear.now) == []
    after = Packet(111, False, 4, 3 * SLOT, 1, b"")
    assert ear.put(after) == [after]
    assert Ear().jitter.put(blank, 0, 0.0) == []


def test_what_waits_comes_out_at_the_end(ear: Ear) -> None:
    ear.put(4, 6)
    assert ear.jitter.flush() == [
        Hole(SLOT, b"4"),
        packet(4),
        Hole(SLOT, b"6"),
        packet(6),
    ]
    assert ear.jitter.flush() == []


@given(
    st.integers(0, 65535),
    st.integers(0, (1 << 32) - 1),
    st.floats(0, 0.3),
    st.floats(0, 0.070),
    st.integers(),
)
def test_each_sample_is_given_out_once(
    sequence: int, timestamp: int, loss: float, jitter_s: float, seed: int
) -> None:
    """Whatever is lost, overtaken, doubled or wraps."""
    jitter, begun, given, dice = Jitter(), 0, 0, random.Random(seed)
    sent = [k for k in range(1, 120) for _ in range(1 + (dice.random() < 0.1))]
    arrivals = [(0.0, 0)]  # the first comes first, so that all have one beginning
    arrivals += sorted(
        (k * SLOT_S + dice.uniform(0, jitter_s), k)
        for k in sent
        if dice.random() >= loss
    )
    heard = []
    for now, k in [*arrivals, (4.0, -1)]:
        packet = Packet(
            111, False, (sequence + k) % 65536, (timestamp + k * SLOT) % (1 << 32), 1,
            b"%d" % k,
        )  # fmt: skip
        pieces = jitter.put(packet, SLOT, now) if k >= 0 else jitter.expire(now)
        for piece in pieces:
            match piece:
                case Begin():
                    begun += 1
                case Hole(samples) | Pause(samples):
                    given += samples
                case Packet():
                    heard.append(int(piece.payload))
                    assert given == heard[-1] * SLOT
                    given += SLOT
                case Tail():
                    raise AssertionError("all packets are as long as a slot")
    came = {k for _, k in arrivals}
    assert begun == 1
    assert heard == sorted(set(heard))
    assert given == (max(came) + 1) * SLOT
    assert len(came - set(heard)) == jitter.gone.late
    assert len(arrivals) - len(came) == jitter.gone.duplicate
    assert jitter.gone.lost == max(came) + 1 - len(heard)
    if jitter_s < HOLD_S:
        assert jitter.gone.late == 0
