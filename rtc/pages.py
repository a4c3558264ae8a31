"""Pages: what a browser loads, with the headers that keep it safe.

The page has no inline script and no inline style, so that the policy can forbid both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

__all__ = ["page_routes", "secure"]

WEB = Path(__file__).resolve().parent.parent / "web"

POLICY = (
    "default-src 'self'; img-src 'self' data:; media-src 'self' blob: mediastream:; "
    "style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Route = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page_routes() -> list[web.AbstractRouteDef]:
    """For `Application.add_routes`."""
    return [
        web.get("/", _index),
        web.get("/favicon.ico", _icon),
        web.static("/web", WEB),
    ]


async def _index(request: web.Request) -> web.FileResponse:
    return web.FileResponse(WEB / "index.html", headers={"Cache-Control": "no-cache"})


async def _icon(request: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect("/web/icon.svg")


@web.middleware
async def secure(request: web.Request, handler: Route) -> web.StreamResponse:
    """Add the headers to whatever is answered."""
    response = await handler(request)
    response.headers.update(HEADERS)
    # Modules change with a new version: ask each time, 304 is cheap.
    response.headers.setdefault("Cache-Control", "no-cache")
    return response
