"""WireAgent over real sockets on loopback, against a strict provider and bad ones."""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import ServerConnection, serve

from convai.agent import (
    AgentError,
    AgentLost,
    AgentProtocolError,
    AgentRefused,
    AgentUnavailable,
)
from convai.elevenlabs.codec import ElevenLabsCodec
from convai.elevenlabs.overrides import Overrides
from convai.endpoint import Endpoint
from convai.events import (
    Ended,
    Event,
    Queued,
    Ready,
    Said,
    Speech,
    ToolCall,
    Trouble,
)
from convai.providers.elevenlabs import elevenlabs_agent
from convai.wire import Deadlines, WireAgent
from tests.fake_elevenlabs import Conversation, FakeElevenLabs, Script

READY = Ready("conv_1", 16000, 16000)
SECRET = "hush-hush-nobody-may-see-it"


def agent_for(url: str, *, secret: str = "", **deadlines: float) -> WireAgent:
    query = f"&conversation_signature={secret}" if secret else ""
    address = (
        f"{url.replace('http', 'ws', 1)}/v1/convai/conversation?agent_id=a1{query}"
    )

    async def dial() -> Endpoint:
        return Endpoint(address, subprotocols=("convai",))

    return WireAgent(
        codec=ElevenLabsCodec(), dial=dial, deadlines=Deadlines(**deadlines)
    )


async def all_of(agent: WireAgent) -> list[Event]:
    return [event async for event in agent]


async def played(script: Script, *, metadata: bool = True, **deadlines: float) -> Any:
    """The events of a whole conversation and the error at its end."""
    seen: list[Event] = []
    async with FakeElevenLabs(script, metadata=metadata) as fake:
        try:
            async with agent_for(fake.url, **deadlines) as agent:
                async for event in agent:
                    seen.append(event)  # noqa: PERF401, the events before an error count
        except AgentError as error:
            return seen, error
    return seen, None


@asynccontextmanager
async def server(
    handler: Callable[[ServerConnection], Any], **options: Any
) -> AsyncIterator[str]:
    """A WebSocket server that plays by no rules."""
    async with serve(handler, "127.0.0.1", 0, subprotocols=["convai"], **options) as it:
        port = it.sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}"


METADATA = json.dumps(
    {
        "type": "conversation_initiation_metadata",
        "conversation_initiation_metadata_event": {
            "conversation_id": "conv_1",
            "user_input_audio_format": "pcm_16000",
            "agent_output_audio_format": "pcm_16000",
        },
    }
)


# A conversation in good order.


async def test_a_whole_conversation():
    async def script(conversation: Conversation) -> None:
        await conversation.speak(1, b"\1\0" * 8000, text="Hello!", chunk_ms=100)
        assert await conversation.expect_audio(60) == b"\2\0" * 960
        typed = await conversation.expect("user_message")
        assert typed["text"] == "hi"
        call = {
            "tool_name": "time",
            "tool_call_id": "call_1",
            "parameters": {},
            "event_id": 2,
        }
        await conversation.send("client_tool_call", call)
        result = await conversation.expect("client_tool_result")
        assert (result["result"], result["is_error"]) == ("noon", True)
        await conversation.end_call(2)

    seen: list[Event] = []
    async with FakeElevenLabs(script) as fake:
        async with agent_for(fake.url) as agent:
            assert (agent.input_rate, agent.output_rate) == (16000, 16000)
            async for event in agent:
                seen.append(event)
                if event == Said("agent", "Hello!", True, 1):
                    for _ in range(3):
                        await agent.hear(b"\2\0" * 320)
                    await agent.cut(1, 500)  # ElevenLabs has no message for it
                    await agent.say("hi")
                if isinstance(event, ToolCall):
                    await agent.answer(event.id, "noon", error=True)
        assert fake.conversations[0].close_code == 1000
    assert seen[0] == READY
    assert seen[-1] == Ended("agent-ended")
    speech = b"".join(event.pcm for event in seen if isinstance(event, Speech))
    assert speech == b"\1\0" * 8000
    assert agent.sent == 6  # opening, three pieces, message, result
    assert agent.received == 9
    assert agent.dropped_ms == 0


async def test_leaving_closes_in_good_order():
    async with FakeElevenLabs() as fake:
        async with agent_for(fake.url):
            pass
        assert fake.conversations[0].close_code == 1000


