"""Detail: all that is known of one call, running or over."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ..archive.row import Row
from ..recording.files import EVENTS, META, TRANSCRIPT
from ..render.format import FORMATS
from .files import Files
from .lookup import Lookup, call_of
from .meetings import Meetings
from .sound import RECORDED

__all__ = ["Detail"]

CALENDAR = "meeting.ics"
TEXTS = (TRANSCRIPT, "transcript.vtt", "transcript.txt")


class Detail:
    """One call as JSON."""

    def __init__(self, lookup: Lookup, files: Files, meetings: Meetings) -> None:
        self._lookup = lookup
        self._meetings = meetings
        self._files = files

    async def call(self, request: web.Request) -> web.Response:
        """The row and what its files know beyond it."""
        call = call_of(request)
        row = await self._lookup.row(call)
        meta = await self._files.json(call, META) or {}
        meetings = await self._meetings.of(call, meta)
        content = {
            **row.to_json(),
            "files": _links(row, calendar=meetings["meeting"] is not None),
            "metrics": _object(meta, "metrics"),
            "figures": _object(meta, "figures"),
            "recording_report": _object(meta, "recording"),
            "rating": _rating(meta),
            **meetings,
            "marks": await self._files.marks(call),
        }
        return web.json_response(content)


def _links(row: Row, *, calendar: bool) -> dict[str, str]:
    """Where the files are that there should be by now, by their names."""
    names = [EVENTS]
    if row.recording not in ("off", "declined"):
        names += TEXTS
    if row.recording in RECORDED and row.reason is not None:
        names += ["peaks.json", *(f"recording.{format}" for format in FORMATS)]
    names += [CALENDAR] if calendar else []
    return {name: f"/calls/{row.call}/{name}" for name in names}


def _object(meta: dict[str, Any], key: str) -> dict[str, Any] | None:
    value = meta.get(key)
    return value if isinstance(value, dict) else None


def _rating(meta: dict[str, Any]) -> dict[str, Any] | None:
    given = _object(meta, "rating") or {}
    stars, note = given.get("stars"), given.get("note")
    if type(stars) is not int or not 1 <= stars <= 5:
        return None
    return {"stars": stars, "note": note if isinstance(note, str) else ""}
