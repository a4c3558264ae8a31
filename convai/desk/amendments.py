"""Amendments: meetings that change when their call is over get into its files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from .entries import Entries
from .entry import Entry
from .shown import fields, plain

__all__ = ["Amend", "Amendments"]

log = logging.getLogger(__name__)

Amend = Callable[[str, Mapping[str, Any]], Awaitable[bool]]
"""Change these fields of a call's files; a None takes one away. False: not now, it
runs, or what they are kept in is away. Raises OSError."""

RETRY_S = 3.0
"Between two tries: a call that ended waits for its bill."


class Amendments:
    """Calls whose files are to be changed. `run` must be running."""

    def __init__(
        self,
        entries: Entries,
        show: Callable[[Entry], Mapping[str, Any]],
    ) -> None:
        self._entries = entries
        self._show = show
        self._amend: Amend = _not_now
        self._calls: dict[str, None] = {}
        self._some = asyncio.Event()

    def put(self, call: str) -> None:
        """As soon as can be. Never blocks."""
        self._calls[call] = None
        self._some.set()

    def drop(self, call: str) -> None:
        """There is no such call any more."""
        self._calls.pop(call, None)

    async def now(self, call: str) -> None:
        """Before this returns, if it can be."""
        self._calls.pop(call, None)
        if not await self._try(call):
            self.put(call)

    async def run(self, amend: Amend) -> NoReturn:
        """For ever."""
        self._amend = amend
        while True:
            await self._some.wait()
            self._some.clear()
            for call in list(self._calls):
                if call in self._calls:  # not dropped meanwhile
                    await self.now(call)
            if self._calls:
                await asyncio.sleep(RETRY_S)

    async def _try(self, call: str) -> bool:
        try:
            entries = await self._entries.of(call)
            if not entries:
                return True
            meetings = [
                plain(self._show(it), wordless=it.talk.wordless) for it in entries
            ]
            if not await self._amend(call, fields(meetings)):
                return False
            for entry in entries:
                latest = self._entries.now(entry.id)
                same = latest is None or latest is entry
                if same and entry.id in self._entries:
                    self._entries.put(replace(entry, amended=True))
                    await self._entries.flush(entry.id)
            self._entries.rest(call)
        except OSError as error:
            log.warning("call %s: its meetings are not in its files: %s", call, error)
            return False
        except ValueError as error:
            log.error("call %s: its files cannot be changed: %s", call, error)
        return True


async def _not_now(call: str, fields: Mapping[str, Any]) -> bool:
    """Nobody changes files yet."""
    return False
