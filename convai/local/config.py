"""Config: how the embedded agent behaves, as its command line or a test sets it."""

from __future__ import annotations

from dataclasses import dataclass

from .demo import DEMO
from .formats import FORMATS, AudioFormat
from .script import Script

__all__ = ["DEFAULT_AGENT", "Config"]

DEFAULT_AGENT = "local"
"Agent id that is always known."


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One for the whole server."""

    script: Script = DEMO
    agents: frozenset[str] = frozenset({DEFAULT_AGENT})
    "Agent ids that are answered."
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
