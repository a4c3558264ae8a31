"""The embedded agent over real sockets, with the engines that need no model files.

Every message that it sends is checked against the protocol's schema. Its process, and
what keeps it alive, are here too.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import functools
import json
import os
import random
import signal
import socket
import sys
import time
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import convai.local.server
from convai import ulaw
from convai.agent import AgentUnavailable
from convai.local import process
from convai.local.config import Config, agents
from convai.local.ears import DeafEars
from convai.local.engines import Engines
from convai.local.formats import FORMATS, resampled
from convai.local.line import Line
from convai.local.messages import Message
from convai.local.mouth import Mouth
from convai.local.pauses import Unsure
from convai.local.process import LocalProcess
from convai.local.server import PATH, AgentServer
from convai.local.vad import Energy
from convai.local.voice import Tone
from convai.local.watch import Over

DATA = Path(__file__).parents[2] / "data"
SCHEMA = json.loads((DATA / "elevenlabs_messages.json").read_text())
SILENT_START = {"agent": {"first_message": ""}}
NOWHERE = ("--models", "/nowhere")
"Quick to start: no recognition model to load."


def valid(message: dict[str, Any]) -> dict[str, Any]:
    checker(message["type"]).validate(message)
    return message


@functools.cache
def checker(kind: str) -> jsonschema.Draft202012Validator:
    reference = {"$ref": f"#/$defs/server.{kind}", "$defs": SCHEMA["$defs"]}
    return jsonschema.Draft202012Validator(reference)


class Client:
    """One WebSocket to the server."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def begin(self, **override: Any) -> str:
        """Send the opening; gives the conversation's id."""
        kind = "conversation_initiation_client_data"
        await self.send(type=kind, conversation_config_override=override)
        message = await self.receive()
        assert message["type"] == "conversation_initiation_metadata"
        return str(message[f"{message['type']}_event"]["conversation_id"])

    async def receive(self, *kinds: str) -> dict[str, Any]:
        """The next message, or the next of these kinds."""
        async with asyncio.timeout(5):
            while True:
                message = valid(await self.socket.receive_json())
                if not kinds or message["type"] in kinds:
                    return message

    async def answer_to(self, text: str) -> str:
        await self.send(type="user_message", text=text)
        message = await self.receive("agent_response")
        return str(message["agent_response_event"]["agent_response"])

    async def closed(self) -> tuple[int | None, str]:
        """Read to the end; gives how the server closed."""
        async with asyncio.timeout(5):
            while True:
                frame = await self.socket.receive()
                if frame.type is aiohttp.WSMsgType.CLOSE:
                    return frame.data, str(frame.extra)
                assert frame.type is aiohttp.WSMsgType.TEXT, frame
                valid(json.loads(frame.data))

    async def speak(self, data: bytes, piece: int = 640) -> None:
        for start in range(0, len(data), piece):
            chunk = base64.b64encode(data[start : start + piece]).decode()
            await self.send(user_audio_chunk=chunk)


@contextlib.asynccontextmanager
async def serving(config: Config, **engines: Any) -> AsyncIterator[TestServer]:
    loaded = Engines(DeafEars(), Energy, Unsure(), Mouth(Tone(), config.output))
    loaded = replace(loaded, **engines)
    try:
        async with TestServer(AgentServer(config, loaded).app()) as server:
            yield server
    finally:
        loaded.close()


@contextlib.asynccontextmanager
async def calling(url: Any, query: str = "agent_id=local") -> AsyncIterator[Client]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}?{query}", protocols=["convai"]) as socket,
    ):
        yield Client(socket)


@contextlib.asynccontextmanager
async def conversation(**changes: Any) -> AsyncIterator[Client]:
    async with (
        serving(Config(**changes)) as server,
        calling(server.make_url(PATH)) as client,
    ):
        yield client


def loudness(data: bytes) -> float:
    return float(np.abs(np.frombuffer(data, np.int16).astype(float)).mean())


