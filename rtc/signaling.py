"""Signaling: the HTTP routes by which a call begins and ends.

    POST /offer           {"sdp", "type": "offer"[, "agent"]} -> {"sdp", "type", "call"}
    DELETE /calls/{id}    hangs up
    GET /config           what the page needs to know before it calls

Errors are problem+json (RFC 9457) with a stable `code`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from convai.agent import AgentRefused, AgentUnavailable

from . import offer as offers
from . import sdp
from .problem import Problem
from .switchboard import ConnectError, Switchboard

__all__ = ["MOST_OFFER", "Signaling"]

log = logging.getLogger(__name__)

MOST_OFFER = 256 * 1024
"Bytes of a request; the longest offer of a browser has some 10 kB."

STATUS = {
    "server-full": 503,
    "server-stopping": 503,
    "unknown-agent": 404,
    "setup-timeout": 504,
    "caller-hung-up": 409,
}
"HTTP status of each code of a ConnectError; others are errors of ours, 500."

RETRY_S = 10
"What a refused caller is told to wait: calls are minutes long, lines free up often."


class Signaling:
    """The routes, on top of a switchboard."""

    def __init__(
        self,
        switchboard: Switchboard,
        *,
        agents: Mapping[str, str],
        agent: str,
        ice_servers: Sequence[Mapping[str, Any]],
        version: str,
    ) -> None:
        self._switchboard = switchboard
        self._agent = agent
        self._config = {
            "iceServers": [dict(server) for server in ice_servers],
            "agents": [{"name": n, "title": title} for n, title in agents.items()],
            "agent": agent,
            "version": version,
        }

    def routes(self) -> list[web.RouteDef]:
        """For `Application.add_routes`."""
        return [
            web.get("/config", self._get_config),
            web.post("/offer", self._post_offer),
            web.delete("/calls/{id}", self._delete_call),
        ]

    async def _get_config(self, request: web.Request) -> web.Response:
        return web.json_response(self._config, headers={"Cache-Control": "no-store"})

    async def _post_offer(self, request: web.Request) -> web.Response:
        body = await _read(request)
        agent = body.get("agent") or self._agent
        if not isinstance(agent, str):
            raise Problem(400, "bad-request", "agent must be a name")
        try:
            offer = sdp.prepare(body["sdp"])
            offers.check(offer)
        except sdp.BadOffer as error:
            raise Problem(400, error.code, str(error)) from error
        name, answer = await self._connect(offer, agent)
        return web.json_response(
            {"sdp": answer, "type": "answer", "call": name, "agent": agent},
            headers={"Cache-Control": "no-store"},
        )

    async def _connect(self, offer: str, agent: str) -> tuple[str, str]:
        try:
            return await self._switchboard.connect(offer, agent=agent)
        except ConnectError as error:
            status = STATUS.get(error.code, 500)
            later = {"Retry-After": str(RETRY_S)} if status == 503 else {}
            raise Problem(status, error.code, str(error), later) from error
        except sdp.BadOffer as error:
            raise Problem(400, error.code, str(error)) from error
        except AgentUnavailable as error:
            refused = isinstance(error, AgentRefused)
            code = "agent-refused" if refused else "agent-unavailable"
            raise Problem(502, code, str(error)) from error

    async def _delete_call(self, request: web.Request) -> web.Response:
        self._switchboard.hang_up(request.match_info["id"])
        # Also for a call that is over: whoever hangs up wants it to be, and it is.
        return web.Response(status=204)


async def _read(request: web.Request) -> dict[str, Any]:
    """The JSON of an offer. Raises Problem."""
    # A form of another site cannot send this type, so it cannot start calls here.
    if request.content_type != "application/json":
        raise Problem(415, "bad-request", "send the offer as application/json")
    try:
        body = json.loads(await request.text())
    except (ValueError, RecursionError, LookupError) as error:
        raise Problem(400, "bad-request", "the body is not JSON") from error
    if not isinstance(body, dict) or not isinstance(body.get("sdp"), str):
        raise Problem(400, "bad-request", 'send {"sdp": "...", "type": "offer"}')
    if body.get("type") != "offer":
        raise Problem(400, "bad-offer", 'the type must be "offer"')
    return body
