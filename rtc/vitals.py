"""Vitals: the figures of one line, taken together once a second.

To the figures of `rtc.health` the summary of a call adds, if they are known:

    clock_drift_ppm            how fast the caller's clock is, after a minute
    clock_uncertain_ms         how far off its packets may have been placed on the
                               call's clock, beside the constant delay of the network
                               (and of waiting to be read, up to 10 ms)
"""

from __future__ import annotations

from collections.abc import Callable

from .audio import CLOCK_HZ
from .downlink import Downlink
from .health import CallHealth, Down, Up
from .ledger import Ledger
from .reception import Reception
from .report import Report
from .uplink import Uplink

__all__ = ["Vitals"]


class Vitals:
    """What of both directions is measured; its names are those of `rtc.health`."""

    def __init__(
        self, started: float, uplink: Uplink, downlink: Downlink, ledger: Ledger
    ) -> None:
        self.reception: Callable[[], Reception | None] = lambda: None
        "Statistics of the caller's packets, if they are counted here."
        self.report: Report | None = None
        "The last of the caller's receiver."
        self.sent = 0
        "Packets."
        self._uplink = uplink
        self._downlink = downlink
        self._ledger = ledger
        self._health = CallHealth(started)
        self.left_late = self._health.ticks.add
        "Told how many seconds after its tick was due each packet left."

    def snapshot(self, now: float, lag_ms: float) -> dict[str, float]:
        """How the line was since the last; `lag_ms` is that of the event loop."""
        return self._health.snapshot(now, self._up(), self._down(), loop_lag_ms=lag_ms)

    def summary(self, now: float) -> dict[str, float]:
        """How well the whole call was carried."""
        self.snapshot(now, 0.0)
        return {**self._health.summary(), **self._uplink.clock()}

    def _up(self) -> Up:
        reception, counters = self.reception(), self._uplink.counters()
        if reception is None:
            return Up(counters)
        jitter_ms = reception.jitter * 1000 / CLOCK_HZ
        received, lost = reception.packets_received, reception.packets_lost
        return Up(counters, received, lost, jitter_ms)

    def _down(self) -> Down:
        playout = self._downlink.playout
        return Down(
            sent=self.sent,
            report=self.report,
            fec=self._downlink.encoding.loss > 0,
            queue_ms=playout.queued * 1000 / playout.rate,
            underruns=playout.underruns,
            heard_ms=self._ledger.heard_ms,
            received_ms=self._ledger.received_ms,
        )
