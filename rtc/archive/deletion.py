"""Deletion: everything of one call, in an order in which it may be cut off anywhere.

    audit line "deleting"
    the folder becomes .trash-CALL     the call is gone for everybody, in one move
    marker in the spool                says that row and far files are still to go
    files, copies, renders, what is kept beside the folder
    row                                may wait for the database
    files elsewhere                    may wait for the store
    audit line "deleted"
    marker

A server that starts finishes what it finds of trash and of such markers.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import call_id
from .audit import Audit, What
from .locks import Locks
from .means import Means
from .store import StoreDown

__all__ = ["Busy", "Deletion", "Order", "order_of"]

log = logging.getLogger(__name__)

TRASH = ".trash-"

MARK = "deletion"
"Field of a marker in the spool."

NOBODY = "unknown"
"By whom, when nothing is left that tells."


class Busy(Exception):
    """The call still runs, or its files are being recovered."""


@dataclass(frozen=True, slots=True)
class Order:
    """A deletion that was begun."""

    by: str
    files: int = 0
    size: int = 0
    "Bytes of the files, here and elsewhere."


def order_of(marker: Mapping[str, Any]) -> Order | None:
    """What a marker says of a deletion; None: it is that of a call that waits."""
    found = marker.get(MARK)
    if not isinstance(found, Mapping):
        return None
    by, files, size = (found.get(name) for name in ("by", "files", "size"))
    return Order(
        by if isinstance(by, str) else NOBODY,
        files if isinstance(files, int) else 0,
        size if isinstance(size, int) else 0,
    )


class Deletion:
    """Deletes calls that do not run."""

    def __init__(
        self,
        means: Means,
        audit: Audit,
        forget: Callable[[str], None],
        locks: Locks,
    ) -> None:
        self._means = means
        self._audit = audit
        self._forget = forget
        "Drops renders of a call."
        self._locks = locks
        "By call."

    async def begin(self, call: str, by: str) -> Order:
        """The call is gone for everybody after this. Raises OSError."""
        means = self._means
        far: Mapping[str, int] = {}
        if not await asyncio.to_thread(means.folder(call).is_dir):
            try:
                far = await means.store.sizes(call)
            except StoreDown:
                pass  # then they are not counted
        return await asyncio.to_thread(self._begin, call, by, far)

    async def finish(self, call: str, order: Order) -> None:
        """What is left to be done, as often as it takes.

        Raises ArchiveDown, StoreDown, OSError.
        """
        means = self._means
        async with self._locks.of(call):
            await asyncio.to_thread(self._empty, call, order)
            await means.beside.forget(call)
            self._forget(call)
            await means.store.forget(call)
            await means.database.through(means.archive.remove(call))
            await means.storage.through(means.store.remove(call))
            await asyncio.to_thread(self._end, call, order)

    def leftovers(self) -> list[str]:
        """Calls whose deletion was cut off, so far as trash tells it."""
        if not self._means.recordings.is_dir():
            return []
        names = (it.name for it in self._means.recordings.iterdir())
        found = (it.removeprefix(TRASH) for it in names if it.startswith(TRASH))
        return sorted(it for it in found if call_id.is_call_id(it))

    # What follows blocks.

    def resumed(self, call: str) -> Order:
        """What is known of a deletion that was cut off."""
        if order := order_of(self._means.spool.read(call)):
            return order
        try:
            noted = self._audit.begun(call)
        except OSError:
            noted = None
        return Order(*(noted or (NOBODY, *_measured(self._trash(call)))))

    def _begin(self, call: str, by: str, far: Mapping[str, int]) -> Order:
        folder, trash = self._means.recordings / call, self._trash(call)
        files, size = _measured(folder)
        order = Order(by, files + len(far), size + sum(far.values()))
        self._note("deleting", call, order)
        if folder.is_dir():
            if trash.exists():  # left by a deletion of which this is the rest
                shutil.rmtree(trash)
            os.replace(folder, trash)
        return order

    def _empty(self, call: str, order: Order) -> None:
        trash = self._trash(call)
        mark = {MARK: asdict(order)}
        try:
            self._means.spool.add(call, mark)
        except OSError:
            if not trash.exists():
                raise
            # The disk is full, and to delete is the remedy.
            shutil.rmtree(trash)
            self._means.spool.add(call, mark)
        if trash.exists():
            shutil.rmtree(trash)

    def _end(self, call: str, order: Order) -> None:
        self._note("deleted", call, order)
        self._means.spool.done(call)

    def _note(self, what: What, call: str, order: Order) -> None:
        try:
            self._audit.note(what, call, order.by, order.files, order.size)
        except OSError as error:
            # A full disk must not keep anybody from deleting; the log has it at least.
            line = json.dumps({"what": what, "call": call, **asdict(order)})
            log.error("the audit cannot be written (%s): %s", error, line)

    def _trash(self, call: str) -> Path:
        return self._means.recordings / (TRASH + call)


def _measured(folder: Path) -> tuple[int, int]:
    """Files below a folder and their bytes; none when there is no folder."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)
