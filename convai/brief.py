"""Brief: what an agent is told before a conversation begins, or goes on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .events import Party
from .profile import DEFAULT, Profile, Value, filled
from .tools.tool import Tool

__all__ = ["Brief", "Utterance"]


class Utterance(NamedTuple):
    """Something that was said, as far as it was heard."""

    who: Party
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One conversation's casting."""

    profile: Profile = DEFAULT
    tools: tuple[Tool, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)
    """What Parley knows at the start of the call: `today` (YYYY-MM-DD), `weekday`,
    `now` (HH:MM), `zone` (IANA). The profile's variables win."""
    history: tuple[Utterance, ...] = ()
    "What was said before, when the agent takes over a conversation; oldest first."
    bridge: str | None = None
    "With a history: what to say first; None goes on without a word."

    @property
    def variables(self) -> dict[str, Value]:
        """Values for `{{name}}`."""
        speaker = self.profile.speaker
        named = {} if speaker is None else {"speaker": speaker}
        return {**self.facts, **named, **self.profile.variables}

    @property
    def prompt(self) -> str | None:
        """The profile's, its variables put in."""
        prompt = self.profile.prompt
        return None if prompt is None else filled(prompt, self.variables)

    @property
    def first_message(self) -> str | None:
        """What to open with: None leaves it to the provider, empty says nothing."""
        if self.history:
            return self.bridge or ""
        first = self.profile.first_message
        return None if first is None else filled(first, self.variables)

    @property
    def background(self) -> str:
        """The history as text, a line for each turn: `agent: ...` or `caller: ...`."""
        return "\n".join(
            f"{who}: {' '.join(text.split())}" for who, text in self.history
        )
