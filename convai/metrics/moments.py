"""Moments: a call's events in the order in which they happened. Pure.

Hearing that somebody began or ceased to talk takes time, so such events come late and
say by how much. Here they wait for each other: a moment is given out when nothing that
happened before it can come any more. What is odd is left out: an `events.jsonl` may be
damaged, or somebody's idea of one.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..untrusted import Fields

__all__ = ["Moment", "Moments", "number"]

LATE_MS = 1100
"""Milliseconds that an event may come late. A voice is told 0.3 s after it begins and
0.5 s after it ends; a packet that the network kept is waited for another 0.2 s. That
the agent's is over is known after a second, when its provider does not say so."""

LONGEST_MS = 30 * 24 * 3600 * 1000
"No call takes a month: such a time is a mistake, and would make sums of no meaning."

MOST = 4096
"Moments that wait; a call has some ten in a second."


class Moment(NamedTuple):
    at_ms: int
    "When it happened, since the start of the call."
    order: int
    "Of arrival, among those of the same time."
    kind: str
    fields: Fields


class Moments:
    """Give it each message, take the moments that are certain."""

    def __init__(self) -> None:
        self.odd = 0
        "Messages without a time or a type."
        self.crowded = 0
        "Moments given out early, because too many waited."
        self.now_ms: int | None = None
        "The newest time that was told of; None before the first."
        self._settled = -1
        "Up to when everything was given out."
        self._order = 0
        self._last: dict[str, int] = {}
        "When each party began or ceased to talk last."
        self._waiting: list[Moment] = []

    def put(self, message: Fields) -> list[Moment]:
        """Take a message; returns what is certain now, in order."""
        at = number(message, "at_ms")
        kind = message.get("type")
        if at is None or not 0 <= at <= LONGEST_MS or not isinstance(kind, str):
            self.odd += 1
            return []
        told = round(at)
        if self.now_ms is None or told > self.now_ms:
            self.now_ms = told
        happened = self._heard(message, told) if kind == "talking" else told
        self._order += 1
        moment = Moment(max(happened, self._settled, 0), self._order, kind, message)
        insort(self._waiting, moment)
        return self._take(self.now_ms - LATE_MS)

    def flush(self) -> list[Moment]:
        """The rest: nothing more will come."""
        return self._take(self.now_ms if self.now_ms is not None else 0)

    def _heard(self, message: Fields, told: int) -> int:
        """When somebody really began or ceased to talk.

        What one party does has an order: after a process stood still, and hurried, an
        end may claim to be before its beginning.
        """
        ago = min(max(number(message, "ago_ms") or 0, 0), LATE_MS)
        who = "agent" if message.get("who") == "agent" else "caller"
        self._last[who] = max(self._last.get(who, 0), told - round(ago))
        return self._last[who]

    def _take(self, until_ms: int) -> list[Moment]:
        waiting = self._waiting
        count = bisect_right(waiting, until_ms, key=lambda moment: moment.at_ms)
        if len(waiting) - count > MOST:
            self.crowded += 1
            count = len(waiting) - MOST
        taken = waiting[:count]
        if taken:
            del waiting[:count]
            self._settled = taken[-1].at_ms
        return taken


def number(fields: Mapping[str, Any], key: str) -> float | None:
    """A number that can be reckoned with, or None."""
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):  # may be too long for a float
        return value if abs(value) < 2**53 else None
    return value if math.isfinite(value) else None
