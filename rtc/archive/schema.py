"""Schema: brings the tables of a database up to what this version needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from .down import ArchiveDown

__all__ = ["VERSIONS", "TooNew", "current", "migrate"]

VERSIONS = "parley_version"
"Table with the version; Alembic's own name could be another program's in a shared one."

LOCK = 0x7061726C6579
"Of PostgreSQL, whose number is ours alone, we hope; it spells the program's name."


class TooNew(ArchiveDown):
    """The database was made by a later version of the program."""


def current(connection: Connection) -> bool:
    """Whether nothing needs to be done. Raises TooNew."""
    there = MigrationContext.configure(
        connection, opts={"version_table": VERSIONS}
    ).get_current_revision()
    scripts = ScriptDirectory.from_config(_config())
    known = [script.revision for script in scripts.walk_revisions()]
    if there is not None and there not in known:
        raise TooNew(
            f"made by a newer version of this program (tables {there}; this one knows"
            f" {known[0]})"
        )
    return there == known[0]


def migrate(connection: Connection) -> None:
    """Do it, in the transaction that is under way. Raises TooNew.

    Of several servers that start at once, one does it and the others wait: SQLite is
    locked by the transaction, PostgreSQL here, until the transaction ends.
    """
    if connection.dialect.name == "postgresql":
        # Neither to wait nor to change tables is a matter of one statement's time.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    if not current(connection):
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    # The value is a template, in which % has a meaning.
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
