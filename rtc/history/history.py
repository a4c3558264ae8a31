"""History: the routes by which people and programs go through the calls.

    GET    /calls                         a page for people; JSON for programs
    GET    /calls/choices                 what calls can be chosen by
    GET    /calls.csv, /calls.jsonl       all that a query finds
    GET    /calls/{id}                    a page for people; JSON for programs
    GET    /calls/{id}/recording.{format} wav, mp3, m4a, mka
    GET    /calls/{id}/peaks.json
    GET    /calls/{id}/transcript.{form}  json, vtt, txt
    GET    /calls/{id}/events.jsonl
    GET    /calls/{id}/meeting.ics        for a calendar
    POST   /calls/{id}/meetings/{meeting} approve, discard, correct, resend
    PUT    /calls/{id}/rating
    DELETE /calls/{id}/everything         DELETE /calls/{id} only hangs up
    GET    /api                           all this, as OpenAPI

Every one of them is private: `guard` says for whom.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from convai.desk.desk import Desk

from ..archive.archive import Archive
from ..archive.keeper import Keeper
from ..archive.store import Store
from ..problem import Problem
from ..render.renders import Renders
from ..startup.manual import version
from . import faults
from .accept import prefers_html
from .changes import Changes
from .detail import Detail
from .exports import Exports
from .files import Files
from .guard import Guard
from .listing import Listing
from .lookup import Live, Lookup, call_of
from .meetings import Meetings
from .openapi import document
from .sound import Sound
from .stream import whole
from .words import Words

__all__ = ["History"]

WEB = Path(__file__).resolve().parents[2] / "web"

PRIVATE = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
"On every answer: nothing of it is to be kept, or shown within another site's page."

Route = Callable[[web.Request], Awaitable[web.StreamResponse]]


class History:
    """The routes, on top of rows, files and renders."""

    def __init__(
        self,
        archive: Archive,
        keeper: Keeper,
        store: Store,
        renders: Renders,
        *,
        desk: Desk,
        live: Live,
        password: str | None,
    ) -> None:
        files = Files(store)
        lookup = Lookup(archive, files, live)
        self._guard = Guard(password)
        self._listing = Listing(archive, live)
        self._exports = Exports(archive)
        self._meetings = Meetings(desk, files)
        self._detail = Detail(lookup, files, self._meetings)
        self._sound = Sound(lookup, files, renders)
        self._words = Words(files)
        self._changes = Changes(keeper)

    def routes(self) -> list[web.AbstractRouteDef]:
        """For `Application.add_routes`."""
        private = self._private
        return [
            web.get("/calls", private(self._calls)),
            web.get("/calls/choices", private(self._listing.choices)),
            web.get("/calls.csv", private(self._exports.csv)),
            web.get("/calls.jsonl", private(self._exports.json_lines)),
            web.get("/calls/{id}", private(self._call)),
            web.get("/calls/{id}/peaks.json", private(self._sound.peaks)),
            web.get("/calls/{id}/recording.{format}", private(self._sound.recording)),
            web.get("/calls/{id}/transcript.{form}", private(self._words.transcript)),
            web.get("/calls/{id}/events.jsonl", private(self._words.events)),
            web.get("/calls/{id}/meeting.ics", private(self._meetings.ics)),
            web.post("/calls/{id}/meetings/{meeting}", private(self._meetings.act)),
            web.put("/calls/{id}/rating", private(self._changes.rate)),
            web.delete("/calls/{id}/everything", private(self._changes.delete)),
            web.get("/api", private(_api)),
        ]

    def _private(self, route: Route) -> Route:
        """The route, behind the guard and with its faults told as problems."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                await self._guard.check(request)
                response = await route(request)
            except Problem as problem:
                problem.headers.update(PRIVATE)
                raise
            except faults.FAULTS as error:
                raise faults.problem(error, PRIVATE) from error
            response.headers.update(PRIVATE)
            return response

        return guarded

    async def _calls(self, request: web.Request) -> web.StreamResponse:
        return await _either(request, "calls.html", self._listing.calls)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        call_of(request)  # no page for what cannot be a call
        return await _either(request, "player.html", self._detail.call)


async def _either(request: web.Request, page: str, json: Route) -> web.StreamResponse:
    """The page for people, or what `json` answers to programs."""
    response: web.StreamResponse
    if prefers_html(request.headers.get("Accept", "")):
        response = await whole(WEB / page, "text/html; charset=utf-8")
    else:
        response = await json(request)
    response.headers["Vary"] = "Accept"
    return response


async def _api(request: web.Request) -> web.Response:
    return web.json_response(document(version()))
