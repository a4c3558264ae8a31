"""How durations are spread: half of them, nine of ten, the longest. Pure."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["quantile", "spread"]


def quantile(values: list[float], share: float) -> float:
    """What `share` (0 to 1) of sorted values do not exceed, on the line between two."""
    place = (len(values) - 1) * share
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def spread(durations: Iterable[float | None]) -> dict[str, float] | None:
    """Of those that are known; None without any."""
    values = sorted(it for it in durations if it is not None)
    if not values:
        return None
    return {
        "n": len(values),
        "p50": round(quantile(values, 0.5), 1),
        "p90": round(quantile(values, 0.9), 1),
        "max": values[-1],
    }
