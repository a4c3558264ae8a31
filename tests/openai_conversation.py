"""One connection to the fake of OpenAI Realtime: its session, items and responses.

What the live API would answer with an error is answered so, and what no client should
ever do is entered among the fake's faults, which end the test.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import jsonschema
from aiohttp import WSMsgType, web

from tests.openai_ear import Ear
from tests.openai_schema import check_client, check_server

__all__ = ["Answer", "Answers", "Asked", "Conversation", "Line"]

RATE = 24_000
MODELS = ("gpt-realtime-2.1", "gpt-realtime-2.1-mini", "gpt-realtime-1.5")
CHUNK_MS = 200
LATE = 2
"Pieces of sound that still come after a response was cancelled."


@dataclass(frozen=True, slots=True)
class Line:
    """One message item: words, and their sound as s16le at 24 kHz."""

    text: str
    pcm: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response."""

    lines: tuple[Line, ...] = ()
    calls: tuple[tuple[str, str], ...] = ()
    "Names of tools with their arguments, as the model wrote them."
    fail: dict[str, Any] | None = None
    "`status_details.error` of a response that fails."
    speed: float = 10.0
    "Times faster than real time."


NO_MODEL = Answer(
    fail={
        "code": "model_not_found",
        "message": "The model does not exist or you do not have access to it.",
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be answered."""

    number: int
    "Of the response, from 1."
    kind: str
    "`greeting`, `voice`, `typed`, `tools` or `prompt`."
    text: str = ""
    "The greeting's words, what was typed, or what the tools gave."


Answers = Callable[[Asked], Answer]


@dataclass(slots=True)
class _Item:
    role: str = ""
    sent_ms: float = 0.0
    "Sound of it that was sent."


@dataclass(slots=True)
class _Response:
    id: str
    kind: str
    metadata: dict[str, str] | None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    reason: str = ""
    output: list[dict[str, Any]] = field(default_factory=list)
    sent_ms: float = 0.0


class Conversation:
    """Seen from the server; `run` carries it."""

    def __init__(self, fake: Any, request: web.Request, number: int) -> None:
        self.number = number
        self.model = request.query.get("model", "")
        self.socket = web.WebSocketResponse(compress=False, timeout=0.5, max_msg_size=0)
        self.session: dict[str, Any] = {}
        self.log: list[tuple[float, dict[str, Any]]] = []
        "What the client sent but audio, with the loop time."
        self.errors: list[str] = []
        "Codes of the errors that were sent."
        self.heard = bytearray()
        "The caller's audio."
        self.responses: list[dict[str, Any]] = []
        "As told in response.done."
        self.items: dict[str, _Item] = {}
        self.voice_turns = 0
        self._fake = fake
        self._request = request
        self._ids = count(1)
        self._ear: Ear | None = None
        self._speech_item = ""
        self._response: _Response | None = None
        self._calls: dict[str, bool] = {}
        "Call ids, and whether they were answered."
        self._last_text = ("prompt", "")
        self._news = asyncio.Condition()
        self._tasks: asyncio.TaskGroup

    # For tests.

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The client's messages of a type."""
        return [message for _, message in self.log if message["type"] == kind]

    async def until(self, true: Callable[[], Any], limit: float = 10.0) -> None:
        async with asyncio.timeout(limit), self._news:
            await self._news.wait_for(lambda: bool(true()))

    def drop(self) -> None:
        """Break the connection without a close frame."""
        if (transport := self._request.transport) is not None:
            transport.abort()

    async def send(self, kind: str, **fields: Any) -> None:
        message = {"type": kind, "event_id": f"event_{next(self._ids)}", **fields}
        check_server(message)
        if not self.socket.closed:
            await self.socket.send_str(json.dumps(message))

    async def error(
        self, code: str | None, text: str, about: str | None = None, **more: Any
    ) -> None:
        self.errors.append(code or "")
        kind = more.pop("kind", "invalid_request_error")
        error = {"type": kind, "code": code, "message": text, "event_id": about, **more}
        await self.send("error", error=error)

    # For the fake.

    async def run(self) -> None:
        """Until the client goes, or the session's time is over."""
        async with asyncio.TaskGroup() as self._tasks:
            reader = self._tasks.create_task(self._read())
            if self._fake.silent:
                await reader
                return
            session = {"type": "realtime", "id": f"sess_{self.number}"}
            await self.send("session.created", session=session)
            await asyncio.wait([reader], timeout=self._fake.life_s)
            if not reader.done():
                text = "Your session hit the maximum duration of 60 minutes."
                await self.error("session_expired", text)
                await self.socket.close(code=1001, message=text.encode())
            if self._response:
                self._stop("client_cancelled")

    async def _read(self) -> None:
        async for frame in self.socket:
            if frame.type is not WSMsgType.TEXT:
                self._fault(f"a frame of type {frame.type}")
                continue
            if not self._fake.silent:
                await self._take(json.loads(frame.data))
            async with self._news:
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    def _fault(self, what: str) -> None:
        self._fake.faults.append(AssertionError(f"conversation {self.number}: {what}"))

    async def _wrong(self, message: dict[str, Any], code: str, text: str) -> None:
        """An error that a client of ours should not make."""
        self._fault(f"{code}: {text}: {str(message)[:300]}")
        await self.error(code, text, message.get("event_id"))

    async def _take(self, message: dict[str, Any]) -> None:
        if message.get("type") == "input_audio_buffer.append":
            await self._append(message)
            return
        self.log.append((asyncio.get_running_loop().time(), message))
        try:
            check_client(message)
        except (ValueError, jsonschema.ValidationError) as error:
            await self._wrong(message, "unknown_parameter", str(error)[:500])
            return
        if not message.get("event_id"):
            self._fault(f"no event_id: {message}")
        takers = {
            "session.update": self._update,
            "conversation.item.create": self._create_item,
            "conversation.item.truncate": self._truncate,
            "conversation.item.delete": self._delete,
            "response.create": self._create_response,
            "response.cancel": self._cancel,
        }
        taker = takers.get(message["type"])
        if taker is None:
            await self._wrong(message, "unexpected", "not of use to this client")
        elif not self.session and message["type"] != "session.update":
            await self._wrong(message, "too_early", "the session is not set up")
        else:
            await taker(message)

    async def _update(self, message: dict[str, Any]) -> None:
        session = message["session"]
        if self._fake.refuse_session:
            await self.error(
                "invalid_value",
                self._fake.refuse_session,
                message["event_id"],
                param="session.audio.output.voice",
            )
            return
        if "reasoning" in session and not self.model.startswith("gpt-realtime-2"):
            await self._wrong(message, "unknown_parameter", "session.reasoning")
            return
        if self.responses and "voice" in str(session.get("audio")):
            await self._wrong(message, "cannot_update_voice", "after the first audio")
            return
        self.session = session
        detection = session["audio"]["input"]["turn_detection"]
        self._ear = Ear(
            prefix_ms=detection.get("prefix_padding_ms", 300),
            silence_ms=detection.get("silence_duration_ms", 500),
        )
        await self.send("session.updated", session={**session, "id": "sess"})

    # The caller's sound.

    async def _append(self, message: dict[str, Any]) -> None:
        if set(message) - {"type", "audio", "event_id"} or self._ear is None:
            await self._wrong(message, "unknown_parameter", "append")
            return
        try:
            pcm = base64.b64decode(message["audio"], validate=True)
        except binascii.Error:
            pcm = b""
        if not pcm or len(pcm) % 2:
            await self._wrong(message, "invalid_value", "audio")
            return
        self.heard += pcm
        for what, ms in self._ear.feed(pcm):
            if what == "start":
                await self._speech_started(ms)
            else:
                await self._speech_stopped(ms)

    def _detection(self, key: str) -> bool:
        return self.session["audio"]["input"]["turn_detection"][key] is True

    async def _speech_started(self, ms: int) -> None:
        self._speech_item = f"item_u{next(self._ids)}"
        await self.send(
            "input_audio_buffer.speech_started",
            audio_start_ms=ms,
            item_id=self._speech_item,
        )
        if self._detection("interrupt_response"):
            self._stop("turn_detected")

    async def _speech_stopped(self, ms: int) -> None:
        item_id = self._speech_item
        self.voice_turns += 1
        await self.send(
            "input_audio_buffer.speech_stopped", audio_end_ms=ms, item_id=item_id
        )
        await self.send(
            "input_audio_buffer.committed",
            item_id=item_id,
            previous_item_id=next(reversed(self.items), None),
        )
        item = {
            "id": item_id,
            "type": "message",
            "role": "user",
            "status": "completed",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        await self._add(item)
        self._tasks.create_task(self._recognise(item_id, self.voice_turns))
        if self._detection("create_response"):
            self._tasks.create_task(self._answer_voice())

    async def _recognise(self, item_id: str, number: int) -> None:
        words, delay_s = self._fake.hears(number)
        await asyncio.sleep(delay_s)
        kind = "conversation.item.input_audio_transcription"
        await self.send(f"{kind}.delta", item_id=item_id, content_index=0, delta=words)
        await self.send(
            f"{kind}.completed",
            item_id=item_id,
            content_index=0,
            transcript=words,
            usage={"type": "duration", "seconds": 1.5},
        )

    async def _answer_voice(self) -> None:
        while (running := self._response) is not None:
            await running.stop.wait()
            await asyncio.sleep(0.01)
        await self._respond(_Response(self._id("resp"), "voice", None))

    # Items.

    def _id(self, what: str) -> str:
        return f"{what}_{self.number}_{next(self._ids)}"

    async def _add(self, item: dict[str, Any], *, done: bool = True) -> None:
        previous = next(reversed(self.items), None)
        self.items[item["id"]] = _Item(item.get("role", ""))
        told = {"previous_item_id": previous, "item": item}
        await self.send("conversation.item.added", **told)
        if done:
            await self.send("conversation.item.done", **told)

    async def _create_item(self, message: dict[str, Any]) -> None:
        item = {"id": self._id("item"), "status": "completed", **message["item"]}
        if item["id"] in self.items or len(item["id"]) > 32:
            await self._wrong(message, "item_create_invalid_item_id", item["id"])
            return
        if item["type"] == "function_call_output":
            if self._calls.get(item["call_id"], True):
                text = f"no open call {item['call_id']}"
                await self._wrong(message, "invalid_tool_call_id", text)
                return
            self._calls[item["call_id"]] = True
            self._last_text = ("tools", item["output"])
        elif item["role"] == "user":
            self._last_text = ("typed", item["content"][0]["text"])
        await self._add(item)

    async def _truncate(self, message: dict[str, Any]) -> None:
        item = self.items.get(message["item_id"])
        if item is None:
            text = f"there is no item {message['item_id']}"
            await self._wrong(message, "item_truncate_invalid_item_id", text)
        elif item.role != "assistant" or item.sent_ms == 0:
            text = "Only model output audio messages can be truncated"
            await self._wrong(message, "unsupported_content_type", text)
        elif not 0 < message["audio_end_ms"] <= item.sent_ms:
            text = f"Audio content of {item.sent_ms}ms is already shorter than that"
            await self._wrong(message, "invalid_value", text)
        else:
            item.sent_ms = message["audio_end_ms"]
            told = {key: message[key] for key in ("item_id", "audio_end_ms")}
            await self.send("conversation.item.truncated", content_index=0, **told)

    async def _delete(self, message: dict[str, Any]) -> None:
        item_id = message["item_id"]
        if item_id not in self.items:
            await self._wrong(message, "item_delete_invalid_item_id", item_id)
            return
        del self.items[item_id]
        await self.send("conversation.item.deleted", item_id=item_id)

    # Responses.

    async def _create_response(self, message: dict[str, Any]) -> None:
        if self._response is not None:
            code = "conversation_already_has_active_response"
            await self.error(code, "it has one", message["event_id"])
            return
        if not all(self._calls.values()):
            await self._wrong(message, "calls_open", "a tool was not answered")
            return
        asked = message.get("response") or {}
        prefix = "Say exactly the following and nothing else: "
        said = asked.get("instructions", "")
        if said.startswith(prefix):
            self._last_text = ("greeting", said.removeprefix(prefix))
        kind, _ = self._last_text
        metadata = asked.get("metadata")
        self._response = _Response(self._id("resp"), kind, metadata)
        self._tasks.create_task(self._respond(self._response))

    async def _cancel(self, message: dict[str, Any]) -> None:
        running = self._response
        if running is None:
            code = "response_cancel_not_active"
            await self.error(code, "no active response found", message["event_id"])
        elif message.get("response_id") not in (None, running.id):
            await self._wrong(message, "invalid_value", f"{running.id} is active")
        else:
            self._stop("client_cancelled")

    def _stop(self, reason: str) -> None:
        if self._response is not None and not self._response.stop.is_set():
            self._response.reason = reason
            self._response.stop.set()

    async def _respond(self, response: _Response) -> None:
        self._response = response
        text = self._last_text[1] if response.kind != "voice" else ""
        asked = Asked(len(self.responses) + 1, response.kind, text)
        # An unknown model is noticed no earlier than that.
        known = self.model in MODELS
        answer = self._fake.answers(asked) if known else NO_MODEL
        await self.send("response.created", response=self._told(response, ""))
        limit = {"name": "tokens", "limit": 1, "remaining": 1, "reset_seconds": 1.0}
        await self.send("rate_limits.updated", rate_limits=[limit])
        await self._pause(response, self._fake.think_s)
        for line in answer.lines:
            if response.stop.is_set() or answer.fail:
                break
            await self._speak(response, line, answer.speed)
        for name, arguments in answer.calls:
            if not (response.stop.is_set() or answer.fail):
                await self._call(response, name, arguments)
        await self._finish(response, answer.fail)

    async def _pause(self, response: _Response, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await response.stop.wait()
        except TimeoutError:
            pass

    async def _speak(self, response: _Response, line: Line, speed: float) -> None:
        item = {
            "id": self._id("item"),
            "type": "message",
            "role": "assistant",
            "status": "in_progress",
            "content": [],
        }
        about = {"response_id": response.id, "output_index": len(response.output)}
        place = {**about, "item_id": item["id"], "content_index": 0}
        part = {"type": "audio", "transcript": ""}
        await self.send("response.output_item.added", item=item, **about)
        await self._add(item, done=False)
        await self.send("response.content_part.added", part=part, **place)
        kind = "response.output_audio"
        for word in line.text.split(" "):
            await self.send(f"{kind}_transcript.delta", delta=f"{word} ", **place)
        late = LATE
        size = RATE * CHUNK_MS // 1000 * 2
        for begin in range(0, len(line.pcm), size):
            if response.stop.is_set():
                if not late:
                    break
                late -= 1
            chunk = line.pcm[begin : begin + size]
            if item["id"] in self.items:
                self.items[item["id"]].sent_ms += len(chunk) / 48
            response.sent_ms += len(chunk) / 48
            delta = base64.b64encode(chunk).decode()
            await self.send(f"{kind}.delta", delta=delta, **place)
            await self._pause(response, CHUNK_MS / 1000 / speed)
        whole = not response.stop.is_set()
        item["status"] = "completed" if whole else "incomplete"
        item["content"] = [{"type": "output_audio", "transcript": line.text}]
        await self.send(f"{kind}.done", **place)
        await self.send(f"{kind}_transcript.done", transcript=line.text, **place)
        part = {"type": "audio", "transcript": line.text}
        await self.send("response.content_part.done", part=part, **place)
        await self.send("conversation.item.done", item=item)
        await self.send("response.output_item.done", item=item, **about)
        response.output.append(item)

    async def _call(self, response: _Response, name: str, arguments: str) -> None:
        call_id = self._id("call")
        item = {
            "id": self._id("item"),
            "type": "function_call",
            "call_id": call_id,
            "name": name,
            "arguments": "",
            "status": "in_progress",
        }
        about = {"response_id": response.id, "output_index": len(response.output)}
        await self.send("response.output_item.added", item=dict(item), **about)
        await self._add(item, done=False)
        self._calls[call_id] = False
        item.update(arguments=arguments, status="completed")
        place = {**about, "item_id": item["id"], "call_id": call_id}
        kind = "response.function_call_arguments"
        await self.send(f"{kind}.delta", delta=arguments, **place)
        await self.send(f"{kind}.done", name=name, arguments=arguments, **place)
        await self.send("conversation.item.done", item=item)
        await self.send("response.output_item.done", item=item, **about)
        response.output.append(item)

    async def _finish(self, response: _Response, error: dict[str, Any] | None) -> None:
        status = "cancelled" if response.stop.is_set() else "completed"
        told = self._told(response, "failed" if error else status)
        if error:
            told["status_details"] = {"type": "failed", "error": error}
        elif status == "cancelled":
            told["status_details"] = {"type": status, "reason": response.reason}
        self.responses.append(told)
        self._response = None
        response.stop.set()  # whoever waits for its end
        await self.send("response.done", response=told)
        async with self._news:
            self._news.notify_all()

    def _told(self, response: _Response, status: str) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": response.id,
            "object": "realtime.response",
            "status": status or "in_progress",
            "output": response.output,
            "metadata": response.metadata,
        }
        if status:
            told["usage"] = self._usage(response)
        return told

    def _usage(self, response: _Response) -> dict[str, Any]:
        heard = len(self.heard) // 4800  # a token for each 100 ms
        spoken = round(response.sent_ms / 50)
        return {
            "total_tokens": 120 + heard + spoken,
            "input_tokens": 100 + heard,
            "output_tokens": 20 + spoken,
            "input_token_details": {
                "text_tokens": 100,
                "audio_tokens": heard,
                "cached_tokens": 60,
                "cached_tokens_details": {"text_tokens": 60, "audio_tokens": 0},
            },
            "output_token_details": {"text_tokens": 20, "audio_tokens": spoken},
        }
