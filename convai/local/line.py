"""Line: the WebSocket of one client, as messages."""

from __future__ import annotations

import asyncio
import json
import logging

from aiohttp import WSMsgType, web

from . import intake
from .history import TOPIC
from .intake import Context, FromClient, Opening, Refusal
from .messages import Message
from .watch import Over

__all__ = ["Line"]

log = logging.getLogger(__name__)

FRAME_LIMIT = 16 * 1024 * 1024
"Bytes; what the official Python client accepts, and so may be expected to send."

KEEPALIVE_S = 20.0
"A client that vanished without a word is noticed, and its place freed."

CLOSE_S = 1.0
"For the closing handshake, with a client that may not be reading any more."

REASON_LIMIT = 123
"Bytes: RFC 6455 section 5.5, a control frame holds 125, two are the code."


class Line:
    """Open it, receive and send, close it."""

    def __init__(self) -> None:
        self.response = web.WebSocketResponse(
            # A browser breaks off when it offered a subprotocol and none is chosen.
            protocols=("convai",),
            max_msg_size=FRAME_LIMIT,
            heartbeat=KEEPALIVE_S,
            timeout=CLOSE_S,
            compress=False,  # base64 of noise: much work for little gain
        )
        self._unread: FromClient | None = None
        self._broken = False
        "A message was given up half-way; aiohttp can send nothing after that."

    async def open(self, request: web.Request) -> None:
        await self.response.prepare(request)

    async def opening(self, wait_s: float) -> Opening:
        """The first message, or what holds without one. Raises Refusal and Over."""
        try:
            async with asyncio.timeout(wait_s):
                first = await self.receive()
        except TimeoutError:
            return Opening()
        if first is None:
            raise Over(1000, "The client left")
        if isinstance(first, Opening):
            return first
        self._unread = first
        return Opening()

    async def receive(self) -> FromClient | None:
        """The next message, None when the client has left. Raises Refusal."""
        if self._unread is not None:
            unread, self._unread = self._unread, None
            return unread
        frame = await self.response.receive()
        if frame.type is WSMsgType.TEXT:
            return intake.read(frame.data)
        if frame.type is WSMsgType.BINARY:
            raise Refusal("invalid_message", "Invalid message received: not text")
        return None

    async def discard(self) -> None:
        """Read until the client leaves; forget all but what was said before."""
        history: Context | None = None
        try:
            while True:
                try:
                    message = await self.receive()
                except Refusal:
                    continue
                if message is None:
                    return
                if isinstance(message, Context) and message.topic == TOPIC:
                    history = message
        finally:
            self._unread = history

    async def send(self, text: str) -> None:
        """Send; waits while the client does not read. Raises Over."""
        if self._broken:
            raise Over(1008, "The client does not read")
        try:
            await self.response.send_str(text)
        except ConnectionError:
            raise Over(1000, "The client left") from None
        except asyncio.CancelledError:
            self._broken = True
            raise

    async def put(self, message: Message) -> None:
        """Send one message that is not part of a session's stream. Raises Over."""
        await self.send(json.dumps(message))

    async def close(self, over: Over, transport: asyncio.BaseTransport | None) -> None:
        """Close in good order, or by force when the client does not take part."""
        reason = over.reason.encode()[:REASON_LIMIT]
        try:
            if not self._broken:
                closing = self.response.close(code=over.code, message=reason)
                # Not asyncio.timeout: Python 3.11.2 has none after a cancellation,
                # and a conversation ends by cancelling its tasks.
                await asyncio.wait_for(closing, 2 * CLOSE_S)
        except (TimeoutError, ConnectionError):
            log.debug("the client did not take part in closing")
        finally:
            if (
                isinstance(transport, asyncio.WriteTransport)
                and transport.get_write_buffer_size()
            ):
                transport.abort()  # close() would wait for its unread bytes for ever
