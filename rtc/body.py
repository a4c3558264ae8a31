"""Body: the JSON object that a request brings."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from .problem import Problem

__all__ = ["json_object"]

READ_S = 20.0
"Seconds for a body to come; what is sent to us is small, phones may be slow."

BROKEN = (
    *(ValueError, RecursionError, LookupError),  # no JSON, or letters nobody knows
    *(web.RequestPayloadError, ConnectionError),  # badly packed, or never to come
)
"What reading a body as JSON may raise."


async def json_object(request: web.Request, what: str, like: str) -> dict[str, Any]:
    """The body; `what` it is and what it is `like`, for errors. Raises Problem.

    A form of another site cannot send JSON's content type, so it cannot act for the
    person who looks at that site.
    """
    if request.content_type != "application/json":
        raise Problem(415, "bad-request", f"send the {what} as application/json")
    try:
        async with asyncio.timeout(READ_S):
            body = json.loads(await request.text())
    except TimeoutError as error:
        raise Problem(408, "bad-request", "the body did not come") from error
    except BROKEN as error:
        raise Problem(400, "bad-request", "the body is not JSON") from error
    if not isinstance(body, dict):
        raise Problem(400, "bad-request", f"send {like}")
    return body
