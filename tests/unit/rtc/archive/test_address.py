"""Addresses of databases: as people write them, and never with the password."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.archive.address import read


@pytest.mark.parametrize("kind", ["sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"])
def test_a_file(kind: str) -> None:
    assert read(f"{kind}:////var/lib/parley/history.sqlite").path == (
        "/var/lib/parley/history.sqlite"
    )
    assert read(f" {kind}:///a folder/100 %.sqlite\n").path == "a folder/100 %.sqlite"


@pytest.mark.parametrize(
    "kind",
    ["postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg", "POSTGRES"],
)
def test_a_server(kind: str) -> None:
    found = read(f"{kind}://ann:s%2Fcr%40t@db.example:5433/calls?sslmode=require")
    assert found.path is None
    assert found.dsn == (
        "postgresql://ann:s%2Fcr%40t@db.example:5433/calls?sslmode=require"
    )
    assert found.name == "PostgreSQL at db.example:5433/calls"
    assert found.password == "s/cr@t"
    assert "s/cr@t" not in repr(found) and "s%2Fcr" not in repr(found)
    assert found.hushed("no s/cr@t here") == "no *** here"


def test_a_word_that_the_driver_does_not_know_is_left_out() -> None:
    url = "postgresql://u@h/d?sslmode=require&channel_binding=require"
    assert read(url).dsn == "postgresql://u@h/d?sslmode=require"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "not the URL of a database"),
        ("history.sqlite", "not the URL of a database"),
        ("postgresql://u:hush@h:port/d", "not the URL of a database"),
        ("mysql://u:hush@h/d", "mysql is no database for the history"),
        ("sqlite://", "would be forgotten"),
        ("sqlite:///:memory:", "would be forgotten"),
        ("sqlite://host/file", "three slashes"),
        ("sqlite:///file?mode=ro", "no parameters"),
    ],
)
def test_anything_else_is_refused_in_plain_words(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        read(url)
    assert "hush" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@settings(deadline=None)
@given(st.text(max_size=60) | st.builds("postgresql://u:p@{}".format, st.text()))
def test_any_text_may_be_given(text: str) -> None:
    try:
        assert read(text).name
    except ValueError as error:
        assert str(error)
