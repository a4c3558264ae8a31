"""Agents by name; how a conversation's address is found, and that keys stay hidden."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from convai.agent import Agent, AgentRefused, AgentUnavailable
from convai.elevenlabs_overrides import Overrides
from convai.events import Ready
from convai.providers import (
    Provider,
    elevenlabs_agent,
    local_agent,
)
from convai.wire import Deadlines
from tests.fake_elevenlabs import Conversation, FakeElevenLabs

KEY = "sk_0123456789abcdef"


async def greet(conversation: Conversation) -> None:
    await conversation.close()


async def entered(agent: Agent) -> None:
    async with agent:
        assert isinstance(await anext(aiter(agent)), Ready)


@asynccontextmanager
async def rest(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    """A REST server that answers everything in one way."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def test_printing_tells_no_key():
    agent = elevenlabs_agent(agent_id="agent_1", api_key=KEY)
    provider = Provider("elevenlabs", "ElevenLabs", lambda: agent)
    for thing in (agent, provider, [provider], vars(agent)):
        assert KEY not in repr(thing)


# Public agents.


@pytest.mark.parametrize("scheme", ["http", "ws"])
@pytest.mark.parametrize("end", ["", "/"])
async def test_a_public_agent_needs_no_key(scheme, end):
    async with FakeElevenLabs(greet) as fake:
        base = fake.url.replace("http", scheme, 1) + end
        await entered(elevenlabs_agent(base_url=base, agent_id="agent one&more"))
        (conversation,) = fake.conversations
        assert conversation.agent_id == "agent one&more"
        assert conversation.socket.ws_protocol == "convai"


async def test_overrides_arrive():
    async with FakeElevenLabs(greet) as fake:
        overrides = Overrides(first_message="Hello", voice_id="voice_1")
        await entered(
            elevenlabs_agent(base_url=fake.url, agent_id="a", overrides=overrides)
        )
        assert fake.conversations[0].opening["conversation_config_override"] == {
            "agent": {"first_message": "Hello"},
            "tts": {"voice_id": "voice_1"},
        }


async def test_a_path_before_the_api_is_kept():
    async with FakeElevenLabs(greet) as fake:
        agent = elevenlabs_agent(base_url=f"{fake.url}/proxy", agent_id="a")
        with pytest.raises(AgentRefused, match="404"):
            await entered(agent)


@pytest.mark.parametrize("url", ["", "api.elevenlabs.io", "ftp://x", "http://[", "ws:"])
async def test_a_base_url_that_is_none(url):
    with pytest.raises(AgentRefused, match="http"):
        await entered(elevenlabs_agent(base_url=url, agent_id="a"))


# Private agents.


async def test_a_private_agent_is_reached_by_a_signed_url():
    async with FakeElevenLabs(greet, api_key=KEY) as fake:
        for number in (1, 2):  # each conversation gets its own
            agent = elevenlabs_agent(
                base_url=fake.url, agent_id=f"agent_{number}", api_key=f" {KEY}\n"
            )
            await entered(agent)
        assert [one.agent_id for one in fake.conversations] == ["agent_1", "agent_2"]


async def test_a_private_agent_without_key():
    async with FakeElevenLabs(greet, api_key=KEY) as fake:
        with pytest.raises(AgentRefused, match="no access"):
            await entered(elevenlabs_agent(base_url=fake.url, agent_id="a"))


async def test_a_wrong_key_is_told_in_the_providers_words():
    async with FakeElevenLabs(greet, api_key=KEY) as fake:
        agent = elevenlabs_agent(base_url=fake.url, agent_id="a", api_key="sk_wrong")
        with pytest.raises(AgentRefused, match="Invalid API key") as caught:
            await entered(agent)
        assert caught.value.code == "agent-auth"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (404, AgentRefused, "agent-refused"),
        (429, AgentUnavailable, "agent-busy"),
        (500, AgentUnavailable, "agent-unavailable"),
    ],
)
async def test_no_signed_url(status, kind, code):
    refuse = (status, {"detail": {"status": "no", "message": f"no, {KEY}"}})
    async with FakeElevenLabs(refuse=refuse) as fake:
        agent = elevenlabs_agent(base_url=fake.url, agent_id="a", api_key=KEY)
        with pytest.raises(AgentUnavailable) as caught:
            await entered(agent)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert str(caught.value) == "no, ***"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"signed_url": 5}',
        '{"signed_url": "https://x/"}',
        '{"signed_url": "' + "x" * 100_000 + '"}',
    ],
)
async def test_an_answer_without_signed_url(body):
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body)

    async with rest(answer) as url:
        agent = elevenlabs_agent(base_url=url, agent_id="a", api_key=KEY)
        with pytest.raises(AgentUnavailable, match="no signed URL"):
            await entered(agent)


async def test_the_key_follows_no_redirect():
    seen: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append(request.headers.get("xi-api-key", ""))
        return web.Response(text="{}")

    async with rest(elsewhere) as other:

        async def redirect(request: web.Request) -> web.Response:
            raise web.HTTPFound(f"{other}/steal")

        async with rest(redirect) as url:
            agent = elevenlabs_agent(base_url=url, agent_id="a", api_key=KEY)
            with pytest.raises(AgentUnavailable, match="302"):
                await entered(agent)
    assert seen == []


async def test_a_key_that_is_no_key():
    agent = elevenlabs_agent(
        base_url="http://127.0.0.1:1", agent_id="a", api_key="sk_\r\nx: y"
    )
    with pytest.raises(AgentUnavailable) as caught:
        await entered(agent)
    assert "sk_" not in str(caught.value)


async def test_rest_that_cannot_be_reached(caplog):
    caplog.set_level(logging.DEBUG)
    agent = elevenlabs_agent(base_url="http://127.0.0.1:1", agent_id="a", api_key=KEY)
    with pytest.raises(AgentUnavailable, match="127.0.0.1 cannot be reached") as caught:
        await entered(agent)
    assert KEY not in str(caught.value)
    assert KEY not in caplog.text


async def test_rest_that_does_not_answer():
    conversation_over = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"{")
        await conversation_over.wait()
        return response

    async with rest(answer) as url:
        agent = elevenlabs_agent(
            base_url=url, agent_id="a", api_key=KEY, deadlines=Deadlines(ready=0.1)
        )
        with pytest.raises(AgentUnavailable, match="in time"):
            await entered(agent)
        conversation_over.set()


# The embedded agent.


async def test_the_local_agent_is_found_again_after_a_restart():
    addresses: list[str] = []

    def address() -> str:
        if not addresses:
            raise AgentUnavailable("the embedded agent is starting")
        return addresses[-1]

    with pytest.raises(AgentUnavailable, match="is starting"):
        await entered(local_agent(address=address))
    for _ in range(2):
        async with FakeElevenLabs(greet) as fake:
            addresses.append(fake.url)
            await entered(local_agent(address=address))
            assert fake.conversations[0].agent_id == "local"