async def test_ten_conversations_at_once_do_not_mix():
    async def script(conversation: Conversation) -> None:
        number = int(conversation.agent_id)
        assert await conversation.expect_audio(100) == bytes([number, 0]) * 1600
        await conversation.speak(1, bytes([0, number]) * 1600)
        await conversation.close()

    async def talk(url: str, number: int) -> None:
        async def dial() -> Endpoint:
            where = url.replace("http", "ws", 1) + "/v1/convai/conversation"
            return Endpoint(f"{where}?agent_id={number}", subprotocols=("convai",))

        async with WireAgent(codec=ElevenLabsCodec(), dial=dial) as agent:
            for _ in range(5):
                await agent.hear(bytes([number, 0]) * 320)
            heard = [e.pcm async for e in agent if isinstance(e, Speech)]
        assert b"".join(heard) == bytes([0, number]) * 1600

    async with FakeElevenLabs(script) as fake, asyncio.TaskGroup() as group:
        for number in range(10):
            group.create_task(talk(fake.url, number))


async def test_what_came_before_ready_is_kept():
    async def script(conversation: Conversation) -> None:
        await conversation.send("queue_status", {"status": "waiting"})
        await conversation.ping(1)
        await conversation.send("queue_status", {"status": "admitted"})
        await conversation.describe("conv_1")
        await conversation.close()

    seen, error = await played(script, metadata=False)
    assert seen == [Queued("waiting"), Queued("admitted"), READY]
    assert error is None


async def test_hearing_after_the_end_does_nothing():
    async def script(conversation: Conversation) -> None:
        await conversation.end_call()

    async with FakeElevenLabs(script) as fake, agent_for(fake.url) as agent:
        assert await all_of(agent) == [READY, Ended("agent-ended")]
        sent = agent.sent
        await agent.hear(bytes(640))
        await agent.say("hello?")
        assert await all_of(agent) == []
        assert agent.sent == sent


async def test_after_the_goodbye_the_microphone_is_off_and_speech_still_comes():
    async def script(conversation: Conversation) -> None:
        event = {"tool_name": "end_call", "tool_call_id": "c", "tool_type": "system"}
        event |= {"is_error": False, "is_called": True, "event_id": 1}
        await conversation.send("agent_tool_response", event)
        await conversation.speak(1, bytes(3200))
        await conversation.ping(1)
        assert conversation.heard == b""
        await conversation.close()

    seen: list[Event] = []
    async with FakeElevenLabs(script) as fake, agent_for(fake.url) as agent:
        async for event in agent:
            seen.append(event)
            if isinstance(event, Ended):
                await agent.hear(bytes(640))
    assert [type(event) for event in seen] == [Ready, Ended, Speech]


async def test_an_agent_that_says_goodbye_and_stays_is_left():
    async def script(conversation: Conversation) -> None:
        event = {"tool_name": "end_call", "tool_call_id": "c", "tool_type": "system"}
        event |= {"is_error": False, "is_called": True, "event_id": 1}
        await conversation.send("agent_tool_response", event)
        await conversation.until_gone()

    seen, error = await played(script, farewell=0.05)
    assert seen == [READY, Ended("agent-ended")]
    assert error is None


# How a running conversation breaks.


async def test_the_providers_reason_is_told():
    async def script(conversation: Conversation) -> None:
        await conversation.close(1002, "LLM timed out")

    seen, error = await played(script)
    assert seen == [READY]
    assert type(error) is AgentLost
    assert str(error) == "LLM timed out"


async def test_a_connection_that_breaks():
    async def script(conversation: Conversation) -> None:
        conversation.drop()

    seen, error = await played(script)
    assert type(error) is AgentLost


async def test_quota_after_the_greeting():
    async def script(conversation: Conversation) -> None:
        await conversation.speak(1, bytes(320))
        quota = {"type": "error", "message": "received 1002 exceeds your quota limit."}
        await conversation.raw(json.dumps(quota))
        await conversation.close(1000)

    seen, error = await played(script)
    assert [type(event) for event in seen] == [Ready, Speech, Trouble]
    assert type(error) is AgentRefused
    assert error.code == "agent-quota"


