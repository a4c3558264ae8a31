"""ArchiveDown: the one error of the archive, and how others become it.

ArchiveDown            the database cannot be reached, is broken or busy
└── schema.TooNew      it was made by a later version: waiting does not help
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from .address import Address

__all__ = ["ArchiveDown", "within"]

# What asyncpg raises while it connects comes to us bare.
_ERRORS = (
    SQLAlchemyError,
    OSError,
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

MOST_TEXT = 300
"Characters of what the database itself has to say."


class ArchiveDown(Exception):
    """The database does not work now; the text is for people, without a password."""


@asynccontextmanager
async def within(seconds: float, address: Address) -> AsyncIterator[None]:
    """Do something with the database in this time, or raise ArchiveDown."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise ArchiveDown(
            f"{address.name} did not answer within {seconds:g} s"
        ) from error
    except _ERRORS as error:
        raise ArchiveDown(f"{address.name}: {_said(error, address)}") from error


def _said(error: BaseException, address: Address) -> str:
    """What the driver said; SQLAlchemy would add the statement and a link."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    text = " ".join(address.hushed(str(error)).split()) or type(error).__name__
    return text.removeprefix("<class ")[:MOST_TEXT]
