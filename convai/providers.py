"""Providers: how to get an agent of each.

Keys live in closures here and in nothing that can be printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlencode, urlsplit

import aiohttp

from . import untrusted
from .agent import Agent, AgentError, AgentRefused, AgentUnavailable
from .elevenlabs import ElevenLabsCodec
from .elevenlabs_overrides import Overrides
from .endpoint import Endpoint, refused
from .wire import Deadlines, WireAgent

__all__ = [
    "Address",
    "Provider",
    "elevenlabs_agent",
    "local_agent",
]

Address: TypeAlias = Callable[[], str]
"Gives the base URL of an agent's server at this moment; may raise AgentUnavailable."

_CONVERSATION = "/v1/convai/conversation"
_SIGNED_URL = "/v1/convai/conversation/get-signed-url"
_SUBPROTOCOLS = ("convai",)
_REST_DEADLINE = 10.0
"Seconds for the signed URL; the deadline of the whole start is usually shorter."
_LARGEST_ANSWER = 64 * 1024
"Bytes of a REST answer that are read; a signed URL is some hundred."


@dataclass(frozen=True, slots=True)
class Provider:
    """An agent on offer."""

    name: str
    "Stable, for settings and requests."
    title: str
    "For people."
    make: Callable[[], Agent] = field(repr=False)
    "A new agent for one conversation; connects when entered."


def elevenlabs_agent(
    *,
    base_url: str = "https://api.elevenlabs.io",
    agent_id: str,
    api_key: str | None = None,
    overrides: Overrides | None = None,
    deadlines: Deadlines | None = None,
) -> Agent:
    """A hosted agent; private ones need the key, public ones none."""
    key = (api_key or "").strip()  # pasted keys come with a line break

    async def dial() -> Endpoint:
        if key:
            return await _signed(base_url, agent_id, key)
        return _plain(base_url, agent_id)

    codec = ElevenLabsCodec(overrides=overrides)
    return WireAgent(codec=codec, dial=dial, deadlines=deadlines)


def local_agent(
    *,
    address: Address,
    agent_id: str = "local",
    overrides: Overrides | None = None,
    deadlines: Deadlines | None = None,
) -> Agent:
    """The embedded agent, which speaks the same wire.

    Asked for its address at each call: it has a new one after a restart.
    """

    async def dial() -> Endpoint:
        return _plain(address(), agent_id)

    codec = ElevenLabsCodec(overrides=overrides)
    return WireAgent(codec=codec, dial=dial, deadlines=deadlines)


def _plain(base_url: str, agent_id: str) -> Endpoint:
    query = urlencode({"agent_id": agent_id})
    url = f"{_base(base_url, 'ws')}{_CONVERSATION}?{query}"
    return Endpoint(url, subprotocols=_SUBPROTOCOLS)


async def _signed(base_url: str, agent_id: str, key: str) -> Endpoint:
    """Ask for a URL that opens one conversation, so that the key stays out of it."""
    base = _base(base_url, "http")
    secret = Endpoint(base, headers={"xi-api-key": key})
    status, body = await _get(secret, f"{base}{_SIGNED_URL}", {"agent_id": agent_id})
    if status != 200:
        error = refused(status, body)
        raise type(error)(secret.scrub(str(error)), code=error.code)
    try:
        url = untrusted.text(untrusted.parse(body), "signed_url")
    except AgentError:
        url = ""
    endpoint = Endpoint(url, subprotocols=_SUBPROTOCOLS)
    if not (endpoint.secure or (url.startswith("ws://") and base.startswith("http:"))):
        raise AgentUnavailable(f"{secret.host} gave no signed URL to connect to")
    return endpoint


async def _get(
    where: Endpoint, url: str, params: Mapping[str, str]
) -> tuple[int, bytes]:
    timeout = aiohttp.ClientTimeout(total=_REST_DEADLINE)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            # No redirects: aiohttp would take the key along to any other host.
            session.get(
                url, params=params, headers=where.headers, allow_redirects=False
            ) as answer,
        ):
            body = b""
            async for piece in answer.content.iter_chunked(4096):
                body += piece
                if len(body) > _LARGEST_ANSWER:
                    break
            return answer.status, body
    except (aiohttp.ClientError, OSError) as error:
        # TimeoutError is an OSError. Texts of other errors may hold the URL.
        why = "it breaks off"
        if isinstance(error, TimeoutError):
            why = "it does not answer"
        elif isinstance(error, aiohttp.ClientConnectorError):
            why = error.os_error.strerror or "no connection"
        raise AgentUnavailable(f"{where.host} cannot be reached: {why}") from None
    except ValueError:
        raise AgentRefused("the API key has characters that no key has") from None


def _base(url: str, scheme: str) -> str:
    """The base URL for `http` (REST) or `ws`; either can be given for both."""
    try:
        parts = urlsplit(url)
        secure = {"https": "s", "wss": "s", "http": "", "ws": ""}.get(parts.scheme)
        usable = secure is not None and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise AgentRefused("the agent's address must be an http(s) or ws(s) URL")
    return f"{scheme}{secure}://{parts.netloc}{parts.path.rstrip('/')}"
