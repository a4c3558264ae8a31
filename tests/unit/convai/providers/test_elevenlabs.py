"""ElevenLabs: how a conversation's address is found, that keys stay hidden, and that
every way in which it can refuse ends in a text for people, in time.
"""

from __future__ import annotations

import asyncio
import logging

import pytest
from aiohttp import web

from convai.agent import (
    Agent,
    AgentError,
    AgentLost,
    AgentRefused,
    AgentUnavailable,
)
from convai.brief import Brief, Utterance
from convai.events import Ready, Usage
from convai.profile import ElevenLabsPart, Profile, Voice
from convai.providers import billing
from convai.providers.elevenlabs import elevenlabs_agent, provider
from convai.wire import Deadlines
from tests.fake_elevenlabs import Conversation, FakeElevenLabs, Script
from tests.rest_server import KEY, server


async def greet(conversation: Conversation) -> None:
    await conversation.close()


async def entered(agent: Agent) -> None:
    async with agent:
        assert isinstance(await anext(aiter(agent)), Ready)


def test_printing_tells_no_key():
    made = provider(agent_id="agent_1", api_key=KEY)
    agent = made.make(Brief())
    for thing in (agent, made, [made], vars(agent)):
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


async def test_the_brief_arrives():
    profile = Profile(
        name="sarah",
        first_message="Hi {{ caller_name }}, it is {{weekday}}.",
        voice=Voice(id="voice_1", stability=0.65),
        variables={"caller_name": "Nat"},
    )
    brief = Brief(profile=profile, facts={"weekday": "Sunday"})
    async with FakeElevenLabs(greet) as fake:
        await entered(elevenlabs_agent(brief, base_url=fake.url, agent_id="a"))
    opening = fake.conversations[0].opening
    assert opening["conversation_config_override"] == {
        "agent": {"first_message": "Hi {{caller_name}}, it is {{weekday}}."},
        "tts": {"voice_id": "voice_1", "stability": 0.65},
    }
    assert opening["dynamic_variables"] == {"weekday": "Sunday", "caller_name": "Nat"}


async def test_an_agent_that_takes_over_learns_what_was_said():
    async def taken(conversation: Conversation) -> None:
        update = await conversation.expect("contextual_update")
        assert update["context_id"] == "history"
        assert update["text"].endswith("agent: Hello Nat.\ncaller: Hi, who is this?")
        await conversation.close()

    said = (Utterance("agent", "Hello Nat."), Utterance("caller", "Hi, who is this?"))
    brief = Brief(history=said, bridge="Sorry, where were we?")
    async with FakeElevenLabs(taken) as fake:
        async with elevenlabs_agent(brief, base_url=fake.url, agent_id="a") as agent:
            assert [type(event) async for event in agent] == [Ready]
    first = fake.conversations[0].opening["conversation_config_override"]["agent"]
    assert first == {"first_message": "Sorry, where were we?"}


async def test_the_profiles_own_agent_goes_first():
    profile = Profile(name="p", elevenlabs=ElevenLabsPart(agent_id="agent_2"))
    async with FakeElevenLabs(greet) as fake:
        made = provider(agent_id="agent_1", base_url=fake.url)
        for brief in (Brief(), Brief(profile=profile)):
            await entered(made.make(brief))
    assert [one.agent_id for one in fake.conversations] == ["agent_1", "agent_2"]


async def test_no_agent_is_named():
    with pytest.raises(AgentRefused, match="ELEVENLABS_AGENT_ID"):
        await entered(provider().make(Brief()))


async def test_the_bill_needs_a_key():
    assert provider(agent_id="a").bill is None
    assert provider(agent_id="a", api_key=" \n").bill is None

    async def answer(request: web.Request) -> web.Response:
        assert request.headers["xi-api-key"] == KEY
        record = {"status": "done", "metadata": {"cost_fiat": 0.5}}
        return web.json_response(record)

    async with server(answer) as url:
        bill = provider(agent_id="a", api_key=KEY, base_url=url).bill
        assert bill is not None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(billing.asyncio, "sleep", at_once)
            assert await bill("conv_1") == Usage({"cost_usd": 0.5})


