"""Lookup: the call that an address names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from .. import call_id
from ..archive.archive import Archive
from ..archive.row import Row, fold
from ..problem import Problem
from ..recording.files import META, TRANSCRIPT
from .files import Files

__all__ = ["Live", "Lookup", "call_of"]

Live = Callable[[], list[dict[str, Any]]]
"The running calls: call, agent, profile, began, length_ms."

UNKNOWN = "there is no such call"


def call_of(request: web.Request) -> str:
    """The id in the request's path. Raises Problem when it is none."""
    call = request.match_info["id"]
    if not call_id.is_call_id(call):
        raise Problem(404, "not-found", UNKNOWN)
    return call


class Lookup:
    """Finds rows, also of calls whose row is not in the database yet."""

    def __init__(self, archive: Archive, files: Files, live: Live) -> None:
        self._archive = archive
        self._files = files
        self._live = live

    async def row(self, call: str) -> Row:
        """The row of a call. Raises Problem, ArchiveDown, StoreDown."""
        row = await self._archive.get(call) or await self._folded(call)
        row = row or self._running(call)
        if row is None:
            raise Problem(404, "not-found", UNKNOWN)
        return row

    def _running(self, call: str) -> Row | None:
        for known in self._live():
            if known.get("call") == call:
                return fold({**known, "length_ms": None, "reason": None})
        return None

    async def _folded(self, call: str) -> Row | None:
        """Made of the files: a database that was down gets its row a little later."""
        meta = await self._files.json(call, META)
        # Of another call, it would be somebody's copy; this one is not known by it.
        if meta is None or meta.get("call") != call:
            return None
        transcript = await self._files.json(call, TRANSCRIPT) or {}
        turns = transcript.get("turns")
        told = turns if isinstance(turns, list) else []
        return fold(meta, [turn for turn in told if isinstance(turn, dict)])
