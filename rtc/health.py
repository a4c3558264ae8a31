"""Health: how well a call is carried, and how well the process carries its calls. Pure.

Once a second the paths say where they stand (`Up`, `Down`), as counts since the call
began. `CallHealth` tells of the second that has passed and of the whole call, as plain
numbers whose names end in their unit; without one they are counts, of frames of 20 ms
unless they say otherwise. Names that end in `_call` are of the whole call. What is not
known (no report came from the caller yet) is left out.

    mos, mos_up, mos_down      what people would say of it (`rtc.emodel`); up is the
                               caller to us, `mos` the worse of both
    rtt_ms                     there and back, of the last report
    loss_*, jitter_*           of packets, on the network
    delivered ... duplicate    what became of the caller's frames
    queue_ms, underruns        of the agent's voice, waiting to be sent
    heard_ms, received_ms      of the agent's voice since the call began: sent; and
                               arrived, by the reports
    tick_*, late_ticks         how far behind its time the packet of a tick left
    loop_lag_ms                how long the event loop let others wait, at worst
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from .emodel import mos, mos_repaired
from .report import Report
from .spread import Spread

__all__ = ["FRAMES", "CallHealth", "Down", "ProcessHealth", "Up"]

LATE_S = 0.005
"A tick later than this is counted: a quarter of a packet, all that we allow ourselves."

CODEC_MS = 26.5
"Delay of Opus: the packet itself and the encoder's 6.5 ms of lookahead (RFC 6716 §2)."

LEAST_BUFFER_MS = 30.0
"What Chromium's jitter buffer keeps on a clean line; measured as 31 ms."

BUFFER_PER_JITTER = 3.0
"""How much a jitter buffer holds. RFC 3550's jitter is a mean deviation; three of them
cover 95 to 98 of 100 packets, which is what such buffers aim at."""

SLOT_MS = 20
"Milliseconds in a frame, whatever the caller puts into one packet."

FRAMES = {
    "delivered": "caller_delivered_ms",
    "recovered": "caller_recovered_ms",
    "concealed": "caller_concealed_ms",
    "silent": "caller_silent_ms",
    "late": "packets_late",
    "duplicate": "packets_duplicate",
}
"What can become of a frame of the caller, and where `Uplink.counters` tells of it."

SHOWN = (*FRAMES, "underruns")
"Counts that are told as they are."

_COUNTERS = tuple(
    (name, counter, SLOT_MS if counter.endswith("_ms") else 1)
    for name, counter in FRAMES.items()
)
"With what a counter is to be divided by."


@dataclass(frozen=True, slots=True)
class Up:
    """The caller's way to us; counts are since the call began."""

    counters: Mapping[str, int] = field(default_factory=dict)
    "Of the Uplink."
    received: int = 0
    "Packets."
    lost: int = 0
    "Packets, as RFC 3550 counts: may fall when a late one comes."
    jitter_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Down:
    """Our way to the caller; counts are since the call began."""

    sent: int = 0
    "Packets."
    report: Report | None = None
    "The caller's last; browsers send one every few seconds."
    fec: bool = False
    "Whether our packets carry the one before."
    queue_ms: float = 0.0
    underruns: int = 0
    heard_ms: int = 0
    received_ms: int = 0


NO_REPORT = Report(0.0, 0, 0, 0.0, None)
"Until one comes, nothing is known to be wrong."