async def test_what_the_protocol_does_not_allow():
    async def script(conversation: Conversation) -> None:
        await conversation.raw('{"type": "audio"}')
        await conversation.until_gone()

    seen, error = await played(script)
    assert seen == [READY]
    assert type(error) is AgentProtocolError


async def test_silence_has_a_deadline():
    async def script(conversation: Conversation) -> None:
        await conversation.until_gone()

    seen, error = await played(script, silence=0.05)
    assert type(error) is AgentLost
    assert "nothing was heard" in str(error)


async def test_a_dead_network_is_noticed_though_sending_works():
    release = asyncio.Event()

    async def deaf(connection: ServerConnection) -> None:
        await connection.send(METADATA)
        connection.transport.pause_reading()
        await release.wait()
        connection.transport.abort()

    async with server(deaf) as url:
        async with agent_for(url, keepalive=0.1) as agent:
            await agent.hear(bytes(640))
            with pytest.raises(AgentLost, match="stopped answering"):
                await all_of(agent)
            assert agent.sent == 2
        release.set()


async def test_a_close_frame_counts_even_if_the_connection_stays():
    release = asyncio.Event()

    async def half(connection: ServerConnection) -> None:
        await connection.send(METADATA)
        connection.transport.pause_reading()
        connection.protocol.send_close(1011, "half a goodbye")
        connection.send_data()
        await release.wait()
        connection.transport.abort()

    async with server(half) as url:
        async with agent_for(url, keepalive=0.1, leave=0.2) as agent:
            with pytest.raises(AgentLost, match="half a goodbye"):
                await all_of(agent)
        release.set()


async def test_a_message_that_is_too_large(monkeypatch):
    monkeypatch.setattr("convai.connection._LARGEST_MESSAGE", 1000)

    async def script(conversation: Conversation) -> None:
        await conversation.raw(json.dumps({"type": "x", "data": "x" * 2000}))
        await conversation.until_gone()

    seen, error = await played(script)
    assert type(error) is AgentProtocolError
    assert "WebSocket" in str(error)


async def test_a_long_turn_in_one_message():
    pcm = bytes(range(256)) * 40_000  # 10 MB: 5 minutes at 16 kHz

    async def script(conversation: Conversation) -> None:
        await conversation.speak(1, pcm, chunk_ms=600_000)
        await conversation.close()

    seen, error = await played(script)
    assert seen == [READY, Speech(1, pcm)]
    assert error is None


# How it does not even start.


async def test_a_refused_override_is_told_before_the_call():
    async with FakeElevenLabs(allowed_overrides={"agent.language"}) as fake:

        async def dial() -> Endpoint:
            where = fake.url.replace("http", "ws", 1)
            return Endpoint(f"{where}/v1/convai/conversation?agent_id=a")

        codec = ElevenLabsCodec(overrides=Overrides(language="de", first_message="Hi"))
        with pytest.raises(AgentRefused, match="'first_message' is not allowed") as it:
            async with WireAgent(codec=codec, dial=dial):
                pass
        assert it.value.code == "agent-override"


async def test_the_provider_explains_why_there_is_no_connection_and_nothing_else():
    def explain(error: AgentUnavailable) -> AgentUnavailable:
        return AgentRefused(f"explained: {error}")

    async def enter(fake: FakeElevenLabs) -> str:
        async def dial() -> Endpoint:
            where = fake.url.replace("http", "ws", 1)
            return Endpoint(f"{where}/v1/convai/conversation?agent_id=a")

        codec = ElevenLabsCodec()
        with pytest.raises(AgentUnavailable) as caught:
            async with WireAgent(codec=codec, dial=dial, explain=explain):
                pass
        return str(caught.value)

    async def hang_up(conversation: Conversation) -> None:
        await conversation.close()

    body = {"detail": {"message": "not today"}}
    async with FakeElevenLabs(refuse=(403, body)) as fake:
        assert (await enter(fake)).startswith("explained: ")
    async with FakeElevenLabs(hang_up, metadata=False) as fake:
        assert await enter(fake) == "the agent hung up at once"


@pytest.mark.parametrize(
    ("code", "reason", "kind", "text"),
    [
        (1008, "Could not authorize", AgentRefused, "Could not authorize"),
        (1011, "oops", AgentUnavailable, "oops"),
        (1000, "", AgentUnavailable, "hung up at once"),
    ],
)
async def test_closed_before_it_was_ready(code, reason, kind, text):
    async def script(conversation: Conversation) -> None:
        await conversation.close(code, reason)

    seen, error = await played(script, metadata=False)
    assert seen == []
    assert type(error) is kind
    assert text in str(error)


