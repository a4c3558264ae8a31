"""Vitals: the figures of a line that the health does not know of."""

from __future__ import annotations

from rtc.downlink import Downlink
from rtc.encoding import Encoding
from rtc.ledger import Ledger
from rtc.opus import silence
from rtc.playout import Playout
from rtc.rtp import Packet
from rtc.uplink import Uplink
from rtc.vitals import Vitals

RATE = 24_000


def vitals(uplink: Uplink) -> Vitals:
    downlink = Downlink(Playout(RATE), Encoding(RATE))
    return Vitals(0.0, uplink, downlink, Ledger(RATE))


def test_of_the_whole_call_the_clock_of_the_caller_is_told() -> None:
    uplink = Uplink(8000, 0.0)
    figures = vitals(uplink)
    clock = {"clock_drift_ppm", "clock_uncertain_ms"}
    assert not clock & figures.summary(0.0).keys()
    for k in range(4000):
        now = k * 0.020 * (1 + 100e-6)
        uplink.take(Packet(111, False, k, k * 960, 1, silence()), now)
        uplink.tick(now)
    summary = figures.summary(80.0)
    assert -105 < summary["clock_drift_ppm"] < -95
    assert 0 <= summary["clock_uncertain_ms"] < 2
    assert summary["delivered"] == 4000
