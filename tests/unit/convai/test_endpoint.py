"""What of an address may be told, and what an HTTP refusal means."""

from __future__ import annotations

import json

import pytest

from convai.agent import AgentRefused, AgentUnavailable
from convai.endpoint import Endpoint, for_sockets, http_base, refused

SIGNED = Endpoint(
    "wss://user:password@host.example:444/v1/talk"
    "?agent_id=agent_1&conversation_signature=cvtkn_%2Bsecret",
    headers={"Authorization": "Bearer key-0123456"},
    subprotocols=("convai", "bearer.token-0123"),
)


@pytest.mark.parametrize(
    "secret",
    ["cvtkn_+secret", "cvtkn_%2Bsecret", "key-0123456", "token-0123"],
)
def test_secrets_are_scrubbed(secret):
    told = SIGNED.scrub(f"cannot open {secret}, sorry")
    assert told == "cannot open ***, sorry"


def test_names_are_not_scrubbed():
    assert SIGNED.scrub("no agent agent_1 at host.example") == (
        "no agent agent_1 at host.example"
    )


def test_printing_it_tells_no_secret():
    for text in (str(SIGNED), repr(SIGNED), SIGNED.host):
        for secret in ("secret", "key-", "token", "password"):
            assert secret not in text
    assert str(SIGNED) == "host.example:444/v1/talk"


def test_short_values_are_no_secrets():
    assert Endpoint("ws://h/?v=1").scrub("1 of 1") == "1 of 1"


def test_an_address_that_is_none_has_no_host():
    assert Endpoint("ws://[").host == "?"
    assert Endpoint("").host == "?"


def detail(message: str) -> bytes:
    return json.dumps({"detail": {"status": "x", "message": message}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "text"),
    [
        (401, detail("Invalid API key"), AgentRefused, "agent-auth", "Invalid API key"),
        (403, b"", AgentRefused, "agent-auth", "HTTP status 403"),
        (404, detail("No such agent"), AgentRefused, "agent-refused", "No such agent"),
        (429, b"{}", AgentUnavailable, "agent-busy", "429"),
        (500, b"<html>", AgentUnavailable, "agent-unavailable", "500"),
        (302, b"", AgentUnavailable, "agent-unavailable", "302"),
        (422, b'{"detail": "too odd"}', AgentRefused, "agent-refused", "too odd"),
        (400, b'{"error": {"message": "bad"}}', AgentRefused, "agent-refused", "bad"),
        (400, b'{"detail": [1]}', AgentRefused, "agent-refused", "400"),
    ],
)
def test_refusals(status, body, kind, code, text):
    error = refused(status, body)
    assert type(error) is kind
    assert error.code == code
    assert text in str(error)


def test_a_base_url_is_the_same_for_http_and_sockets():
    assert http_base(" wss://api.example/v1/ ") == "https://api.example/v1"
    assert for_sockets("https://x/http") == "wss://x/http"
    assert for_sockets("http://x:1") == "ws://x:1"
    for text in ("", "api.example", "ftp://x", "http://[", "http://x:0", "http://x?a"):
        with pytest.raises(ValueError, match="an http"):
            http_base(text)
