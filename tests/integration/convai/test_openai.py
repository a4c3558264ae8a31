"""The OpenAI agent over a real socket, and in real calls, against the strict fake."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from numpy.typing import NDArray

from convai.agent import (
    Agent,
    AgentError,
    AgentLost,
    AgentRefused,
    AgentUnavailable,
)
from convai.brief import Brief, Utterance
from convai.events import (
    Corrected,
    Event,
    Handover,
    Interrupted,
    ReplyDone,
    Said,
    Speech,
    ToolCall,
    Trouble,
    Usage,
)
from convai.notes import Background
from convai.openai.codec import OpenAiCodec
from convai.profile import OpenAiPart, Profile
from convai.providers.openai import openai_agent
from convai.succession.succession import Candidate, Succession
from convai.tools.tool import Done, Tool
from convai.wire import Deadlines
from rtc.render.export import to_wav
from tests.caller import Caller
from tests.caller import tone as caller_tone
from tests.fake_openai import Answer, Asked, FakeOpenAi, Line
from tests.office import Office, office
from tests.sound import read

RATE = 24_000
PROFILE = Profile(
    name="test", prompt="You sell boats.", first_message="Hello, this is Ann."
)


def tone(hz: float, seconds: float) -> bytes:
    t = np.arange(int(RATE * seconds)) / RATE
    return (8000 * np.sin(2 * np.pi * hz * t)).astype("<i2").tobytes()


def line(text: str, seconds: float, hz: float = 440) -> Line:
    return Line(text, tone(hz, seconds))


def short(asked: Asked) -> Answer:
    return Answer(lines=(line(asked.text or f"Answer {asked.number}.", 0.6),))


async def _book(arguments: Any) -> Done:
    return Done("Booked.")


BOOK = Tool(
    "book_meeting",
    "Books a meeting.",
    {"type": "object", "properties": {"date": {"type": "string"}}},
    _book,
)


def agent(fake: FakeOpenAi, brief: Brief | None = None, **more: Any) -> Agent:
    more.setdefault("api_key", fake.api_key)
    return openai_agent(brief or Brief(profile=PROFILE), base_url=fake.url, **more)


async def listen(agent: Agent, until: Callable[[Event], bool]) -> list[Event]:
    """The events up to one; the caller is silent meanwhile."""
    found: list[Event] = []

    async def microphone() -> None:
        while True:
            await agent.hear(bytes(960))
            await asyncio.sleep(0.02)

    failed: AgentError | None = None
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        noise = tasks.create_task(microphone())
        try:
            async for event in agent:
                found.append(event)
                if until(event):
                    break
        except AgentError as error:
            failed = error  # the group would wrap it
        noise.cancel()
    if failed is not None:
        raise failed
    return found


def says(text: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Said) and event.final and text in event.text


# Calls.


async def quiet(caller: Caller, seconds: float = 0.3) -> None:
    """Wait until the agent has not been heard for so long."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(15):
        while caller.level(loop.time() - seconds) > 50:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def heard(caller: Caller, hz: float, ms: float) -> None:
    """Wait until so much of a tone was heard."""
    async with asyncio.timeout(15):
        while heard_ms(caller, hz) < ms:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def heard_ms(caller: Caller, hz: float) -> float:
    """How much of a tone the caller heard so far."""
    pcm = [pcm for _, pcm in caller.heard]
    return tone_ms(np.concatenate(pcm), hz) if pcm else 0.0


def sent_ms(recording: Path, hz: float) -> float:
    """How much of a tone was in the packets that were sent."""
    output = recording.with_suffix(".wav")
    to_wav(recording, output, "agent")
    return tone_ms(read(output)[:, 0], hz)


