from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.address import LONGEST, email_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@example.com", "ann@example.com"),
        (" Ann.Lee+x@Mail.Example.COM ", "Ann.Lee+x@mail.example.com"),
        ("o'hara@example.com", "o'hara@example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@localhost", None),
        ("ann@10.0.0.1", None),
        ("ann", None),
        ("@example.com", None),
        ("ann@", None),
        ("ann@@example.com", None),
        ("a..b@example.com", None),
        (".a@example.com", None),
        ("ann lee@example.com", None),
        ("<ann@example.com>", None),
        ("ann@example.com,bob@example.com", None),
        ("ann@-example.com", None),
        ("ann@exa_mple.com", None),
        ("ann@example..com", None),
        ("ann@example.com\r\nBcc: bob@example.com", None),
        ("änn@example.com", None),
        ("a" * 65 + "@example.com", None),
        ("a@" + ".".join(["b" * 60] * 5), None),
    ],
)
def test_what_is_an_address(text: str, address: str | None) -> None:
    assert email_address(text) == address


def test_a_host_of_this_network() -> None:
    assert email_address("desk@localhost", near=True) == "desk@localhost"
    assert email_address("desk@", near=True) is None


@given(st.text(max_size=80) | st.from_regex(r"\A.{0,9}@.{0,9}\.[a-z]{2}\Z"))
def test_whatever_it_is_no_head_of_a_letter_breaks_by_it(text: str) -> None:
    found = email_address(text, near=True)
    if found is not None:
        assert found.isascii() and found.isprintable() and len(found) <= LONGEST
        assert not set(found) & set(' <>,;:"()[]\\')
        assert found.count("@") == 1
