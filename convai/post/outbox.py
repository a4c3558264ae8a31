"""Outbox: where mails lie, as .eml files, when no mail server is set.

Any mail program opens them. The name of a file comes from the parcel's id, so that the
same mail is one file, however often it is carried.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from .disk import remove, write
from .parcel import Carried, Later, Parcel

__all__ = ["Outbox"]


class Outbox:
    """A carrier of mail into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def carry(self, parcel: Parcel) -> Carried:
        """Raises Later."""
        try:
            await asyncio.to_thread(self._write, parcel)
        except OSError as error:
            why = error.strerror or "it cannot be written"
            raise Later(f"the outbox folder: {why}") from None
        return "outbox"

    async def discard(self, parcel: str) -> None:
        """Remove its file; no error when there is none. Raises OSError."""
        await asyncio.to_thread(remove, self._path(parcel))

    def _write(self, parcel: Parcel) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write(self._path(parcel.id), parcel.body)

    def _path(self, parcel: str) -> Path:
        return self._folder / f"{parcel}.eml"
