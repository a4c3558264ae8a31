"""Signaling: the HTTP routes by which a call begins and ends.

    POST /offer           {"sdp", "type": "offer"[, "agent", "profile", "zone",
                          "record"]}
                          -> {"sdp", "type", "call", "agent", "profile", "recording"}
    DELETE /calls/{id}    hangs up
    GET /config           what the page needs to know before it calls

Errors are problem+json (RFC 9457) with a stable `code`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from convai.agent import AgentUnavailable
from convai.cast import CastingError, Wish

from . import offer as offers
from . import sdp
from .body import json_object
from .problem import Problem
from .switchboard import Connected, ConnectError, Switchboard

__all__ = ["MOST_OFFER", "Signaling"]

log = logging.getLogger(__name__)

MOST_OFFER = 256 * 1024
"Bytes of a request; the longest offer of a browser has some 10 kB."

MOST_NAME = 100
"Characters of an agent's, a profile's or a time zone's name."

STATUS = {
    "server-full": 503,
    "server-stopping": 503,
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
        profiles: Mapping[str, str],
        profile: str,
        ice_servers: Sequence[Mapping[str, Any]],
        version: str,
        recording: str = "on",
        meetings: Mapping[str, Any] | None = None,
    ) -> None:
        self._switchboard = switchboard
        """`agents` and `profiles` are names with titles for people; the first agent
        answers who asks for none."""
        self._config = {
            "iceServers": [dict(server) for server in ice_servers],
            "agents": [{"name": n, "title": title} for n, title in agents.items()],
            "agent": next(iter(agents)),
            "profiles": [{"name": n, "title": t} for n, t in profiles.items()],
            "profile": profile,
            "recording": recording,
            "meetings": dict(meetings or {}),
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
        wish = _wish(body)
        try:
            offer = sdp.prepare(body["sdp"])
            offers.check(offer)
        except sdp.BadOffer as error:
            raise Problem(400, error.code, str(error)) from error
        connected = await self._connect(offer, wish)
        return web.json_response(
            {
                "sdp": connected.answer,
                "type": "answer",
                "call": connected.call,
                "agent": connected.agent,
                "profile": connected.profile,
                "recording": connected.recording,
            },
            headers={"Cache-Control": "no-store"},
        )

    async def _connect(self, offer: str, wish: Wish) -> Connected:
        try:
            return await self._switchboard.connect(offer, wish)
        except ConnectError as error:
            status = STATUS.get(error.code, 500)
            later = {"Retry-After": str(RETRY_S)} if status == 503 else {}
            raise Problem(status, error.code, str(error), later) from error
        except CastingError as error:
            raise Problem(404, error.code, str(error)) from error
        except sdp.BadOffer as error:
            raise Problem(400, error.code, str(error)) from error
        except AgentUnavailable as error:
            raise Problem(502, error.code, str(error)) from error

    async def _delete_call(self, request: web.Request) -> web.Response:
        self._switchboard.hang_up(request.match_info["id"])
        # Also for a call that is over: whoever hangs up wants it to be, and it is.
        return web.Response(status=204)


async def _read(request: web.Request) -> dict[str, Any]:
    """The JSON of an offer. Raises Problem."""
    like = '{"sdp": "...", "type": "offer"}'
    body = await json_object(request, "offer", like)
    if not isinstance(body.get("sdp"), str):
        raise Problem(400, "bad-request", f"send {like}")
    if body.get("type") != "offer":
        raise Problem(400, "bad-offer", 'the type must be "offer"')
    return body


def _wish(body: Mapping[str, Any]) -> Wish:
    """What the caller asks for beside the call. Raises Problem."""
    names = {key: body.get(key) or "" for key in ("agent", "profile", "zone")}
    for key, name in names.items():
        if not isinstance(name, str) or len(name) > MOST_NAME:
            raise Problem(400, "bad-request", f"{key} must be a name")
    record = body.get("record")
    if not isinstance(record, bool | None):
        raise Problem(400, "bad-request", "record must be true or false")
    return Wish(**names, record=record)
