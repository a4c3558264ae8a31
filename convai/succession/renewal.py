"""Renewal: when a conversation should go on in a new one. Pure; `now` is in seconds.

Providers end long conversations without a warning. Before that a quiet moment is looked
for; when there was none for minutes, any moment is better than the provider's.
"""

from __future__ import annotations

__all__ = ["Renewal"]

LATEST_S = 180.0
"After the time for it: a talk has a pause within three minutes, or none at all."

AGAIN_S = 5.0
"After an attempt that came to nothing: each is a connection to the provider."

LOOK_S = 0.25
"How often a quiet moment is looked for: a quarter of the pause that makes one."


class Renewal:
    """Of one agent's term."""

    def __init__(self, after_s: float | None, now: float) -> None:
        """`after_s`: seconds from now; None is never."""
        self._at = None if after_s is None else now + after_s
        self._again = now

    def due(self, now: float) -> bool:
        """Whether it is time, in a quiet moment."""
        return self._at is not None and now >= max(self._at, self._again)

    def pressing(self, now: float) -> bool:
        """Whether it is time, quiet or not."""
        return self._at is not None and now >= self._at + LATEST_S

    def put_off(self, now: float) -> None:
        """It did not succeed."""
        self._again = now + AGAIN_S

    def look_at(self, now: float) -> float | None:
        """When to see whether it is due, or quiet; None is never."""
        if self._at is None:
            return None
        return max(self._at, self._again, now + LOOK_S)
