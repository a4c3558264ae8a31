"""OpenAPI: the API described for programs and for those who write them. Pure.

Written by hand; a test holds it against the routes and against real answers.
"""

from __future__ import annotations

from typing import Any

from .operations import LINE, PRIVATE
from .schemas import SCHEMAS

__all__ = ["document"]

ABOUT = """\
Calls with voice agents: how they are set up, and the history of those that were.

The history is private. With `PARLEY_HISTORY_PASSWORD` set it is open to who gives that
password (HTTP Basic, any user name), without it to the machine itself only.

Every error is an `application/problem+json` with a stable `code`. Fields that are not
described may come with a new version.
"""


def document(version: str) -> dict[str, Any]:
    """The document, as OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley", "version": version, "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "line", "description": "Calls are set up and ended."},
            {"name": "history", "description": "Calls are listed, heard and read."},
        ],
        "paths": _joined(LINE, PRIVATE),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"password": {"type": "http", "scheme": "basic"}},
        },
    }


def _joined(*parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The paths of all parts; one path may have methods in several."""
    whole: dict[str, Any] = {}
    for part in parts:
        for path, methods in part.items():
            whole[path] = {**whole.get(path, {}), **methods}
    return whole
