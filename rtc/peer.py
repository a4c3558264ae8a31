"""Peer: the caller's end of a call, one RTCPeerConnection as an async context.

Enter it, `answer` the offer, then iterate over the caller's PCM while `playout` is
heard on the other side. Iteration ends when the caller is gone; `gone` says how.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from . import transport
from .playout import Playout
from .track import PacedTrack, Sent
from .uplink import Heard, Uplink

__all__ = ["Peer"]

log = logging.getLogger(__name__)

CLOSE_S = 2.0
"Seconds that closing may take; it takes milliseconds unless something is very wrong."

CHANNEL = "events"
"Label of the data channel that the page opens for events."

MOST_WAITING = 256
"Messages kept for a channel that is not open yet, or received and not yet acted on."

MOST_BUFFERED = 1 << 20
"Bytes in the channel's send buffer above which messages are dropped."

MOST_MESSAGE = 16_384
"Characters of a message from the page; the longest sensible one is a typed turn."

OPUS = RTCRtpCodecCapability(mimeType="audio/opus", clockRate=48000, channels=2)


class Peer:
    """One caller. Single use."""

    def __init__(self, started: float, *, ice_address: str | None = None) -> None:
        self._started = started
        self._ice_address = ice_address
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._channel: RTCDataChannel | None = None
        self._waiting: deque[str] = deque()
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MOST_WAITING)
        self._uplink: Uplink | None = None
        self._track: PacedTrack | None = None
        self.connected = asyncio.Event()
        self.gone = "caller-left"
        "Why the iteration ended."
        self.dropped = 0
        "Messages, in either direction, that found no room or made no sense."

    async def __aenter__(self) -> Self:
        self._pc.on("connectionstatechange", self._state_changed)
        self._pc.on("datachannel", self._channel_opened)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            # Not `asyncio.timeout`: a cancelled call comes here too (see
            # `convai.connection.close`).
            await asyncio.wait_for(self._pc.close(), CLOSE_S)
        except TimeoutError:
            log.warning("a peer connection did not close within %s s", CLOSE_S)

    async def answer(
        self,
        offer: str,
        playout: Playout,
        input_rate: int,
        *,
        sent: Sent | None = None,
        heard: Heard | None = None,
    ) -> str:
        """The SDP answer, complete with candidates.

        `offer` was prepared by `rtc.sdp` and checked by `rtc.transport`. `playout` is
        what the caller will hear; `input_rate` (Hz) is that of the PCM iterated over.
        Raises BadOffer.
        """
        uplink = self._uplink = Uplink(input_rate, self._started, heard)
        track = self._track = PacedTrack(playout, sent)
        self._pc.addTrack(track)
        self._pc.getTransceivers()[0].setCodecPreferences([OPUS])
        with transport.stumbling():
            description = RTCSessionDescription(offer, "offer")
            await self._pc.setRemoteDescription(description)
        transport.limit_messages(self._pc, lambda: self.hang_up("caller-left"))
        for transceiver in self._pc.getTransceivers():
            if transceiver.sender.track is None:
                transceiver.direction = "inactive"  # video, a second microphone
            else:
                transport.take_over(transceiver.receiver, uplink.take)
        if self._ice_address:
            transport.gather_on(self._pc, self._ice_address)
        with transport.stumbling():
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        return str(self._pc.localDescription.sdp)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        assert self._uplink is not None, "answer an offer first"
        pcm = await self._uplink.next()
        if pcm is None:
            raise StopAsyncIteration
        return pcm

    async def silence(self, limit: float) -> None:
        """Return once nothing at all has come from the caller for `limit` seconds.

        A browser sends RTCP every few seconds even when its microphone is taken away,
        so silence means that the caller vanished: no close, no network.
        """
        loop = asyncio.get_running_loop()
        count, since = -1, loop.time()
        while loop.time() - since < limit:
            await asyncio.sleep(min(1.0, limit / 8))
            received = transport.packets_received(self._pc)
            if received != count:
                count, since = received, loop.time()

    def counters(self) -> dict[str, int]:
        """What was not as it should be."""
        if self._uplink is None or self._track is None:
            return {}
        return {
            **self._uplink.counters(),
            **self._track.counters(),
            "messages_dropped": self.dropped,
        }

    def hang_up(self, reason: str) -> None:
        """End the iteration."""
        self.gone = reason
        if self._uplink:
            self._uplink.end()

    def send(self, message: dict[str, Any]) -> None:
        """Send an event to the page; kept until its channel is open."""
        text = json.dumps(message, ensure_ascii=False)
        if self._channel is None or self._channel.readyState != "open":
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(text)
            else:
                self.dropped += 1
        elif self._channel.bufferedAmount > MOST_BUFFERED:
            self.dropped += 1
        else:
            self._channel.send(text)

    async def flush(self, limit: float) -> None:
        """Give what was sent to the page up to `limit` seconds to leave."""
        try:
            async with asyncio.timeout(limit):
                # aiortc has no event for an empty buffer that cannot be missed.
                while self._channel and self._channel.bufferedAmount:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log.debug("the last events did not reach the page")

    async def message(self) -> dict[str, Any]:
        """The next message of the page: an object with a `type`."""
        return await self._messages.get()

    def _state_changed(self) -> None:
        state = self._pc.connectionState
        log.debug("connection is %s", state)
        if state == "connected":
            self.connected.set()
        elif state in ("failed", "closed"):
            self.hang_up("caller-left")

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL:
            return
        self._channel = channel
        channel.on("message", self._message)
        while self._waiting:
            channel.send(self._waiting.popleft())

    def _message(self, text: str | bytes) -> None:
        try:
            if len(text) > MOST_MESSAGE:
                raise ValueError("too long")
            message = json.loads(text)
            if not isinstance(message, dict) or not isinstance(
                message.get("type"), str
            ):
                raise ValueError("not an object with a type")
            self._messages.put_nowait(message)
        except (ValueError, RecursionError, asyncio.QueueFull) as error:
            self.dropped += 1
            log.debug("a message of the page was dropped: %s", error)
