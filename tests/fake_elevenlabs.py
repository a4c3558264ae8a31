"""A strict stand-in for ElevenLabs on loopback, played by a script of the test.

    async def script(conversation):
        await conversation.speak(1, tone, text="Hello!")
        await conversation.expect("user_message")
        await conversation.close(1000, "done")

    async with FakeElevenLabs(script) as fake:
        agent = elevenlabs_agent(base_url=fake.url, agent_id="agent_1")

Every message of the client is checked against the published schema and against what the
protocol says about order; every message of the script is checked too. What is wrong is
raised when the fake is left. It keeps no task: scripts and readers live in the handlers
of their connections, and those end with the fake.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aiohttp
from aiohttp import web

from tests.elevenlabs_schema import check_client, check_server, payload_key
from tests.loopback import StandIn

__all__ = ["Conversation", "FakeElevenLabs", "Heard", "Script"]

_PATIENCE = 10.0
"Seconds a script waits for the client by default."
_PATH = "/v1/convai/conversation"


@dataclass(frozen=True, slots=True)
class Heard:
    """A piece of the caller's audio."""

    at: float
    "Loop time, seconds."
    data: bytes = field(repr=False)
    "As sent: s16le or u-law, whatever `input_format` says."


class _Gone(Exception):
    """The client closed; ends the script."""


