"""Notes: what a call tells an agent beside the talk itself. Pure.

Not every provider can be told everything; what it cannot be told is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Approval", "Background", "Feedback", "Note", "Typing"]


@dataclass(frozen=True, slots=True)
class Background:
    """Something the agent should know; no turn, and no answer is wanted."""

    text: str
    topic: str = ""
    "A later note on the same topic replaces this one, where the provider knows how."


@dataclass(frozen=True, slots=True)
class Typing:
    """The caller is writing: no reason to ask whether they are still there."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the caller thinks of a reply."""

    reply: int
    liked: bool | None
    "None takes an earlier opinion back."


@dataclass(frozen=True, slots=True)
class Approval:
    """The answer to `ApprovalAsked`."""

    call: str
    approved: bool


Note: TypeAlias = Background | Typing | Feedback | Approval
