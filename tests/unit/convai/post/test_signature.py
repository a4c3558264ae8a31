"""The signature, as a receiver would check it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from convai.post.signature import signature

AT = datetime(2026, 11, 24, 9, 6, 0, 900_000, tzinfo=UTC)


def test_as_a_receiver_checks_it() -> None:
    body = b'{"type":"meeting.agreed"}'
    header = signature("secret", body, AT)
    fields = dict(part.split("=", 1) for part in header.split(","))
    assert fields["t"] == "1795511160"
    signed = fields["t"].encode() + b"." + body
    assert fields["v1"] == hmac.new(b"secret", signed, hashlib.sha256).hexdigest()


def test_all_of_it_counts() -> None:
    base = signature("secret", b"{}", AT)
    assert signature("secret", b"{}", AT) == base
    others = {
        signature("Secret", b"{}", AT),
        signature("secret", b"{} ", AT),
        signature("secret", b"{}", AT.replace(minute=7)),
    }
    assert len(others | {base}) == 4
