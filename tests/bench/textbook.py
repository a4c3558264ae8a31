"""The textbook server: a voice agent on aiortc, as its documentation teaches.

A track of one's own whose `recv` sleeps until the next 20 ms are due, the caller's
frames taken with `await track.recv()` and resampled by PyAV, an interruption that
empties the queue. Nothing is done to make it slow, and nothing to make it fast.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction

from aiohttp import web
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from convai.events import Interrupted, Speech

from . import loopback, service
from .standin import StandIn, StandIns

__all__ = ["AgentTrack", "opened"]

FRAME_S = 0.02


class AgentTrack(MediaStreamTrack):
    """What the agent says, in real time; silence when it says nothing."""

    kind = "audio"

    def __init__(self, rate: int) -> None:
        super().__init__()
        self._rate = rate
        self._samples = int(rate * FRAME_S)
        self._queue: deque[bytes] = deque()
        self._rest = b""
        self._start: float | None = None
        self._sent = 0

    def push(self, pcm: bytes) -> None:
        pcm, size = self._rest + pcm, self._samples * 2
        whole = len(pcm) // size * size
        self._queue.extend(pcm[i : i + size] for i in range(0, whole, size))
        self._rest = pcm[whole:]

    def clear(self) -> None:
        self._queue.clear()
        self._rest = b""

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        now = asyncio.get_running_loop().time()
        if self._start is None:
            self._start = now
        due = self._start + self._sent / self._rate
        await asyncio.sleep(due - now)
        pcm = self._queue.popleft() if self._queue else bytes(self._samples * 2)
        frame = AudioFrame(format="s16", layout="mono", samples=self._samples)
        frame.planes[0].update(pcm)
        frame.sample_rate = self._rate
        frame.time_base = Fraction(1, self._rate)
        frame.pts = self._sent
        self._sent += self._samples
        return frame


async def listen(track: MediaStreamTrack, agent: StandIn) -> None:
    resampler = AudioResampler(format="s16", layout="mono", rate=agent.input_rate)
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        for resampled in resampler.resample(frame):
            await agent.hear(resampled.to_ndarray().tobytes())


async def speak(agent: StandIn, voice: AgentTrack) -> None:
    async for event in agent:
        match event:
            case Speech(_, pcm):
                voice.push(pcm)
            case Interrupted():
                voice.clear()


@asynccontextmanager
async def opened(
    chosen: argparse.Namespace, agents: StandIns
) -> AsyncIterator[web.Application]:
    """The application; what runs for its calls ends with it."""
    loopback.only()
    calls: dict[RTCPeerConnection, list[asyncio.Task[None]]] = {}

    async def end(pc: RTCPeerConnection) -> None:
        for task in calls.pop(pc, []):
            task.cancel()
        await pc.close()

    async def offer(request: web.Request) -> web.Response:
        wanted = RTCSessionDescription((await request.json())["sdp"], "offer")
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        agent = agents.next()
        voice = AgentTrack(agent.output_rate)
        pc.addTrack(voice)
        tasks = calls[pc] = [group.create_task(speak(agent, voice))]

        @pc.on("track")
        def on_track(track: MediaStreamTrack) -> None:
            tasks.append(group.create_task(listen(track, agent)))

        @pc.on("connectionstatechange")
        async def on_state() -> None:
            if pc.connectionState in ("failed", "closed"):
                await end(pc)

        await pc.setRemoteDescription(wanted)
        await pc.setLocalDescription(await pc.createAnswer())
        return web.json_response({"sdp": pc.localDescription.sdp, "type": "answer"})

    app = web.Application()
    app.router.add_post("/offer", offer)
    async with asyncio.TaskGroup() as group:
        yield app
        for pc in [*calls]:
            await end(pc)


if __name__ == "__main__":
    service.serve(opened, service.arguments().parse_args())
