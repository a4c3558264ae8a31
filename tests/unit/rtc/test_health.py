"""Health: what a second and a whole call look like in figures."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from rtc.health import FRAMES, CallHealth, Down, ProcessHealth, Up
from rtc.report import Report
from rtc.uplink import Uplink


def up(delivered: int, lost: int = 0, jitter_ms: float = 2.0, **frames: int) -> Up:
    """The caller's way, in frames."""
    received = delivered + frames.get("late", 0) + frames.get("duplicate", 0)
    counters = {
        FRAMES[name]: count * (20 if FRAMES[name].endswith("_ms") else 1)
        for name, count in {"delivered": delivered, **frames}.items()
    }
    return Up(counters, received, lost, jitter_ms)


def down(
    sent: int,
    lost: int = 0,
    fraction_lost: float = 0.0,
    jitter_ms: float = 3.0,
    rtt_ms: float | None = 40.0,
    **others: Any,
) -> Down:
    report = Report(fraction_lost, lost, sent % 65536, jitter_ms, rtt_ms)
    return Down(sent, report, **others)


def test_the_uplink_counts_under_these_names() -> None:
    assert set(FRAMES.values()) <= Uplink(16_000, 0.0).counters().keys()


def test_a_clean_second() -> None:
    health = CallHealth(10.0)
    for _ in range(50):
        health.ticks.add(0.0001)
    figures = health.snapshot(11.0, up(50), down(50), loop_lag_ms=0.456)
    assert figures["period_ms"] == 1000
    assert figures["mos"] == figures["mos_up"] == figures["mos_down"] == 4.34
    assert figures["mos_call"] == 4.34
    assert figures["delivered"] == 50
    assert figures["rtt_ms"] == 40.0
    assert figures["loss_up_pct"] == figures["loss_down_pct"] == 0.0
    assert figures["tick_p99_ms"] == pytest.approx(0.1, rel=0.13)
    assert figures["late_ticks"] == 0
    assert figures["loop_lag_ms"] == 0.46


def test_a_second_is_told_by_itself_and_the_call_as_a_whole() -> None:
    health = CallHealth(0.0)
    health.snapshot(1.0, up(50), down(50))
    first = health.snapshot(
        2.0,
        up(90, lost=10, recovered=6, concealed=4),
        down(100, lost=5, fraction_lost=0.1, underruns=1),
    )
    assert (first["delivered"], first["recovered"], first["concealed"]) == (40, 6, 4)
    assert first["loss_up_pct"] == 20.0
    assert first["loss_up_call_pct"] == 10.0
    assert first["loss_down_pct"] == 10.0
    assert first["loss_down_call_pct"] == 5.0
    assert first["underruns"] == first["underruns_call"] == 1
    assert first["mos"] == first["mos_down"] < first["mos_up"] < 4.0
    second = health.snapshot(
        3.0,
        up(140, lost=10, recovered=6, concealed=4),
        down(150, lost=5, underruns=1),
    )
    assert (second["delivered"], second["concealed"]) == (50, 0)
    assert second["loss_up_pct"] == second["loss_down_pct"] == 0.0
    assert second["concealed_call"] == 4
    assert second["mos"] == 4.34
    assert first["mos"] < second["mos_call"] < 4.34
    assert (second["underruns"], second["underruns_call"]) == (0, 1)


def test_concealing_is_heard_more_than_recovering() -> None:
    recovered, concealed = (
        CallHealth(0.0).snapshot(1.0, up(45, lost=5, **{what: 5}), down(50))["mos_up"]
        for what in ("recovered", "concealed")
    )
    assert concealed < recovered - 0.5


def test_our_forward_error_correction_counts_on_the_way_down() -> None:
    plain, fec = (
        CallHealth(0.0).snapshot(1.0, up(50), down(50, fraction_lost=0.05, fec=on))
        for on in (False, True)
    )
    assert plain["mos_down"] < fec["mos_down"] - 0.5
    assert plain["mos_up"] == fec["mos_up"]


def test_a_long_way_and_an_unsteady_one_are_felt() -> None:
    def score(**line: float) -> float:
        return CallHealth(0.0).snapshot(1.0, up(50), down(50, **line))["mos_down"]

    assert score(rtt_ms=500.0) < score() - 0.3
    assert score(jitter_ms=80.0) < score() - 0.3


def test_an_outage_is_told_when_its_length_is_known() -> None:
    health = CallHealth(0.0)
    health.snapshot(1.0, up(50), down(50))
    silent = health.snapshot(2.0, up(50, silent=50), down(100))
    assert "mos_up" not in silent  # a muted caller looks the same
    assert silent["silent"] == 50
    assert silent["mos"] == silent["mos_down"]
    again = health.snapshot(3.0, up(75, lost=75, silent=75), down(150))
    assert again["loss_up_pct"] == 75.0
    assert again["mos_up"] < 1.5


def test_before_the_first_report_of_the_caller_there_is_no_round_trip() -> None:
    figures = CallHealth(0.0).snapshot(1.0, Up(), Down(sent=10))
    assert "rtt_ms" not in figures
    assert "mos_up" not in figures
    assert figures["mos_down"] == 4.34


