"""Relief: the same provider's next agent, entered while the old one still leads.

Providers end long conversations without a warning. So each is renewed before that, in
a quiet moment, when nobody notices. The new agent knows what was said until it was
started: if more was said meanwhile it is of no use, and another is started later; or
at once, a few times, when time presses.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..brief import Brief
from .renewal import Renewal
from .term import Candidate, Term
from .terms import Terms

__all__ = ["Relief"]

_log = logging.getLogger(__name__)

ENTERING_S = 10.0
"While the old one works nobody is waiting."

MOST_STALE = 8
"""That are given up for what was said meanwhile when time presses: each takes a second
or so, and in the most lively talk there is one in which nothing new is said."""


class Relief:
    """For one agent's term; `step` at every occasion."""

    def __init__(self, candidate: Candidate, terms: Terms, now: float) -> None:
        self._candidate = candidate
        self._terms = terms
        self._renewal = Renewal(candidate.renew_s, now)
        self._coming: Term | None = None
        self._said = 0
        "How much had been said when it was started."
        self._stale = 0
        "How many knew too little."

    def look_at(self, now: float) -> float | None:
        """When to step even if nothing happens; None is never."""
        return self._renewal.look_at(now)

    def step(
        self,
        now: float,
        *,
        quiet: Callable[[], bool],
        said: int,
        brief: Callable[[], Brief],
    ) -> Term | None:
        """Whoever is ready to take over now. `said` grows with what is said."""
        if self._coming is not None:
            return self._arrived(self._coming, now, quiet, said)
        # Asked in this order: to listen for quiet costs a millisecond.
        if self._renewal.due(now) and (self._renewal.pressing(now) or quiet()):
            self._said = said
            self._coming = self._terms.start(self._candidate, brief())
        return None

    def drop(self) -> None:
        """It is not needed any more."""
        if self._coming is not None:
            self._terms.dismiss(self._coming)
            self._coming = None

    def _arrived(
        self, coming: Term, now: float, quiet: Callable[[], bool], said: int
    ) -> Term | None:
        if not coming.ready.done() and now - coming.began < ENTERING_S:
            return None
        if not coming.ready.done() or coming.ready.result() is not None:
            _log.warning("agent %s cannot be renewed now", self._candidate.name)
        elif self._renewal.pressing(now):
            self._stale += said != self._said
            if said == self._said or self._stale > MOST_STALE:
                self._coming = None
                return coming
            self.drop()
            return None
        elif said == self._said and quiet():
            self._coming = None
            return coming
        self.drop()
        self._renewal.put_off(now)
        return None
