"""What every voice agent looks like to a call, and how it may fail.

    AgentError                  anything that goes wrong on the agent's side
    ├── AgentUnavailable        no conversation could be started
    │   └── AgentRefused        ... and trying again will not help: key, quota, settings
    ├── AgentProtocolError      the provider sent what its protocol does not allow
    └── AgentLost               a running conversation broke off

Every error has a stable `code` (for the page and for metrics) and a message for
people that never contains a secret.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Protocol, Self

from .events import Event
from .notes import Note

__all__ = [
    "Agent",
    "AgentError",
    "AgentLost",
    "AgentProtocolError",
    "AgentRefused",
    "AgentUnavailable",
    "Codec",
]


class AgentError(Exception):
    """Something went wrong on the agent's side."""

    code = "agent-failed"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class AgentUnavailable(AgentError):
    """No conversation could be started."""

    code = "agent-unavailable"


class AgentRefused(AgentUnavailable):
    """The provider does not want this conversation; trying again will not help."""

    code = "agent-refused"


class AgentProtocolError(AgentError):
    """The provider sent something that its protocol does not allow."""

    code = "agent-protocol"


class AgentLost(AgentError):
    """A running conversation broke off."""

    code = "agent-lost"


class Agent(Protocol):
    """One conversation with a voice agent. Used once; enter, iterate, leave."""

    @property
    def input_rate(self) -> int:
        """Hz of the PCM that `hear` takes; known once entered."""

    @property
    def output_rate(self) -> int:
        """Hz of the PCM in `Speech`; known once entered."""

    async def __aenter__(self) -> Self:
        """Connect and wait until the agent is ready. Raises AgentUnavailable."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the conversation, within 1 s whatever the peer does."""

    def __aiter__(self) -> AsyncIterator[Event]:
        """The events of the conversation, `Ready` first.

        Ends when the agent hung up in good order; raises AgentError otherwise.
        """

    async def hear(self, pcm: bytes) -> None:
        """Take caller's audio: mono s16le at `input_rate`. Never waits for the wire."""

    async def cut(self, reply: int, heard_ms: int) -> None:
        """Learn that `reply` was stopped after `heard_ms` milliseconds were sent."""

    async def say(self, text: str) -> None:
        """Take a typed turn of the caller."""

    async def answer(self, call_id: str, result: str, error: bool = False) -> None:
        """Take the result of a `ToolCall`."""

    async def note(self, note: Note) -> None:
        """Take word of something beside the talk; an agent may have no use for it."""


class Codec(Protocol):
    """A provider's wire: messages in, events out. No I/O and no clock of its own.

    Methods that produce messages return them in the order in which they must be
    sent. `receive` is the only one that may raise, and only AgentError.
    """

    input_rate: int
    "Hz; right once `Ready` was received."
    output_rate: int
    "Hz; right once `Ready` was received."

    def opening(self) -> list[str]:
        """Messages to send as soon as the connection is open."""

    def audio(self, pcm: bytes) -> list[str]:
        """Caller's audio, mono s16le at `input_rate`. Only after `Ready`."""

    def cut(self, reply: int, heard_ms: int) -> list[str]:
        """The call stopped playing `reply` after `heard_ms` milliseconds."""

    def say(self, text: str) -> list[str]:
        """A typed turn of the caller."""

    def answer(self, call_id: str, result: str, error: bool) -> list[str]:
        """The result of a tool."""

    def note(self, note: Note) -> list[str]:
        """Something beside the talk; nothing where the provider cannot be told."""

    def receive(
        self, message: str | bytes, now: float
    ) -> tuple[list[Event], list[str]]:
        """Events in one message of the provider, and messages that must answer it.

        The answers go ahead of any queued audio. `now` is in seconds of a monotonic
        clock. Raises AgentProtocolError for what the protocol does not allow, whatever
        `message` is, and another AgentError when the provider says that it is over.
        """

    def closed(self, code: int | None, reason: str) -> AgentError | None:
        """What the end of the connection means: None is a hang-up in good order.

        `code` is the WebSocket close code, None when there was no close frame.
        """
