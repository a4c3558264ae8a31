"""The embedded agent: found again after a restart, and what it takes of a profile."""

from __future__ import annotations

import pytest

from convai.agent import Agent, AgentRefused, AgentUnavailable
from convai.brief import Brief, Utterance
from convai.events import Ready
from convai.profile import DEFAULT, LocalPart, Profile, Voice
from convai.providers.local import local_agent, provider, unsupported
from tests.fake_elevenlabs import Conversation, FakeElevenLabs


async def greet(conversation: Conversation) -> None:
    await conversation.close()


async def entered(agent: Agent) -> None:
    async with agent:
        assert isinstance(await anext(aiter(agent)), Ready)


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


async def test_it_plays_the_profiles_script():
    profile = Profile(
        name="sarah",
        first_message="Hi {{ who }}.",
        prompt="Be brief.",
        voice=Voice(id="voice_1", speed=3.0),
        variables={"who": "Nat"},
        local=LocalPart(script="sarah"),
    )
    brief = Brief(profile=profile, facts={"today": "2026-11-22"})
    async with FakeElevenLabs(greet) as fake:
        await entered(provider(lambda: fake.url).make(brief))
    (conversation,) = fake.conversations
    assert conversation.agent_id == "sarah"
    assert conversation.opening["conversation_config_override"] == {
        "agent": {"first_message": "Hi Nat."},
        "tts": {"speed": 2.0},
    }
    variables = conversation.opening["dynamic_variables"]
    assert variables == {"today": "2026-11-22", "who": "Nat"}


async def test_it_takes_over_with_the_history():
    async def taken(conversation: Conversation) -> None:
        update = await conversation.expect("contextual_update")
        lines = update["text"].splitlines()
        assert lines[-2:] == ["agent: Hello.", "caller: Hi."]
        assert not [one for one in lines[:-2] if one.startswith(("agent:", "caller:"))]
        await conversation.close()

    history = (Utterance("agent", "Hello."), Utterance("caller", "Hi."))
    async with FakeElevenLabs(taken) as fake:
        brief = Brief(history=history)
        async with local_agent(brief, address=lambda: fake.url) as agent:
            assert len([event async for event in agent]) == 1
    override = fake.conversations[0].opening["conversation_config_override"]
    assert override == {"agent": {"first_message": ""}}  # no bridge: not a word


async def test_an_address_that_is_none():
    with pytest.raises(AgentRefused, match="address"):
        await entered(local_agent(address=lambda: "nowhere"))


def test_it_takes_the_profile_that_changes_nothing():
    assert unsupported(DEFAULT) == []
    assert provider(str).unsupported(DEFAULT) == []


async def test_a_script_that_there_is_not_is_named_and_the_usual_one_followed():
    profile = Profile(name="p", prompt="Be brief.", local=LocalPart(script="sara"))
    assert unsupported(profile) == [
        "local.script: the embedded agent has demo and sarah only",
        "prompt: the embedded agent follows a script; name it under [local]",
    ]

    async with FakeElevenLabs(greet) as fake:
        await entered(local_agent(Brief(profile=profile), address=lambda: fake.url))
    assert fake.conversations[0].agent_id == "local"


def test_what_it_cannot_take_is_named():
    profile = Profile(
        name="all",
        prompt="Be brief.",
        temperature=0.7,
        language="de",
        voice=Voice(
            id="v", stability=0.5, similarity=0.5, style=0.5, speaker_boost=True,
            speed=0.5,
        ),
        tools=("book_meeting", "end_call", "shop:order"),
    )  # fmt: skip
    told = {line.partition(": ")[0] for line in unsupported(profile)}
    assert told == {
        "prompt", "temperature", "language", "voice.id", "voice.stability",
        "voice.similarity", "voice.style", "voice.speaker_boost", "voice.speed",
        "tools",
    }  # fmt: skip
    assert any("shop:order" in line for line in unsupported(profile))
    assert not any("book_meeting" in line for line in unsupported(profile))