def speech(rate: int = 16_000) -> bytes:
    """A person, then the silence that ends the turn."""
    with wave.open(str(DATA / "speech" / "goforward.wav")) as file:
        pcm = b"\0" * 16_000 + file.readframes(file.getnframes()) + b"\0" * 48_000
    return resampled(pcm, 16_000, rate)


# -- the opening


async def test_metadata_is_first_and_says_the_formats() -> None:
    async with conversation() as client:
        assert client.socket.protocol == "convai"
        await client.send(type="conversation_initiation_client_data")
        first = await client.receive()
        event = first["conversation_initiation_metadata_event"]
        assert event["agent_output_audio_format"] == "pcm_24000"
        assert event["user_input_audio_format"] == "pcm_16000"
        said = await client.receive("agent_response")
        assert "this is Parley" in said["agent_response_event"]["agent_response"]
        audio = (await client.receive("audio"))["audio_event"]
        assert loudness(base64.b64decode(audio["audio_base_64"])) > 500
        assert audio["event_id"] == said["agent_response_event"]["event_id"]
        await client.receive("agent_response_complete")


async def test_overrides_shape_the_conversation() -> None:
    async with conversation() as client:
        kind = "conversation_initiation_client_data"
        agent = {"first_message": "Hello {{ name }}.", "language": "en", "prompt": {}}
        tts = {"voice_id": "anything", "speed": 1.2, "stability": None}
        override = {"agent": agent, "tts": tts, "asr": {}}
        await client.send(
            type=kind,
            conversation_config_override=override,
            dynamic_variables={"name": "Ada"},
            custom_llm_extra_body={},
        )
        said = await client.receive("agent_response")
        assert said["agent_response_event"]["agent_response"] == "Hello Ada."


async def test_an_override_without_permission_is_told_and_closes() -> None:
    async with conversation(overrides=frozenset({"first_message"})) as client:
        kind = "conversation_initiation_client_data"
        override = {"agent": {"first_message": "Hi."}, "tts": {"voice_id": "x"}}
        await client.send(type=kind, conversation_config_override=override)
        text = "Override for field 'voice_id' is not allowed by config."
        error = (await client.receive())["error_event"]
        assert (error["error_type"], error["message"]) == ("override_error", text)
        assert await client.closed() == (1008, text)


async def test_text_only_and_chosen_events() -> None:
    async with conversation() as client:
        events = ["agent_response"]
        await client.begin(conversation={"text_only": True, "client_events": events})
        kinds = [(await client.receive())["type"]]
        await client.send(type="user_message", text="How are you?")
        kinds.append((await client.receive())["type"])
        assert kinds == ["agent_response", "agent_response"]


async def test_a_client_that_never_opens_is_heard_all_the_same() -> None:
    async with conversation() as client:
        await client.send(type="user_message", text="goodbye")
        first = await client.receive()
        assert first["type"] == "conversation_initiation_metadata"
        await client.receive("agent_tool_response")
        assert (await client.closed())[0] == 1000


# -- the door


async def test_private_agents_need_a_signed_url_or_the_key() -> None:
    async with (
        serving(Config(api_key="made-up")) as server,
        aiohttp.ClientSession() as session,
    ):
        for spelling in ("get-signed-url", "get_signed_url"):
            url = server.make_url(f"{PATH}/{spelling}?agent_id=local")
            async with session.get(url) as refused:
                assert refused.status == 401
                assert (await refused.json())["detail"]["status"] == "invalid_api_key"
            async with session.get(url, headers={"xi-api-key": "other"}) as refused:
                assert refused.status == 401
            async with session.get(url, headers={"xi-api-key": "made-up"}) as given:
                signed = (await given.json())["signed_url"]
            for _ in range(2):  # good for fifteen minutes, not for one use
                async with session.ws_connect(signed) as socket:
                    await Client(socket).begin()
        async with calling(server.make_url(PATH)) as client:
            assert (await client.closed())[0] == 1008
        headers = {"xi-api-key": "made-up"}
        plain = server.make_url(f"{PATH}?agent_id=local")
        async with session.ws_connect(plain, headers=headers) as socket:
            await Client(socket).begin()


