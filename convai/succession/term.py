"""Term: one agent's time in office, and the Candidate it comes from.

An agent is entered, iterated and left within one task, whatever else goes on, since it
may have tasks of its own inside. Others see what is in its mailbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from ..agent import Agent, AgentError, AgentLost, AgentUnavailable
from ..brief import Brief
from ..events import Event, Ready
from .breaker import Breaker

__all__ = ["Candidate", "Term"]

_MOST_WAITING = 64
"Events not yet fetched; a full mailbox stops the reading, as for any slow reader."


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A provider that may lead conversations; made once, for all calls."""

    name: str
    make: Callable[[Brief], Agent] = field(repr=False)
    renew_s: float | None = None
    "Seconds after which a conversation goes on in a new one with the same provider."
    breaker: Breaker = field(default_factory=Breaker, repr=False, compare=False)


class Term:
    """`run` is its task. `ready` tells how entering went: None, or the error."""

    def __init__(
        self, candidate: Candidate, brief: Brief, news: asyncio.Event, *, number: int
    ) -> None:
        loop = asyncio.get_running_loop()
        self.candidate = candidate
        self.number = number
        "Among all terms of the conversation."
        self.agent: Agent
        "Once made."
        self.described: Ready
        "What the agent said of itself; once ready."
        self.ready: asyncio.Future[AgentError | None] = loop.create_future()
        self.began = loop.time()
        "Loop time."
        self.proven = False
        "It was heard."
        self.leaving = False
        "By itself or because it was told to; to be cancelled only in an emergency."
        self._brief = brief
        self._news = news
        "Set whenever there is something new to see."
        self._mail: asyncio.Queue[Event] = asyncio.Queue(_MOST_WAITING)
        self._over = False
        self._error: AgentError | None = None

    async def run(self) -> None:
        """Serve until the agent is through or fails; cancel it to have it leave."""
        try:
            self.agent = self.candidate.make(self._brief)
            async with self.agent:
                await self._serve()
        except AgentError as error:
            self._end(error)

    async def _serve(self) -> None:
        # Told before the agent is left, which may take a second.
        try:
            async for event in self.agent:
                if isinstance(event, Ready) and not self.ready.done():
                    self.described = event
                    self.ready.set_result(None)
                elif self.ready.done() or not self._mail.full():
                    # Nobody fetches anything before the agent is ready.
                    await self._mail.put(event)
                self._news.set()
        except AgentError as error:
            self._end(error)
        else:
            self._end(None)
        finally:
            self.leaving = True

    def take(self) -> Event | None:
        """The next event, if there is one."""
        return None if self._mail.empty() else self._mail.get_nowait()

    @property
    def opens(self) -> bool:
        """It is to speak first, with words that it was given."""
        return bool(self._brief.first_message)

    @property
    def in_debt(self) -> bool:
        """It was to begin with a bridge sentence, and was not heard so far."""
        return self._brief.bridge is not None and not self.proven

    @property
    def over(self) -> bool:
        """Nothing more will come than what is in the mailbox."""
        return self._over

    @property
    def error(self) -> AgentError | None:
        """Why it is over; None when the agent hung up in good order."""
        return self._error

    def fail(self, why: AgentError) -> None:
        """It is of no use any more, whatever it believes."""
        self._end(why)

    def _end(self, error: AgentError | None) -> None:
        if not self._over:
            self._over, self._error = True, error
            if not self.ready.done():
                self.ready.set_result(_unready(error))
            self._news.set()


def _unready(error: AgentError | None) -> AgentError:
    if error is None:
        return AgentUnavailable("the agent hung up at once")
    if isinstance(error, AgentLost):
        return AgentUnavailable(str(error), code=error.code)
    return error