async def at_once(delay: float) -> None:
    pass


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
        with pytest.raises(AgentRefused, match="not let this server in.*no access"):
            await entered(elevenlabs_agent(base_url=fake.url, agent_id="a"))


async def test_a_wrong_key_is_told_in_the_providers_words():
    async with FakeElevenLabs(greet, api_key=KEY) as fake:
        agent = elevenlabs_agent(base_url=fake.url, agent_id="a", api_key="sk_wrong")
        with pytest.raises(
            AgentRefused, match="check ELEVENLABS_API_KEY.*Invalid API key"
        ) as caught:
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
    assert "no, ***" in str(caught.value)
    assert KEY not in str(caught.value)


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

    async with server(answer) as url:
        agent = elevenlabs_agent(base_url=url, agent_id="a", api_key=KEY)
        with pytest.raises(AgentUnavailable, match="no signed URL"):
            await entered(agent)


async def test_the_key_follows_no_redirect():
    seen: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append(request.headers.get("xi-api-key", ""))
        return web.Response(text="{}")

    async with server(elsewhere) as other:

        async def redirect(request: web.Request) -> web.Response:
            raise web.HTTPFound(f"{other}/steal")

        async with server(redirect) as url:
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

    async with server(answer) as url:
        agent = elevenlabs_agent(
            base_url=url, agent_id="a", api_key=KEY, deadlines=Deadlines(ready=0.1)
        )
        with pytest.raises(AgentUnavailable, match="in time"):
            await entered(agent)
        conversation_over.set()


# Everything that can go wrong from the start, and what the person is told.


async def quota(conversation: Conversation) -> None:
    # As seen: a flat error, then a close code of protocol trouble.
    words = "This request exceeds your quota limit."
    error = f'{{"type":"error","message":"received 1002 (protocol error) {words}"}}'
    await conversation.raw(error)
    await conversation.close(1002, words)


async def quota_in_silence(conversation: Conversation) -> None:
    await conversation.close(1002, "This request exceeds your quota limit.")


async def unknown(conversation: Conversation) -> None:
    words = "The AI agent you are trying to reach does not exist."
    await conversation.close(1008, words)


async def misconfigured(conversation: Conversation) -> None:
    words = "The AI agent you are trying to reach is misconfigured."
    await conversation.close(1002, words)


async def full(conversation: Conversation) -> None:
    await conversation.send("queue_status", {"status": "waiting"})
    await conversation.send("queue_status", {"status": "timed_out"})
    await conversation.close(4300, "")


async def crash(conversation: Conversation) -> None:
    conversation.drop()


async def say_nothing(conversation: Conversation) -> None:
    await conversation.until_gone()


def http(status: int, words: str) -> FakeElevenLabs:
    return FakeElevenLabs(refuse=(status, {"detail": {"message": words}}))


def play(script: Script, *, metadata: bool) -> FakeElevenLabs:
    return FakeElevenLabs(script, metadata=metadata)


NOT_THERE = "Document with id agent_1 not found."
SARAH = Profile(name="sarah", first_message="Hi Nat")
ASKING = Profile(name="asking", first_message="Hi {{who}}")
QUICK = {
    "silent-from-the-start": Deadlines(ready=0.5),
    "silent-later": Deadlines(silence=0.5),
}
"Where it is a deadline that tells."

