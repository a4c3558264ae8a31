"""The table of calls, its indexes, and the index of words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

__all__ = ["down_revision", "downgrade", "revision", "upgrade"]

revision = "0001"
down_revision = None

# With SQLite the key must be called INTEGER to be the number of the row.
KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# - Words come as they are to be found, cut up and in small letters (`ascii`).
# - Where in a call and how often they were said is not kept (`detail`, `columnsize`).
# - A beginning of any usual length is looked up. That of another is gathered from all
#   words which begin so: 30 to 100 ms for what was said in each of 100,000 calls. Long
#   words are few, so most of these indexes are small: 1.3 ms and 8 kB a call in all.
FTS5 = """
CREATE VIRTUAL TABLE search USING fts5(
    words, tokenize = 'ascii', detail = none, columnsize = 0,
    prefix = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16'
)
"""


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = [] if sqlite else [sa.Column("words", TSVECTOR, nullable=False)]
    op.create_table(
        "calls",
        sa.Column("key", KEY, primary_key=True, autoincrement=False),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("began_ms", sa.BigInteger, nullable=False),
        sa.Column("length_ms", sa.BigInteger),
        sa.Column("reason", sa.Text),
        sa.Column("recording", sa.Text, nullable=False),
        sa.Column("trouble", sa.Text),
        sa.Column("meeting_ms", sa.BigInteger),
        sa.Column("rating", sa.Integer),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("interruptions", sa.Integer, nullable=False),
        sa.Column("latency_ms", sa.BigInteger),
        sa.Column("cost_usd", sa.Double),
        sa.Column("skew_ms", sa.Double),
        *words,
    )
    for name in ("agent", "profile", "reason", "recording"):
        op.create_index(f"calls_{name}", "calls", [name, "key"])
    some, none = sa.text("meeting_ms IS NOT NULL"), sa.text("meeting_ms IS NULL")
    for name, which in (("meeting", some), ("no_meeting", none)):
        op.create_index(
            f"calls_{name}",
            "calls",
            ["key"],
            sqlite_where=which,
            postgresql_where=which,
        )
    if sqlite:
        op.execute(FTS5)
    else:
        op.create_index("calls_words", "calls", ["words"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("calls")
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("search")
