"""Sound: the recording of a call, made into what a player likes, by HTTP ranges.

Phones ask for the first two bytes, and play only what then comes as 206.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from ..archive.row import Row
from ..problem import Problem
from ..recording.files import AUDIO
from ..render.format import FORMATS
from ..render.renders import Rendered, Renders
from ..render.sound import CHOICES
from .files import Files
from .lookup import Lookup, call_of
from .ranges import Unsatisfiable, same, wanted
from .stream import begin, whole

__all__ = ["RECORDED", "Sound"]

PATIENCE_S = 300.0
"""Seconds until a rendering is there or given up: formats whose size is known at their
end only take a minute for some hours of sound, and others may be before them."""

RECORDED = ("kept", "failed")
"States of a recording of which there is sound; `failed`: what came before is there."

NOT_RECORDED = {
    "off": "this call was not recorded: recording was off",
    "declined": "this call was not recorded: the caller did not want it",
    "refused": "this call was not recorded: the disk was too full",
}

LOST = "the recording of this call is not there"


class Sound:
    """The recording, and the peaks that a waveform is drawn from."""

    def __init__(self, lookup: Lookup, files: Files, renders: Renders) -> None:
        self._lookup = lookup
        self._files = files
        self._renders = renders

    async def recording(self, request: web.Request) -> web.StreamResponse:
        """The sound in the format of the address; `leg` and `download` are optional."""
        call, format = call_of(request), request.match_info["format"]
        if format not in FORMATS:
            text = f"there is recording.{{{','.join(FORMATS)}}} only"
            raise Problem(404, "not-found", text)
        leg = request.query.get("leg") or "both"
        if leg not in CHOICES:
            raise Problem(400, "bad-query", f"leg: allowed: {', '.join(CHOICES)}")
        path = await self._path(call)
        try:
            async with asyncio.timeout(PATIENCE_S):
                rendered = await self._renders.open(path, call, format, leg)
        except FileNotFoundError as error:
            raise Problem(404, "not-found", LOST) from error
        kind = "attachment" if request.query.get("download") == "1" else "inline"
        name = f'{kind}; filename="{call}-{leg}.{format}"'
        return await _answer(request, rendered, name)

    async def peaks(self, request: web.Request) -> web.StreamResponse:
        """How loud each leg is, all along."""
        call = call_of(request)
        path = await self._path(call)
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await self._renders.peaks(path, call)
            return await whole(found, "application/json")
        except FileNotFoundError as error:
            raise Problem(404, "not-found", LOST) from error

    async def _path(self, call: str) -> Path:
        """Where the finished recording is. Raises Problem."""
        _check(await self._lookup.row(call))
        path = await self._files.path(call, AUDIO)
        if path is None:
            raise Problem(404, "not-found", LOST)
        return path


def _check(row: Row) -> None:
    if row.recording in NOT_RECORDED:
        raise Problem(404, "not-found", NOT_RECORDED[row.recording])
    if row.reason is None:
        text = "this call is still running; its sound is there when it is over"
        raise Problem(409, "call-running", text)


async def _answer(
    request: web.Request, rendered: Rendered, name: str
) -> web.StreamResponse:
    size, etag = rendered.size, f'"{rendered.etag}"'
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": name,
        "Content-Type": rendered.content_type,
        "ETag": etag,
    }
    if request.method == "HEAD":  # ranges are for GET only: RFC 9110, 14.2
        response = web.StreamResponse(headers=headers)
        response.content_length = size
        return response
    try:
        span = _span(request, size, etag)
    except Unsatisfiable:
        told = {"Content-Range": f"bytes */{size}"}
        text = f"the recording has {size} bytes"
        raise Problem(416, "bad-range", text, told) from None
    if span is None:
        return await begin(rendered.read(0, size), headers, length=size)
    first, end = span
    headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    pieces = rendered.read(first, end)
    return await begin(pieces, headers, status=206, length=end - first)


def _span(request: web.Request, size: int, etag: str) -> tuple[int, int] | None:
    """The bytes that are asked for; None: all. Raises Unsatisfiable."""
    header, condition = request.headers.get("Range"), request.headers.get("If-Range")
    if header is None or (condition is not None and not same(condition, etag)):
        return None
    return wanted(header, size)
