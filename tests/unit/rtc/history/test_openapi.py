"""OpenAPI: the document is valid, is about these routes, and tells the truth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from rtc.archive.query import NAMES
from rtc.history.openapi import document
from rtc.history.parts import CODES
from rtc.meetings import Meetings
from rtc.pages import page_routes
from rtc.signaling import Signaling
from tests.meetings import ID, OTHER, agreed, draft, talk

from .desk import CALL, RUNNING, UNKNOWN, Desk, desk, row
from .test_history import META, SAID

DOCUMENT = document("1.2.3")


def described() -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }


def routed(found: Desk) -> set[tuple[str, str]]:
    """Every route of the server, but for pages and HEAD."""
    app = found.app(None)
    silent: Any = None
    names = {"agents": {"a": "A"}, "profiles": {}, "profile": "", "ice_servers": ()}
    app.add_routes(Signaling(silent, **names, version="1").routes())
    app.add_routes(Meetings(silent).routes())
    pages = web.Application()
    pages.add_routes(page_routes())
    return told(app) - told(pages)


def told(app: web.Application) -> set[tuple[str, str]]:
    return {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }


def check(content: Any, schema: dict[str, Any]) -> None:
    """Raises ValidationError; the formats are checked, too."""
    whole = {**schema, "components": DOCUMENT["components"]}
    validator = Draft202012Validator(
        whole, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(content)


def answer(method: str, path: str, status: int, kind: str) -> dict[str, Any]:
    """The schema of an answer, by its template."""
    operation = DOCUMENT["paths"][path][method.lower()]
    responses = operation["responses"]
    assert str(status) in responses, f"{method} {path} answered {status}"
    content = responses[str(status)].get("content", {})
    assert kind in content, f"{method} {path} answered with {kind}"
    return dict(content[kind].get("schema", {}))


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_an_invalid_document_would_be_noticed() -> None:
    broken = {**DOCUMENT, "paths": {"/x": {"get": {"responses": 5}}}}
    assert not OpenAPIV31SpecValidator(broken).is_valid()


async def test_what_is_described_is_there_and_the_reverse(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        assert described() == routed(found)


def test_names_of_operations_differ() -> None:
    names = [
        operation["operationId"]
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
    ]
    assert len(names) == len(set(names))


def test_the_parameters_are_those_of_the_query() -> None:
    for path in ("/calls", "/calls.csv", "/calls.jsonl"):
        given = DOCUMENT["paths"][path]["get"]["parameters"]
        assert sorted(it["name"] for it in given) == sorted(NAMES)


def test_every_part_of_a_path_is_a_parameter() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            given = [
                it["name"]
                for it in operation.get("parameters", ())
                if it["in"] == "path"
            ]
            assert given == re.findall(r"{(\w+)}", path)


def test_every_code_of_the_history_is_described() -> None:
    folder = Path(__file__).parents[4] / "rtc" / "history"
    raised = {
        code
        for path in folder.glob("*.py")
        for code in re.findall(r'Problem\(\s*\d+,\s*"([a-z-]+)"', path.read_text())
    }
    assert len(raised) > 5
    assert raised <= set(CODES)


def test_every_schema_is_used() -> None:
    text = str(DOCUMENT)
    for name in DOCUMENT["components"]["schemas"]:
        assert f"#/components/schemas/{name}'" in text, name


GOOD = [
    ("/calls", "/calls"),
    ("/calls/choices", "/calls/choices"),
    ("/calls/{id}", f"/calls/{CALL}"),
    ("/calls/{id}", f"/calls/{RUNNING}"),
    ("/calls/{id}/peaks.json", f"/calls/{CALL}/peaks.json"),
    ("/calls/{id}/transcript.{form}", f"/calls/{CALL}/transcript.json"),
    ("/calls/{id}/transcript.{form}", f"/calls/{CALL}/transcript.vtt"),
    ("/calls/{id}/transcript.{form}", f"/calls/{CALL}/transcript.txt"),
    ("/calls/{id}/events.jsonl", f"/calls/{CALL}/events.jsonl"),
    ("/calls/{id}/recording.{format}", f"/calls/{CALL}/recording.wav"),
    ("/calls.csv", "/calls.csv"),
    ("/calls.jsonl", "/calls.jsonl"),
    ("/calls/{id}/meeting.ics", f"/calls/{CALL}/meeting.ics"),
    ("/api", "/api"),
]

BAD = [
    ("GET", "/calls", "/calls?limit=x"),
    ("GET", "/calls.csv", "/calls.csv?limit=x"),
    ("GET", "/calls/{id}", f"/calls/{UNKNOWN}"),
    ("GET", "/calls/{id}/peaks.json", f"/calls/{RUNNING}/peaks.json"),
    ("GET", "/calls/{id}/recording.{format}", f"/calls/{CALL}/recording.wav?leg=x"),
    ("GET", "/calls/{id}/recording.{format}", f"/calls/{RUNNING}/recording.wav"),
    ("GET", "/calls/{id}/transcript.{form}", f"/calls/{RUNNING}/transcript.vtt"),
    ("PUT", "/calls/{id}/rating", f"/calls/{CALL}/rating"),
    ("GET", "/calls/{id}/meeting.ics", f"/calls/{RUNNING}/meeting.ics"),
    ("POST", "/calls/{id}/meetings/{meeting}", f"/calls/{CALL}/meetings/{ID}"),
    ("DELETE", "/calls/{id}/everything", f"/calls/{RUNNING}/everything"),
    ("DELETE", "/calls/{id}/everything", f"/calls/{UNKNOWN}/everything"),
]


@pytest.mark.parametrize(("template", "path"), GOOD)
async def test_good_answers_are_as_described(
    tmp_path: Path, template: str, path: str
) -> None:
    async with desk(tmp_path) as found:
        found.archive.rows[CALL] = row(rating=3, latency_ms=800, meeting_ms=1795442709)
        live = {"call": RUNNING, "agent": "local", "profile": "sarah"}
        found.live = [{**live, "began": "2026-11-23T15:00:00Z", "length_ms": 3}]
        found.store.write(CALL, "call.json", META)
        found.bureau.desk.found(agreed(), talk())
        found.bureau.desk.found(draft(OTHER), talk())
        heard = {"final": True, "interrupted": False, "heard_ms": None}
        turns = [{**turn, **heard} for turn in SAID["turns"]]
        pauses = [{"start_ms": 5, "end_ms": None}]
        told = {**SAID, "turns": turns, "pauses": pauses}
        found.store.write(CALL, "transcript.json", told)
        event = b'{"at_ms": 7, "type": "agent.changed", "agent": "local"}\n'
        found.store.write(CALL, "events.jsonl", event * 1)
        async with found.session.get(found.url + path) as it:
            assert it.status == 200
            schema = answer("GET", template, 200, it.content_type)
            if it.content_type == "application/json":
                check(await it.json(), schema)


@pytest.mark.parametrize(("method", "template", "path"), BAD)
async def test_bad_answers_are_as_described(
    tmp_path: Path, method: str, template: str, path: str
) -> None:
    async with desk(tmp_path) as found:
        status, headers, body = await found.ask(path, method)
        schema = answer(method, template, status, headers["Content-Type"].split(";")[0])
        check(body, schema)
        listed = DOCUMENT["paths"][template][method.lower()]["responses"][str(status)]
        assert f"`{body['code']}`" in listed["description"]


async def test_other_faults_are_described_wherever_they_may_happen(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, "a password") as found:
        for path in DOCUMENT["paths"]:
            if path in ("/config", "/offer", "/meetings/{id}"):
                continue
            method = "PUT" if path.endswith("rating") else "GET"
            method = "DELETE" if path.endswith("everything") else method
            method = "POST" if path.endswith("{meeting}") else method
            asked = path.format(id=CALL, format="wav", form="vtt", meeting=ID)
            status, headers, body = await found.ask(asked, method)
            check(body, answer(method, path, status, "application/problem+json"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Call", {}),
        ("Rating", {"stars": 6}),
        ("Mark", {"at_ms": -1, "kind": "answer"}),
        ("CallDetail", row().to_json()),
        ("Calls", {"calls": [], "live": [], "next": "not an id"}),
    ],
)
def test_what_is_not_as_described_would_be_noticed(name: str, content: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}"}
    whole = {**schema, "components": DOCUMENT["components"]}
    assert not Draft202012Validator(whole).is_valid(content)