class _Score:
    """Opinions over time: their mean, a second counting as much as any other."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.mean += (value - self.mean) / self.count


class CallHealth:
    """One call. Give `ticks` each tick's lateness, take a `snapshot` each second."""

    def __init__(self, started: float) -> None:
        self.ticks = Spread()
        "Lateness in seconds, since the last snapshot."
        self._all_ticks = Spread()
        self._since = started
        self._up = Up()
        self._down = Down()
        self._before = _standing(self._up, self._down)
        "Counts at the last snapshot."
        self._counts: Counter[str] = Counter()
        "Of the whole call. Not the last `Up`: a caller may come back on a new line."
        self._scores = {"up": _Score(), "down": _Score()}
        self._lag_ms = 0.0

    def snapshot(
        self, now: float, up: Up, down: Down, *, loop_lag_ms: float = 0.0
    ) -> dict[str, float]:
        """The time since the last snapshot, and a few figures of the whole call."""
        fresh = self._count(up, down)
        self._lag_ms = max(self._lag_ms, loop_lag_ms)
        scores = _scores(fresh, up, down)
        for way, score in scores.items():
            self._scores[way].add(score)
        figures = {
            "period_ms": round((now - self._since) * 1000),
            **_opinions(scores),
            **_line(up, down),
            "loss_up_pct": _lost(fresh["lost"], fresh["received"]),
            "loss_down_pct": round(_report(down).fraction_lost * 100, 1),
            **{name: fresh[name] for name in SHOWN},
            **_lateness(self.ticks),
            "loop_lag_ms": round(loop_lag_ms, 2),
        }
        self._all_ticks.merge(self.ticks)
        self.ticks.reset()
        self._since = now
        self._up, self._down = up, down
        return {**figures, **self._call()}

    def summary(self) -> dict[str, float]:
        """The whole call up to the last snapshot, under the names of a snapshot."""
        return {
            **_opinions({w: s.mean for w, s in self._scores.items() if s.count}),
            **_line(self._up, self._down),
            **self._losses(""),
            **{name: self._counts[name] for name in SHOWN},
            **_lateness(self._all_ticks),
            "loop_lag_ms": round(self._lag_ms, 2),
        }

    def _call(self) -> dict[str, float]:
        means = {way: score.mean for way, score in self._scores.items() if score.count}
        return {
            **({"mos_call": round(min(means.values()), 2)} if means else {}),
            **self._losses("_call"),
            "concealed_call": self._counts["concealed"],
            "underruns_call": self._counts["underruns"],
            "late_ticks_call": self._all_ticks.above(LATE_S),
            "tick_max_call_ms": round(self._all_ticks.longest * 1000, 2),
        }

    def _losses(self, suffix: str) -> dict[str, float]:
        counts = self._counts
        arrived = counts["sent"] - counts["sent_lost"]
        return {
            f"loss_up{suffix}_pct": _lost(counts["lost"], counts["received"]),
            f"loss_down{suffix}_pct": _lost(counts["sent_lost"], arrived),
        }

    def _count(self, up: Up, down: Down) -> dict[str, int]:
        """What is new since the last snapshot; added to what is known of the call."""
        before, self._before = self._before, _standing(up, down)
        fresh: dict[str, int] = {}
        for clock, now, then in zip(CLOCKS, self._before, before, strict=True):
            fresh |= _grown(now, then, clock)
        for name, count in fresh.items():
            self._counts[name] += count
        return fresh


CLOCKS = ("delivered", "received", "sent")
"Of each group of counts in `_standing` the one that grows as time passes."


def _standing(up: Up, down: Down) -> tuple[dict[str, int], ...]:
    return _frames(up), _packets(up), _sendings(down)


