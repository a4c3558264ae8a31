"""Bill: what a call cost, and what the server measured of it, from its events. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from convai.metrics.metrics import Metrics
from convai.metrics.prices import Prices
from convai.untrusted import Fields

__all__ = ["bill"]


def bill(events: Iterable[Fields], agent: str, prices: Prices | None) -> dict[str, Any]:
    """The same figures as `python -m convai.metrics` gives for the call.

    `usd_per_min` is None where nobody knows a price; `latencies_ms` are the server's
    own voice-to-voice latencies, which lack the way to the caller and back.
    """
    metrics = Metrics(agent, prices)
    for event in events:
        metrics.note(event)
    metrics.finish()
    cost = metrics.summary()["cost"] or {}
    latencies = [turn.voice_to_voice_ms for turn in metrics.turns if not turn.typed]
    return {
        "usd": cost.get("usd"),
        "usd_per_min": cost.get("usd_per_min"),
        "estimated": bool(cost.get("estimated", True)),
        "latencies_ms": [ms for ms in latencies if ms is not None],
    }