WRONG = {
    "key": (
        lambda: FakeElevenLabs(api_key=KEY + "x"), KEY, {},
        AgentRefused, "agent-auth", "check ELEVENLABS_API_KEY",
    ),
    "no-key": (
        lambda: FakeElevenLabs(api_key=KEY), None, {},
        AgentRefused, "agent-auth", "check ELEVENLABS_API_KEY",
    ),
    "unknown-by-rest": (
        lambda: http(404, NOT_THERE), KEY, {},
        AgentRefused, "agent-refused", "knows no such agent: check ELEVENLABS_AGENT_ID",
    ),
    "unknown-at-upgrade": (
        lambda: http(404, ""), None, {},
        AgentRefused, "agent-refused", "knows no such agent: check ELEVENLABS_AGENT_ID",
    ),
    "unknown-on-socket": (
        lambda: play(unknown, metadata=False), None, {},
        AgentRefused, "agent-refused", "knows no such agent: check ELEVENLABS_AGENT_ID",
    ),
    "quota-by-rest": (
        lambda: http(401, "You have 0 credits left: this exceeds your quota."), KEY, {},
        AgentRefused, "agent-quota", "check its plan and credits",
    ),
    "quota-at-once": (
        lambda: play(quota, metadata=False), None, {},
        AgentRefused, "agent-quota", "check its plan and credits",
    ),
    "quota-later": (
        lambda: play(quota, metadata=True), None, {},
        AgentRefused, "agent-quota", "check its plan and credits",
    ),
    "quota-by-code": (
        lambda: play(quota_in_silence, metadata=True), None, {},
        AgentRefused, "agent-quota", "check its plan and credits",
    ),
    "override": (
        lambda: FakeElevenLabs(allowed_overrides=set()), None,
        {"brief": Brief(profile=SARAH)},
        AgentRefused, "agent-override",
        "does not allow overriding first_message: switch it on under Security",
    ),
    "variable": (
        FakeElevenLabs, None, {"brief": Brief(profile=ASKING)},
        AgentRefused, "agent-misconfigured", "the variable who that this call does not",
    ),
    "misconfigured": (
        lambda: play(misconfigured, metadata=False), None, {},
        AgentRefused, "agent-misconfigured", "check its language model",
    ),
    "busy-by-rest": (
        lambda: http(429, "Too many concurrent requests."), KEY, {},
        AgentUnavailable, "agent-busy", "try again in a moment",
    ),
    "busy-in-queue": (
        lambda: play(full, metadata=False), None, {},
        AgentUnavailable, "agent-busy", "No agent became free in time",
    ),
    "their-fault": (
        lambda: http(503, "Service unavailable"), KEY, {},
        AgentUnavailable, "agent-unavailable", "Service unavailable",
    ),
    "crash": (
        lambda: play(crash, metadata=False), None, {},
        AgentUnavailable, "agent-lost", "closed the connection",
    ),
    "silent-from-the-start": (
        lambda: play(say_nothing, metadata=False), None, {},
        AgentUnavailable, "agent-unavailable", "did not answer in time",
    ),
    "silent-later": (
        lambda: play(say_nothing, metadata=True), None, {},
        AgentLost, "agent-lost", "nothing was heard",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_told_to_people_in_time(case):
    make, key, more, kind, code, text = WRONG[case]
    clock = asyncio.get_running_loop().time
    async with make() as fake:
        started = clock()
        error = await failing(
            elevenlabs_agent(
                **more, base_url=fake.url, agent_id="agent_1", api_key=key,
                deadlines=QUICK.get(case),
            )
        )  # fmt: skip
        assert clock() - started < 10
    assert type(error) is kind
    assert error.code == code
    assert text in str(error)
    assert KEY not in str(error)
    told = str(error)
    assert told.count(told[:40]) == 1, "said twice"


async def test_nobody_is_there():
    for key in (KEY, None):
        error = await failing(
            elevenlabs_agent(base_url="http://127.0.0.1:1", agent_id="a", api_key=key)
        )
        assert type(error) is AgentUnavailable
        assert "127.0.0.1 cannot be reached" in str(error)


async def failing(agent: Agent) -> AgentError:
    """Converse until it fails."""
    with pytest.raises(AgentError) as caught:
        async with agent:
            async for _ in agent:
                pass
    return caught.value
