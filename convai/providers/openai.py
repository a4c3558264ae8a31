"""OpenAI Realtime as a provider: an agent from a brief."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from urllib.parse import urlencode

from ..agent import Agent, AgentRefused
from ..brief import Brief
from ..endpoint import Endpoint, for_sockets, http_base
from ..openai.codec import OpenAiCodec
from ..openai.fault import at_the_door
from ..openai.session import FASTEST, MODEL, VOICES, custom_voice, reasons
from ..profile import Profile
from ..wire import Deadlines, WireAgent
from .provider import Provider

__all__ = ["BASE_URL", "openai_agent", "provider", "unsupported"]

BASE_URL = "https://api.openai.com/v1"

RENEW_S = 3300.0
"55 of the 60 minutes that a session may last; then a quiet moment is looked for."

QUIET_S = 3900.0
"""Seconds without a message: longer than a session may last. OpenAI sends nothing while
nobody speaks, so silence is no sign; pings of the WebSocket tell of a dead network, and
the call knows when an answer is due."""


def provider(*, api_key: str, base_url: str = BASE_URL, model: str = MODEL) -> Provider:
    make = functools.partial(
        openai_agent, api_key=api_key, base_url=base_url, model=model
    )
    lacks = functools.partial(unsupported, model=model)
    return Provider("openai", "OpenAI Realtime", make, lacks, renew_s=RENEW_S)


def openai_agent(
    brief: Brief | None = None,
    *,
    api_key: str,
    base_url: str = BASE_URL,
    model: str | None = None,
    deadlines: Deadlines | None = None,
) -> Agent:
    """A hosted agent. The profile's own model goes before the one given here."""
    brief = brief or Brief()
    key = api_key.strip()  # pasted keys come with a line break
    chosen = brief.profile.openai.model or model or MODEL

    async def dial() -> Endpoint:
        if not key:
            raise AgentRefused("There is no API key for OpenAI.", code="agent-auth")
        try:
            base = for_sockets(http_base(base_url))
        except ValueError as error:
            raise AgentRefused(f"OPENAI_BASE_URL must be {error}") from None
        url = f"{base}/realtime?{urlencode({'model': chosen})}"
        return Endpoint(url, headers={"Authorization": f"Bearer {key}"})

    codec = OpenAiCodec(brief, model=chosen)
    limits = deadlines or Deadlines(silence=QUIET_S)
    return WireAgent(codec=codec, dial=dial, explain=at_the_door, deadlines=limits)


def unsupported(profile: Profile, *, model: str = MODEL) -> list[str]:
    """What of a profile it cannot take, and what to do: a line for each."""
    return [f"{name}: {why}" for name, why in _unsupported(profile, model)]


def _unsupported(profile: Profile, model: str) -> Iterator[tuple[str, str]]:
    part, voice = profile.openai, profile.voice
    model = part.model or model
    if profile.temperature is not None:
        yield "temperature", "OpenAI Realtime no longer has one; leave it out"
    if voice.id and not part.voice and custom_voice(profile) != voice.id:
        names = ", ".join(VOICES)
        yield "voice.id", f"OpenAI does not have it; set openai.voice to one of {names}"
    for name in ("stability", "similarity", "style", "speaker_boost"):
        if getattr(voice, name) is not None:
            yield f"voice.{name}", "OpenAI has none; say in the prompt how it sounds"
    if voice.speed is not None and voice.speed > FASTEST:
        yield "voice.speed", f"OpenAI speaks at {FASTEST} at most, and so it will"
    if part.reasoning and not reasons(model):
        yield "openai.reasoning", f"{model} does not reason; leave it out"
    if part.turn_detection == "semantic_vad" and part.idle_ms:
        yield "openai.idle_ms", "needs turn_detection = server_vad"
