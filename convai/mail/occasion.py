"""Occasion: what a letter tells of the call in which a meeting was agreed on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..turn import Turn

__all__ = ["Occasion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    call: str
    "Its id."
    agent: str
    "What the agent is called."
    profile: str
    began: datetime
    length_s: float | None
    "Seconds; None while it goes on."
    link: str
    "The call in the history, http(s); empty if unknown. For the desk only."
    turns: Sequence[Turn] = field(default=(), repr=False)
    sender: str
    "`parley@example.com` or `Parley <parley@example.com>`."
    desk: tuple[str, ...] = field(default=(), repr=False)
    "Addresses of those for whom the agent works."
