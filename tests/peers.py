"""Two ends of a connection in one process: a stock caller's offer, a lean answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from rtc import rtp, transport
from rtc.port import Ports
from rtc.sdp import prepare

__all__ = ["Pair", "offered", "pair"]


async def offered() -> tuple[RTCPeerConnection, str]:
    """A stock caller on 127.0.0.1 and its offer."""
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    pc.addTransceiver("audio")
    pc.createDataChannel("events")
    transport.gather_on(pc, "127.0.0.1")
    await pc.setLocalDescription(await pc.createOffer())
    return pc, pc.localDescription.sdp


class _Mute(MediaStreamTrack):
    kind = "audio"

    async def recv(self) -> None:
        await asyncio.Event().wait()
        raise MediaStreamError


@dataclass
class Pair:
    """A stock caller connected with a lean server."""

    caller: RTCPeerConnection
    server: RTCPeerConnection
    taken: list[rtp.Packet] = field(default_factory=list)
    "What the server took of the caller's packets."

    @property
    def sender(self) -> transport.Sender:
        sender = self.server.getTransceivers()[0].sender
        assert isinstance(sender, transport.Sender)
        return sender

    @property
    def receiver(self) -> transport.Receiver:
        receiver = self.server.getTransceivers()[0].receiver
        assert isinstance(receiver, transport.Receiver)
        return receiver

    async def send(self, packet: bytes) -> None:
        """Have the caller send an RTP or RTCP packet, with its keys."""
        await self.caller.getSenders()[0].transport._send_rtp(packet)

    async def until(self, count: int, limit: float = 5.0) -> None:
        """Wait for so many packets of the caller."""
        async with asyncio.timeout(limit):
            while len(self.taken) < count:  # noqa: ASYNC110, nobody tells
                await asyncio.sleep(0.005)


@asynccontextmanager
async def pair() -> AsyncIterator[Pair]:
    """Connected: media may be sent in both directions."""
    ports = Ports()
    caller, offer = await offered()
    server = transport.lean_connection()
    it = Pair(caller, server)
    try:
        server.addTrack(_Mute())
        await server.setRemoteDescription(
            RTCSessionDescription(prepare(offer), "offer")
        )
        it.receiver.take = lambda packet, now: it.taken.append(packet)
        transport.place(server, ports, "127.0.0.1")
        await server.setLocalDescription(await server.createAnswer())
        answer = RTCSessionDescription(server.localDescription.sdp, "answer")
        await caller.setRemoteDescription(answer)
        async with asyncio.timeout(10):
            while it.sender.transmit(b"\xf8", 0, False) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        yield it
    finally:
        await caller.close()
        await server.close()
        ports.close()
