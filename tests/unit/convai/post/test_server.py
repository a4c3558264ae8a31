"""SMTP_URL, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.post.server import Server, server


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (
            "smtps://ann:secret@mail.example.com",
            Server("mail.example.com", 465, "tls", "ann", "secret"),
        ),
        (
            "smtp://ann%40example.com:p%2Fa%3As%40s%25@mail.example.com:2525/",
            Server("mail.example.com", 2525, "starttls", "ann@example.com", "p/a:s@s%"),
        ),
        ("smtp://mail.example.com", Server("mail.example.com", 587, "starttls")),
        ("smtp://localhost:25", Server("localhost", 25, "optional")),
        ("smtp://127.0.0.1:1025", Server("127.0.0.1", 1025, "optional")),
        ("smtp://[::1]", Server("::1", 587, "optional")),
        ("smtps://localhost", Server("localhost", 465, "tls")),
        (
            "smtp://localhost.example.com",
            Server("localhost.example.com", 587, "starttls"),
        ),
        ("smtp://10.0.0.1", Server("10.0.0.1", 587, "starttls")),
    ],
)
def test_a_url(url: str, found: Server) -> None:
    assert server(url) == found


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail.example.com", "does not start with"),
        ("https://mail.example.com", "does not start with"),
        ("smtp://", "names no host"),
        ("smtp://ann:secret@", "names no host"),
        ("smtp://mail.example.com:x", "is not a URL"),
        ("smtp://mail.example.com:99999", "is not a URL"),
        ("smtp://[::1", "is not a URL"),
        ("smtp://mail.example.com?tls=off", "has a /, [?] or #"),
        ("smtp://mail.example.com#secret", "has a /, [?] or #"),
        ("smtp://mail.example.com/box", "has a /, [?] or #"),
        ("smtp://ann:sec#ret@mail.example.com", "is not a URL|has a /"),
        ("smtp://:secret@mail.example.com", "no user name"),
        ("smtp://ann:a%0D%0Ab@mail.example.com", "control character"),
    ],
)
def test_no_url(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        server(url)
    assert "secret" not in str(error.value)


def test_nobody_sees_the_password() -> None:
    shown = repr(server("smtps://ann:secret-1@mail.example.com"))
    assert "secret-1" not in shown and "ann" not in shown
    assert "mail.example.com" in shown


@given(st.text())
def test_anything_is_a_server_or_a_value_error(text: str) -> None:
    for url in (text, f"smtp://{text}", f"smtp://a:b@{text}"):
        try:
            found = server(url)
        except ValueError:
            continue
        assert found.host and 0 < found.port < 65536
