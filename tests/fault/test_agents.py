"""Agents that cannot be had: the real server, its HTTP answer and its log.

Each failure ends within its deadline in a text that a person understands, under a code
that the page knows, and without the key.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest

from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.fake_openai import Answer, FakeOpenAi
from tests.server_process import ROOT, server

OFFER = (ROOT / "tests/data/offers").glob("*.sdp")
SDP = sorted(OFFER)[0].read_text()
KEY = "test-key-0123456789"
DEADLINE_S = 12.0
"An agent alone is given 10 s to be ready; everything else is faster."

Case: TypeAlias = tuple[Callable[[], AbstractAsyncContextManager[Any]], str, str]
"The provider, the code, and what the text says."


async def stays(conversation: Conversation) -> None:
    await conversation.until_gone(timeout=20)


def closes(code: int, reason: str) -> Callable[[Conversation], Awaitable[None]]:
    async def script(conversation: Conversation) -> None:
        await conversation.close(code, reason)

    return script


def answer(asked: object) -> Answer:
    return Answer(lines=())


def openai(**wrong: Any) -> Callable[[], FakeOpenAi]:
    return lambda: FakeOpenAi(answer, **{"api_key": KEY, **wrong})


def openai_refuses(status: int, code: str, message: str) -> Callable[[], FakeOpenAi]:
    return openai(refuse=(status, {"error": {"code": code, "message": message}}))


class Down:
    """Nobody listens there."""

    url = "http://127.0.0.1:1"
    api_key = KEY

    async def __aenter__(self) -> Down:
        return self

    async def __aexit__(self, *exc: object) -> None: ...


ELEVENLABS: dict[str, Case] = {
    "wrong key": (
        lambda: FakeElevenLabs(stays, api_key="another-key-0123456789"),
        "agent-auth",
        "ELEVENLABS_API_KEY",
    ),
    "unknown agent": (
        lambda: FakeElevenLabs(
            refuse=(404, {"detail": {"status": "not_found", "message": "No agent."}})
        ),
        "agent-refused",
        "no agent|No agent",
    ),
    "quota": (
        lambda: FakeElevenLabs(
            closes(1002, "This request exceeds your quota limit."), metadata=False
        ),
        "agent-quota",
        "quota",
    ),
    "refused override": (
        lambda: FakeElevenLabs(stays, allowed_overrides=set()),
        "agent-override",
        "does not allow overriding first_message",
    ),
    "down": (Down, "agent-unavailable", "cannot be reached"),
    "silent": (
        lambda: FakeElevenLabs(stays, metadata=False),
        "agent-unavailable",
        "did not answer in time",
    ),
}
OPENAI: dict[str, Case] = {
    "wrong key": (
        openai(api_key="another-key-0123456789"),
        "agent-auth",
        "API key",
    ),
    "unknown model": (
        openai_refuses(404, "model_not_found", "No model."),
        "agent-misconfigured",
        "model",
    ),
    "quota": (
        openai_refuses(429, "insufficient_quota", "No quota."),
        "agent-quota",
        "quota",
    ),
    "refused session": (
        openai(refuse_session="Unknown parameter."),
        "agent-refused|agent-misconfigured",
        "Unknown parameter",
    ),
    "down": (Down, "agent-unavailable", "cannot be reached"),
    "silent": (openai(silent=True), "agent-unavailable", "did not answer in time"),
}


@asynccontextmanager
async def office(
    tmp_path: Path, agent: str, env: dict[str, str]
) -> AsyncIterator[tuple[str, Path]]:
    """The real server with that agent alone; its URL and its log."""
    profile = tmp_path / "p.toml"
    profile.write_text('first_message = "Hello."\n')
    flags = ("--tls", "off", "--agent", agent, "--profile", str(profile))
    running = server(tmp_path, *flags, env=env)
    started = await asyncio.to_thread(running.__enter__)
    try:
        yield started.url, started.log
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


async def refused(tmp_path: Path, agent: str, env: dict[str, str], case: Case) -> None:
    _, code, words = case
    async with office(tmp_path, agent, env) as (url, log):
        began = time.monotonic()
        async with aiohttp.ClientSession() as session:
            body = {"sdp": SDP, "type": "offer"}
            async with session.post(f"{url}/offer", json=body) as reply:
                problem = await reply.json(content_type=None)
        took_s = time.monotonic() - began
    said = log.read_text()
    assert reply.status == 502
    assert reply.content_type == "application/problem+json"
    assert re.fullmatch(code, problem["code"]), problem
    assert re.search(words, problem["detail"]), problem
    assert problem["detail"] in said
    assert took_s < DEADLINE_S
    assert KEY not in said + str(problem)


@pytest.mark.parametrize("name", ELEVENLABS)
async def test_elevenlabs(tmp_path: Path, name: str) -> None:
    case = ELEVENLABS[name]
    async with case[0]() as fake:
        env = {"ELEVENLABS_AGENT_ID": "agent_1", "ELEVENLABS_BASE_URL": fake.url}
        if name == "wrong key":
            env["ELEVENLABS_API_KEY"] = KEY
        await refused(tmp_path, "elevenlabs", env, case)


@pytest.mark.parametrize("name", OPENAI)
async def test_openai(tmp_path: Path, name: str) -> None:
    case = OPENAI[name]
    async with case[0]() as fake:
        env = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url}
        await refused(tmp_path, "openai", env, case)
