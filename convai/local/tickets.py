"""Tickets: the signatures in signed URLs. Pure: `now` is in seconds."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass

__all__ = ["Ticket", "Tickets"]

VALID_S = 900.0
"15 minutes to start a conversation, as with the service; it may last longer."

KEPT = 10_000
"Most tickets remembered; the oldest give way."


@dataclass(frozen=True, slots=True)
class Ticket:
    """Opens one conversation, or several."""

    agent: str
    until: float
    "Seconds of the clock given to `issue`."
    conversation: str = ""
    "Id that the one conversation will have; empty: any number of conversations."


class Tickets:
    """Those given out and still good."""

    def __init__(self) -> None:
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()

    def issue(self, agent: str, conversation: str, now: float) -> str:
        """A new signature; with a conversation's id it is good for one use."""
        signature = f"cvtkn_{secrets.token_urlsafe(24)}"
        self._tickets[signature] = Ticket(agent, now + VALID_S, conversation)
        if len(self._tickets) > KEPT:
            self._tickets.popitem(last=False)
        return signature

    def admit(self, signature: str, agent: str, now: float) -> Ticket | None:
        """The ticket, when the signature opens a conversation with this agent now."""
        ticket = self._tickets.get(signature)
        if ticket is None or ticket.agent != agent:
            return None
        if ticket.conversation or ticket.until <= now:
            del self._tickets[signature]
        return ticket if ticket.until > now else None