async def test_a_signature_with_a_conversation_is_good_once() -> None:
    async with serving(Config()) as server, aiohttp.ClientSession() as session:
        query = "agent_id=local&include_conversation_id=true"
        url = server.make_url(f"{PATH}/get-signed-url?{query}")
        async with session.get(url, headers={"xi-api-key": "any"}) as given:
            signed = (await given.json())["signed_url"]
        names = []
        for _ in range(2):
            async with session.ws_connect(signed) as socket:
                names.append(await Client(socket).begin())
        assert names[0] != names[1]  # a public agent: the second is a new one


async def test_unknown_agents_are_refused() -> None:
    async with serving(Config()) as server, aiohttp.ClientSession() as session:
        for query in ("agent_id=nobody", ""):
            async with calling(server.make_url(PATH), query) as client:
                code, reason = await client.closed()
                assert code == 1008 and "does not exist" in reason
        url = server.make_url(f"{PATH}/get-signed-url?agent_id=nobody")
        async with session.get(url, headers={"xi-api-key": "any"}) as refused:
            assert refused.status == 404


async def test_who_finds_it_full_waits_in_order() -> None:
    config = Config(max_conversations=1, queue_wait_s=4)
    async with serving(config) as server:
        url = server.make_url(PATH)
        async with calling(url) as first, calling(url) as gone, calling(url) as second:
            await first.begin()
            for waiting in (gone, second):
                await waiting.begin()
                status = (await waiting.receive())["queue_status_event"]["status"]
                assert status == "waiting"
            await second.send(user_audio_chunk="AAAA")  # thrown away meanwhile
            await gone.socket.close()
            await first.socket.close()
            status = (await second.receive("queue_status"))["queue_status_event"]
            assert status == {"status": "admitted"}
            await second.receive("agent_response")


async def test_who_waits_is_pinged() -> None:
    config = Config(max_conversations=1, ping_every_s=0.05)
    async with serving(config) as server:
        url = server.make_url(PATH)
        async with calling(url) as first, calling(url) as second:
            await first.begin()
            await second.begin()
            for _ in range(2):
                ping = (await second.receive("ping"))["ping_event"]
                assert ping == {"event_id": 0, "ping_ms": None}
                await second.send(type="pong", event_id=0)
            await first.socket.close()
            await second.receive("agent_response")
            assert (await second.receive("ping"))["ping_event"]["event_id"] > 0


async def test_who_leaves_the_queue_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Gone(Line):
        """Of a client that left just before a message to it."""

        async def put(self, message: Message) -> None:
            if message["type"] == "queue_status":
                raise Over(1000, "The client left")
            await super().put(message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convai.local.server, "Line", Gone)
        async with serving(Config(max_conversations=1)) as server:
            url = server.make_url(PATH)
            async with calling(url) as first, calling(url) as second:
                await first.begin()
                await second.begin()
                assert await second.closed() == (1000, "The client left")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_waiting_ends_at_a_limit() -> None:
    config = Config(max_conversations=1, queue_wait_s=0.2)
    async with serving(config) as server:
        url = server.make_url(PATH)
        async with calling(url) as first, calling(url) as second:
            await first.begin()
            await second.begin()
            seen = [await second.receive("queue_status") for _ in range(2)]
            words = [message["queue_status_event"]["status"] for message in seen]
            assert words == ["waiting", "timed_out"]
            assert (await second.closed())[0] == 4300


# -- in the conversation


