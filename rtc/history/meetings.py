"""Meetings: those of a call, for who may see the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from convai.desk.desk import Desk
from convai.mail.invitation import invitation
from convai.meeting.meeting import Meeting, stated

from ..body import json_object
from ..meetings import acted, answer
from ..problem import Problem
from ..recording.files import META
from .files import Files
from .lookup import call_of

__all__ = ["Meetings"]

LIKE = '{"action": "approve"}'

ACTIONS = ("approve", "discard", "correct", "resend")

NONE = "no meeting was agreed on in this call"
UNKNOWN = "there is no such meeting in this call"


class Meetings:
    """What is known of them, and what may be done with them."""

    def __init__(self, desk: Desk, files: Files) -> None:
        self._desk = desk
        self._files = files

    async def of(self, call: str, meta: Mapping[str, Any]) -> dict[str, Any]:
        """`meeting` and `meetings` of a call; `meta` is its `call.json`.

        The desk knows how they stand now; the file is there for good.
        """
        kept = [it for it in _list(meta.get("meetings")) if isinstance(it, dict)]
        here = {it["id"]: it for it in await self._desk.of_call(call)}
        told = [here.pop(str(it.get("id")), it) for it in kept] + list(here.values())
        if not told:
            last = meta.get("meeting")
            return {
                "meeting": last if isinstance(last, dict) else None,
                "meetings": [],
            }
        agreed = [it for it in told if it.get("status") == "agreed"]
        return {"meeting": agreed[-1] if agreed else None, "meetings": told}

    async def ics(self, request: web.Request) -> web.Response:
        """A meeting for a calendar: the last one agreed on, or that of `?id=`."""
        call, wanted = call_of(request), request.query.get("id", "")
        meeting = await self._desk.agreed(call, wanted)
        if meeting is None:
            meeting = _written(await self._files.json(call, META) or {}, wanted)
        if meeting is None:
            raise Problem(404, "not-found", NONE)
        if not meeting.id:  # from before they had one
            meeting = replace(meeting, id=call)
        content = invitation(meeting, method="PUBLISH", now=datetime.now(UTC))
        return web.Response(
            body=content,
            content_type="text/calendar",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{call}.ics"'},
        )

    async def act(self, request: web.Request) -> web.Response:
        """POST {"action": approve, discard, correct or resend}."""
        call, meeting = call_of(request), request.match_info["meeting"]
        if all(it["id"] != meeting for it in await self._desk.of_call(call)):
            raise Problem(404, "not-found", UNKNOWN)
        body = await json_object(request, "action", LIKE)
        if body.get("action") not in ACTIONS:
            text = f"action must be one of {', '.join(ACTIONS)}"
            raise Problem(400, "bad-request", text)
        return answer(await acted(self._desk, meeting, body, late=True))


def _written(meta: Mapping[str, Any], wanted: str) -> Meeting | None:
    """As `call.json` has it."""
    told = [meta.get("meeting"), *reversed(_list(meta.get("meetings")))]
    for content in told:
        if not isinstance(content, dict) or wanted not in ("", content.get("id")):
            continue
        try:
            meeting = stated({"status": "agreed", "duration_min": 30, **content})
        except (ValueError, TypeError):
            continue  # somebody edited it
        if meeting.status == "agreed":
            return meeting
    return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
