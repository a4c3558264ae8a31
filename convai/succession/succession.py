"""Succession: one conversation, led by one agent after another.

To the call it is an Agent like any other. When the agent that leads the conversation
breaks off, another takes over and is told what was said so far (`legacy`):

    AgentLost                the same provider once more, then the others
    AgentRefused             the others: asking again does not help
    any other AgentError     the others, then the same provider

What had come of the dead agent's voice is played to its end by the call meanwhile. The
new agent begins with the profile's bridge sentence if something was lost: a reply that
was not all there, or the answer to what the caller had said. If not, nobody notices,
and it waits for the caller as the old one did. What the caller says in the gap is kept
for it.

A conversation that its provider would end soon is renewed in a quiet moment: the same
provider is entered once more while the old agent is still there, and swapped.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import TracebackType
from typing import Self

from ..agent import AgentError, AgentLost, AgentUnavailable
from ..brief import Brief
from ..events import Ended, Event, Handover, ReplyDone, Speech
from ..notes import Background, Note
from .border import Border, Rates
from .election import Election, ElectionLost
from .legacy import Legacy
from .relief import Relief
from .term import Candidate, Term
from .terms import Terms
from .turnover import EXPIRED, Turnover

__all__ = ["Candidate", "Succession"]

_log = logging.getLogger(__name__)

SETUP_S = 13.0
"For all candidates together; a call gives its agent 15 s, and needs some itself."

PATIENCE_S = 4.0
"That a call waits for a candidate alone; a provider in good health takes one or two."

HURRY_S = 1.2
"The same in mid-call: a caller who hears nothing for 2 s asks whether you are there."

AGAIN_S = 0.5
"Until all are asked again, in mid-call: the embedded agent restarts in a second."

GAP_S = 10.0
"For all candidates together, in mid-call: nobody waits longer in silence."


@dataclass(frozen=True, slots=True)
class _Vacancy:
    """Nobody leads the conversation."""

    previous: Candidate
    error: AgentError
    lost: bool
    "The caller would wait for something in vain."


class Succession:
    """See `convai.agent.Agent`. Candidates that come first are preferred."""

    def __init__(self, candidates: Sequence[Candidate], brief: Brief) -> None:
        assert candidates, "somebody has to lead"
        self._candidates = tuple(candidates)
        self._brief = brief
        self._terms = Terms()
        self._turnover = Turnover()
        self._events: deque[Event] = deque()
        self._term: Term | None = None
        "Who leads."
        self._vacancy: _Vacancy | None = None
        "Why nobody does."
        self._goodbye = self._over = False
        self._legacy: Legacy
        self._border: Border
        "Of whoever leads, or was the last to lead."
        self._relief: Relief
        "Likewise."

    @property
    def input_rate(self) -> int:
        return self._legacy.rates.input

    @property
    def output_rate(self) -> int:
        return self._legacy.rates.output

    @property
    def leader(self) -> str:
        """Name of the candidate who leads, or is to lead."""
        term = self._term
        return (term.candidate if term else self._candidates[0]).name

    # Entering and leaving.

    async def __aenter__(self) -> Self:
        await self._terms.open()
        entered = False
        try:
            await self._begin()
            entered = True
        finally:
            if not entered:
                await self._terms.close()
        return self

    async def _begin(self) -> None:
        count = len(self._candidates)
        election = Election(
            lambda candidate: self._terms.start(candidate, self._brief),
            self._terms.dismiss,
            head_start_s=min(PATIENCE_S, SETUP_S / count),
            # One alone has its own deadlines, and may have the caller in a queue.
            within_s=SETUP_S if count > 1 else inf,
        )
        try:
            term = await election.winner(self._candidates)
        except ElectionLost:
            raise self._nobody(election.errors) from None
        await self._seat(term)
        first = self._candidates[0]
        if term.candidate is not first:
            # Who was to lead never did; everybody believes so until told.
            why = election.errors.get(first.name, AgentUnavailable).code
            leader, started = term.candidate.name, term.described.conversation
            self._note(Handover(leader, first.name, why, started, term.opens))

    def _nobody(self, errors: Mapping[str, AgentError]) -> AgentUnavailable:
        """Of all errors that of the most wanted candidate."""
        first, *others = [it.name for it in self._candidates if it.name in errors]
        error = errors[first]
        kind = type(error) if isinstance(error, AgentUnavailable) else AgentUnavailable
        return kind(_and_tried(error, others), code=error.code)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over = True
        self._term = None
        await self._terms.close()

    # The agents' side of the conversation.

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._over:
                raise StopAsyncIteration
            self._terms.news.clear()
            if self._vacancy is not None:
                await self._fill(self._vacancy)
            elif self._term is not None:
                await self._follow(self._term)
        return self._events.popleft()

    async def _follow(self, term: Term) -> None:
        """See what the agent has to say."""
        event = term.take()
        if event is not None:
            self._tell(term, event)
        elif not term.over:
            await self._renew_or_wait(term)
        elif term.error is None or self._goodbye:
            self._over = True
        else:
            self._lose(term, term.error)

    async def _renew_or_wait(self, term: Term) -> None:
        now = _now()
        if not self._goodbye:
            coming = self._relief.step(
                now,
                quiet=lambda: self._legacy.quiet(now),
                said=self._legacy.length,
                brief=lambda: self._next_brief(lost=self._legacy.floor.lost(now)),
            )
            if coming is not None:
                self._end_term(term)
                if self._legacy.lately.hush():
                    # The old agent heard it, and no words came of it.
                    self._legacy.lately.forget()
                await self._seat(coming, after=term.candidate, why="renewed")
                return
        try:
            async with asyncio.timeout_at(self._relief.look_at(now)):
                await self._terms.news.wait()
        except TimeoutError:
            pass  # time to look for a quiet moment

    def _tell(self, term: Term, event: Event) -> None:
        if isinstance(event, Ended):
            self._goodbye = True
        elif isinstance(event, Speech) and not term.proven:
            term.proven = True
            term.candidate.breaker.succeeded()
        for ours in self._border.out(event):
            self._note(ours)

    def _note(self, event: Event) -> None:
        self._legacy.note(event, _now())
        self._events.append(event)

    # From one agent to the next.

    def _lose(self, term: Term, error: AgentError) -> None:
        candidate = term.candidate
        _log.warning("agent %s is gone: %s (%s)", candidate.name, error, error.code)
        if error.code != EXPIRED:
            candidate.breaker.failed(error, _now())
        # A bridge that was never said is still owed.
        lost = self._legacy.floor.lost(_now()) or term.in_debt
        self._end_term(term)
        self._vacancy = _Vacancy(candidate, error, lost)

    def _end_term(self, term: Term) -> None:
        """Nothing more will come of it: round off what came."""
        for event in self._border.rest():
            self._note(event)
        floor = self._legacy.floor
        if floor.unfinished(_now()):
            if corrected := self._legacy.broke_off():
                self._events.append(corrected)
            # For the call, which need not wait for more; to the history it is not done.
            self._events.append(ReplyDone(floor.reply))
        floor.changed()
        self._term = None
        self._terms.dismiss(term)
        self._relief.drop()

    async def _fill(self, vacancy: _Vacancy) -> None:
        now, error = _now(), vacancy.error
        candidates = self._turnover.successors(
            self._candidates, vacancy.previous, error, now
        )
        if not candidates or self._turnover.exhausted(now):
            self._over = True
            raise error
        election = Election(
            lambda it: self._terms.start(it, self._next_brief(lost=vacancy.lost)),
            self._terms.dismiss,
            head_start_s=HURRY_S,
            within_s=GAP_S,
            again_s=AGAIN_S,
        )
        try:
            term = await election.winner(candidates)
        except ElectionLost:
            self._over = True
            tried = _and_tried(error, list(election.errors))
            raise type(error)(tried, code=error.code) from None
        self._vacancy = None
        await self._seat(term, after=vacancy.previous, why=error.code)

    def _next_brief(self, *, lost: bool) -> Brief:
        return self._legacy.brief(self._brief, lost=lost)

    async def _seat(
        self, term: Term, *, after: Candidate | None = None, why: str = ""
    ) -> None:
        """Have the agent, who is ready, lead the conversation."""
        rates = Rates(term.agent.input_rate, term.agent.output_rate)
        name, ready = term.candidate.name, term.described
        if after is None:
            self._legacy = Legacy(rates)
            self._border = Border(rates, rates)
            self._note(ready)
        else:
            newest, prefix = self._border.newest, f"{term.number}:"
            call = self._legacy.rates
            self._border = Border(call, rates, newest=newest, prefix=prefix)
            told = Handover(name, after.name, why, ready.conversation, term.opens)
            self._note(told)
            _log.info("agent %s leads on after %s: %s", name, after.name, why)
            await self._legacy.give(term.agent, self._border)
        self._relief = Relief(term.candidate, self._terms, _now())
        self._term = term

    async def fail(self, why: AgentError) -> None:
        """Learn that the agent does not answer, though its connection is alive."""
        if self._term is not None:
            self._legacy.floor.asked()
            self._term.fail(AgentLost(str(why), code=why.code))

    # The caller's side.

    async def hear(self, pcm: bytes) -> None:
        self._legacy.lately.add(pcm)
        if self._term is not None:
            await self._term.agent.hear(self._border.hear(pcm))

    async def cut(self, reply: int, heard_ms: int) -> None:
        self._legacy.cut(reply, heard_ms, _now())
        own = self._border.reply(reply)
        if self._term is not None and own is not None:
            await self._term.agent.cut(own, heard_ms)

    async def say(self, text: str) -> None:
        if self._term is None:
            self._legacy.keep_typed(text)
        else:
            self._legacy.typed(text)
            await self._term.agent.say(text)

    async def answer(self, call_id: str, result: str, error: bool = False) -> None:
        done = self._legacy.done(call_id, result, error)
        own = self._border.call(call_id)
        if self._term is None:
            return
        if own is not None:
            self._legacy.floor.asked()
            await self._term.agent.answer(own, result, error)
        elif done is not None:  # who wanted it is gone
            await self._term.agent.note(done)

    async def note(self, note: Note) -> None:
        if isinstance(note, Background):
            self._legacy.told(note)
        own = self._border.note(note)
        if self._term is not None and own is not None:
            await self._term.agent.note(own)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _and_tried(error: AgentError, others: Sequence[str]) -> str:
    """The error's text, and that it was not for lack of trying."""
    if not others:
        return str(error)
    return f"{error} (also tried, without success: {', '.join(others)})"
