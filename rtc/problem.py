"""Problem: an error over HTTP, as RFC 9457 wants it, with a stable code.

`problems` is the middleware that turns every error of a route into one: never a stack
trace, never a 200 for a failure.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web

__all__ = ["Problem", "problems"]

Route = Callable[[web.Request], Awaitable[web.StreamResponse]]

CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}
"Codes of the errors that aiohttp itself raises; others are `bad-request`."


class Problem(Exception):
    """What went wrong with a request."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        "Stable, lower case with hyphens, for programs."
        self.detail = detail
        "For people."
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        """As application/problem+json."""
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        return web.Response(
            status=self.status,
            text=json.dumps(body),
            content_type="application/problem+json",
            headers=self.headers,
        )


@web.middleware
async def problems(request: web.Request, handler: Route) -> web.StreamResponse:
    """Answer every error of a route with a problem."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code = CODES.get(error.status, "bad-request")
        kept = {k: v for k, v in error.headers.items() if k in ("Allow",)}
        detail = HTTPStatus(error.status).description or error.reason
        return Problem(error.status, code, detail, kept).response()
