"""Peer: the caller's end of a call, one RTCPeerConnection as an async context.

Enter it and `answer` the offer with the line whose sound it is to carry. When the
caller is gone, the line's uplink ends; `gone` says how.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
from collections import deque
from types import TracebackType
from typing import Any, NoReturn, Self

from aiortc import (
    MediaStreamTrack,
    RTCDataChannel,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from convai import untrusted
from convai.agent import AgentProtocolError

from . import transport
from .clock import Clock
from .line import Line
from .media import Media
from .offer import stumbling
from .sdp import with_opus
from .stock import Stock

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

    def __init__(self, media: Media, *, ice_address: str | None = None) -> None:
        self._media = media
        self._ice_address = ice_address
        self._stock = None if media.options.lean else Stock()
        self._pc = self._stock.pc if self._stock else transport.lean_connection()
        self._channel: RTCDataChannel | None = None
        self._waiting: deque[str] = deque()
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MOST_WAITING)
        self._line: Line | None = None
        self.connected = asyncio.Event()
        self.gone = "caller-left"
        "Why there is no more of the caller."
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
        if self._line is not None:
            self._line.stop()
        try:
            # Not `asyncio.timeout`: a cancelled call comes here too (see
            # `convai.connection.close`).
            await asyncio.wait_for(self._pc.close(), CLOSE_S)
        except TimeoutError:
            log.warning("a peer connection did not close within %s s", CLOSE_S)

    async def answer(self, offer: str, line: Line) -> str:
        """The SDP answer, complete with candidates.

        `offer` was prepared by `rtc.sdp` and checked by `rtc.offer`. Raises BadOffer.
        """
        self._line = line
        async with self._media.turn():
            await self._accept(offer, line)
            with stumbling():
                answer = await self._pc.createAnswer()
                answer.sdp = with_opus(answer.sdp, line.input_rate)
                await self._pc.setLocalDescription(answer)
        return str(self._pc.localDescription.sdp)

    async def _accept(self, offer: str, line: Line) -> None:
        """Make of each media section what we want it to be."""
        self._pc.addTrack(self._stock.track(line) if self._stock else _Idle())
        self._pc.getTransceivers()[0].setCodecPreferences([OPUS])
        with stumbling():
            description = RTCSessionDescription(offer, "offer")
            await self._pc.setRemoteDescription(description)
        for transceiver in self._pc.getTransceivers():
            if transceiver.sender.track is None:
                transceiver.direction = "inactive"  # video, a second microphone
            elif self._stock is None:
                _wire(transceiver, line, self._media.clock)
        transport.limit_messages(self._pc, lambda: self.hang_up("caller-left"))
        if self._stock is None:
            transport.place(self._pc, self._media.ports, self._ice_address)
        elif self._ice_address:
            transport.gather_on(self._pc, self._ice_address)

    async def carry(self) -> None:
        """Carry the line's sound once connected. Ends only by raising what is a bug."""
        assert self._line is not None, "answer an offer first"
        await self.connected.wait()
        self._line.start()
        if self._stock is None:
            await self._line.failure()
        else:
            await self._stock.carry(self._pc, self._line)

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
        dropped = transport.counters(self._pc)
        return {
            **{f"datagrams_{why}": count for why, count in dropped.items()},
            **(self._line.counters() if self._line else {}),
            "messages_dropped": self.dropped,
        }

    def hang_up(self, reason: str) -> None:
        """End what is heard of the caller."""
        self.gone = reason
        if self._line is not None:
            self._line.uplink.end()

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
            message = untrusted.plain(untrusted.parse(text))
            untrusted.text(message, "type")
            self._messages.put_nowait(message)
        except (ValueError, AgentProtocolError, asyncio.QueueFull) as error:
            self.dropped += 1
            log.debug("a message of the page was dropped: %s", error)


class _Idle(MediaStreamTrack):
    """Stands in the offer and answer for the track that the line is."""

    kind = "audio"

    async def recv(self) -> NoReturn:
        """Never asked: the line sends by itself."""
        raise MediaStreamError


def _wire(transceiver: RTCRtpTransceiver, line: Line, clock: Clock) -> None:
    """Join the line to the two ends of a lean connection."""
    sender, receiver = transceiver.sender, transceiver.receiver
    assert isinstance(sender, transport.Sender)
    assert isinstance(receiver, transport.Receiver)
    # All calls are read in one go: a bug in one must not keep it from the others.
    receiver.take = functools.partial(clock.guard, line, line.uplink.take)
    sender.reported = line.report
    receiver.reported = line.uplink.report
    line.vitals.reception = receiver.reception
    line.transmit = sender.transmit
