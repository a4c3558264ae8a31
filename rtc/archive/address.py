"""Address: where the database is, from a URL as people write it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

__all__ = ["Address", "read"]

FORMS = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"


@dataclass(frozen=True, slots=True)
class Address:
    """Either a file or a server."""

    name: str
    "For people; without the password."
    path: str | None = None
    "Of the SQLite file."
    dsn: str = field(default="", repr=False)
    "For asyncpg, which reads it as libpq does: sslmode, several hosts, sockets."
    password: str | None = field(default=None, repr=False)

    def hushed(self, text: str) -> str:
        """`text` without the password, should it be in there."""
        return text.replace(self.password, "***") if self.password else text


def read(url: str) -> Address:
    """Raises ValueError with a text for people, without the password.

    A driver that is named after a `+` makes no difference: there is one for each.
    """
    try:
        found = make_url(url.strip())
    except (ArgumentError, ValueError):
        # Neither is handed on: they quote the URL, with its password.
        raise ValueError(f"not the URL of a database, such as {FORMS}") from None
    kind = found.drivername.partition("+")[0].lower()
    if kind == "sqlite":
        return _file(found)
    if kind in ("postgresql", "postgres"):
        return _server(found)
    raise ValueError(f"{kind} is no database for the history; write {FORMS}")


def _file(url: URL) -> Address:
    if not url.database or url.database == ":memory:":
        raise ValueError("this SQLite database would be forgotten; write " + FORMS)
    if url.host or url.query:
        raise ValueError("sqlite:///PATH has three slashes and no parameters")
    return Address(f"SQLite file {url.database}", path=url.database)


def _server(url: URL) -> Address:
    # Some hosters write this into their URLs; asyncpg cannot do it and does not know
    # the word. TLS is asked for by sslmode.
    plain = url.difference_update_query(["channel_binding"])
    plain = plain.set(drivername="postgresql")
    # `set` leaves what is None as it is, so this is made anew.
    name = URL.create("", host=url.host, port=url.port, database=url.database)
    return Address(
        f"PostgreSQL at {name.render_as_string().removeprefix('://')}",
        dsn=plain.render_as_string(hide_password=False),
        password=plain.password,
    )
