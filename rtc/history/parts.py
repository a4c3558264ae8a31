"""Parts: what the descriptions of the API's operations are put together of. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..archive.query import MOST_TEXT
from .schemas import Schema, ref

__all__ = [
    "BEHIND",
    "CODES",
    "GUARDED",
    "ID",
    "MEETING",
    "body",
    "bytes_of",
    "content",
    "json_of",
    "operation",
    "parameter",
]

CODES: dict[str, tuple[int, str]] = {
    "agent-refused": (502, "The agent's provider does not want this call."),
    "agent-unavailable": (502, "The agent's provider cannot be reached."),
    "bad-meeting": (400, "Such a meeting cannot be; the detail says why."),
    "bad-offer": (400, "The offer is not one that can be answered."),
    "bad-query": (400, "A parameter is wrong; the detail says which."),
    "bad-range": (416, "The range begins behind the end of the file."),
    "bad-request": (400, "The body is not what it should be; 415: not JSON at all."),
    "call-running": (409, "The call must be over for this."),
    "caller-hung-up": (409, "The call was ended while it was set up."),
    "cross-site": (403, "A page of another site asks for it."),
    "history-locked": (401, "A password is needed; 403: this machine only."),
    "history-unavailable": (503, "Database or store are away; Retry-After says more."),
    "meeting-settled": (409, "Too late: its letters have left, or it is undone."),
    "meeting-unavailable": (503, "The disk takes no change just now."),
    "no-audio": (400, "The offer has no audio that can be used."),
    "not-found": (404, "There is none; the detail may say why."),
    "render-failed": (500, "The sound cannot be made."),
    "server-full": (503, "All lines are taken."),
    "server-stopping": (503, "The server takes no more calls."),
    "setup-timeout": (504, "No connection came about in time."),
    "too-large": (413, "The body is too long."),
    "unknown-agent": (404, "No agent of that name is on offer."),
    "unknown-profile": (404, "No profile of that name is on offer."),
}
"Problems: their status and what they mean."

ALSO = {"bad-request": (415,), "history-locked": (403,)}
"Other statuses of the same code."

GUARDED = ("history-locked", "cross-site")

BEHIND = (*GUARDED, "history-unavailable")

ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Name of the call.",
    "schema": ref("CallId"),
}


MEETING = {
    "name": "meeting",
    "in": "path",
    "required": True,
    "description": "Id of the meeting.",
    "schema": {"type": "string"},
}


def content(kind: str, schema: Schema) -> dict[str, Any]:
    return {"content": {kind: {"schema": schema}}}


def json_of(name: str) -> dict[str, Any]:
    return content("application/json", ref(name))


def bytes_of(*kinds: str) -> dict[str, Any]:
    # OpenAPI 3.1 section 4.8.14.4: the content of a file has an empty schema.
    return {"content": {kind: {} for kind in kinds}}


def parameter(name: str, schema: Schema, place: str = "query") -> dict[str, Any]:
    """A parameter; those in a path must be there, others may."""
    named = {"name": name, "in": place, "required": place == "path"}
    schema = dict(schema)
    told = {"description": schema.pop("description")} if "description" in schema else {}
    if schema == {"type": "string"} and place == "query":
        schema["maxLength"] = MOST_TEXT
    return {**named, **told, "schema": schema}


def _problems(codes: Iterable[str]) -> dict[str, Any]:
    """The answers for these codes, put together by status."""
    texts: dict[int, list[str]] = {}
    for code in sorted(codes):
        status, meaning = CODES[code]
        for each in (status, *ALSO.get(code, ())):
            texts.setdefault(each, []).append(f"`{code}`: {meaning}")
    body = content("application/problem+json", ref("Problem"))
    return {
        str(status): {"description": " ".join(lines), **body}
        for status, lines in sorted(texts.items())
    }


def operation(
    name: str,
    summary: str,
    answers: dict[str, dict[str, Any]],
    codes: Iterable[str],
    *,
    tag: str = "history",
    **more: Any,
) -> dict[str, Any]:
    private: dict[str, Any] = (
        {"security": [{"password": []}, {}]} if tag == "history" else {}
    )
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "responses": {
            **{s: {"description": "Done.", **it} for s, it in answers.items()},
            **_problems(codes),
        },
        **private,
        **more,
    }


def body(name: str) -> dict[str, Any]:
    return {"required": True, **json_of(name)}