def test_of_nothing_there_is_no_opinion() -> None:
    health = CallHealth(0.0)
    figures = health.snapshot(1.0, Up(), Down())
    assert not [name for name in figures if name.startswith("mos")]
    assert not [name for name in health.summary() if name.startswith("mos")]


def test_a_late_packet_takes_its_loss_back_without_a_negative_figure() -> None:
    health = CallHealth(0.0)
    assert health.snapshot(1.0, up(48, lost=2), down(50))["loss_up_pct"] == 4.0
    figures = health.snapshot(2.0, up(98, lost=1, late=1), down(100))
    assert figures["loss_up_pct"] == 0.0
    assert figures["loss_up_call_pct"] == 1.0
    assert figures["mos_up"] == 4.34


def test_a_caller_who_comes_back_on_a_new_line_begins_from_nought() -> None:
    health = CallHealth(0.0)
    health.snapshot(1.0, up(500, lost=5, concealed=5), down(500, lost=50))
    figures = health.snapshot(2.0, up(30, lost=1, concealed=1), down(40))
    assert figures["delivered"] == 30
    assert figures["concealed"] == 1
    assert figures["concealed_call"] == 6
    assert figures["loss_up_call_pct"] == round(100 * 6 / 536, 1)
    assert figures["loss_down_call_pct"] == round(100 * 50 / 540, 1)
    assert health.summary()["delivered"] == 530


def test_a_new_stream_on_the_same_line_counts_no_frame_twice() -> None:
    health = CallHealth(0.0)
    health.snapshot(1.0, up(500), down(500))
    health.snapshot(2.0, Up(up(550).counters, received=50), down(550))
    assert health.summary()["delivered"] == 550
    assert health.summary()["loss_up_pct"] == 0.0


def test_late_ticks_of_the_second_and_of_the_call() -> None:
    health = CallHealth(0.0)
    health.ticks.add(0.030)
    health.ticks.add(0.001)
    assert health.snapshot(1.0, Up(), Down())["late_ticks"] == 1
    health.ticks.add(0.002)
    figures = health.snapshot(2.0, Up(), Down())
    assert figures["late_ticks"] == 0
    assert figures["late_ticks_call"] == 1
    assert figures["tick_max_ms"] == 2.0
    assert figures["tick_max_call_ms"] == 30.0


def test_the_summary_is_the_whole_call_under_the_names_of_a_second() -> None:
    health = CallHealth(0.0)
    health.ticks.add(0.010)
    figures = health.snapshot(
        1.0, up(50), down(50, heard_ms=900, received_ms=880), loop_lag_ms=7.0
    )
    health.snapshot(
        2.0, up(90, lost=10, concealed=10), down(100, heard_ms=1900, received_ms=1880)
    )
    whole = health.summary()
    here = {name for name in figures if "_call" not in name} - {"period_ms"}
    assert whole.keys() == here
    assert whole["delivered"] == 90
    assert whole["loss_up_pct"] == 10.0
    assert whole["tick_max_ms"] == 10.0
    assert whole["loop_lag_ms"] == 7.0
    assert (whole["heard_ms"], whole["received_ms"]) == (1900, 1880)
    assert 1.0 < whole["mos_up"] < whole["mos_down"] == 4.34


def test_an_event_is_short_even_after_a_bad_hour() -> None:
    health = CallHealth(0.0)
    bad = {"recovered": 11000, "concealed": 12000, "silent": 15000, "late": 11000}
    worse = {name: count + 10 for name, count in bad.items()}
    line = {"fraction_lost": 0.123, "rtt_ms": 1234.5678, "jitter_ms": 123.456}
    speech = {"queue_ms": 123456.7, "heard_ms": 3_600_000, "received_ms": 3_500_000}
    for now, frames, sent in ((3600.0, bad, 180000), (3601.0, worse, 180050)):
        for _ in range(50):
            health.ticks.add(0.123456)
        figures = health.snapshot(
            now,
            up(
                sent - 20000, lost=sent // 10, jitter_ms=123.456, duplicate=10, **frames
            ),
            down(sent, lost=sent // 9, underruns=1000 + int(now), **line, **speech),
            loop_lag_ms=123.456,
        )
    text = json.dumps({"at_ms": 3_600_000, "type": "call.stats", **figures})
    assert len(text) < 700
    assert all(math.isfinite(value) for value in figures.values())


def test_the_process_in_figures() -> None:
    health = ProcessHealth()
    health.ticks.add(0.020)
    health.lags.add(0.003)
    counters = {"gc_collections": 2, "gc_longest_ms": 1.5}
    health.snapshot(calls=3, skipped=0, memory_mb=99.0, gc=counters)
    health.ticks.add(0.0001)
    figures = health.snapshot(calls=4, skipped=2, memory_mb=101.26, gc=counters)
    assert figures["calls"] == 4
    assert figures["tick_max_ms"] == 0.1
    assert figures["tick_max_ever_ms"] == 20.0
    assert (figures["late_ticks"], figures["late_ticks_ever"]) == (0, 1)
    assert (figures["loop_lag_ms"], figures["loop_lag_ever_ms"]) == (0.0, 3.0)
    assert figures["skipped_ticks_ever"] == 2
    assert figures["memory_mb"] == 101.3
    assert figures["gc_longest_ms"] == 1.5
