"""What every test gets: a check that it leaves no asyncio task behind.

And no property is lost to a machine that is slow: time is for the benchmarks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "parley", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("parley")

GRACE_S = 10.0
"""Seconds. aiortc's connection attempt looks up every 20 ms whether it was closed, and
is not awaited by its `close`."""


@pytest.fixture(autouse=True)
async def no_task_left(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Fail a test that leaves a task running on its loop."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=GRACE_S)
    assert not left, f"tasks left behind: {left}"
