"""Words: the transcript of a call in its three forms, and its events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from convai import captions

from ..problem import Problem
from ..recording.files import EVENTS, TRANSCRIPT
from .files import Files
from .lookup import call_of
from .stream import whole

__all__ = ["Words"]

FORMS: dict[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "vtt": ("text/vtt", captions.vtt),
    "txt": ("text/plain", captions.words),
}
"Forms that are made when they are asked for: their type, and who makes them."


class Words:
    """What was said, also of a call that runs: as far as it is written."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def transcript(self, request: web.Request) -> web.StreamResponse:
        """As JSON, which is the file itself, WebVTT or text."""
        call, form = call_of(request), request.match_info["form"]
        if form == "json":
            return await self._file(call, TRANSCRIPT, "application/json")
        if form not in FORMS:
            text = f"there is transcript.{{json,{','.join(FORMS)}}} only"
            raise Problem(404, "not-found", text)
        content = await self._files.json(call, TRANSCRIPT)
        if content is None:
            raise Problem(404, "not-found", "there is no transcript of this call")
        kind, make = FORMS[form]
        body = (await asyncio.to_thread(make, content)).encode()
        return web.Response(body=body, content_type=kind, charset="utf-8")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """All that happened, a line of JSON each."""
        return await self._file(call_of(request), EVENTS, "application/jsonl")

    async def _file(self, call: str, name: str, kind: str) -> web.StreamResponse:
        path = await self._files.path(call, name)
        try:
            if path is not None:
                return await whole(path, kind)
        except FileNotFoundError:
            pass  # deleted meanwhile
        raise Problem(404, "not-found", f"there is no {name} of this call")