class Conversation:
    """One connection, seen from the provider."""

    def __init__(self, fake: FakeElevenLabs, request: web.Request) -> None:
        self.agent_id = request.query.get("agent_id", "")
        self.number = len(fake.conversations) + 1
        self.opening: dict[str, Any] = {}
        "The client's conversation_initiation_client_data."
        self.pieces: list[Heard] = []
        self.messages: list[dict[str, Any]] = []
        "Everything the client sent but audio, in order."
        self.close_code: int | None = None
        "Of the client's close; None while open or when the connection just broke."
        self.socket = web.WebSocketResponse(
            protocols=("convai",), compress=False, timeout=0.5, max_msg_size=0
        )
        self._fake = fake
        self._request = request
        self._unread: list[dict[str, Any]] = []
        self._news = asyncio.Condition()
        self._pings: set[int] = set()
        self._approvals: set[str] = set()
        self._described = False

    @property
    def heard(self) -> bytes:
        """All of the caller's audio so far."""
        return b"".join(piece.data for piece in self.pieces)

    # For scripts.

    async def send(self, kind: str, payload: Any = None) -> None:
        """A server message; `payload` goes under the key that its type has."""
        message = {"type": kind}
        key = payload_key(kind)
        if key is not None and payload is not None:
            message[key] = payload
        check_server(message)
        if kind == "mcp_tool_call" and payload["state"] == "awaiting_approval":
            self._approvals.add(payload["tool_call_id"])
        await self.raw(json.dumps(message))

    async def raw(self, text: str | bytes) -> None:
        """Anything at all, unchecked."""
        if isinstance(text, bytes):
            await self.socket.send_bytes(text)
        else:
            await self.socket.send_str(text)

    async def describe(self, conversation_id: str | None = None) -> None:
        """The metadata; sent by the fake itself unless told otherwise."""
        self._described = True
        await self.send(
            "conversation_initiation_metadata",
            {
                "conversation_id": conversation_id or f"conv_{self.number}",
                "agent_output_audio_format": self._fake.output_format,
                "user_input_audio_format": self._fake.input_format,
            },
        )

    async def speak(
        self, reply: int, data: bytes, *, chunk_ms: int = 250, text: str | None = None
    ) -> None:
        """A whole turn in one burst; `data` is in the output format."""
        if text is not None:
            event = {"agent_response": text, "event_id": reply}
            await self.send("agent_response", event)
        step = chunk_ms * _bytes_per_second(self._fake.output_format) // 1000
        step = max(2, step & ~1)
        for start in range(0, len(data), step):
            chunk = base64.b64encode(data[start : start + step]).decode()
            await self.send("audio", {"audio_base_64": chunk, "event_id": reply})

    async def user_said(
        self, text: str, event_id: int = 0, *, final: bool = True
    ) -> None:
        kind = "user_transcript" if final else "tentative_user_transcript"
        await self.send(kind, {"user_transcript": text, "event_id": event_id})

    async def interrupt(self, reply: int, corrected: str | None = None) -> None:
        await self.send("interruption", {"event_id": reply})
        if corrected is not None:
            event = {
                "original_agent_response": "",
                "corrected_agent_response": corrected,
                "event_id": reply,
            }
            await self.send("agent_response_correction", event)

    async def ping(self, event_id: int, *, timeout: float = _PATIENCE) -> float:
        """Send a ping and wait for its pong; seconds in between."""
        now = asyncio.get_running_loop().time
        started = now()
        self._pings.add(event_id)
        await self.send("ping", {"event_id": event_id, "ping_ms": None})
        while (await self.expect("pong", timeout=timeout))["event_id"] != event_id:
            pass
        return now() - started

    async def end_call(self, reply: int = 0) -> None:
        """The agent hangs up: the tool's result, then the close."""
        event = {
            "tool_name": "end_call",
            "tool_call_id": "call_end",
            "tool_type": "system",
            "is_error": False,
            "is_called": True,
            "event_id": reply,
        }
        await self.send("agent_tool_response", event)
        await self.close(1000, "")

    async def expect(self, kind: str, *, timeout: float = _PATIENCE) -> dict[str, Any]:
        """The next message of this type that no `expect` has returned yet."""

        def found() -> dict[str, Any] | None:
            for message in self._unread:
                if message.get("type") == kind:
                    return message
            return None

        message = await self._until(found, f"a {kind} message", timeout)
        self._unread.remove(message)
        return message

    async def expect_audio(self, ms: float, *, timeout: float = _PATIENCE) -> bytes:
        """Wait until so much of the caller was heard in all."""
        size = ms * _bytes_per_second(self._fake.input_format) / 1000

        def enough() -> bytes | None:
            heard = self.heard
            return heard if len(heard) >= size else None

        return await self._until(enough, f"{ms} ms of audio", timeout)

    async def until_gone(self, *, timeout: float = _PATIENCE) -> None:
        """Wait for the client to hang up; returning would hang up from this side."""
        await self._until(lambda: None, "the end", timeout)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self.socket.close(code=code, message=reason.encode())

    def drop(self) -> None:
        """Break the connection without a close frame."""
        transport = self._request.transport
        if transport is not None:
            transport.abort()

    async def _until(self, found: Callable[[], Any], what: str, timeout: float) -> Any:
        try:
            async with asyncio.timeout(timeout), self._news:
                while (result := found()) is None:
                    if self.socket.closed:
                        raise _Gone
                    await self._news.wait()
                return result
        except TimeoutError:
            raise AssertionError(f"{what} did not come in {timeout} s") from None

    # For the fake.

    async def read(self) -> None:
        """Take the client's messages until it closes."""
        async for frame in self.socket:
            async with self._news:
                self._take(frame)
                self._news.notify_all()
        async with self._news:
            self.close_code = self.socket.close_code
            self._news.notify_all()

    def _take(self, frame: aiohttp.WSMessage) -> None:
        assert frame.type is aiohttp.WSMsgType.TEXT, f"a frame of type {frame.type}"
        message = json.loads(frame.data)
        check_client(message)
        if "user_audio_chunk" in message:
            assert self._described, "audio before the metadata told its format"
            data = base64.b64decode(message["user_audio_chunk"], validate=True)
            assert data, "an empty piece of audio"
            if self._fake.input_format != "ulaw_8000":
                assert len(data) % 2 == 0, "half a sample"
            self.pieces.append(Heard(asyncio.get_running_loop().time(), data))
            return
        kind = message["type"]
        is_opening = kind == "conversation_initiation_client_data"
        assert is_opening != bool(self.opening), f"{kind} at the wrong time"
        if is_opening:
            self.opening = message
            _check_variables(message.get("dynamic_variables", {}))
        else:
            early = kind in {"contextual_update", "user_message", "user_activity"}
            assert self._described or not early, f"{kind} before the metadata"
        if kind == "mcp_tool_approval_result":
            # Once for each: a second answer would contradict the first.
            self._approvals.remove(message["tool_call_id"])
        if kind == "pong":
            assert message["event_id"] in self._pings, "a pong that nobody asked for"
        self.messages.append(message)
        self._unread.append(message)


Script: TypeAlias = Callable[[Conversation], Awaitable[None]]


async def _stay(conversation: Conversation) -> None:
    await conversation.until_gone(timeout=3600)


