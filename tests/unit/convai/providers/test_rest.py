"""One question to a provider over REST: bounded, without redirects, without secrets."""

from __future__ import annotations

import asyncio
import logging

import pytest
from aiohttp import web

from convai.agent import (
    AgentError,
    AgentProtocolError,
    AgentRefused,
    AgentUnavailable,
)
from convai.endpoint import Endpoint
from convai.providers import rest
from tests.rest_server import KEY, server


def where(url: str, key: str = KEY) -> Endpoint:
    return Endpoint(url, headers={"xi-api-key": key})


async def test_the_object_there():
    async def answer(request: web.Request) -> web.Response:
        assert request.headers["xi-api-key"] == KEY
        return web.json_response({"path": request.path, "of": request.query["of"]})

    async with server(answer) as url:
        found = await rest.get(where(f"{url}/a/b"), {"of": "x & y"})
    assert found == {"path": "/a/b", "of": "x & y"}


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, AgentRefused, "agent-auth"),
        (403, AgentRefused, "agent-auth"),
        (404, AgentRefused, "agent-refused"),
        (422, AgentRefused, "agent-refused"),
        (429, AgentUnavailable, "agent-busy"),
        (500, AgentUnavailable, "agent-unavailable"),
        (302, AgentUnavailable, "agent-unavailable"),
    ],
)
async def test_a_refusal_is_in_the_providers_words_without_the_key(status, kind, code):
    async def answer(request: web.Request) -> web.Response:
        detail = {"message": f"no entry with {KEY}"}
        return web.json_response({"detail": detail}, status=status)

    async with server(answer) as url:
        with pytest.raises(AgentUnavailable) as caught:
            await rest.get(where(url))
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert str(caught.value) == "no entry with ***"


@pytest.mark.parametrize("body", ["", "[]", "{", "5", "\x00", "[" * 5000])
async def test_what_is_no_object(body):
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body)

    async with server(answer) as url:
        with pytest.raises(AgentProtocolError):
            await rest.get(where(url))


async def test_an_endless_answer_is_read_to_its_bound_only():
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 50_000_000:
            await response.write(b" " * 65_536)
            sent += 65_536
        return response

    async with server(answer) as url:
        with pytest.raises(AgentProtocolError, match="too long"):
            await rest.get(where(url), most_bytes=100_000)
    assert sent < 20_000_000


async def test_no_redirect_is_followed():
    seen: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append(request.headers.get("xi-api-key", ""))
        return web.Response(text="{}")

    async with server(elsewhere) as other:

        async def redirect(request: web.Request) -> web.Response:
            raise web.HTTPFound(f"{other}/steal")

        async with server(redirect) as url:
            with pytest.raises(AgentUnavailable, match="302"):
                await rest.get(where(url))
    assert seen == []


async def test_a_server_that_never_finishes():
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"{")
        await asyncio.Event().wait()
        return response

    async with server(answer) as url:
        started = asyncio.get_running_loop().time()
        with pytest.raises(AgentUnavailable, match="does not answer"):
            await rest.get(where(url), limit_s=0.1)
        assert asyncio.get_running_loop().time() - started < 1


async def test_a_server_that_hangs_up():
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        await asyncio.sleep(0)
        return web.Response()

    async with server(answer) as url:
        with pytest.raises(AgentUnavailable, match="breaks off"):
            await rest.get(where(url))


async def test_nobody_there(caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(AgentUnavailable, match="127.0.0.1 cannot be reached") as caught:
        await rest.get(where("http://127.0.0.1:1/x"), {"token": "tell-nobody"})
    assert KEY not in str(caught.value) + caplog.text
    assert "tell-nobody" not in str(caught.value) + caplog.text


async def test_a_key_that_is_none():
    with pytest.raises(AgentError) as caught:
        await rest.get(where("http://127.0.0.1:1", "sk_\r\nx: y"))
    assert "sk_" not in str(caught.value)
