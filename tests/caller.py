"""A caller for tests: an aiortc peer that speaks PCM, hears, and reads the events."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fractions import Fraction
from types import TracebackType
from typing import Any, Self

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame
from numpy.typing import NDArray

from rtc import transport

__all__ = ["Caller", "Microphone", "tone"]

RATE = 48_000
SLOT = 960

Connect = Callable[[str], Awaitable[str]]
"Takes an SDP offer, gives the answer."


def tone(hz: float, seconds: float, level: float = 8000) -> NDArray[np.int16]:
    """A sine at 48 kHz."""
    t = np.arange(int(RATE * seconds)) / RATE
    return (level * np.sin(2 * np.pi * hz * t)).astype(np.int16)


class Microphone(MediaStreamTrack):
    """Sends what it is given, and silence otherwise, 20 ms at a time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.waiting = np.zeros(0, np.int16)
        self._start: float | None = None
        self._index = 0

    def say(self, pcm: NDArray[np.int16]) -> None:
        self.waiting = np.concatenate([self.waiting, pcm])

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        if self._start is None:
            self._start = loop.time()
        await asyncio.sleep(self._start + self._index * 0.02 - loop.time())
        slot, self.waiting = self.waiting[:SLOT], self.waiting[SLOT:]
        slot = np.pad(slot, (0, SLOT - len(slot)))
        frame = AudioFrame(format="s16", layout="mono", samples=SLOT)
        frame.planes[0].update(slot.tobytes())
        frame.sample_rate = RATE
        frame.pts = self._index * SLOT
        frame.time_base = Fraction(1, RATE)
        self._index += 1
        return frame


@dataclass
class Caller:
    """`async with Caller(connect) as caller:` is a call in progress."""

    connect: Connect
    microphone: Microphone = field(default_factory=Microphone)
    events: list[dict[str, Any]] = field(default_factory=list)
    heard: list[tuple[float, NDArray[np.int16]]] = field(default_factory=list)
    "Mono pieces at 48 kHz with the loop time at which they came."

    async def __aenter__(self) -> Self:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self.connected = asyncio.Event()
        self.closed = asyncio.Event()
        self._news = asyncio.Condition()
        self.pc.addTrack(self.microphone)
        self.channel = self.pc.createDataChannel("events")
        self.channel.on("message", self._message)
        self.pc.on("track", self._track)
        self.pc.on("connectionstatechange", self._state)
        transport.gather_on(self.pc, "127.0.0.1")
        await self.pc.setLocalDescription(await self.pc.createOffer())
        offer = self.pc.localDescription.sdp
        try:
            answer = await self.connect(offer)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.pc.close()
        self.microphone.stop()
        await self._tasks.__aexit__(None, None, None)

    def level(self, since: float = 0.0, until: float = float("inf")) -> float:
        """Root mean square of what was heard between two loop times."""
        pieces = [pcm for at, pcm in self.heard if since <= at < until]
        if not pieces:
            return 0.0
        return float(np.sqrt(np.mean(np.concatenate(pieces).astype(float) ** 2)))

    def pitch(self) -> float:
        """The strongest frequency heard, in Hz."""
        pcm = np.concatenate([pcm for _, pcm in self.heard])
        spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
        return float(np.argmax(spectrum)) * RATE / len(pcm)

    async def event(
        self, kind: str, limit: float = 10.0, **more: Any
    ) -> dict[str, Any]:
        """Wait for an event of that type with those values."""

        def found() -> dict[str, Any] | None:
            for event in self.events:
                if event["type"] == kind and more.items() <= event.items():
                    return event
            return None

        try:
            async with asyncio.timeout(limit), self._news:
                await self._news.wait_for(lambda: found() is not None)
        except TimeoutError:
            raise AssertionError(f"no {kind} {more} in {self.events}") from None
        event = found()
        assert event is not None
        return event

    def send(self, **message: Any) -> None:
        self.channel.send(json.dumps(message))

    def _message(self, text: str) -> None:
        self.events.append({**json.loads(text), "received": time.monotonic()})
        self._tasks.create_task(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _track(self, track: MediaStreamTrack) -> None:
        self._tasks.create_task(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            assert isinstance(frame, AudioFrame)
            pcm = np.frombuffer(bytes(frame.planes[0]), np.int16)
            channels = frame.layout.nb_channels
            self.heard.append((loop.time(), pcm[: frame.samples * channels : channels]))

    def _state(self) -> None:
        if self.pc.connectionState == "connected":
            self.connected.set()
        elif self.pc.connectionState in ("closed", "failed"):
            self.closed.set()
