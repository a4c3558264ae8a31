"""Turnover: who takes over when an agent is gone, and how often that may be. Pure.

    AgentLost                the same provider once more, then the others
    ... again within minutes the others, then the same provider
    AgentRefused             the others: asking again does not help
    any other AgentError     the others, then the same provider

The others are those after it on the list, then those before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TypeVar

from ..agent import AgentError, AgentLost, AgentRefused

__all__ = ["EXPIRED", "Turnover"]

EXPIRED = "agent-expired"
"The provider ended a conversation because it was long: nobody's fault."

RETRY_AGAIN_S = 60.0
"A provider that lost two conversations within this is not just unlucky."

MOST = 5
"Handovers within `WITHIN_S`; with more there is no talking any more."
WITHIN_S = 600.0

T = TypeVar("T")


class Turnover:
    """Of one conversation; `now` is in seconds."""

    def __init__(self) -> None:
        self._handovers: deque[float] = deque(maxlen=MOST)
        self._retried: dict[int, float] = {}
        "When a candidate, by its place, was last asked again at once."

    def exhausted(self, now: float) -> bool:
        """Whether there were too many; otherwise this one is counted."""
        handovers = self._handovers
        if len(handovers) == MOST and now - handovers[0] < WITHIN_S:
            return True
        handovers.append(now)
        return False

    def successors(
        self, candidates: Sequence[T], same: T, error: AgentError, now: float
    ) -> list[T]:
        """Who may take over from `same`, in the order of asking."""
        at = candidates.index(same)
        others = [*candidates[at + 1 :], *candidates[:at]]
        if error.code == EXPIRED:
            return [same, *others]
        if isinstance(error, AgentRefused):
            return others
        last = self._retried.get(at)
        recently = last is not None and now - last < RETRY_AGAIN_S
        if not isinstance(error, AgentLost) or recently:
            return [*others, same]
        self._retried[at] = now
        return [same, *others]
