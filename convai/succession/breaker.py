"""Breaker: whether it is worth asking a provider at all. Pure; `now` is in seconds.

One for each provider, shared by all calls of the process, so that not each of them has
to find out for itself, with its caller waiting, that a provider is down.

               several failures within a while, or one for certain
    CLOSED ────────────────────────────────────────────────────────> OPEN
       ^                                                            │    ^
       │                                         some time has passed    │ it fails
       │   it succeeds                                              v    │
       └─────────────────────────────────────────────────────── HALF OPEN
                                                   one call tries, the others do not
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from ..agent import AgentError, AgentRefused

__all__ = ["Breaker", "State"]

FAILURES = 3
"A single failure may be chance, and so may two; the third in a row of calls is not."

WINDOW_S = 60.0
"Within which they count together."

OPEN_S = 20.0
"A hiccup of a provider is over by then; one call tries and finds out."

MOST_OPEN_S = 300.0
"Doubled after each trial that failed, up to this: soon enough after a long outage."

REFUSED_S = 600.0
"Somebody has to change a key or pay a bill first, and that takes minutes."

TRIAL_S = 15.0
"A trial that tells nothing by then was given up: the next call may try."

_FOR_CERTAIN = {"agent-auth", "agent-quota"}
"""Refusals that every call will meet. Others are about the profile of this one call,
and say nothing of the provider."""


class State(Enum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """Ask `admits`, tell `begun`, then `succeeded` or `failed`."""

    def __init__(self) -> None:
        self.state = State.CLOSED
        self._failures: deque[float] = deque(maxlen=FAILURES)
        "When the last ones were."
        self._open_s = OPEN_S
        self._next = 0.0
        "When the next trial may be made."

    def admits(self, now: float) -> bool:
        """Whether a call should try this provider."""
        return self.state is State.CLOSED or now >= self._next

    def begun(self, now: float) -> None:
        """A call tries, admitted or for want of another."""
        if self.state is not State.CLOSED and now >= self._next:
            self.state = State.HALF_OPEN
            self._next = now + TRIAL_S

    def succeeded(self) -> None:
        """An agent of the provider was heard: being ready alone proves little."""
        self.state = State.CLOSED
        self._failures.clear()
        self._open_s = OPEN_S

    def failed(self, error: AgentError, now: float) -> None:
        """It gave no agent, or the one it gave broke off."""
        if error.code in _FOR_CERTAIN:
            self._open(REFUSED_S, now)
        elif isinstance(error, AgentRefused):
            if self.state is State.HALF_OPEN:
                self.succeeded()  # it answered, after all
        elif self.state is State.HALF_OPEN:
            self._open_s = min(MOST_OPEN_S, self._open_s * 2)
            self._open(self._open_s, now)
        elif self.state is State.CLOSED:
            self._failures.append(now)
            first = self._failures[0]
            if len(self._failures) == FAILURES and now - first <= WINDOW_S:
                self._open(self._open_s, now)

    def _open(self, seconds: float, now: float) -> None:
        self.state = State.OPEN
        self._next = now + seconds
        self._failures.clear()
