"""OpenAI as a provider: where it is dialled, and what of a profile it cannot take."""

from __future__ import annotations

import pytest

from convai.agent import AgentRefused
from convai.brief import Brief
from convai.events import Ready
from convai.profile import DEFAULT, OpenAiPart, Profile, Voice
from convai.providers.openai import openai_agent, provider, unsupported
from tests.fake_openai import Answer, FakeOpenAi


async def test_the_profiles_model_goes_before_the_servers():
    named = Profile(name="t", openai=OpenAiPart(model="gpt-realtime-1.5"))
    async with FakeOpenAi(lambda asked: Answer()) as fake:
        made = provider(
            api_key=f"{fake.api_key}\n",
            base_url=fake.url,
            model="gpt-realtime-2.1-mini",
        )
        for brief in (Brief(), Brief(profile=named)):
            async with made.make(brief) as agent:
                assert await anext(aiter(agent)) == Ready(
                    f"sess_{len(fake.conversations)}", 24_000, 24_000
                )
                assert agent.input_rate == agent.output_rate == 24_000
        models = [conversation.model for conversation in fake.conversations]
    assert models == ["gpt-realtime-2.1-mini", "gpt-realtime-1.5"]
    assert fake.api_key not in repr(made)


def test_a_conversation_is_renewed_before_openai_ends_it():
    made = provider(api_key="sk-test")
    assert made.renew_s is not None
    assert 1800 < made.renew_s <= 3600 - 180


@pytest.mark.parametrize("url", ["", "ftp://a", "http://", "http://a/v1?x=1", "ws://["])
async def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(AgentRefused, match="OPENAI_BASE_URL"):
        async with openai_agent(api_key="sk-test", base_url=url):
            pass


async def test_without_a_key_there_is_no_agent():
    with pytest.raises(AgentRefused, match="API key") as error:
        async with openai_agent(api_key=" "):
            pass
    assert error.value.code == "agent-auth"


def test_what_cannot_be_taken_is_named():
    profile = Profile(
        name="t",
        temperature=0.7,
        voice=Voice(id="21m00Tcm4TlvDq8ikWAM", stability=0.65, speed=2.0),
        openai=OpenAiPart(
            model="gpt-realtime-1.5",
            reasoning="high",
            turn_detection="semantic_vad",
            idle_ms=6000,
        ),
    )
    names = [line.partition(":")[0] for line in unsupported(profile)]
    assert names == [
        "temperature",
        "voice.id",
        "voice.stability",
        "voice.speed",
        "openai.reasoning",
        "openai.idle_ms",
    ]


def test_what_can_be_taken_is_not():
    assert unsupported(DEFAULT) == []
    both = Profile(
        name="t", voice=Voice(id="of-another"), openai=OpenAiPart(voice="marin")
    )
    assert unsupported(both) == []
    assert unsupported(Profile(name="t", voice=Voice(id="cedar", speed=1.2))) == []
