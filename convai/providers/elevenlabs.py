"""ElevenLabs: how its agents are reached, and what is to be known of it.

The key buys a signed URL, which opens one conversation, so that the key itself stays
out of it. It lives in closures here and in nothing that can be printed.
"""

from __future__ import annotations

import functools
from urllib.parse import urlencode

from .. import untrusted
from ..agent import Agent, AgentProtocolError, AgentRefused, AgentUnavailable
from ..brief import Brief
from ..elevenlabs.brief import overrides, story, unsupported
from ..elevenlabs.codec import ElevenLabsCodec
from ..elevenlabs.fault import at_the_door
from ..elevenlabs.hosts import REGIONS
from ..elevenlabs.hosts import base_url as at
from ..endpoint import Endpoint, for_sockets
from ..wire import Deadlines, WireAgent
from . import billing, rest
from .provider import Provider

__all__ = ["elevenlabs_agent", "provider", "unsupported"]

_CONVERSATION = "/v1/convai/conversation"
_SIGNED_URL = f"{_CONVERSATION}/get-signed-url"
_SUBPROTOCOLS = ("convai",)


def provider(
    *,
    agent_id: str = "",
    api_key: str | None = None,
    base_url: str = REGIONS["global"],
) -> Provider:
    """Without `agent_id` only for profiles that name an agent."""
    key = _clean(api_key)
    make = functools.partial(
        elevenlabs_agent, agent_id=agent_id, api_key=key, base_url=base_url
    )
    bill = functools.partial(billing.bill, base_url, key) if key else None
    return Provider("elevenlabs", "ElevenLabs", make, unsupported, bill=bill)


def elevenlabs_agent(
    brief: Brief | None = None,
    *,
    agent_id: str = "",
    api_key: str | None = None,
    base_url: str = REGIONS["global"],
    deadlines: Deadlines | None = None,
) -> Agent:
    """A hosted agent; private ones need the key, public ones none.

    The profile's own `agent_id` goes before the one given here.
    """
    brief = brief or Brief()
    key = _clean(api_key)
    who = brief.profile.elevenlabs.agent_id or agent_id

    async def dial() -> Endpoint:
        if not who:
            raise AgentRefused(
                "No ElevenLabs agent is named: set ELEVENLABS_AGENT_ID, or agent_id "
                "under [elevenlabs] in the profile."
            )
        try:
            base = at(base_url)
        except ValueError as error:
            raise AgentRefused(f"ELEVENLABS_BASE_URL {error}") from None
        return await _signed(base, who, key) if key else _open(base, who)

    codec = ElevenLabsCodec(overrides=overrides(brief), story=story(brief))
    return WireAgent(codec=codec, dial=dial, explain=at_the_door, deadlines=deadlines)


def _clean(api_key: str | None) -> str:
    return (api_key or "").strip()  # pasted keys come with a line break


def _open(base: str, agent_id: str) -> Endpoint:
    query = urlencode({"agent_id": agent_id})
    url = f"{for_sockets(base)}{_CONVERSATION}?{query}"
    return Endpoint(url, subprotocols=_SUBPROTOCOLS)


async def _signed(base: str, agent_id: str, key: str) -> Endpoint:
    """Ask for a URL that opens one conversation."""
    where = Endpoint(f"{base}{_SIGNED_URL}", headers={"xi-api-key": key})
    try:
        answer = await rest.get(where, {"agent_id": agent_id})
        url = untrusted.text(answer, "signed_url")
    except AgentProtocolError:
        url = ""
    endpoint = Endpoint(url, subprotocols=_SUBPROTOCOLS)
    if not (endpoint.secure or (url.startswith("ws://") and base.startswith("http:"))):
        raise AgentUnavailable(f"{where.host} gave no signed URL to connect to")
    return endpoint
