"""Cast: who plays the agent in one call, and with which tools. Pure.

A caller's wish goes to `convai.casting`, what comes back is a cast:

CastingError        there is nobody to play the part
├── UnknownAgent    no agent of that name is on offer
└── UnknownProfile  ... no such profile
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from .agent import Agent, AgentError
from .events import Event, Listener, ToolCall, ToolDone, Usage
from .metrics.metrics import Metrics

__all__ = [
    "Cast",
    "CastingError",
    "Fail",
    "NoTools",
    "Toolbox",
    "UnknownAgent",
    "UnknownProfile",
    "Wish",
]


class CastingError(Exception):
    """There is nobody to play the part."""

    code = "unknown-agent"


class UnknownAgent(CastingError):
    """No agent of that name is on offer."""


class UnknownProfile(CastingError):
    """No profile of that name is on offer."""

    code = "unknown-profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a caller asks for; empty fields leave it to the server."""

    agent: str = ""
    profile: str = ""
    zone: str = ""
    "IANA name of the caller's time zone; any text, it may come from a stranger."
    record: bool | None = None
    "Whether the caller wants to be recorded; None: was not asked, or did not say."


class Toolbox(Protocol):
    """The tools that the server does itself."""

    def has(self, name: str) -> bool:
        """Whether there is a tool of that name."""

    async def use(self, call: ToolCall) -> tuple[ToolDone, tuple[Event, ...]]:
        """Do it, within its time limit; what came of it, and what others should know.

        `Ended` among the events: the agent hangs up.
        """


class NoTools:
    """A toolbox without tools."""

    def has(self, name: str) -> bool:
        return False

    async def use(self, call: ToolCall) -> tuple[ToolDone, tuple[Event, ...]]:
        return ToolDone(call.id, call.name, "there is no such tool", True), ()


def _ignore(event: Event) -> None:
    pass


async def _no_bills() -> list[Usage]:
    return []


Fail: TypeAlias = Callable[[AgentError], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One call's; used once."""

    agent: Agent
    agent_name: str
    "Of the one who is to begin."
    leader: Callable[[], str] | None = None
    "Name of who leads the conversation now; None: nobody else can."
    speaker: str = ""
    "What the agent is called in its part."
    profile_name: str = "default"
    greets: bool = False
    "The agent is to speak first."
    toolbox: Toolbox = NoTools()
    metrics: Metrics = field(default_factory=Metrics)
    fail: Fail | None = None
    "The call found that the agent does not answer; None ends the call."
    note: Listener = _ignore
    "Wants to learn of the call's events."
    bills: Callable[[], Awaitable[list[Usage]]] = _no_bills
    "After the call: what the providers say it cost. Within minutes; never raises."

    @property
    def leading(self) -> str:
        """Name of the agent who leads the conversation."""
        return self.leader() if self.leader else self.agent_name