async def test_pings_measure_the_round_trip() -> None:
    async with conversation(ping_every_s=0.1) as client:
        await client.begin(**SILENT_START)
        first = (await client.receive("ping"))["ping_event"]
        assert first["ping_ms"] is None
        await client.send(type="pong", event_id=first["event_id"])
        await client.send(type="pong", event_id=10**30)  # nobody's: ignored
        later = first
        while later["ping_ms"] is None:  # one may have been on its way already
            event = later["event_id"]
            later = (await client.receive("ping"))["ping_event"]
            assert later["event_id"] == event + 1
        assert 0 < later["ping_ms"] < 5000


async def test_typed_turns_interrupt_and_correct() -> None:
    async with conversation() as client:
        await client.begin(**SILENT_START)
        assert (await client.answer_to("tell me a story")).startswith("All right, here")
        played = (await client.receive("audio"))["audio_event"]["event_id"]
        await client.receive("agent_response_complete")  # a burst: long before its end
        await client.send(type="user_message", text="stop")
        cut = await client.receive("interruption")
        assert cut["interruption_event"]["event_id"] == played
        correction = (await client.receive())["agent_response_correction_event"]
        assert correction["event_id"] == played
        original = correction["original_agent_response"]
        assert original.startswith(correction["corrected_agent_response"])
        assert len(correction["corrected_agent_response"]) < len(original) / 4
        answer = (await client.receive("agent_response"))["agent_response_event"]
        assert answer["agent_response"].startswith("All right, I stop")
        assert answer["event_id"] > played


async def test_a_meeting_typed_with_a_client_tool() -> None:
    async with conversation() as client:
        await client.begin(**SILENT_START)
        await client.answer_to("a meeting please")
        await client.send(type="contextual_update", text="it is Monday")
        await client.send(type="user_activity")
        await client.send(type="something_new", payload=1)
        await client.answer_to("tuesday at half past two")
        await client.send(type="user_message", text="yes")
        call = (await client.receive("client_tool_call"))["client_tool_call"]
        assert call["tool_name"] == "book_meeting"
        booked = call["parameters"]
        assert date.fromisoformat(booked["date"]).weekday() == 1
        assert booked["time"] == "14:30" and booked["duration_min"] == 30
        answer = {"type": "client_tool_result", "tool_call_id": call["tool_call_id"]}
        await client.send(**{**answer, "tool_call_id": "other"}, result="no")
        await client.send(**answer, result="refused", is_error=True)
        said = await client.receive("agent_response")
        text = said["agent_response_event"]["agent_response"]
        assert text.startswith("I could not reach your calendar.")


async def test_every_script_is_an_agent_of_its_own_name() -> None:
    async with serving(Config(agents=agents("sarah", ("other",)))) as server:
        for name, opening in (
            ("demo", "Hello, this is Parley."),
            ("sarah", "Hi Nat this is Sarah from American Funds."),
            ("local", "Hi Nat this is Sarah from American Funds."),
            ("other", "Hi Nat this is Sarah from American Funds."),
        ):
            async with calling(server.make_url(PATH), f"agent_id={name}") as client:
                await client.begin()
                said = await client.receive("agent_response")
                text = said["agent_response_event"]["agent_response"]
                assert text.startswith(opening), name


async def test_variables_reach_the_script() -> None:
    async with (
        serving(Config()) as server,
        calling(server.make_url(PATH), "agent_id=sarah") as client,
    ):
        facts = {"today": "2026-11-22", "zone": "Europe/Vienna", "caller_name": "Ada"}
        kind = "conversation_initiation_client_data"
        await client.send(type=kind, dynamic_variables=facts)
        said = await client.receive("agent_response")
        assert said["agent_response_event"]["agent_response"].startswith("Hi Ada this")
        await client.answer_to("call me back on Thursday at three")
        await client.send(type="user_message", text="yes")
        call = (await client.receive("client_tool_call"))["client_tool_call"]
        assert call["parameters"]["date"] == "2026-11-26"
        assert call["parameters"]["zone"] == "Europe/Vienna"
        assert call["parameters"]["attendee"] == "Ada"


