"""Where a provider's conversation is reached, and what of it must never be told.

A signed URL is a key to one conversation, a header may be a key to the account: they go
to the provider and nowhere else, so texts that come from below or from the provider are
scrubbed here before anybody reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

from . import untrusted
from .agent import (
    AgentError,
    AgentProtocolError,
    AgentRefused,
    AgentUnavailable,
)

__all__ = ["Endpoint", "for_sockets", "http_base", "refused"]

_SCHEMES = {"https": "https", "wss": "https", "http": "http", "ws": "http"}
_PUBLIC = {"agent_id", "model", "source", "version", "environment"}
"Parameters of a URL that name things and open nothing."
_SHORTEST_SECRET = 6
"Characters. Replacing every `1` in a text would help nobody."
_LONGEST = 500
"Characters of a provider's text worth showing."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One conversation's address; `str` of it is fit for a log."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    subprotocols: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return self.url.partition("?")[0].partition("://")[2].rpartition("@")[2]

    @property
    def host(self) -> str:
        try:
            return urlsplit(self.url).hostname or "?"
        except ValueError:
            return "?"

    @property
    def secure(self) -> bool:
        return self.url.startswith("wss://")

    def scrub(self, text: str) -> str:
        """The text without any of the secrets that are in this address."""
        for secret in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(secret, "***").replace(quote(secret, safe=""), "***")
        return text

    def _secrets(self) -> set[str]:
        query = parse_qsl(self.url.partition("?")[2])
        found = {value for name, value in query if name not in _PUBLIC}
        found.update(value.removeprefix("Bearer ") for value in self.headers.values())
        # The official clients hide a token in a subprotocol named `bearer.<token>`.
        found.update(name.partition(".")[2] for name in self.subprotocols)
        return {secret for secret in found if len(secret) >= _SHORTEST_SECRET}


def http_base(url: str) -> str:
    """A provider's base URL, http(s). Raises ValueError, which says what it must be."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in _SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable or parts.query or parts.fragment:
        raise ValueError("an http(s) or ws(s) URL")
    return f"{_SCHEMES[parts.scheme]}://{parts.netloc}{parts.path.rstrip('/')}"


def for_sockets(base: str) -> str:
    """The same place for WebSockets."""
    return "ws" + base.removeprefix("http")


def refused(status: int, body: bytes) -> AgentError:
    """What an HTTP answer other than success means, in the provider's words."""
    words = _words(body) or f"the agent's server answered with HTTP status {status}"
    if status in (401, 403):
        return AgentRefused(words, code="agent-auth")
    if status == 429:
        return AgentUnavailable(words, code="agent-busy")
    if 400 <= status < 500:
        return AgentRefused(words)
    return AgentUnavailable(words)


def _words(body: bytes) -> str:
    """`detail.message` as ElevenLabs has it, `error.message` as OpenAI has it."""
    try:
        fields = untrusted.parse(body)
    except AgentProtocolError:
        return ""
    for key in ("detail", "error"):
        inside = fields.get(key)
        if isinstance(inside, dict):
            return untrusted.optional_text(inside, "message")[:_LONGEST]
        if isinstance(inside, str):
            return untrusted.optional_text(fields, key)[:_LONGEST]
    return ""
