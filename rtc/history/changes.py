"""Changes: a call is rated, or deleted with everything of it."""

from __future__ import annotations

from aiohttp import web

from ..archive.keeper import MOST_NOTE, Busy, Keeper
from ..body import json_object
from ..problem import Problem
from .guard import address
from .lookup import UNKNOWN, call_of

__all__ = ["Changes"]


class Changes:
    """What may be done to a call that is over."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def rate(self, request: web.Request) -> web.Response:
        """PUT {"stars": 1 to 5, "note": text}; the note may be left out."""
        call = call_of(request)
        stars, note = await _rating(request)
        try:
            known = await self._keeper.rate(call, stars, note)
        except Busy as error:
            raise _running("a call can be rated when it is over") from error
        return _done(known)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete the call for good."""
        call, by = call_of(request), f"history {address(request)}"
        try:
            known = await self._keeper.delete(call, by)
        except Busy as error:
            raise _running("a call can be deleted when it is over") from error
        return _done(known)


def _running(text: str) -> Problem:
    return Problem(409, "call-running", text)


def _done(known: bool) -> web.Response:
    if not known:
        raise Problem(404, "not-found", UNKNOWN)
    return web.Response(status=204)


async def _rating(request: web.Request) -> tuple[int, str]:
    """The stars and the note of a request's body. Raises Problem."""
    body = await json_object(request, "rating", '{"stars": 5, "note": "..."}')
    stars, note = body.get("stars"), body.get("note", "")
    if type(stars) is not int or not 1 <= stars <= 5:
        raise Problem(400, "bad-request", "stars must be 1, 2, 3, 4 or 5")
    if not isinstance(note, str) or len(note) > MOST_NOTE:
        text = f"note must be a text of at most {MOST_NOTE} characters"
        raise Problem(400, "bad-request", text)
    # Half a surrogate pair can be in JSON, but not in a file.
    return stars, note.encode("utf-8", "replace").decode("utf-8").strip()
