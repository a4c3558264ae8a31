"""Spread: some numbers as their median and range. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any

from ..metrics.spread import quantile

__all__ = ["spread"]

FOR_P90 = 10
"Numbers from which on the 90th percentile is more than the largest by another name."


def spread(values: Iterable[float | None]) -> dict[str, Any]:
    """`n`, `median`, `min`, `max`, and `p90` if there are enough; None is left out."""
    numbers = sorted(value for value in values if value is not None)
    if not numbers:
        return {"n": 0, "median": None, "min": None, "max": None, "p90": None}
    p90 = quantile(numbers, 0.9) if len(numbers) >= FOR_P90 else None
    return {
        "n": len(numbers),
        "median": statistics.median(numbers),
        "min": numbers[0],
        "max": numbers[-1],
        "p90": p90,
    }