async def test_nonsense_before_it_was_ready():
    async def script(conversation: Conversation) -> None:
        await conversation.raw("hello?")
        await conversation.until_gone()

    seen, error = await played(script, metadata=False)
    assert type(error) is AgentUnavailable
    assert error.code == "agent-protocol"


async def test_metadata_that_never_comes():
    async def script(conversation: Conversation) -> None:
        await conversation.until_gone()

    seen, error = await played(script, metadata=False, ready=0.1)
    assert type(error) is AgentUnavailable
    assert "in time" in str(error)


async def test_a_queue_may_take_longer_but_not_for_ever():
    async def script(conversation: Conversation) -> None:
        await conversation.send("queue_status", {"status": "waiting"})
        await conversation.until_gone()

    clock = asyncio.get_running_loop().time
    started = clock()
    seen, error = await played(script, metadata=False, ready=1.0, queue=1.5)
    assert type(error) is AgentUnavailable
    assert 1.5 <= clock() - started < 10


async def test_an_agent_that_only_talks():
    async def script(conversation: Conversation) -> None:
        for _ in range(1000):
            await conversation.send("queue_status", {"status": "waiting"})
        await conversation.until_gone()

    seen, error = await played(script, metadata=False)
    assert type(error) is AgentUnavailable
    assert "without ever being ready" in str(error)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, AgentRefused, "agent-auth"),
        (403, AgentRefused, "agent-auth"),
        (404, AgentRefused, "agent-refused"),
        (429, AgentUnavailable, "agent-busy"),
        (503, AgentUnavailable, "agent-unavailable"),
    ],
)
async def test_the_upgrade_is_refused(status, kind, code):
    body = {"detail": {"status": "no", "message": f"not with {SECRET}"}}
    async with FakeElevenLabs(refuse=(status, body)) as fake:
        with pytest.raises(AgentUnavailable) as caught:
            async with agent_for(fake.url, secret=SECRET):
                pass
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert str(caught.value) == "not with ***"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "kind", "text"),
    [
        ("ws://127.0.0.1:PORT", AgentUnavailable, "cannot be reached"),
        ("ws://does-not-exist.invalid", AgentUnavailable, "name is not known"),
        ("http://127.0.0.1", AgentRefused, "not a WebSocket URL"),
        ("ws://127.0.0.1:99999", AgentRefused, "not a WebSocket URL"),
        ("ws://" + "a" * 70 + ".invalid", AgentRefused, "not a WebSocket URL"),
        ("nonsense", AgentRefused, "not a WebSocket URL"),
        ("", AgentRefused, "not a WebSocket URL"),
    ],
)
async def test_nobody_there(url, kind, text):
    async def dial() -> Endpoint:
        address = url.replace("PORT", str(free_port()))
        return Endpoint(f"{address}/x?conversation_signature={SECRET}")

    with pytest.raises(AgentUnavailable, match=text) as caught:
        async with WireAgent(codec=ElevenLabsCodec(), dial=dial):
            pass
    assert type(caught.value) is kind
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_a_server_that_speaks_something_else():
    async def mail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await reader.read()
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(mail, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(AgentUnavailable, match="does not speak WebSocket"):
            async with agent_for(f"ws://127.0.0.1:{port}"):
                pass


async def test_a_server_that_says_nothing():
    gone = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    listening = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(AgentUnavailable, match="in time"):
            async with agent_for(f"ws://127.0.0.1:{port}", ready=0.1):
                pass
        await gone.wait()


async def test_plain_text_where_tls_was_expected():
    async with FakeElevenLabs() as fake:
        with pytest.raises(AgentUnavailable, match="cannot be reached"):
            async with agent_for(fake.url.replace("http", "https", 1)):
                pass


# Leaving, whatever the peer does.


@asynccontextmanager
async def stuffed(**options: Any) -> AsyncIterator[WireAgent]:
    """A conversation whose peer reads nothing and whose send buffers are full."""
    release = asyncio.Event()

    async def deaf(connection: ServerConnection) -> None:
        await connection.send(METADATA)
        connection.transport.pause_reading()
        await release.wait()
        connection.transport.abort()

    async with server(deaf, ping_interval=None, **options) as url:
        if "ssl" in options:
            url = url.replace("ws", "wss", 1).replace("127.0.0.1", "localhost")
        try:
            async with agent_for(url, keepalive=60.0) as agent:
                # Typed text may be of any size; this is more than any socket takes.
                await agent.say("x" * 20_000_000)
                await agent.hear(bytes(640))
                yield agent
        finally:
            release.set()


@pytest.fixture
def certified(monkeypatch, tmp_path) -> ssl.SSLContext:
    """A server's TLS for localhost, trusted by the client."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "both.pem"
    encoding = serialization.Encoding.PEM
    pem.write_bytes(
        certificate.public_bytes(encoding)
        + key.private_bytes(
            encoding,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    trusting = ssl.create_default_context(cafile=str(pem))
    monkeypatch.setattr("convai.connection._tls", lambda: trusting)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(pem)
    return serving


async def test_a_certificate_that_nobody_trusts(certified, monkeypatch):
    monkeypatch.setattr("convai.connection._tls", ssl.create_default_context)
    with pytest.raises(AgentUnavailable, match="certificate is not trusted"):
        async with stuffed(ssl=certified):
            pass


@pytest.mark.parametrize("tls", [False, True])
async def test_leaving_takes_a_second_even_if_nobody_reads(tls, certified):
    clock = asyncio.get_running_loop().time
    async with stuffed(**({"ssl": certified} if tls else {})) as agent:
        await asyncio.sleep(0.05)  # real sockets: let the sender get stuck
        left_at = clock()
    # Not sooner: then the peer would have played along, and this would test nothing.
    assert 0.4 < clock() - left_at < 5
    assert agent._socket.transport.is_closing()


async def test_leaving_while_leaving_is_cancelled():
    async def leave() -> None:
        async with stuffed():
            await asyncio.sleep(0.05)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        task = group.create_task(leave())
        await asyncio.sleep(0.2)  # in the middle of closing
        task.cancel()


async def test_an_error_of_the_call_passes_as_it_is():
    async with FakeElevenLabs() as fake:
        with pytest.raises(ZeroDivisionError):
            async with agent_for(fake.url):
                raise ZeroDivisionError


async def test_a_cancelled_call_leaves_nothing():
    begun = asyncio.Event()

    async def call(url: str) -> None:
        async with agent_for(url) as agent:
            begun.set()
            await all_of(agent)

    async with FakeElevenLabs() as fake:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(call(fake.url))
            await begun.wait()
            task.cancel()
        assert task.cancelled()
        assert fake.conversations[0].close_code == 1000


async def test_cancelled_before_it_is_ready():
    asked = asyncio.Event()

    async def script(conversation: Conversation) -> None:
        asked.set()
        await conversation.until_gone()

    async def call(url: str) -> None:
        async with agent_for(url):
            raise AssertionError("never ready")

    async with FakeElevenLabs(script, metadata=False) as fake:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(call(fake.url))
            await asked.wait()
            task.cancel()
        assert task.cancelled()


# Bounds.


async def test_a_slow_network_costs_the_oldest_audio_and_no_control():
    go_on = asyncio.Event()
    got: list[dict[str, Any]] = []

    async def slow(connection: ServerConnection) -> None:
        await connection.send(METADATA)
        connection.transport.pause_reading()
        await go_on.wait()
        connection.transport.resume_reading()
        newest = base64.b64encode((399).to_bytes(2, "little") * 320).decode()
        async for message in connection:
            got.append(json.loads(message))
            if got[-1].get("user_audio_chunk") == newest:
                await connection.close()

    async with server(slow, max_size=None) as url, agent_for(url) as agent:
        await agent.say("x" * 20_000_000)  # fills every buffer on the way
        await asyncio.sleep(0.05)  # real sockets: let the sender get stuck
        for number in range(400):  # 8 s
            await agent.hear(number.to_bytes(2, "little") * 320)
        await agent.answer("call_1", "done")
        assert agent.dropped_ms == 3000
        go_on.set()
        await agent.say("last")
        assert await all_of(agent) == [READY]
    kinds = [message.get("type", "audio") for message in got]
    assert kinds[1:4] == ["user_message", "client_tool_result", "user_message"]
    assert kinds[4:] == ["audio"] * 250


async def test_a_peer_that_takes_no_control_messages_is_given_up():
    async with stuffed() as agent:
        await asyncio.sleep(0.05)
        for _ in range(1001):
            await agent.say("hello?")
        assert await anext(agent) == READY
        with pytest.raises(AgentLost, match="no longer takes"):
            await anext(agent)


# What is told.


async def test_the_log_tells_no_secret_and_little_audio(caplog):
    caplog.set_level(logging.DEBUG)

    async def script(conversation: Conversation) -> None:
        await conversation.speak(1, bytes(64_000), chunk_ms=2000)
        await conversation.user_said(f"my {SECRET}")
        await conversation.expect_audio(20)
        await conversation.close()

    private = "private prompt"
    async with FakeElevenLabs(script) as fake:

        async def dial() -> Endpoint:
            where = fake.url.replace("http", "ws", 1) + "/v1/convai/conversation"
            return Endpoint(f"{where}?conversation_signature={SECRET}")

        codec = ElevenLabsCodec(overrides=Overrides(prompt=private))
        async with WireAgent(codec=codec, dial=dial) as agent:
            await agent.hear(bytes(32_000))
            await all_of(agent)
    ours = [r for r in caplog.records if r.name.startswith(("convai", "websockets"))]
    lines = [record.getMessage() for record in ours]
    assert not any(SECRET in line or private in line for line in lines)
    assert all(len(line) < 400 for line in lines)
    infos = [r.getMessage() for r in ours if r.levelno == logging.INFO]
    assert len(infos) == 2
    assert "is open, hears 16000 Hz" in infos[0]
    assert "is closed; messages sent 2, received 3" in infos[1]


async def test_trouble_is_scrubbed():
    async def script(conversation: Conversation) -> None:
        fault = {"code": 1011, "message": f"cannot open {SECRET}"}
        await conversation.send("error", fault)
        await conversation.close(1011, f"failed: {SECRET}")

    async with FakeElevenLabs(script) as fake:
        async with agent_for(fake.url, secret=SECRET) as agent:
            assert await anext(agent) == READY
            trouble = await anext(agent)
            assert trouble == Trouble("agent-error", "cannot open ***")
            with pytest.raises(AgentLost) as caught:
                await anext(agent)
            assert str(caught.value) == "failed: ***"


def test_the_fake_would_notice_wrong_audio():
    # base64 of an odd number of bytes, as a client without whole samples would send.
    chunk = base64.b64encode(b"abc").decode()

    async def main() -> None:
        async def rude(url: str) -> None:
            agent = agent_for(url)
            async with agent:
                agent._control([json.dumps({"user_audio_chunk": chunk})])
                with pytest.raises(AgentError):
                    await all_of(agent)

        async with FakeElevenLabs() as fake:
            await rude(fake.url)

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(main())
    assert "half a sample" in str(caught.value.exceptions[0])


async def test_waiting_for_an_agent_after_the_metadata_is_no_silence() -> None:
    async def busy(conversation: Conversation) -> None:
        await conversation.send("queue_status", {"status": "waiting"})
        await asyncio.sleep(2.0)
        await conversation.send("queue_status", {"status": "admitted"})
        await conversation.speak(1, bytes(3200), text="Hello")
        await conversation.close()

    async with FakeElevenLabs(busy) as fake:
        agent = elevenlabs_agent(
            base_url=fake.url, agent_id="a", deadlines=Deadlines(silence=1.0, queue=5.0)
        )
        async with agent:
            events = [event async for event in agent]
    assert Queued("admitted") in events
    assert Said("agent", "Hello", True, 1) in events


async def test_a_task_that_was_cancelled_once_still_closes_in_time() -> None:
    """Such a task has `cancelling() == 1` for good; timeouts must work in it."""
    begun = asyncio.Event()

    async def deaf(conversation: Conversation) -> None:
        await conversation.until_gone()

    async def converse(url: str) -> float:
        loop = asyncio.get_running_loop()
        async with elevenlabs_agent(base_url=url, agent_id="a"):
            begun.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                started = loop.time()
        return loop.time() - started

    async with FakeElevenLabs(deaf) as fake, asyncio.TaskGroup() as tasks:
        task = tasks.create_task(converse(fake.url))
        await begun.wait()
        task.cancel()
    assert task.result() < 5
