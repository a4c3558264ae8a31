"""Meetings: the HTTP routes by which a caller looks after what was agreed on.

    GET  /meetings/{id}    {"meeting"}, with its standing
    POST /meetings/{id}    {"action": "undo"} or {"action": "correct", "day", "time"
                           [, "zone", "duration_min", "attendee", "email", "topic"]}

There is no password: the id is one that nobody can guess, told to the page of the call
alone. What it opens is that meeting, until its letters have left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from convai.desk.correction import BadMeeting
from convai.desk.desk import Desk
from convai.desk.entry import Settled

from .body import json_object
from .problem import Problem

__all__ = ["Meetings", "acted", "answer"]

LIKE = '{"action": "undo"}'
UNKNOWN = "there is no such meeting"
AWAY_S = 10
"What somebody is told to wait whose change the disk did not take."

FRESH = {"Cache-Control": "no-store"}

OPEN = ("undo", "correct")
"What may be done by who knows the id."


class Meetings:
    """The routes, on top of the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """For `Application.add_routes`."""
        return [
            web.get("/meetings/{id}", self._get),
            web.post("/meetings/{id}", self._post),
        ]

    async def _get(self, request: web.Request) -> web.Response:
        meeting = request.match_info["id"]
        try:
            return answer(await self._desk.meeting(meeting))
        except OSError as error:
            raise _away() from error

    async def _post(self, request: web.Request) -> web.Response:
        meeting = request.match_info["id"]
        if meeting not in self._desk:
            raise Problem(404, "not-found", UNKNOWN, FRESH)
        body = await json_object(request, "action", LIKE)
        if body.get("action") not in OPEN:
            raise Problem(400, "bad-request", f"action must be {' or '.join(OPEN)}")
        try:
            return answer(await acted(self._desk, meeting, body))
        except OSError as error:
            raise _away() from error


async def acted(
    desk: Desk, meeting: str, body: Mapping[str, Any], *, late: bool = False
) -> dict[str, Any] | None:
    """Do the `action` of a body; None: there is no such meeting.

    `late`: it may be corrected even when its letters have left. Raises Problem and
    OSError.
    """
    try:
        match body["action"]:
            case "correct":
                return await desk.correct(meeting, body, late=late)
            case "undo":
                return await desk.undo(meeting)
            case "approve":
                return await desk.approve(meeting)
            case "discard":
                return await desk.discard(meeting)
            case "resend":
                return await desk.resend(meeting)
    except BadMeeting as error:
        raise Problem(400, "bad-meeting", str(error)) from error
    except Settled as error:
        raise Problem(409, "meeting-settled", str(error)) from error
    raise Problem(400, "bad-request", "there is no such action")


def answer(meeting: Mapping[str, Any] | None) -> web.Response:
    """The meeting, or that there is none. Raises Problem."""
    if meeting is None:
        raise Problem(404, "not-found", UNKNOWN, FRESH)
    return web.json_response({"meeting": meeting}, headers=FRESH)


def _away() -> Problem:
    text = "the meeting cannot be written down just now"
    return Problem(503, "meeting-unavailable", text, {"Retry-After": str(AWAY_S)})
