"""Listing: which calls there are."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ..archive.archive import Archive
from ..archive.query import BadQuery, Query, read
from ..problem import Problem
from .lookup import Live

__all__ = ["Listing", "query_of"]


def query_of(request: web.Request) -> Query:
    """What the request's parameters ask for. Raises Problem."""
    given = request.query
    try:
        for name in given:
            if len(given.getall(name)) > 1:
                raise BadQuery(f"{name}: given more than once")
            # No text of ours has one, and not every database can be asked for it.
            if "\0" in given[name]:
                raise BadQuery(f"{name}: has a NUL character")
        return read(given)
    except BadQuery as error:
        raise Problem(400, "bad-query", str(error)) from error


class Listing:
    """A page of calls, and what they can be chosen by."""

    def __init__(self, archive: Archive, live: Live) -> None:
        self._archive = archive
        self._live = live

    async def calls(self, request: web.Request) -> web.Response:
        """The calls that the parameters ask for, newest first, and the running ones."""
        page = await self._archive.page(query_of(request))
        content: dict[str, Any] = {
            "calls": [row.to_json() for row in page.rows],
            "live": self._live(),
            "next": page.next,
        }
        return web.json_response(content)

    async def choices(self, request: web.Request) -> web.Response:
        """Which agents, profiles and reasons there are."""
        return web.json_response(await self._archive.choices())
