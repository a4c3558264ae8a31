"""E-model: known points of G.107, our own measurement, and what must always hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.emodel import _delay_harm, _opinion, mos, mos_repaired

delays = st.floats(0.0, 2000.0)
shares = st.floats(0.0, 1.0)
bursts = st.floats(1.0, 50.0)


@pytest.mark.parametrize(
    ("r", "expected"),
    [(93.2, 4.41), (90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1)],
)
def test_opinions_are_those_of_g_107_annex_b(r: float, expected: float) -> None:
    assert _opinion(r) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("delay_ms", "harm"),
    # The formula of G.107 (06/2015) 7.4 worked out by hand for X = 0, 1, 2 and 3.
    [(20, 0.0), (100, 0.0), (200, 3.04), (400, 24.10), (800, 40.88)],
)
def test_delay_harms_from_100_ms_on(delay_ms: float, harm: float) -> None:
    assert _delay_harm(delay_ms) == pytest.approx(harm, abs=0.05)


def test_a_clean_short_line_is_as_good_as_a_call_gets() -> None:
    assert 4.3 <= mos(20, 0.0) <= 4.4
    assert mos(20, 0.0, fec=True) == mos(20, 0.0)


@pytest.mark.parametrize(
    ("loss", "burst", "fec", "measured"),
    [
        # Wide-band PESQ of our own libopus, put on the model's scale; `rtc.emodel`.
        (0.010, 1.0, False, 4.03),
        (0.021, 1.0, False, 3.78),
        (0.049, 1.0, False, 3.21),
        (0.099, 1.0, False, 2.37),
        (0.206, 1.0, False, 1.74),
        (0.010, 1.0, True, 4.30),
        (0.049, 1.0, True, 4.08),
        (0.102, 1.0, True, 3.78),
        (0.201, 1.0, True, 3.18),
        (0.052, 2.37, True, 3.43),
        (0.098, 2.25, True, 2.90),
        (0.190, 2.02, True, 2.14),
        (0.079, 2.30, False, 2.63),
        (0.102, 2.25, False, 2.26),
    ],
)
def test_it_tells_what_was_measured(
    loss: float, burst: float, fec: bool, measured: float
) -> None:
    assert mos(20, loss, burst, fec=fec) == pytest.approx(measured, abs=0.25)


def test_what_became_of_lost_frames_counts_as_if_it_was_guessed() -> None:
    # Of random losses of a fifth, four fifths are followed by a packet that arrives.
    assert mos_repaired(50, 0.04, 0.16) == pytest.approx(mos(50, 0.2, fec=True))
    assert mos_repaired(50, 0.2) == mos(50, 0.2)


def test_a_line_that_loses_everything_is_as_bad_as_it_gets() -> None:
    assert mos(0, 1.0) < 1.1
    assert mos(1000, 1.0) == 1.0


@given(delays, shares, bursts, st.booleans())
def test_a_score_is_always_a_score(
    delay: float, loss: float, burst: float, fec: bool
) -> None:
    assert 1.0 <= mos(delay, loss, burst, fec=fec) <= 4.5


@given(delays, delays, shares, bursts, st.booleans())
def test_more_delay_is_never_better(
    one: float, other: float, loss: float, burst: float, fec: bool
) -> None:
    short, long = sorted((one, other))
    better, worse = (mos(ms, loss, burst, fec=fec) for ms in (short, long))
    assert worse <= better + 1e-9


@given(delays, shares, shares, bursts, st.booleans())
def test_more_loss_is_never_better(
    delay: float, one: float, other: float, burst: float, fec: bool
) -> None:
    few, many = sorted((one, other))
    better, worse = (mos(delay, loss, burst, fec=fec) for loss in (few, many))
    assert worse <= better + 1e-9


@given(delays, shares, bursts, bursts, st.booleans())
def test_longer_bursts_are_never_better(
    delay: float, loss: float, one: float, other: float, fec: bool
) -> None:
    short, long = sorted((one, other))
    better, worse = (mos(delay, loss, burst, fec=fec) for burst in (short, long))
    assert worse <= better + 1e-9


@given(delays, shares, bursts)
def test_fec_never_makes_it_worse(delay: float, loss: float, burst: float) -> None:
    assert mos(delay, loss, burst) <= mos(delay, loss, burst, fec=True) + 1e-9


def test_more_of_each_is_really_worse_where_it_is_heard() -> None:
    assert mos(300, 0.02) < mos(150, 0.02) - 0.2
    assert mos(50, 0.05) < mos(50, 0.02) - 0.2
    assert mos(50, 0.1, 3.0, fec=True) < mos(50, 0.1, fec=True) - 0.2


def test_what_cannot_be_is_taken_for_the_nearest_that_can() -> None:
    assert mos(-5, -0.1, 0.5, fec=True) == mos(0, 0.0)
    assert mos(20, 1.5) == mos(20, 1.0)
