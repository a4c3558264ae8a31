"""Body: what is no JSON object is answered in words, and not waited for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from rtc.body import json_object
from rtc.problem import Problem
from tests import virtual


class Request:
    """As much of one as is read; a body of None never comes."""

    def __init__(self, body: bytes | None, kind: str) -> None:
        self.content_type = kind
        self._body = body

    async def text(self) -> str:
        if self._body is None:
            await asyncio.Event().wait()
        return self._body.decode()


def asked(body: bytes | None, kind: str = "application/json") -> dict[str, Any]:
    request: Any = Request(body, kind)
    return virtual.run(json_object(request, "offer", '{"sdp": "..."}'))


def test_an_object() -> None:
    content = {"a": [1, "ü"]}
    assert asked(json.dumps(content).encode()) == content


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "the body is not JSON"),
        (b"\xff{}", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b'["sdp"]', 'send {"sdp": "..."}'),
    ],
)
def test_what_is_none(body: bytes, detail: str) -> None:
    with pytest.raises(Problem) as caught:
        asked(body)
    assert (caught.value.status, caught.value.detail) == (400, detail)


def test_a_form_of_another_site() -> None:
    with pytest.raises(Problem, match="send the offer as application/json") as caught:
        asked(b"{}", "application/x-www-form-urlencoded")
    assert caught.value.status == 415


def test_a_body_that_never_ends_is_not_waited_for() -> None:
    with pytest.raises(Problem, match="the body did not come") as caught:
        asked(None)
    assert caught.value.status == 408