class FakeElevenLabs(StandIn):
    """The provider; an async context."""

    def __init__(
        self,
        script: Script = _stay,
        *,
        api_key: str | None = None,
        input_format: str = "pcm_16000",
        output_format: str = "pcm_16000",
        metadata: bool = True,
        allowed_overrides: set[str] | None = None,
        refuse: tuple[int, dict[str, Any]] | None = None,
    ) -> None:
        """`api_key`: only signed URLs, which this key buys. `metadata`: False leaves
        it to the script. `allowed_overrides`: as `agent.first_message`; None is all.
        `refuse`: HTTP status and JSON for every request.
        """
        app = web.Application()
        app.router.add_get(_PATH, self._converse)
        app.router.add_get(f"{_PATH}/get-signed-url", self._sign)
        super().__init__(app)
        self.conversations: list[Conversation] = []
        self.input_format = input_format
        self.output_format = output_format
        self._script = script
        self._api_key = api_key
        self._metadata = metadata
        self._allowed = allowed_overrides
        self._refuse = refuse
        self._signatures: set[str] = set()

    def of_agent(self, agent_id: str) -> Conversation:
        """The one conversation with this agent."""
        (found,) = (one for one in self.conversations if one.agent_id == agent_id)
        return found

    async def _sign(self, request: web.Request) -> web.Response:
        if self._refuse:
            return web.json_response(self._refuse[1], status=self._refuse[0])
        if self._api_key and request.headers.get("xi-api-key") != self._api_key:
            detail = {"status": "invalid_api_key", "message": "Invalid API key"}
            return web.json_response({"detail": detail}, status=401)
        signature = f"signature-{len(self._signatures):08}"
        self._signatures.add(signature)
        agent_id = request.query["agent_id"]
        query = f"agent_id={agent_id}&conversation_signature={signature}"
        url = f"{self.url.replace('http', 'ws', 1)}{_PATH}?{query}"
        return web.json_response({"signed_url": url})

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        if self._refuse:
            return web.json_response(self._refuse[1], status=self._refuse[0])
        signature = request.query.get("conversation_signature")
        if self._api_key and signature not in self._signatures:
            return web.json_response({"detail": {"message": "no access"}}, status=403)
        conversation = Conversation(self, request)
        self.conversations.append(conversation)
        await conversation.socket.prepare(request)
        try:
            async with asyncio.TaskGroup() as group:
                reader = group.create_task(conversation.read())
                await self._perform(conversation)
                await conversation.close()
                reader.cancel()
        except ExceptionGroup as group:
            # The client may well hang up in the middle of the script.
            _, broken = group.split((_Gone, ConnectionError))
            if broken is not None:
                self.faults.extend(broken.exceptions)
                await conversation.close(1008, "see the test")
        return conversation.socket

    async def _perform(self, conversation: Conversation) -> None:
        opening = await conversation.expect("conversation_initiation_client_data")
        forbidden = self._forbidden(opening.get("conversation_config_override", {}))
        if forbidden:
            reason = f"Override for field '{forbidden}' is not allowed by config."
            fault = {"code": 1008, "error_type": "override_error", "message": reason}
            await conversation.send("error", fault)
            await conversation.close(1008, reason)
            return
        unknown = _unknown_variables(opening)
        if unknown:
            reason = f"Missing required dynamic variables: {unknown}"
            kind = "missing_dynamic_variable"
            fault = {"code": 1008, "error_type": kind, "message": reason}
            await conversation.send("error", fault)
            await conversation.close(1008, reason)
            return
        if self._metadata:
            await conversation.describe()
        await self._script(conversation)

    def _forbidden(self, overrides: dict[str, Any]) -> str | None:
        if self._allowed is None:
            return None
        for part, fields in overrides.items():
            for name in fields:
                if f"{part}.{name}" not in self._allowed:
                    return name
        return None


def _check_variables(variables: dict[str, Any]) -> None:
    for name, value in variables.items():
        assert not name.startswith("system__"), f"{name} is the provider's own"
        assert isinstance(value, str | int | float | bool), f"{name} has no plain value"


def _unknown_variables(opening: dict[str, Any]) -> set[str]:
    """What the overridden texts want put in and the client does not give."""
    agent = opening.get("conversation_config_override", {}).get("agent", {})
    texts = agent.get("first_message", "") + agent.get("prompt", {}).get("prompt", "")
    named = set(re.findall(r"\{\{([^{}]*)\}\}", texts))
    given = opening.get("dynamic_variables", {})
    return {name for name in named - given.keys() if not name.startswith("system__")}


def _bytes_per_second(audio_format: str) -> int:
    codec, rate = audio_format.split("_")
    return int(rate) * (1 if codec == "ulaw" else 2)
