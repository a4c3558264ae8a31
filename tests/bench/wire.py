"""The stand-in agent behind ElevenLabs' wire, as a process of its own.

With it a call goes all the way: JSON, base64 and a WebSocket at the server's far end.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from convai.events import Event, Interrupted, Ready, Speech

from . import service
from .standin import StandIn, StandIns

__all__ = ["opened"]


@asynccontextmanager
async def opened(
    chosen: argparse.Namespace, agents: StandIns
) -> AsyncIterator[web.Application]:
    """The application: one agent for each conversation."""

    async def converse(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("convai",), compress=False)
        await socket.prepare(request)
        agent = agents.next()
        async with asyncio.TaskGroup() as tasks:
            speaking = tasks.create_task(speak(socket, agent))
            async for frame in socket:
                chunk = json.loads(frame.data).get("user_audio_chunk")
                if chunk is not None:
                    await agent.hear(base64.b64decode(chunk))
            speaking.cancel()
        return socket

    app = web.Application()
    app.router.add_get("/v1/convai/conversation", converse)
    yield app


async def speak(socket: web.WebSocketResponse, agent: StandIn) -> None:
    async for event in agent:
        message = message_of(event)
        if message is None:
            continue
        try:
            await socket.send_str(json.dumps(message))
        except ConnectionError:
            return


def message_of(event: Event) -> dict[str, Any] | None:
    match event:
        case Ready(conversation, input_rate, output_rate):
            metadata = {
                "conversation_id": conversation,
                "agent_output_audio_format": f"pcm_{output_rate}",
                "user_input_audio_format": f"pcm_{input_rate}",
            }
            kind = "conversation_initiation_metadata"
            return {"type": kind, f"{kind}_event": metadata}
        case Speech(reply, pcm):
            sound = base64.b64encode(pcm).decode()
            audio = {"audio_base_64": sound, "event_id": reply}
            return {"type": "audio", "audio_event": audio}
        case Interrupted(reply):
            event_id = {"event_id": reply}
            return {"type": "interruption", "interruption_event": event_id}
    return None


if __name__ == "__main__":
    service.serve(opened, service.arguments().parse_args())
