"""The book: records by meeting and by call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from convai.post.book import Book
from convai.post.parcel import Parcel
from convai.post.record import Record, fresh

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def record(call: str, meeting: str) -> Record:
    return fresh(Parcel("x", "mail", call, meeting, b""), NOW)


def test_found_by_meeting_and_by_call() -> None:
    book = Book()
    book.put("a", record("c1", "m1"))
    book.put("b", record("c1", "m2"))
    book.put("c", record("c2", "m1"))
    assert book.of_meeting("m1") == ["a", "c"] and book.of_call("c1") == ["a", "b"]
    assert book.of_meeting("m9") == book.of_call("c9") == []
    assert list(book) == ["a", "b", "c"] and len(book) == 3 and "a" in book
    book.drop("a")
    book.drop("a")
    assert book.of_meeting("m1") == ["c"] and book.of_call("c1") == ["b"]
    assert book.get("a") is None and "a" not in book


def test_the_oldest_that_is_settled() -> None:
    book = Book()
    assert book.oldest_settled() is None
    for name in ("a", "b", "c"):
        book.put(name, record("c", "m"))
    assert book.oldest_settled() is None
    for name in ("c", "b"):
        book.put(name, replace(record("c", "m"), state="sent"))
    assert book.oldest_settled() == "b"
