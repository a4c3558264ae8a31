"""Election: the first of several candidates whose agent is ready.

They are asked one after another. One that fails gives way at once; one that is slow is
joined by the next after a head start, and still wins if it is ready first. When all
were asked, those that failed and may recover can be asked again: a provider that
restarts, or a network that comes back, does so within seconds.

ElectionLost    nobody was ready
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from math import inf

from ..agent import AgentError, AgentRefused, AgentUnavailable
from .term import Candidate, Term

__all__ = ["Election", "ElectionLost"]

_log = logging.getLogger(__name__)

SLOW_S = 3.0
"A provider that others overtook before this may still be in good health."


class ElectionLost(Exception):
    """Nobody was ready; `Election.errors` has why."""


class Election:
    """Held once."""

    def __init__(
        self,
        start: Callable[[Candidate], Term],
        dismiss: Callable[[Term], None],
        *,
        head_start_s: float,
        within_s: float,
        again_s: float = inf,
    ) -> None:
        """`start` has a candidate's agent entered, `dismiss` gives it up.

        `again_s` is the first pause before asking again, doubled each time.
        """
        self._start = start
        self._dismiss = dismiss
        self._head_start_s = head_start_s
        self._within_s = within_s
        self._again_s = again_s
        self._running: list[Term] = []
        self.errors: dict[str, AgentError] = {}
        "Who was asked in vain, by name, in the order in which they failed."
        self._refused: set[str] = set()
        self._now = asyncio.get_running_loop().time

    async def winner(self, candidates: Sequence[Candidate]) -> Term:
        """Raises ElectionLost. Gives up all but the winner, in any case."""
        try:
            term = await self._elect(candidates)
            self._running.remove(term)
        finally:
            for slow in self._running:
                self._dismiss(slow)
        for slow in self._running:
            if self._now() - slow.began >= SLOW_S:
                self._failed(slow, _late())
        return term

    def _by_hope(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those whose breaker is open come last: better than nobody."""
        now = self._now()
        return sorted(candidates, key=lambda it: not it.breaker.admits(now))

    async def _elect(self, candidates: Sequence[Candidate]) -> Term:
        next_at = self._now()
        until = next_at + self._within_s
        waiting = deque(self._by_hope(candidates))
        while (waiting or self._running) and self._now() < until:
            if waiting and self._now() >= next_at:
                self._ask(waiting.popleft())
                next_at = self._now() + self._head_start_s
            await self._wait(min(until, next_at))
            if (term := self._ready()) is not None:
                return term
            if self._running and self._now() < next_at:
                continue
            next_at = self._now()
            if not waiting:
                next_at += self._again_s
                if next_at < until and (again := self._recoverable(candidates)):
                    waiting.extend(again)
                    self._again_s *= 2
        for slow in self._running:
            self._failed(slow, _late())
        raise ElectionLost

    def _recoverable(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those who failed and whom asking again may help."""
        running = [term.candidate for term in self._running]
        return [
            it
            for it in candidates
            if it.name not in self._refused and it not in running
        ]

    def _ask(self, candidate: Candidate) -> None:
        candidate.breaker.begun(self._now())
        self._running.append(self._start(candidate))

    async def _wait(self, until: float) -> None:
        """Until somebody is ready or has failed, or that time."""
        seconds = max(0.0, until - self._now())
        if not self._running:
            await asyncio.sleep(seconds)
            return
        await asyncio.wait(
            [term.ready for term in self._running],
            timeout=None if until == inf else seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )

    def _ready(self) -> Term | None:
        """The first that is ready, in the order of asking; takes out who failed."""
        for term in list(self._running):
            if not term.ready.done():
                continue
            error = term.ready.result()
            if error is None:
                return term
            self._running.remove(term)
            self._failed(term, error)
        return None

    def _failed(self, term: Term, error: AgentError) -> None:
        name = term.candidate.name
        _log.warning("agent %s is not to be had: %s (%s)", name, error, error.code)
        term.candidate.breaker.failed(error, self._now())
        if isinstance(error, AgentRefused):
            self._refused.add(name)
        # The first error says what is wrong, should the same one be asked twice.
        self.errors.setdefault(name, error)


def _late() -> AgentError:
    return AgentUnavailable("the agent did not answer in time")
