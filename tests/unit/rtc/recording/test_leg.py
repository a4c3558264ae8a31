"""Leg: packets back to back, silence where nothing was sent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rtc.opus import duration, silence
from rtc.recording.leg import COARSE, CUT, FINE, STEP, Leg

VOICE = b"\x48\xc0voice"
BREATH = b"\x48\x10calm"
NOTHING = silence(960)


def spoken(leg: Leg, count: int, payload: bytes = VOICE, since: int = 0) -> None:
    for k in range(count):
        assert leg.put(payload, since + k * 960) == [(payload, since + k * 960)]


def test_silence_fills_what_lies_before_a_packet() -> None:
    leg = Leg()
    assert leg.put(VOICE, 960 + 480 + 130) == [
        (silence(960), 0),
        (silence(480), 960),
        (silence(120), 1440),
        (VOICE, 1560),
    ]
    assert (leg.filled, leg.misplaced, leg.end) == (1560, 10, 2520)


def test_it_is_filled_to_the_nearest_that_there_are_packets_for() -> None:
    for hole, filled in ((59, 0), (61, 120), (179, 120), (181, 240)):
        leg = Leg()
        leg.fill(hole)
        assert leg.end == filled


def test_within_words_a_leg_may_be_off_a_little_longer() -> None:
    leg = Leg()
    spoken(leg, 10)
    assert leg.put(VOICE, leg.end + COARSE - 1) == [(VOICE, 9600)]
    assert leg.put(VOICE, leg.end + COARSE)[:-1] == [(silence(240), 10_560)]
    assert leg.put(VOICE, leg.end - COARSE + 1) == [(VOICE, 11_760)]
    assert leg.misplaced == COARSE - 1


def test_where_nobody_speaks_it_is_put_in_step() -> None:
    for quiet in (BREATH, NOTHING):
        leg = Leg()
        spoken(leg, 10)
        assert leg.put(quiet, leg.end + FINE)[:-1] == [(silence(120), 9600)]
        # A voice that begins is put where it belongs as well, not cut.
        assert leg.put(VOICE, leg.end + FINE)[:-1] == [(silence(120), 10_680)]
        assert leg.put(VOICE, leg.end - COARSE + 1) == [(VOICE, 11_760)]


def test_shorter_silence_takes_the_place_of_a_breath() -> None:
    leg = Leg()
    spoken(leg, 10)
    pieces = leg.put(BREATH, leg.end - FINE)
    assert [duration(payload) for payload, _ in pieces] == [480, 240, 120]
    assert leg.end == 10 * 960 + 840
    assert leg.dropped == 0


def test_a_word_is_shortened_only_when_there_is_no_breath_for_long() -> None:
    leg = Leg()
    spoken(leg, 10)
    pieces = leg.put(VOICE, leg.end - COARSE)
    assert sum(duration(payload) for payload, _ in pieces) == 960 - CUT
    assert leg.dropped == 1
    assert leg.put(VOICE, leg.end + CUT - COARSE) == [(VOICE, leg.end - 960)]


def test_a_packet_whose_time_is_taken_is_dropped() -> None:
    leg = Leg()
    leg.put(VOICE, 960)
    assert leg.put(VOICE, 900) == []
    assert leg.put(VOICE, -5000) == []
    assert leg.put(BREATH, 900) == []
    assert leg.put(b"", 5000) == []
    assert leg.dropped == 3  # of a breath nothing is missed
    assert leg.end == 1920


@given(
    st.lists(
        st.tuples(
            st.sampled_from([VOICE, BREATH, NOTHING, silence(120), b"\x1b\x02.."]),
            st.integers(-3000, 5000),
        ),
        max_size=100,
    )
)
def test_a_leg_has_no_gap_and_what_is_in_it_is_where_it_was(
    steps: list[tuple[bytes, int]],
) -> None:
    leg, at, latest, position = Leg(), 0, 0, 0
    for k, (payload, step) in enumerate(steps):
        at += step
        latest = max(latest, at)
        mine = payload + bytes([k])  # unlike all silence
        pieces = leg.fill(at) if k % 7 == 6 else leg.put(mine, at)
        for one, where in pieces:
            assert where == position
            position += duration(one)
            if one is mine:
                assert abs(where - at) < COARSE
                assert abs(where - at) <= leg.misplaced
    assert leg.end == position <= latest + 5760 + COARSE
    assert leg.misplaced < COARSE


@given(st.floats(-300e-6, 300e-6), st.integers(20, 400))
def test_a_drift_is_followed_in_the_breaths(drift: float, breath: int) -> None:
    """A breath of 20 ms every few seconds is enough: no word is touched."""
    leg = Leg()
    written = []
    for k in range(4000):
        payload = BREATH if k % breath == 0 else VOICE
        written += leg.put(payload, round(k * 960 * (1 + drift)))
    assert leg.dropped == 0
    assert leg.misplaced <= FINE + STEP // 2 + 300e-6 * 960 * breath
    assert sum(1 for payload, _ in written if payload is VOICE) == 4000 - (
        len(range(0, 4000, breath))
    )
