"""A REST server on loopback that answers everything in one way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.loopback import Loopback

__all__ = ["KEY", "server"]

KEY = "sk_0123456789abcdef"
"Looks like a key and is none."


@asynccontextmanager
async def server(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    """Its base URL."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with Loopback(app) as served:
        yield served.url