def _frames(up: Up) -> dict[str, int]:
    get = up.counters.get
    return {name: get(counter, 0) // unit for name, counter, unit in _COUNTERS}


def _packets(up: Up) -> dict[str, int]:
    return {"received": up.received, "lost": up.lost}


def _sendings(down: Down) -> dict[str, int]:
    lost = _report(down).lost
    return {"sent": down.sent, "sent_lost": lost, "underruns": down.underruns}


def _report(down: Down) -> Report:
    return down.report or NO_REPORT


def _grown(new: dict[str, int], old: dict[str, int], clock: str) -> dict[str, int]:
    """By how much counts have grown; all from nought when the `clock` went back.

    It does when the caller is back on a new line, or with a new stream.
    """
    if new[clock] < old[clock]:
        return new
    return {name: count - old[name] for name, count in new.items()}


def _scores(fresh: Mapping[str, int], up: Up, down: Down) -> dict[str, float]:
    """The opinion of each way on which anything moved."""
    report = _report(down)
    there_ms = (report.rtt_ms or 0.0) / 2 + CODEC_MS
    scores = {}
    # After an outage the packets that were lost in it are known by their numbers, but
    # their frames were given up long before, as silence.
    gone = max(fresh["lost"], fresh["concealed"] + fresh["recovered"])
    frames = fresh["delivered"] + gone
    if frames > 0:
        recovered = fresh["recovered"] / frames
        concealed = gone / frames - recovered
        wait_ms = BUFFER_PER_JITTER * up.jitter_ms
        scores["up"] = mos_repaired(there_ms + wait_ms, concealed, recovered)
    if fresh["sent"] > 0:
        wait_ms = max(LEAST_BUFFER_MS, BUFFER_PER_JITTER * report.jitter_ms)
        scores["down"] = mos(there_ms + wait_ms, report.fraction_lost, fec=down.fec)
    return scores


def _opinions(scores: Mapping[str, float]) -> dict[str, float]:
    if not scores:
        return {}
    ways = {f"mos_{way}": round(score, 2) for way, score in scores.items()}
    return {"mos": min(ways.values()), **ways}


def _line(up: Up, down: Down) -> dict[str, float]:
    report = _report(down)
    rtt = {} if report.rtt_ms is None else {"rtt_ms": round(report.rtt_ms, 1)}
    return {
        **rtt,
        "jitter_up_ms": round(up.jitter_ms, 1),
        "jitter_down_ms": round(report.jitter_ms, 1),
        "queue_ms": round(down.queue_ms),
        "heard_ms": down.heard_ms,
        "received_ms": down.received_ms,
    }


def _lateness(ticks: Spread) -> dict[str, float]:
    return {
        "tick_p50_ms": round(ticks.quantile(0.5) * 1000, 2),
        "tick_p99_ms": round(ticks.quantile(0.99) * 1000, 2),
        "tick_max_ms": round(ticks.longest * 1000, 2),
        "late_ticks": ticks.above(LATE_S),
    }


def _lost(lost: int, arrived: int) -> float:
    """Per cent. Late packets can make up for more than was lost in the same second."""
    return round(100 * lost / (lost + arrived), 1) if lost > 0 else 0.0


class ProcessHealth:
    """The process. Give `ticks` and `lags` each duration, take a snapshot a second."""

    def __init__(self) -> None:
        self.ticks = Spread()
        "How late ticks began, in seconds, since the last snapshot."
        self.lags = Spread()
        "How long the event loop let something wait that was ready, likewise."
        self._all_ticks = Spread()
        self._all_lags = Spread()

    def snapshot(
        self, *, calls: int, skipped: int, memory_mb: float, gc: Mapping[str, float]
    ) -> dict[str, float]:
        """The time since the last snapshot; names ending in `_ever` since the start.

        `skipped` ticks (`Beat.skipped`) and `gc` (`Housekeeping.counters`) are counted
        since the start by those who count them.
        """
        self._all_ticks.merge(self.ticks)
        self._all_lags.merge(self.lags)
        figures = {
            "calls": calls,
            **_lateness(self.ticks),
            "loop_lag_p99_ms": round(self.lags.quantile(0.99) * 1000, 2),
            "loop_lag_ms": round(self.lags.longest * 1000, 2),
            "skipped_ticks_ever": skipped,
            "late_ticks_ever": self._all_ticks.above(LATE_S),
            "tick_p99_ever_ms": round(self._all_ticks.quantile(0.99) * 1000, 2),
            "tick_max_ever_ms": round(self._all_ticks.longest * 1000, 2),
            "loop_lag_ever_ms": round(self._all_lags.longest * 1000, 2),
            "memory_mb": round(memory_mb, 1),
            **gc,
        }
        self.ticks.reset()
        self.lags.reset()
        return figures
