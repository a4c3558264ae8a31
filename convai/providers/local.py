"""The embedded agent: no key, no network; it speaks the wire of ElevenLabs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TypeAlias
from urllib.parse import urlencode

from ..agent import Agent, AgentRefused
from ..brief import Brief
from ..elevenlabs.brief import story
from ..elevenlabs.codec import ElevenLabsCodec
from ..elevenlabs.overrides import Overrides
from ..endpoint import Endpoint, for_sockets, http_base
from ..local.scripts import SCRIPTS
from ..profile import Profile
from ..wire import Deadlines, WireAgent
from .provider import Provider

__all__ = ["Address", "local_agent", "provider", "unsupported"]

Address: TypeAlias = Callable[[], str]
"Gives the base URL of an agent's server at this moment; may raise AgentUnavailable."

_SLOWEST, _FASTEST = 0.7, 2.0
"What its voice can do; 1 is its own pace."
_ITS_TOOLS = {"book_meeting", "end_call"}
"What its scripts know to ask for."
_ITS_VOICES = "the embedded agent's are low, plain and high: say so under [local]"


def provider(address: Address) -> Provider:
    make = functools.partial(local_agent, address=address)
    return Provider("local", "Embedded agent", make, unsupported)


def local_agent(
    brief: Brief | None = None,
    *,
    address: Address,
    agent_id: str = "local",
    deadlines: Deadlines | None = None,
) -> Agent:
    """The embedded agent, playing the profile's script if it names one.

    Asked for its address at each call: it has a new one after a restart.
    """
    brief = brief or Brief()
    script = brief.profile.local.script
    query = urlencode({"agent_id": script if script in SCRIPTS else agent_id})

    async def dial() -> Endpoint:
        try:
            base = for_sockets(http_base(address()))
        except ValueError as error:
            why = f"the embedded agent's address must be {error}"
            raise AgentRefused(why) from None
        url = f"{base}/v1/convai/conversation?{query}"
        return Endpoint(url, subprotocols=("convai",))

    codec = ElevenLabsCodec(overrides=_overrides(brief), story=story(brief))
    return WireAgent(codec=codec, dial=dial, deadlines=deadlines)


def _overrides(brief: Brief) -> Overrides:
    part = brief.profile.local
    return Overrides(
        first_message=brief.first_message,
        voice_id=None if part.voice == "plain" else part.voice,
        speed=_speed(brief.profile.voice.speed),
        dynamic_variables=brief.variables,
    )


def _speed(speed: float | None) -> float | None:
    return None if speed is None else min(max(speed, _SLOWEST), _FASTEST)


def unsupported(profile: Profile) -> list[str]:
    """What of a profile it cannot take, and what to do: a line for each."""
    return [f"{name}: {why}" for name, why in _unsupported(profile)]


def _instead(script: str | None) -> str:
    if script not in SCRIPTS:
        return "the embedded agent follows a script; name it under [local]"
    return f"the embedded agent follows its script {script} instead"


def _unsupported(profile: Profile) -> Iterator[tuple[str, str]]:
    voice = profile.voice
    script = profile.local.script
    if script is not None and script not in SCRIPTS:
        yield "local.script", f"the embedded agent has {' and '.join(SCRIPTS)} only"
    if profile.prompt is not None:
        yield "prompt", _instead(script)
    if profile.temperature is not None:
        yield "temperature", "the embedded agent has no language model; leave it out"
    if profile.language and not profile.language.startswith("en"):
        yield "language", "the embedded agent speaks English only"
    for name in ("id", "stability", "similarity", "style", "speaker_boost"):
        if getattr(voice, name) is not None:
            yield f"voice.{name}", _ITS_VOICES
    if voice.speed is not None and voice.speed != _speed(voice.speed):
        yield "voice.speed", f"the embedded agent takes {_SLOWEST} to {_FASTEST}"
    for name in profile.tools:
        if name not in _ITS_TOOLS:
            yield "tools", f"the embedded agent's scripts never ask for {name}"
