"""The benchmark still runs: one short call, every figure there. Nothing is timed."""

from __future__ import annotations

import asyncio
import os

from tests.bench import floor, table
from tests.bench.process import Place
from tests.bench.trial import Setting, Trial, run


async def test_one_call() -> None:
    cores = sorted(os.sched_getaffinity(0))
    places = {"server": Place(cores[0]), "callers": Place(cores[-1])}
    setting = Setting(window_s=3.0, settle_s=1.0, **places)
    found = await asyncio.to_thread(run, Trial("lean", 1), setting)
    assert "failed" not in found, found["failed"]
    assert found["load"]["cpu_ms_per_call_s"] > 0
    assert found["sound"]["heard"] > 0.5
    for name in ("gap_ms", "setup_ms", "uplink_ms"):
        assert found["sound"][name]["n"] > 0, name
    text = table.loads({"lean": {1: found}})
    head, _, row = text.splitlines()
    assert head.count("|") == row.count("|")


def test_the_floor() -> None:
    assert 0 < floor.measure(call_seconds=2) < 1000