HISTORY = "agent: Gladly. Which day suits you?\ncaller: tuesday\nagent: At what time?"
BEFORE = "caller: a meeting please\n" + HISTORY


async def test_who_takes_over_says_the_bridge_and_goes_on() -> None:
    config = Config(max_conversations=1, queue_wait_s=4)
    async with serving(config) as server:
        url = server.make_url(PATH)
        async with calling(url) as first, calling(url) as second:
            await first.begin()
            for client in (first, second):  # the second one has to wait for a place
                if client is second:
                    await client.begin(agent={"first_message": "Where were we?"})
                    await client.receive("queue_status")
                await client.send(
                    type="contextual_update", text=BEFORE, context_id="history"
                )
            await asyncio.sleep(0.1)  # until it was read, in the queue
            await first.socket.close()
            said = await second.receive("agent_response")
            assert said["agent_response_event"]["agent_response"] == "Where were we?"
            answer = await second.answer_to("half past two")
            assert answer == "On Tuesday at 2:30 PM. Shall I book that?"


async def test_voices_differ() -> None:
    sounds = {}
    for name in ("heart", "low"):
        async with conversation() as client:
            await client.begin(agent={"first_message": "One."}, tts={"voice_id": name})
            sound = b""
            while (message := await client.receive())["type"] != (
                "agent_response_complete"
            ):
                if message["type"] == "audio":
                    sound += base64.b64decode(message["audio_event"]["audio_base_64"])
            sounds[name] = np.frombuffer(sound, np.int16)
    # `Tone` has no pace to make up for the pitch: lower notes last longer here.
    assert len(sounds["low"]) > 1.1 * len(sounds["heart"]) > 0


async def test_speech_is_heard_and_cuts_the_agent() -> None:
    """In bursts faster than real time, as a client with a backlog would send."""
    async with conversation() as client:
        await client.begin()
        await client.receive("agent_response_complete")
        await client.speak(speech())
        await client.receive("interruption")
        said = await client.receive("agent_response")
        text = said["agent_response_event"]["agent_response"]
        assert text.startswith("I can hear that you are speaking")


async def test_u_law_in_both_directions() -> None:
    law = FORMATS["ulaw_8000"]
    async with conversation(input=law, output=law) as client:
        await client.begin(**SILENT_START)
        await client.speak(ulaw.encode(speech(8_000)))
        said = await client.receive("agent_response")
        assert "hear that you are" in said["agent_response_event"]["agent_response"]
        audio = (await client.receive("audio"))["audio_event"]["audio_base_64"]
        data = base64.b64decode(audio)
        assert len(data) == 1_600  # 200 ms
        assert loudness(ulaw.decode(data)) > 500


async def test_a_client_that_falls_silent_in_mid_turn_is_answered() -> None:
    async with conversation() as client:
        await client.begin(**SILENT_START)
        await client.speak(speech()[: 16_000 * 2 * 2])
        said = await client.receive("agent_response")
        assert "hear that you are" in said["agent_response_event"]["agent_response"]


@pytest.mark.parametrize(
    ("limit", "kind", "code"),
    [
        ({"inactivity_s": 0.3}, "transport_receive_timeout", 1002),
        ({"max_duration_s": 0.3}, "max_duration_exceeded", 1000),
    ],
)
async def test_limits_are_told_before_the_end(
    limit: dict[str, float], kind: str, code: int
) -> None:
    async with conversation(**limit) as client:
        await client.begin(**SILENT_START)
        error = (await client.receive("error"))["error_event"]
        assert (error["error_type"], error["code"]) == (kind, code)
        assert (await client.closed())[0] == code


# -- bad clients


class Long(Tone):
    """Ten seconds for each sentence, of a sound that takes no time to make."""

    def speak(self, sentence: str, speed: float) -> bytes:
        return b"\1\0" * 10 * self.rate


