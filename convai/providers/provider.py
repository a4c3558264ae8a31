"""Provider: an agent on offer, and what is to be known of it. Pure.

The modules `elevenlabs`, `openai` and `local` beside this one make one each.
Keys live in closures there and in nothing that can be printed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ..agent import Agent
from ..brief import Brief
from ..events import Usage
from ..profile import Profile

__all__ = ["Bill", "Provider"]

Bill: TypeAlias = Callable[[str], Awaitable[Usage | None]]
"""Takes the provider's id of a conversation that is over. Answers within minutes; None
when the cost cannot be known. Never raises AgentError."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An agent on offer."""

    name: str
    "Stable, for settings and requests."
    title: str
    "For people."
    make: Callable[[Brief], Agent] = field(repr=False)
    "A new agent for one conversation; connects when entered."
    unsupported: Callable[[Profile], list[str]] = field(repr=False)
    "What of a profile it cannot take in a call, and what to do: a line for each."
    renew_s: float | None = None
    "Seconds after which a conversation is renewed, before the provider ends it."
    bill: Bill | None = field(default=None, repr=False)
    "What a conversation really cost; None where the provider does not tell."

    def left_out(self, profile: Profile) -> list[str]:
        """What of a profile it cannot take: a line for each reason, fields first."""
        fields: dict[str, list[str]] = {}
        for line in self.unsupported(profile):
            name, _, why = line.partition(": ")
            fields.setdefault(why, []).append(name)
        return [
            f"{', '.join(dict.fromkeys(names))}: {why}" for why, names in fields.items()
        ]
