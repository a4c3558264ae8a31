"""Spool: parcels on disk, each with the record of its way.

    parcels/ID        the parcel, never changed; gone once it is delivered
    parcels/ID.sent   it is delivered, though its record may not say so yet
    records/ID.json   its record; none yet: nobody has tried to deliver it
    aside/NAME        what was found torn, or is no parcel of ours

A new name is the quickest way to tell the next process that a letter has left. Who
works on a parcel has its file locked; the lock dies with the process. A record outlives
its parcel, so that the same one is not sent again when it is put again.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from .disk import DRAFT, move, remove, write
from .packing import packed, unpacked
from .parcel import MOST_BYTES, Parcel, State
from .record import Record, fresh, recorded

__all__ = ["Hold", "Spool"]

log = logging.getLogger(__name__)

T = TypeVar("T")

DELIVERED: tuple[State, ...] = ("sent", "outbox")

KEEP = timedelta(days=90)
"Records of what is settled; nobody changes or resends a meeting after that."

STALE_S = 3600.0
"Seconds after which a draft has no writer any more."

MOST_RECORD = 1_000_000
"Bytes; a longer one is damage."

MOST_PARCEL = MOST_BYTES + 1_000_000
"Bytes, with its label."


class Spool:
    """All methods block and raise OSError: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self.set_aside = 0
        "Files that were no parcels or records, or torn ones."
        self._parcels = folder / "parcels"
        self._records = folder / "records"
        self._aside = folder / "aside"

    def open(self, now: datetime) -> dict[str, Record]:
        """Make the folders; all that is there, by id, oldest first."""
        for folder in (self._parcels, self._records, self._aside):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._tidy(now)
        found = {}
        for path in _files(self._parcels):
            name, _, state = path.name.partition(".")
            if state in DELIVERED:
                found[name] = self._finished(name, state, now)
        for name in self.names() - found.keys():
            if record := self.look(name, now):
                found[name] = record
        for path in _files(self._records):
            name = path.name.removesuffix(".json")
            if name not in found and (record := self._orphan(path, now)):
                found[name] = record
        return dict(sorted(found.items(), key=lambda item: item[1].since))

    def names(self) -> set[str]:
        """Of the parcels that wait or failed."""
        names = (path.name for path in _files(self._parcels))
        return {name for name in names if name.partition(".")[2] not in DELIVERED}

    def look(self, name: str, now: datetime) -> Record | None:
        """The record of a parcel; None, and put aside, if it is none."""
        record = self.record(name)
        path = self._parcels / name
        try:
            parcel = self._parcel(name)
        except FileNotFoundError:
            return record
        except ValueError as error:
            self._put_aside(path, error)
            return record and record.given_up("the letter is damaged", now)
        return record or fresh(parcel, now)

    def record(self, name: str) -> Record | None:
        """None when there is none that can be read."""
        path = self._record(name)
        try:
            with path.open("rb") as file:
                return recorded(json.loads(file.read(MOST_RECORD)))
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError) as error:
            self._put_aside(path, error)
            return None

    def add(self, parcel: Parcel) -> None:
        """Once this returns, no crash and no power cut loses it."""
        path = self._parcels / parcel.id
        with self._alone():
            # Not over one that is there: somebody may have it locked. First its file,
            # then its record: in between it may be delivered.
            if not path.exists() and self.record(parcel.id) is None:
                write(path, packed(parcel))

    def mark(self, name: str, record: Record) -> None:
        """Keep the record; a parcel that was delivered goes.

        Whatever is lost when the disk is full, it is not delivered twice.
        """
        delivered = record.state in DELIVERED
        if delivered:
            self._rename(name, record.state)
        write(self._record(name), json.dumps(record.to_json()).encode())
        if delivered:
            remove(self._parcels / f"{name}.{record.state}")

    def erase(self, name: str) -> None:
        """As if it had never been."""
        for path in (name, *(f"{name}.{state}" for state in DELIVERED)):
            remove(self._parcels / path)
        remove(self._record(name))

    def hold(self, name: str) -> Hold:
        return Hold(self, self._parcels / name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process adds one meanwhile."""
        folder = os.open(self._parcels, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _parcel(self, name: str) -> Parcel:
        """Raises ValueError when it is torn, or another than its name says."""
        with (self._parcels / name).open("rb") as file:
            parcel = unpacked(file.read(MOST_PARCEL))
        if parcel.id != name:
            raise ValueError("another parcel's name")
        return parcel

    def _finished(self, name: str, state: State, now: datetime) -> Record:
        """One that was delivered by a process that died before it had written so."""
        path = self._parcels / f"{name}.{state}"
        record = self.record(name)
        if record is None or record.state != state:
            try:
                record = record or fresh(unpacked(path.read_bytes()), now)
            except ValueError:
                record = Record(kind="mail", call="", meeting="", since=now, due=now)
            record = record.taken(state, now)
        try:
            self.mark(name, record)
        except OSError as error:
            log.warning("that %s is %s cannot be kept: %s", name, state, error)
        return record

    def _rename(self, name: str, state: State) -> None:
        try:
            os.replace(self._parcels / name, self._parcels / f"{name}.{state}")
        except FileNotFoundError:
            pass  # it has that name already

    def _record(self, name: str) -> Path:
        return self._records / f"{name}.json"

    def _orphan(self, path: Path, now: datetime) -> Record | None:
        """A record without its parcel: of one that was delivered, as a rule."""
        name = path.name.removesuffix(".json")
        record = self.record(name) if path.suffix == ".json" else None
        if record is None:
            if path.exists():
                self._put_aside(path, ValueError("not a record"))
            return None
        old = record.settled and now - record.since > KEEP
        # The file in the outbox is still there, and goes with its call.
        if old and record.state != "outbox":
            self.erase(name)
            return None
        return record if record.settled else record.given_up("the letter is lost", now)

    def _put_aside(self, path: Path, error: ValueError | RecursionError) -> None:
        self.set_aside += 1
        log.error("%s is set aside: %s", path.name, error)
        move(path, self._aside)

    def _tidy(self, now: datetime) -> None:
        """Remove what a writer left that was killed."""
        for folder in (self._parcels, self._records):
            for path in folder.iterdir():
                old = now.timestamp() - path.lstat().st_mtime > STALE_S
                if path.name.startswith(".") and path.name.endswith(DRAFT) and old:
                    remove(path)


class Hold:
    """The lock on one parcel, used once: `take`, then `mark`; `release` in any case.

    `release` does not block, and may come from the loop while a thread is still at
    work: then the lock goes when that is done.
    """

    def __init__(self, spool: Spool, path: Path) -> None:
        self._spool = spool
        self._path = path
        self._descriptor: int | None = None
        self._guard = threading.Lock()
        "Never held while waiting for the disk."
        self._working = False
        self._over = False

    def take(
        self, begun: Callable[[Record], Record], now: datetime
    ) -> tuple[Parcel | None, Record | None]:
        """Lock it and note that an attempt begins.

        The parcel, unless there is nothing to be done: it is settled, as the record
        says, or gone. Raises BlockingIOError while somebody else has it.
        """
        return self._work(lambda: self._take(begun, now))

    def mark(self, record: Record) -> None:
        """Note how it went."""
        self._work(lambda: self._spool.mark(self._path.name, record))

    def release(self) -> None:
        with self._guard:
            self._over = True
            if not self._working:
                self._unlock()

    def _take(
        self, begun: Callable[[Record], Record], now: datetime
    ) -> tuple[Parcel | None, Record | None]:
        name = self._path.name
        try:
            self._descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            record = self._spool.record(name)
            if record is not None and not record.settled:
                # Delivered this moment, or somebody has removed the file by hand.
                raise BlockingIOError("another process is at it") from None
            return None, record
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Only now: until here another process may have delivered it.
        record = self._spool.look(name, now)
        if record is None or record.settled:
            return None, record
        parcel = unpacked(self._path.read_bytes())
        record = begun(record)
        self._spool.mark(name, record)
        return parcel, record

    def _work(self, work: Callable[[], T]) -> T:
        with self._guard:
            self._working = True
        try:
            return work()
        finally:
            with self._guard:
                self._working = False
                if self._over:
                    self._unlock()

    def _unlock(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _files(folder: Path) -> Iterator[Path]:
    """What is whole there."""
    return (
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and path.is_file()
    )