def tone_ms(pcm: NDArray[np.int16], hz: float) -> float:
    """Milliseconds of it; quiet ones count, for the agent may be ducked."""
    slots = pcm[: len(pcm) // 480 * 480].reshape(-1, 480).astype(float)
    wave = np.exp(-2j * np.pi * hz * np.arange(480) / 48_000)
    return float((np.abs(slots @ wave) * 2 / 480 > 700).sum() * 10)


SLOW, FAST = 1300.0, 2600.0
"Hz of the two answers that are interrupted, to tell them from the others."


def talkative(asked: Asked) -> Answer:
    if asked.kind == "tools":
        return Answer(lines=(line(f"It is {asked.text}.", 0.6),))
    if asked.number == 2:
        return Answer(lines=(line("a b c d e f g h i j " * 4, 12, SLOW),), speed=1.5)
    if asked.number == 3:
        lines = line("One.", 1.0, FAST), line("two " * 40, 9, FAST)
        return Answer(lines=(*lines, line("three", 1.0, FAST)), speed=40)
    if asked.number == 5:
        return Answer(calls=(("book_meeting", '{"date": "2026-11-26"}'),))
    return short(asked)


def slow_to_write(number: int) -> tuple[str, float]:
    """The second turn is written down after the third."""
    return f"turn {number}", 4.0 if number == 2 else 0.1


async def test_greeting_five_turns_two_interruptions_and_a_tool(tmp_path: Path):
    brief = Brief(profile=PROFILE, tools=(BOOK,))
    truncate = "conversation.item.truncate"
    fake = FakeOpenAi(talkative, hears=slow_to_write)
    async with fake, _desk(fake, tmp_path, brief) as desk:
        async with Caller(desk.line("agent")) as caller:
            (talk,) = fake.conversations

            async def speak() -> None:
                """Say something, which is a turn."""
                turns = talk.voice_turns
                caller.microphone.say(caller_tone(300, 0.4))
                await talk.until(lambda: talk.voice_turns > turns)

            await caller.event("transcript.agent", text="Hello, this is Ann.")
            await heard(caller, 440, 300)
            await quiet(caller)
            await speak()
            await heard(caller, SLOW, 1500)
            await speak()  # turn 2, while the answer is still being made
            assert talk.responses[1]["status"] == "cancelled"
            await talk.until(lambda: len(talk.responses) == 3)
            assert talk.responses[2]["status"] == "completed"
            await heard(caller, FAST, 2500)
            await speak()  # turn 3, while it is being played
            await heard(caller, 440, 800)
            await quiet(caller)
            await speak()
            call = await caller.event("tool.called", name="book_meeting")
            caller.send(type="tool.result", id=call["id"], result="Thursday")
            await caller.event("transcript.agent", text="It is Thursday.", final=True)
            await heard(caller, 440, 1300)
            await quiet(caller)
            await speak()
            await heard(caller, 440, 2000)
            await quiet(caller)
            desk.switchboard.hang_up(desk.calls["agent"])
            await caller.event("conversation.ended")
    first, second = (cut["audio_end_ms"] for cut in talk.of(truncate))
    recording = desk.folder("agent") / "recording.mka"
    # Of the second answer the first item was heard to the end, the third not at all.
    for told, hz in ((first, SLOW), (second + 1000, FAST)):
        # The two differ by a few packets when the machine is busy.
        assert heard_ms(caller, hz) - 60 <= told <= sent_ms(recording, hz) + 60
    assert len(talk.of("conversation.item.delete")) == 1
    assert talk.errors == []
    assert [r["status"] for r in talk.responses] == [
        "completed", "cancelled", *["completed"] * 5
    ]  # fmt: skip
    written = [e for e in caller.events if e["type"] == "transcript.user"]
    said = [event["text"] for event in written if event["final"]]
    assert said == [f"turn {n}" for n in range(1, 6)]


def _desk(
    fake: FakeOpenAi, recordings: Path, brief: Brief
) -> AbstractAsyncContextManager[Office]:
    return office(fake.url, recordings, make=lambda url, name: agent(fake, brief))


# One conversation.


async def test_typed_words_interrupt_and_are_answered():
    def answers(asked: Asked) -> Answer:
        seconds = 20.0 if asked.number == 1 else 0.5
        return Answer(lines=(line(f"Answer to {asked.text}", seconds),))

    async with FakeOpenAi(answers) as fake:
        async with agent(fake) as talking:
            for _ in range(5):
                await listen(talking, lambda event: isinstance(event, Speech))
            await talking.say("What does it cost?")
            found = await listen(talking, lambda it: isinstance(it, Interrupted))
            await talking.cut(1, 900)
            found = await listen(talking, says("Answer to What does it cost?"))
            assert Corrected(1, "Answer to") in found
        (talk,) = fake.conversations
        assert [r["status"] for r in talk.responses] == ["cancelled", "completed"]
        assert talk.of("response.cancel")
        assert talk.of("conversation.item.truncate")[0]["audio_end_ms"] == 900
        assert talk.errors == []


async def test_two_tools_of_one_response_are_answered_with_one():
    calls = ("book_meeting", '{"date": "x"}'), ("book_meeting", "{"), ("end_call", "")

    def answers(asked: Asked) -> Answer:
        return short(asked) if asked.number != 1 else Answer(calls=calls)

    async with FakeOpenAi(answers) as fake:
        async with agent(fake, Brief(profile=PROFILE, tools=(BOOK,))) as talking:
            found = await listen(talking, lambda it: isinstance(it, Usage))
            first, second = (call for call in found if isinstance(call, ToolCall))
            assert first.arguments == {"date": "x"}
            await talking.answer(second.id, "later", error=True)
            await talking.answer(first.id, "Booked.")
            await listen(talking, says("Booked."))
            await talking.answer(first.id, "Booked again.")
        (talk,) = fake.conversations
        outputs = [m["item"]["output"] for m in talk.of("conversation.item.create")]
        assert [json.loads(o) if o[0] == "{" else o for o in outputs] == [
            {"error": "not done: the arguments were not JSON"},
            {"error": "later"},
            "Booked.",
        ]
        assert len(talk.responses) == 2


async def test_another_agent_goes_on_knowing_what_was_said():
    history = Utterance("agent", "Hello, this is Ann."), Utterance("caller", "Hi!")
    brief = Brief(profile=PROFILE, history=history, bridge="Where were we?")
    async with FakeOpenAi(short) as fake:
        async with agent(fake, brief) as talking:
            await listen(talking, says("Where were we?"))
            await talking.note(Background("It rains.", "weather"))
            await talking.note(Background("The sun shines.", "weather"))
            (talk,) = fake.conversations
            await talk.until(lambda: talk.of("conversation.item.delete"))
        items = [message["item"] for message in talk.of("conversation.item.create")]
        told = [(item["role"], item["content"][0]["text"]) for item in items]
        assert told == [
            ("assistant", "Hello, this is Ann."),
            ("user", "Hi!"),
            ("system", "It rains."),
            ("system", "The sun shines."),
        ]


async def test_a_session_that_is_as_long_as_it_may_be_is_lost_with_a_code():
    async with FakeOpenAi(short, life_s=1.0) as fake:
        async with agent(fake) as talking:
            with pytest.raises(AgentLost, match="60 minutes") as lost:
                await listen(talking, lambda event: False)
    assert lost.value.code == "agent-expired"


@pytest.mark.parametrize(
    ("renew_s", "why"), [(1.5, "renewed"), (None, "agent-expired")]
)
async def test_a_conversation_outlives_its_session(renew_s: float | None, why: str):
    """As after 60 minutes: before the session ends, or without a warning after it."""
    async with FakeOpenAi(short, life_s=4.0) as fake:
        candidate = Candidate(
            name="openai", make=lambda brief: agent(fake, brief), renew_s=renew_s
        )
        async with Succession([candidate], Brief(profile=PROFILE)) as talking:
            # The caller has heard the greeting, and owes the next word.
            await listen(talking, lambda event: isinstance(event, ReplyDone))
            changed = await listen(talking, lambda event: isinstance(event, Handover))
            assert changed[-1] == Handover("openai", "openai", why, "sess_2")
            await talking.say("And now?")
            await listen(talking, says("And now?"))
    old, new = fake.conversations
    assert old.errors == ([] if renew_s else ["session_expired"])
    assert new.errors == []
    told = [message["item"] for message in new.of("conversation.item.create")]
    assert [(item["role"], item["content"][0]["text"]) for item in told] == [
        ("assistant", "Hello, this is Ann."),
        ("user", "And now?"),
    ]
    assert len(new.of("response.create")) == 1  # it did not greet again


async def test_noise_before_the_greeting_does_not_cancel_it():
    async with FakeOpenAi(short, think_s=0.5) as fake:
        async with agent(fake) as talking:
            await talking.hear(tone(300, 0.4))
            await listen(talking, says("Hello, this is Ann."))
            (talk,) = fake.conversations
            assert bytes(talk.heard).count(0) == len(talk.heard)  # silence only
            assert talk.responses[0]["status"] == "completed"


# What goes wrong.


async def refused(making: Agent) -> AgentError:
    with pytest.raises(AgentUnavailable) as error:
        async with making:
            pass
    assert "sk-" not in str(error.value)
    return error.value


async def test_a_wrong_key_is_refused_and_not_repeated():
    async with FakeOpenAi(short) as fake:
        error = await refused(agent(fake, api_key="sk-wrong-key-987654"))
        assert isinstance(error, AgentRefused)
        assert error.code == "agent-auth"
        assert "Incorrect API key" in str(error)
        missing = await refused(agent(fake, api_key=" \n"))
        assert missing.code == "agent-auth"


async def test_settings_that_are_not_accepted_are_refused():
    text = "Invalid value: 'bob'. Supported values are: 'alloy'."
    async with FakeOpenAi(short, refuse_session=text) as fake:
        error = await refused(agent(fake))
    assert isinstance(error, AgentRefused)
    assert error.code == "agent-misconfigured"
    assert text in str(error)
    assert "session.audio.output.voice" in str(error)


async def test_an_unknown_model_ends_the_conversation_with_a_text():
    profile = Profile(
        name="t", first_message="Hello.", openai=OpenAiPart(model="gpt-nonsense")
    )
    async with FakeOpenAi(short) as fake:
        async with agent(fake, Brief(profile=profile)) as talking:
            with pytest.raises(AgentRefused, match="does not exist") as error:
                await listen(talking, lambda event: False)
    assert error.value.code == "agent-misconfigured"


async def test_an_empty_account_ends_the_conversation_with_a_text():
    text = "You exceeded your current quota, please check your plan."
    broke = Answer(fail={"code": "insufficient_quota", "message": text})
    async with FakeOpenAi(lambda asked: broke) as fake:
        async with agent(fake) as talking:
            with pytest.raises(AgentRefused, match="exceeded") as error:
                await listen(talking, lambda event: False)
    assert error.value.code == "agent-quota"


async def test_an_empty_account_may_be_noticed_at_the_door():
    error = {"message": "You exceeded your current quota.", "type": "x"}
    async with FakeOpenAi(short, refuse=(429, {"error": error})) as fake:
        refusal = await refused(agent(fake))
    assert isinstance(refusal, AgentRefused)
    assert refusal.code == "agent-quota"


async def test_a_response_that_fails_is_asked_for_once_more():
    fail = {"code": None, "type": "server_error", "message": "The server had an error"}

    def answers(asked: Asked) -> Answer:
        return Answer(fail=fail) if asked.number == 1 else short(asked)

    async with FakeOpenAi(answers) as fake:
        async with agent(fake) as talking:
            found = await listen(talking, says("Hello, this is Ann."))
        assert Trouble("agent-error", "The server had an error") in found
        assert len(fake.conversations[0].responses) == 2


async def test_a_server_that_says_nothing_is_given_up_in_time():
    async with FakeOpenAi(short, silent=True) as fake:
        error = await refused(agent(fake, deadlines=Deadlines(ready=0.5)))
    assert str(error) == "the agent did not answer in time"


async def test_a_broken_connection_is_a_loss():
    async with FakeOpenAi(short) as fake:
        async with agent(fake) as talking:
            await listen(talking, says("Hello"))
            fake.conversations[0].drop()
            with pytest.raises(AgentLost):
                await listen(talking, lambda event: False)


# The fake is as strict as it says.


async def test_the_fake_notices_what_no_client_should_do():
    setup = Brief(profile=PROFILE)
    good = json.loads(OpenAiCodec(setup).opening()[0])
    flat = {**good, "session": {**good["session"], "modalities": ["audio"]}}
    unformed = json.loads(json.dumps(good))
    del unformed["session"]["audio"]["input"]["format"]["rate"]
    bad = [
        flat,
        unformed,
        {"type": "response.create", "event_id": "x"},
        good,
        {"type": "output_audio_buffer.clear", "event_id": "x"},
        {"type": "input_audio_buffer.append", "audio": "AAA="[:3]},
        {"type": "conversation.item.delete", "item_id": "no", "event_id": "x"},
        {
            "type": "conversation.item.truncate",
            "item_id": "no",
            "content_index": 0,
            "audio_end_ms": 1,
            "event_id": "x",
        },
        {
            "type": "conversation.item.create",
            "item": {"type": "function_call_output", "call_id": "no", "output": ""},
            "event_id": "x",
        },
    ]
    async with FakeOpenAi(short) as fake:
        headers = {"Authorization": f"Bearer {fake.api_key}", "OpenAI-Beta": "v1"}
        url = f"{fake.url}/realtime?model=gpt-realtime-2.1"
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url, headers=headers) as socket:
                for message in bad:
                    await socket.send_json(message)
                await fake.conversations[0].until(
                    lambda: len(fake.conversations[0].errors) == len(bad) - 1
                )
        assert len(fake.faults) == len(bad)  # one is good; the header is bad
        fake.faults.clear()
