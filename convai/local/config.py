"""Config: how the embedded agent behaves, as its command line or a test sets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .formats import FORMATS, AudioFormat
from .script import Script
from .scripts import SCRIPTS

__all__ = ["DEFAULT_AGENT", "DEFAULT_SCRIPT", "Config", "agents"]

DEFAULT_AGENT = "local"
"Agent id that is always known."

DEFAULT_SCRIPT = "demo"
"What it follows unless told otherwise."


def agents(
    script: str = DEFAULT_SCRIPT, others: tuple[str, ...] = ()
) -> dict[str, Script]:
    """Who is there, by agent id: each script, the default, and `others` like it."""
    return {**SCRIPTS, **dict.fromkeys((DEFAULT_AGENT, *others), SCRIPTS[script])}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One for the whole server."""

    agents: Mapping[str, Script] = field(default_factory=agents)
    "By the ids that are answered; `DEFAULT_AGENT` is among them."
    api_key: str | None = None
    "With one, agents are private: a conversation needs a signed URL or the key."
    overrides: frozenset[str] | None = None
    "Names of the fields that a client may override; None allows all."
    input: AudioFormat = FORMATS["pcm_16000"]
    output: AudioFormat = FORMATS["pcm_24000"]
    max_conversations: int = 16
    "At once; on two cores some eight of the callers can be speaking at a time."
    queue_wait_s: float = 60.0
    "How long a conversation may wait for a place."
    max_duration_s: float = 600.0
    "As with the service."
    inactivity_s: float = 60.0
    "Without a single message of the client, as with the service."
    ping_every_s: float = 2.0
