"""Terms: the agents of one conversation that are there, each in a task of its own."""

from __future__ import annotations

import asyncio

from ..brief import Brief
from .term import Candidate, Term

__all__ = ["Terms"]

LEAVE_S = 0.9
"For agents to leave in good order; what they promise is 1 s, and all leave at once."


class Terms:
    """Open it, start and dismiss, and close it, all from the conversation's task."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        "Set whenever one of them has something new to see."
        self._tasks = asyncio.TaskGroup()
        self._running: dict[Term, asyncio.Task[None]] = {}
        self._started = 0

    async def open(self) -> None:
        await self._tasks.__aenter__()

    def start(self, candidate: Candidate, brief: Brief) -> Term:
        """Have a candidate's agent entered."""
        term = Term(candidate, brief, self.news, number=self._started)
        self._started += 1
        task = self._tasks.create_task(term.run(), name=f"agent {candidate.name}")
        self._running[term] = task
        task.add_done_callback(lambda _: self._running.pop(term, None))
        return term

    def dismiss(self, term: Term) -> None:
        """Have an agent leave, without waiting for it."""
        if not term.leaving and (task := self._running.get(term)):
            term.leaving = True
            task.cancel()

    async def close(self) -> None:
        """Have all leave, within 1 s."""
        for term in self._running:
            self.dismiss(term)
        try:
            if self._running:
                # Not `asyncio.timeout`: before Python 3.11.4 it takes no notice of its
                # own deadline in a task that was cancelled once, as this one may be.
                await asyncio.wait(self._running.values(), timeout=LEAVE_S)
        finally:
            for task in self._running.values():
                task.cancel()  # leaving takes them too long
            # Without the error: it is the call's own and must pass as it is.
            await self._tasks.__aexit__(None, None, None)
