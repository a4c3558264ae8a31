"""Exports: all calls that a query finds, as one file.

Rows are taken from the database as they are sent, so that neither many calls nor a slow
client take memory.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web

from ..archive.archive import Archive
from ..archive.row import Row
from .listing import query_of
from .stream import begin

__all__ = ["COLUMNS", "Exports", "csv_line", "json_line"]

COLUMNS = (
    "call",
    "began",
    "length_ms",
    "agent",
    "profile",
    "reason",
    "recording",
    "trouble",
    "meeting",
    "rating",
    "turns",
    "interruptions",
    "latency_ms",
    "cost_usd",
    "skew_ms",
)
"Of the CSV. Programs of others count on their order: a new one goes to the end."

BEGINS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"What makes a spreadsheet take a text for a formula; some do so with wide letters, too."

PIECE = 16 << 10
"""Bytes that are sent at once. To write so much takes 4 ms, and then the calls that run
on the same loop, fifty times a second each, get their turn."""


class Exports:
    """The files."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def csv(self, request: web.Request) -> web.StreamResponse:
        """As RFC 4180 has it, with a line of names."""
        kind = "text/csv; charset=utf-8; header=present"
        head = _csv(list(COLUMNS))
        return await self._answer(request, "calls.csv", kind, csv_line, head)

    async def json_lines(self, request: web.Request) -> web.StreamResponse:
        """A line of JSON for each call."""
        kind = "application/jsonl"
        return await self._answer(request, "calls.jsonl", kind, json_line)

    async def _answer(
        self,
        request: web.Request,
        name: str,
        kind: str,
        line: Callable[[Row], str],
        head: str = "",
    ) -> web.StreamResponse:
        headers = {
            "Content-Type": kind,
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        rows = self._archive.every(query_of(request))
        if request.method == "HEAD":
            return web.StreamResponse(headers=headers)
        return await begin(_pieces(rows, line, head), headers)


def csv_line(row: Row) -> str:
    """The row as a line of the CSV; what is not known is empty."""
    content = row.to_json()
    return _csv([_harmless(content[name]) for name in COLUMNS])


def json_line(row: Row) -> str:
    """The row as the JSON API gives it."""
    return json.dumps(row.to_json()) + "\n"


async def _pieces(
    rows: AsyncIterator[Row], line: Callable[[Row], str], head: str
) -> AsyncIterator[bytes]:
    piece = bytearray(head.encode())
    async for row in rows:
        piece += line(row).encode("utf-8", "replace")
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
            await asyncio.sleep(0)
    if piece:
        yield bytes(piece)


def _csv(fields: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(fields)
    return text.getvalue()


def _harmless(value: Any) -> Any:
    """A text that no spreadsheet runs: names may come from a stranger."""
    if isinstance(value, str) and value.startswith(BEGINS_FORMULA):
        return f"'{value}"
    return value
