"""Books: from the settings to what keeps recordings and history, opened together."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from convai.desk.desk import Desk

from ..announcement import load
from ..archive.archive import Archive, ArchiveDown
from ..archive.keeper import Keeper
from ..archive.schema import TooNew
from ..archive.store import Store
from ..history.history import History
from ..recording.spool import Spool
from ..recording.writer import Writer
from ..recordings import Recordings
from ..render.renders import Renders
from .settings import Settings

__all__ = ["Books", "announcement_of", "opened"]

log = logging.getLogger(__name__)

MB = 1_000_000

CACHE = ".cache"
"Folder in that of the recordings; may be deleted at any time."

DATABASE = "history.sqlite"
"File in the folder of the recordings, unless a database is named."


@dataclass(frozen=True, slots=True)
class Books:
    """What a server knows of its calls."""

    recordings: Recordings
    archive: Archive
    store: Store
    renders: Renders
    keeper: Keeper
    desk: Desk

    def history(
        self, live: Callable[[], list[dict[str, Any]]], password: SecretStr | None
    ) -> History:
        """The pages; `live` tells of the calls that are running."""
        return History(
            self.archive,
            self.keeper,
            self.store,
            self.renders,
            desk=self.desk,
            live=live,
            password=password.get_secret_value() if password else None,
        )


def announcement_of(settings: Settings) -> bytes:
    """PCM at 48 kHz. Raises SettingsError."""
    try:
        return load(str(settings.announcement))
    except ValueError as error:
        raise settings.wrong("announcement", str(error)) from error


@asynccontextmanager
async def opened(
    settings: Settings, writer: Writer, announcement: bytes, desk: Desk
) -> AsyncIterator[Books]:
    """Open all of it; raises SettingsError."""
    folder = settings.recordings
    archive, store = _archive(settings), _store(settings)
    spool = Spool(folder, fsync=settings.fsync != "off")
    renders = Renders(folder / CACHE, most_bytes=settings.render_cache_mb * MB)
    keeper = Keeper(
        archive,
        store,
        spool,
        folder,
        keep_days=settings.keep_days,
        shared=settings.database_url is not None,
        forget=renders.forget,
        beside=desk,
    )
    recordings = Recordings(
        folder=folder,
        writer=writer,
        mode=settings.recording,
        announcement=announcement,
        fsync=settings.fsync,
        floor_bytes=settings.least_free_mb * MB,
        spool=spool,
        register=keeper,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(archive.close)
        await _try(archive, settings)
        await stack.enter_async_context(renders)
        await stack.enter_async_context(keeper)
        yield Books(recordings, archive, store, renders, keeper, desk)


async def _try(archive: Archive, settings: Settings) -> None:
    """Bring its tables up to date, now if it can be reached.

    A database that is down delays rows, and neither calls nor the start.
    """
    try:
        await archive.open()
    except TooNew as error:
        setting = "database_url" if settings.database_url else "recordings"
        raise settings.wrong(setting, str(error)) from error
    except ArchiveDown as error:
        log.warning("the history waits for its database: %s", error)


def _archive(settings: Settings) -> Archive:
    url = settings.database_url
    own = f"sqlite:///{quote(str(settings.recordings.absolute() / DATABASE))}"
    try:
        return Archive(url.get_secret_value() if url else own)
    except ValueError as error:
        raise settings.wrong("database_url", str(error)) from error


def _store(settings: Settings) -> Store:
    try:
        return Store(settings.recordings, settings.store)
    except ValueError as error:
        raise settings.wrong("store", str(error)) from error
