"""Outcome: how long a call may take, and how it ended. Pure.

caller-hung-up      the page, or somebody for it, said so
caller-left         the caller's connection was closed
caller-vanished     nothing came from the caller any more
agent-ended         the agent hung up; what it had said was played to the end
agent-failed        the agent broke off
setup-timeout       no connection came about in time
time-limit          the call was longer than calls may be
server-stopping     the server is shutting down
bad-offer           aiortc stumbled over the offer
internal-error      a bug of ours
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HangUp", "Limits", "Outcome"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take."""

    setup_s: float = 15.0
    "From the offer to a connected caller, the agent's connection included."
    silence_s: float = 8.0
    "Without any packet from the caller, until it counts as vanished."
    call_s: float = 3600.0
    "From connected to the end."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call went."""

    reason: str
    seconds: float
    "From connected to the end; 0 when the caller never connected."
    counters: dict[str, int]


class HangUp(Exception):
    """The call is over; ends the TaskGroup of the call."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
