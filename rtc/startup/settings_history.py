"""The settings of recordings and history: a part of `rtc.startup.settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from .option import About
from .values import (
    Announcement,
    Count,
    DatabaseUrl,
    Folder,
    Password,
    StoreUrl,
    blank_is_none,
)

__all__ = ["HISTORY", "HistorySettings"]

HISTORY = "Recordings and history"
"Heading of the help."

_blank = BeforeValidator(blank_is_none)


class HistorySettings(BaseSettings):
    """Inherited by `Settings`, which says how they are read."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    recordings: Annotated[Folder, About(HISTORY, "a folder")] = Path("recordings")
    "Where recordings, transcripts and events of calls are kept."

    recording: Annotated[
        Literal["on", "off", "ask"], About(HISTORY, "on, off or ask")
    ] = "on"
    """Keep what is said in every call, in none, or as the caller chooses on the page.
    Otherwise only figures are kept."""

    announcement: Annotated[
        Announcement, About(HISTORY, "off, beep, or a .wav file of at most 20 s")
    ] = "off"
    "What the caller hears first in a call that is recorded."

    fsync: Annotated[
        Literal["off", "end", "second"], About(HISTORY, "off, end or second")
    ] = "end"
    """When recordings are forced onto the disk, for the case of a power cut: left to
    the system, at the end of a call, or every second. A crash of the server alone
    costs nothing with any of them."""

    least_free_mb: Annotated[
        Count, Field(ge=0, le=10_000_000), About(HISTORY, "0 to 10000000")
    ] = 500
    "Megabytes that must be free on the disk for a call to be recorded."

    keep_days: Annotated[
        float,
        Field(ge=0, le=36_500, allow_inf_nan=False),
        About(HISTORY, "0 to 36500; 0 keeps them for good"),
    ] = 0
    "Days after which a call is deleted, with everything of it."

    store: Annotated[
        StoreUrl | None,
        _blank,
        About(
            HISTORY,
            "a URL that fsspec knows, such as s3://BUCKET/FOLDER",
            default="the recordings folder",
        ),
    ] = None
    """Where the files of finished calls are moved to. Its credentials come from its
    own environment variables."""

    database_url: Annotated[
        DatabaseUrl | None,
        _blank,
        About(
            HISTORY,
            "a URL, such as postgresql://USER:PASSWORD@HOST/NAME",
            variable="DATABASE_URL",
            secret=True,
            default="an SQLite file in the recordings folder",
        ),
    ] = None
    "Database of the call history."

    history_password: Annotated[
        Password | None,
        _blank,
        About(HISTORY, "8 characters or more", secret=True),
    ] = None
    """Opens the call history to others; without one it is shown on this machine
    only."""

    render_cache_mb: Annotated[
        Count, Field(ge=10, le=10_000_000), About(HISTORY, "10 to 10000000")
    ] = 1000
    "Megabytes of rendered sound that are kept to be played again."
