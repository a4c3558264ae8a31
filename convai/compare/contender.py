"""Contender: one agent of a comparison, perhaps in one of several profiles. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .trouble import WrongInput

__all__ = ["Contender", "contenders"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
MOST = 8
"Agents at once: each is a call, with a process of its own on the other side."


@dataclass(frozen=True, slots=True)
class Contender:
    """Who is called."""

    agent: str
    profile: str | None = None

    @property
    def name(self) -> str:
        """As it was asked for: `agent` or `agent:profile`."""
        return f"{self.agent}:{self.profile}" if self.profile else self.agent


def contenders(text: str) -> list[Contender]:
    """From `name[:profile],...`. Raises WrongInput."""
    found: list[Contender] = []
    for part in text.split(","):
        agent, colon, profile = part.strip().partition(":")
        names = [agent, profile] if colon else [agent]
        if not all(_NAME.fullmatch(name) for name in names):
            raise WrongInput(f"--agents: {part.strip()!r} is not NAME or NAME:PROFILE")
        found.append(Contender(agent, profile or None))
    if len(set(found)) < len(found):
        raise WrongInput("--agents: the same agent is named twice")
    if len(found) > MOST:
        raise WrongInput(f"--agents: {MOST} are the most at once")
    return found