def narrow() -> socket.socket:
    """A socket that holds little: what is not read stays with the sender."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    return made


def frame(**message: Any) -> bytes:
    """A WebSocket message of a client (RFC 6455 section 5.2), masked with zeros."""
    data = json.dumps(message).encode()
    assert len(data) < 126
    return bytes([0x81, 0x80 | len(data)]) + b"\0\0\0\0" + data


@contextlib.asynccontextmanager
async def narrowly(config: Config) -> AsyncIterator[tuple[web.AppRunner, int]]:
    """Long sentences through narrow sockets; gives the runner and its port."""
    mouth = Mouth(Long(), config.output)
    engines = Engines(DeafEars(), Energy, Unsure(), mouth)
    runner = web.AppRunner(AgentServer(config, engines).app(), shutdown_timeout=1)
    await runner.setup()
    listening = narrow()
    listening.bind(("127.0.0.1", 0))
    try:
        await web.SockSite(runner, listening).start()
        yield runner, listening.getsockname()[1]
    finally:
        await runner.cleanup()
        engines.close()


def open_sockets() -> int:
    """Of this process, by what Linux says of it."""
    links = []
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            links.append(os.readlink(f"/proc/self/fd/{number}"))
    return sum(link.startswith("socket") for link in links)


async def test_a_client_that_does_not_read_keeps_nothing_open() -> None:
    loop = asyncio.get_running_loop()
    head = (
        f"GET {PATH}?agent_id=local HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    opening = frame(type="conversation_initiation_client_data")
    async with narrowly(Config(max_duration_s=0.3)) as (runner, port):
        with narrow() as client:
            client.setblocking(False)
            before = open_sockets()
            await loop.sock_connect(client, ("127.0.0.1", port))
            await loop.sock_sendall(client, head.encode() + opening)
            await until(lambda: open_sockets() == before + 1, 5)
            await until(lambda: open_sockets() == before, 5)
            assert runner.server is not None and runner.server.connections == []


async def test_a_slow_reader_gets_the_whole_goodbye() -> None:
    def made(_: Any) -> socket.socket:
        client = narrow()
        client.setblocking(False)
        return client

    heard, kinds = 0, []
    connector = aiohttp.TCPConnector(socket_factory=made)
    async with (
        narrowly(Config()) as (_, port),
        aiohttp.ClientSession(connector=connector) as session,
        session.ws_connect(f"http://127.0.0.1:{port}{PATH}?agent_id=local") as ws,
    ):
        client = Client(ws)
        await client.begin(**SILENT_START)
        await client.send(type="user_message", text="goodbye")
        async with asyncio.timeout(10):
            async for message in ws:
                told = valid(json.loads(message.data))
                kinds.append(told["type"])
                if told["type"] == "audio":
                    heard += len(base64.b64decode(told["audio_event"]["audio_base_64"]))
        assert ws.close_code == 1000
    assert kinds[-2:] == ["agent_response_complete", "agent_tool_response"]
    assert heard == 2 * 10 * 48_000


async def test_a_flood_of_turns_ends_its_conversation() -> None:
    class Slow(Tone):
        def speak(self, sentence: str, speed: float) -> bytes:
            time.sleep(0.05)
            return super().speak(sentence, speed)

    config = Config()
    async with (
        serving(config, mouth=Mouth(Slow(), config.output)) as server,
        calling(server.make_url(PATH)) as client,
    ):
        await client.begin(**SILENT_START)
        with contextlib.suppress(ConnectionError):  # it may hang up before the end
            for number in range(200):
                await client.send(type="user_message", text=f"number {number}")
        assert await client.closed() == (1008, "Too many turns at once")


async def test_one_broken_conversation_leaves_the_others_alone() -> None:
    class Broken(Energy):
        def probability(self, window: bytes) -> float:
            if window.strip(b"\0"):
                raise RuntimeError("this test breaks it")
            return super().probability(window)

    async with serving(Config(), vad=Broken) as server:
        url = server.make_url(PATH)
        async with calling(url) as good, calling(url) as bad:
            await good.begin(**SILENT_START)
            await bad.begin(**SILENT_START)
            await bad.speak(b"\1" * 2048)
            assert (await bad.closed())[0] == 1011
            assert await good.answer_to("thank you") == "You are welcome."


async def test_ten_conversations_each_get_their_own_answers() -> None:
    async def converse(url: Any, number: int) -> list[str]:
        async with calling(url) as client:
            await client.begin(**SILENT_START)
            said = [await client.answer_to(f"number {number}.{i}") for i in range(5)]
            await client.send(type="user_message", text="goodbye")
            assert (await client.closed())[0] == 1000
            return said

    async with serving(Config()) as server, asyncio.TaskGroup() as group:
        url = server.make_url(PATH)
        calls = [group.create_task(converse(url, n)) for n in range(10)]
        await asyncio.wait(calls)
    for number, call in enumerate(calls):
        expected = [f"I heard: number {number}.{i}." for i in range(5)]
        assert call.result() == expected


async def test_nonsense_ends_its_own_conversation_at_most() -> None:
    chance = random.Random(2)
    pieces = [
        *(b"{", b"}", b"[", b'"type"', b":", b'"pong"', b'"event_id"', b"1e999", b"-"),
        *(b'"user_audio_chunk"', b'"A"', b"NaN", b",", b"null", b"\xff", b"\0", b"9"),
        *(b'"user_message"', b'"text"', b'"\\ud800"', b"[" * 5000, b'"text":"\\ud800"'),
        *(b'{"type":"user_message","text":"\\ud800 \\u0000"}', b'{"type":"x"}'),
        *(b'{"user_audio_chunk":"AAA="}', b'{"type":"conversation_initiation_client_'),
        *(b'data","conversation_config_override":', b'{"agent":', b'{"tts":', b"true"),
    ]
    codes = set()
    async with serving(Config()) as server:
        url = server.make_url(PATH)
        for _ in range(100):
            async with calling(url) as client:
                for _ in range(chance.randrange(3)):
                    frame = b"".join(chance.choices(pieces, k=chance.randrange(1, 6)))
                    if chance.random() < 0.1:
                        await client.socket.send_bytes(frame)
                    else:
                        text = frame.decode("utf-8", "replace")
                        await client.socket.send_str(text)
                await client.send(type="user_message", text="goodbye")
                codes.add((await client.closed())[0])
        async with calling(url) as client:
            await client.begin(**SILENT_START)
            assert await client.answer_to("thank you") == "You are welcome."
    assert codes == {1000, 1008}


async def test_a_frame_beyond_the_limit_does_no_harm() -> None:
    async with serving(Config()) as server, calling(server.make_url(PATH)) as client:
        await client.begin(**SILENT_START)
        with contextlib.suppress(ConnectionError):  # it may hang up before the end
            await client.socket.send_str(" " * (16 * 1024 * 1024 + 1))
        async with calling(server.make_url(PATH)) as other:
            await other.begin(**SILENT_START)
            assert await other.answer_to("thank you") == "You are welcome."


# -- the process


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


async def until(what: Any, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not what():  # noqa: ASYNC110 - the world outside sets no event
            await asyncio.sleep(0.02)


def answers(local: LocalProcess) -> bool:
    try:
        return bool(local.url)
    except AgentUnavailable:
        return False


async def test_the_child_is_kept_alive_and_ends_with_its_context() -> None:
    async with LocalProcess(NOWHERE) as local:
        url, pid = local.url, local.pid
        async with calling(f"{url}{PATH}", f"agent_id={local.agent_id}") as client:
            await client.begin()
            os.kill(pid, signal.SIGKILL)
            while (await client.socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        with pytest.raises(AgentUnavailable, match="starting again"):
            await until(lambda: local.url != url)
        await until(lambda: answers(local))
        assert local.restarts == 1 and local.pid != pid
        async with calling(f"{local.url}{PATH}") as client:
            await client.begin(**SILENT_START)
            await client.speak(speech())  # no recognition model: it says so
            said = await client.receive("agent_response")
            text = said["agent_response_event"]["agent_response"]
            assert text.startswith("I can hear that you are speaking")
            os.kill(local.pid, signal.SIGTERM)
            assert (await client.closed())[0] == 1001
            await until(lambda pid=local.pid: not alive(pid))
    assert not alive(local.pid)


async def test_the_child_does_not_outlive_its_parent() -> None:
    program = (
        "import asyncio\n"
        "from convai.local.process import LocalProcess\n"
        "async def main():\n"
        "    async with LocalProcess(['--models', '/nowhere']) as local:\n"
        "        print(local.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert alive(child)
    parent.kill()
    await parent.communicate()
    await until(lambda: not alive(child))


async def test_a_child_that_cannot_start_is_an_unavailable_agent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(AgentUnavailable, match="it ended with status 2"):
        async with LocalProcess(["--no-such-flag"]):
            raise AssertionError("it cannot have started")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(AgentUnavailable, match="it ended with status 1"):
            async with LocalProcess([*NOWHERE, "--port", port]):
                raise AssertionError("it cannot have started")
    levels = {r.levelname for r in caplog.records if "cannot listen" in r.message}
    assert levels == {"ERROR"}


async def test_a_child_that_will_not_end_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = asyncio.create_subprocess_exec
    deaf = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('listening http://127.0.0.1:9', flush=True)\n"
        "time.sleep(60)\n"
    )

    async def instead(*_: str, **options: Any) -> asyncio.subprocess.Process:
        return await start(sys.executable, "-c", deaf, **options)

    monkeypatch.setattr(process.asyncio, "create_subprocess_exec", instead)
    monkeypatch.setattr(process, "STOP_S", 0.2)
    async with LocalProcess() as local:
        assert alive(local.pid)
    assert not alive(local.pid)


async def test_leaving_twice_kills_the_child_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = "import signal\nsignal.signal(15, signal.SIG_IGN)\nprint(1, flush=True)\n"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", f"{program}import time\ntime.sleep(60)"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    await child.stdout.readline()
    ending = asyncio.ensure_future(process._end(child))
    await asyncio.sleep(0.05)
    ending.cancel()
    await asyncio.wait({ending})
    assert ending.cancelled()
    assert await child.wait() == -signal.SIGKILL


async def test_a_restart_that_fails_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with LocalProcess(NOWHERE) as local:
        start, refusals = asyncio.create_subprocess_exec, [errno.EAGAIN, errno.ENOMEM]

        async def scarce(*command: Any, **options: Any) -> asyncio.subprocess.Process:
            if refusals:
                raise OSError(refusals.pop(0), "made up by a test")
            return await start(*command, **options)

        monkeypatch.setattr(process.asyncio, "create_subprocess_exec", scarce)
        monkeypatch.setattr(process, "BACKOFF_S", (0.05,))
        os.kill(local.pid, signal.SIGKILL)
        await until(lambda: not answers(local))
        await until(lambda: answers(local))
        assert local.restarts == 3
    assert caplog.text.count("could not be started") == 2


async def test_a_first_start_that_fails_is_an_unavailable_agent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scarce(*_: Any, **options: Any) -> asyncio.subprocess.Process:
        raise OSError(errno.EMFILE, "made up by a test")

    monkeypatch.setattr(process.asyncio, "create_subprocess_exec", scarce)
    with pytest.raises(AgentUnavailable, match="could not be started"):
        async with LocalProcess(NOWHERE):
            raise AssertionError("it cannot have started")
