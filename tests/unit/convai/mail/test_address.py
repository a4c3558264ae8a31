"""Addresses: one that can be sent to, whole, or nothing."""

from __future__ import annotations

from email.headerregistry import Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.mail.address import Mailbox, address, domain, mailbox


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann@example.com", "ann@example.com"),
        (" Ann.Lee+tag@Example.COM \n", "Ann.Lee+tag@example.com"),
        ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
        ("info@müller.example", "info@xn--mller-kva.example"),
        ("a@b.co", "a@b.co"),
    ],
)
def test_an_address(text: str, found: str) -> None:
    assert address(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@example",
        "ann@@example.com",
        "ann lee@example.com",
        "ann@example.com, bob@example.com",
        "Ann <ann@example.com>",
        "<ann@example.com>",
        '"ann lee"@example.com',
        "ann(comment)@example.com",
        "ann@[127.0.0.1]",
        "ann@127.0.0.1",
        "ann@example.com\r\nBcc: all@example.com",
        "ann\n@example.com",
        "ann@exa\u2028mple.com",
        "ann@example.com\0",
        "\u202eann@example.com",
        "an\udc80n@example.com",
        ".ann@example.com",
        "ann.@example.com",
        "a..b@example.com",
        "ann@-example.com",
        "ann@example-.com",
        "ann@example..com",
        "ann@example.c",
        "jürgen@example.com",
        "mailto:ann@example.com",
        "x" * 65 + "@example.com",
        "ann@" + "x" * 64 + ".com",
        "ann@" + "x.".join("y" * 60 for _ in range(5)) + ".com",
        "ann at example dot com",
    ],
)
def test_no_address(text: str) -> None:
    assert address(text) is None


def test_in_an_intranet_a_word_will_do() -> None:
    assert address("root@localhost") is None
    assert address("root@localhost", intranet=True) == "root@localhost"
    assert address("root@12", intranet=True) is None


@given(st.text(max_size=80) | st.from_regex(r"[ -~]{0,20}@[ -~]{0,20}"))
def test_what_is_taken_is_one_plain_mailbox(text: str) -> None:
    found = address(text)
    if found is not None:
        assert found.isascii() and found.isprintable() and len(found) <= 254
        assert not set(found) & set(' <>,;:"()[]\\')
        assert Address(addr_spec=found).addr_spec == found
        assert address(found) == found


def test_a_mailbox_may_have_a_name() -> None:
    assert mailbox("Ann Lee <ann@example.com>") == Mailbox("Ann Lee", "ann@example.com")
    assert mailbox('"Lee, Ann" <ann@b.example>') == Mailbox("Lee, Ann", "ann@b.example")
    assert mailbox("ann@example.com") == Mailbox("", "ann@example.com")
    assert mailbox("root@localhost") == Mailbox("", "root@localhost")
    assert mailbox("A\r\nBcc: b <a@example.com>") == Mailbox(
        "A Bcc: b", "a@example.com"
    )
    for text in ("", "Ann Lee", "Ann <ann>", "A <a@b.example> <c@d.example>", "<>"):
        assert mailbox(text) is None


def test_a_domain() -> None:
    assert domain("Example.COM") == "example.com"
    assert domain("localhost") == "localhost"
    for text in ("", "a b", "1.2.3.4", "x\r\ny", "é" * 70, "a..b", "\udc80.com"):
        assert domain(text) is None
