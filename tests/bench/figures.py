"""From the logs of callers and agents to figures. Pure.

Times in the logs are nanoseconds of one monotonic clock, figures are milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from . import speech
from .alignment import SLOT, Alignment, align
from .impairment import CLEAN_SLOTS, DISTURBED_SLOTS

__all__ = ["Figures", "Run", "spread"]

Figures: TypeAlias = dict[str, Any]
Column: TypeAlias = NDArray[Any]

MS = 1e6
VOICED = 10 ** (-50 / 20)
"RMS of a packet's sound, -50 dB of full scale: quieter is silence."

CLOCK_MS = 48
"Ticks of the RTP clock in a millisecond."

QUIET_NS = 300_000_000
"Before a reply nobody must have been speaking for that long, or it is not measured."

STOP_NS = 1_500_000_000
"A voice that goes on for that long after an interruption was not stopped by it."

SECOND_SLOTS = 50
LIKE = 0.7
"Correlation above which a slot counts as the one that was sent."


def spread(values: Iterable[float]) -> Figures:
    """Their median, 99th percentile and maximum; NaN when there are none."""
    pool = np.asarray(list(values), float)
    if not len(pool):
        return {"p50": None, "p99": None, "max": None, "n": 0}
    p50, p99, most = (float(v) for v in np.percentile(pool, [50, 99, 100]))
    return {"p50": p50, "p99": p99, "max": most, "n": len(pool)}


class Run:
    """One run of callers against a server, as both sides logged it."""

    def __init__(self, callers: Path, agents: Path, fec: bool) -> None:
        with np.load(callers) as file:
            self._calls: Mapping[str, Column] = dict(file)
        with np.load(agents) as file:
            self._agents: Mapping[str, Column] = dict(file)
        self._about = json.loads(str(self._calls["about"]))
        self._fec = fec
        states = self._about["states"]
        self._before, self._begin, self._end = states
        self.calls = len(self._about["setups"])

    def load(self) -> Figures:
        """CPU and memory of the server, and how busy both cores were otherwise."""
        begin, end = self._begin, self._end
        span = end["at_ns"] - begin["at_ns"]
        cpu = end["cpu_ns"] - begin["cpu_ns"]
        others = end["busy_ns"] - begin["busy_ns"] - cpu
        grown = end["memory"] - self._before["memory"]
        return {
            "cpu_ms_per_call_s": cpu / span * 1000 / self.calls,
            "lost_calls": self._about["lost"],
            "core": cpu / span,
            "others_on_core": max(0.0, others / span),
            "callers_core": (end["own_cpu_ns"] - begin["own_cpu_ns"]) / span,
            "memory_mb_per_call": grown / self.calls / 2**20,
            "memory_mb": end["memory"] / 2**20,
            "sent_late_ms": spread(self._lateness()),
        }

    def sound(self) -> Figures:
        """How evenly the agents' voices came, and how soon."""
        return {
            "gap_ms": spread(self._gaps()),
            "setup_ms": spread(self._setups()),
            "uplink_ms": spread(self._uplinks()),
            "downlink_ms": spread(self._downlinks()),
            "stop_ms": spread(self._stops()),
            "heard": self._heard(),
        }

    def impaired(self, patterns: Iterable[str]) -> dict[str, Figures]:
        """What became of the slots under each pattern; one call for each."""
        return {name: self._impaired(number) for number, name in enumerate(patterns)}

    def _of(self, number: int, name: str) -> Column:
        return self._calls[f"{number}_{name}"]

    def _log(self, number: int, name: str) -> Column:
        """Of its agent; agent 0 had the call to warm up with."""
        return self._agents[f"{number + 1}_{name}"]

    def _steady(self, times: Column) -> Column:
        return (times >= self._begin["at_ns"]) & (times < self._end["at_ns"])

    def _lateness(self) -> Iterable[float]:
        for number in range(self.calls):
            sent, due = self._of(number, "sent"), self._of(number, "due")
            yield from ((sent - due)[self._steady(sent)]) / MS

    def _gaps(self) -> Iterable[float]:
        """|interval - what the RTP clock says|, of packets next to each other."""
        for number in range(self.calls):
            arrived = self._of(number, "arrived")
            ticks = np.diff(self._of(number, "timestamp")) % 2**32
            beside = np.diff(self._of(number, "sequence")) % 65536 == 1
            wanted = self._steady(arrived[1:]) & beside
            error = np.abs(np.diff(arrived) / MS - ticks / CLOCK_MS)
            yield from error[wanted]

    def _setups(self) -> Iterable[float]:
        for number, (asked, first) in enumerate(self._about["setups"]):
            arrived = self._of(number, "arrived")
            if first or len(arrived):
                yield ((first or arrived[0]) - asked) / MS

    def _downlinks(self) -> Iterable[float]:
        for number in range(self.calls):
            voiced = self._of(number, "level") > VOICED
            voice = self._of(number, "arrived")[voiced]
            for told in self._log(number, "replies"):
                at = int(np.searchsorted(voice, told))
                quiet = at == 0 or told - voice[at - 1] > QUIET_NS
                if self._steady(told) and quiet and at < len(voice):
                    yield (voice[at] - told) / MS

    def _stops(self) -> Iterable[float]:
        for number in range(self.calls):
            voiced = self._of(number, "level") > VOICED
            voice = self._of(number, "arrived")[voiced]
            for told in self._log(number, "cuts"):
                at = int(np.searchsorted(voice, told))
                speaking = at > 0 and told - voice[at - 1] < 2 * 20 * MS
                if self._steady(told) and speaking:
                    last = _last_of_run(voice, at, told)
                    yield max(0.0, (last - told) / MS)

    def _heard(self) -> float:
        """Share of the window's sound that came to the agents within it."""
        edges = self._begin["at_ns"], self._end["at_ns"]
        heard = 0
        for number in range(self.calls):
            at = np.searchsorted(self._log(number, "arrivals"), edges)
            before, after = np.append(0, self._log(number, "samples"))[at]
            heard += int(after - before)
        return heard / ((edges[1] - edges[0]) / 1e9 * speech.EAR_HZ * self.calls)

    def _aligned(self, number: int) -> tuple[Alignment, Column] | None:
        """Its alignment, and the uplink delay (ms) of each slot, NaN if missing."""
        heard = self._log(number, "pcm")
        sent = self._of(number, "sent")
        if len(heard) < SLOT * SECOND_SLOTS:
            return None
        start, wide = self._about["starts"][number], self._about["wide"][number]
        clean = speech.reference(wide, self._fec, start, len(sent))
        found = align(clean, heard)
        came, total = self._log(number, "arrivals"), self._log(number, "samples")
        at = np.minimum(np.searchsorted(total, found.place), len(came) - 1)
        delay = (came[at] - sent) / MS
        return found, np.where(found.place >= 0, delay, np.nan)

    def _uplinks(self) -> Iterable[float]:
        for number in range(self.calls):
            if both := self._aligned(number):
                steady = both[1][self._steady(self._of(number, "sent"))]
                yield from steady[~np.isnan(steady)]

    def _impaired(self, number: int) -> Figures:
        both = self._aligned(number)
        if both is None:
            return {}
        found, delay = both
        second = SECOND_SLOTS
        end = CLEAN_SLOTS + DISTURBED_SLOTS
        # To one second after: what was swallowed last shows only then.
        touched = slice(CLEAN_SLOTS, end + second)
        missing = int(np.sum(found.place[touched] < 0))
        extra = int(np.sum(found.extra[touched]))
        slots = DISTURBED_SLOTS + second
        heard = found.likeness[CLEAN_SLOTS:end]
        # What cannot be heard is left out; what is missing was not heard.
        audible = ~np.isnan(heard) | (found.place[CLEAN_SLOTS:end] < 0)
        return {
            "once": 1 - min(slots, missing + extra) / slots,
            "missing": missing,
            "extra": extra,
            "intact": float(np.sum(heard > LIKE) / max(1, np.sum(audible))),
            "delay_before_ms": _mean(delay[second:CLEAN_SLOTS]),
            "delay_after_ms": _mean(delay[end + second : end + 3 * second]),
        }


def _last_of_run(voice: Column, at: int, told: int) -> int:
    """The last voiced packet of those that follow each other without a pause."""
    last = int(voice[at - 1])
    for arrived in voice[at:]:
        if arrived - last > 100 * MS or arrived - told > STOP_NS:
            break
        last = int(arrived)
    return last


def _mean(values: Column) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.mean(known)) if len(known) else None
