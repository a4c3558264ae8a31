"""Run by Alembic: applies the migrations on the connection that `schema` hands over."""

from __future__ import annotations

from alembic import context

from rtc.archive.schema import VERSIONS

__all__ = ()

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSIONS,
    # SQLite can undo changes of tables too, if the driver lets it, as ours does.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
