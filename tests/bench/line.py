"""One synthetic call: the handshake is aiortc's, the media is its own.

Once connected, packets bypass aiortc: sent ready-made, received with the kernel's time
stamps, and only stored; they are decrypted and decoded when all is over. STUN, DTLS and
RTCP stay aiortc's, which sends reports like a browser from what the line counts.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import struct
import time
from array import array
from collections.abc import Sequence
from contextlib import AsyncExitStack

import aiohttp
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.clock import current_ntp_time
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from . import speech
from .impairment import Fate

__all__ = ["SO_TIMESTAMPNS", "Line", "dial"]

SO_TIMESTAMPNS = 35
"Linux; Python has no name for it. Stamps are of the wall clock."

CONNECT_S = 20.0
"Seconds from the offer to connected; a server that needs more cannot take the call."

HEADER = struct.Struct("!BBHII")
SLOT = 960
OPUS = RTCRtpCodecCapability(mimeType="audio/opus", clockRate=48000, channels=2)
REPORT_SLOTS = 50
"Between two looks of aiortc's sender report at what was sent."


class _Mute(MediaStreamTrack):
    """For aiortc's sender, which is not to send anything."""

    kind = "audio"

    async def recv(self) -> None:
        await asyncio.get_running_loop().create_future()


class _Reception:
    """What aiortc's receiver report asks of a stream."""

    jitter = 0

    def __init__(self, line: Line) -> None:
        self._line = line
        self._lost = 0

    @property
    def max_seq(self) -> int:
        return self._sequence(-1)

    @property
    def packets_received(self) -> int:
        return len(self._line.received)

    @property
    def packets_lost(self) -> int:
        span = (self._sequence(-1) - self._sequence(0)) % 65536 + 1
        return max(0, span - self.packets_received)

    @property
    def fraction_lost(self) -> int:
        before, self._lost = self._lost, self.packets_lost
        return min(255, max(0, self._lost - before) * 256 // 50)

    def _sequence(self, index: int) -> int:
        return int.from_bytes(self._line.received[index][1][2:4], "big")


class Line:
    """A connected call."""

    def __init__(
        self, number: int, pc: RTCPeerConnection, fec: bool, fates: Sequence[Fate]
    ) -> None:
        self.number = number
        self.pc = pc
        self.start = number * speech.STAGGER
        "Which packet of the speech comes first: callers do not speak in chorus."
        self.wide = "maxplaybackrate=16000" in pc.remoteDescription.sdp
        self.sent = array("q")
        "Monotonic ns of each packet; of one that is lost, when it would have left."
        self.due = array("q")
        self.received: list[tuple[bytes, bytes]] = []
        "The kernel's time stamp and the packet, still encrypted."
        self.lost = False
        "The call broke off: aiortc closed the socket."
        self._ring = speech.encoded(self.wide, fec)
        self._fates = fates
        self._sender = pc.getSenders()[0]
        self._dtls = self._sender.transport
        self._session = self._dtls._tx_srtp
        payload = re.search(r"a=rtpmap:(\d+) opus/", pc.remoteDescription.sdp)
        assert payload is not None
        self._payload_type = int(payload[1])
        dice = random.Random(number)
        self._sequence, self._timestamp = dice.getrandbits(16), dice.getrandbits(32)
        self._take_over()

    def _take_over(self) -> None:
        """From now on this line reads the socket, and nobody else."""
        connection = self._dtls.transport.iceGatherer._connection
        pair = connection._nominated[1]
        self._protocol, self._remote = pair.protocol, pair.remote_addr
        transport = pair.protocol.transport
        self._socket = transport.get_extra_info("socket")._sock
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        # A public method would be for descriptors that asyncio does not own.
        asyncio.get_running_loop()._remove_reader(self._socket.fileno())

    def next(self, due: int) -> tuple[bytes, Fate]:
        """The packet whose turn it is, and what becomes of it."""
        slot = len(self.sent)
        payload = self._ring[(self.start + slot) % len(self._ring)]
        timestamp = (self._timestamp + slot * SLOT) & 0xFFFFFFFF
        header = HEADER.pack(
            0x80,
            self._payload_type,
            (self._sequence + slot) & 0xFFFF,
            timestamp,
            self._sender._ssrc,
        )
        packet = self._session.protect(header + payload)
        self.due.append(due)
        self.sent.append(time.monotonic_ns())
        if slot % REPORT_SLOTS == 0:
            self._count(slot, timestamp)
        return packet, self._fates[slot] if slot < len(self._fates) else 0.0

    def send(self, packet: bytes) -> None:
        try:
            self._socket.sendto(packet, self._remote)
        except OSError:
            self.lost = True

    def take(self) -> None:
        """Store what has come."""
        while True:
            try:
                data, (stamp, *_), _, address = self._socket.recvmsg(1600, 64)
            except BlockingIOError:
                return
            except OSError:
                self.lost = True
                return
            if len(data) > 12 and data[0] >> 6 == 2 and not 192 <= data[1] <= 223:
                self.received.append((stamp[2], data))
                if len(self.received) == 1:
                    self._report(data)
            else:
                self._protocol.datagram_received(data, address)

    def _report(self, packet: bytes) -> None:
        receiver = self.pc.getReceivers()[0]
        streams = receiver._RTCRtpReceiver__remote_streams
        streams.clear()
        streams[int.from_bytes(packet[8:12], "big")] = _Reception(self)

    def _count(self, slot: int, timestamp: int) -> None:
        """For aiortc's sender report."""
        sender = self._sender
        assert hasattr(sender, "_RTCRtpSender__packet_count"), "aiortc has changed"
        sender._RTCRtpSender__packet_count = slot
        sender._RTCRtpSender__octet_count = slot * 80
        sender._RTCRtpSender__rtp_timestamp = timestamp
        sender._RTCRtpSender__ntp_timestamp = current_ntp_time()


async def dial(
    session: aiohttp.ClientSession,
    url: str,
    number: int,
    fec: bool,
    fates: Sequence[Fate],
    stack: AsyncExitStack,
) -> tuple[Line, int, int]:
    """A connected line, when (monotonic ns) it was asked for and had a first packet.

    The first packet is 0 when it is still to come. Raises TimeoutError.
    """
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    stack.push_async_callback(pc.close)
    pc.addTrack(_Mute())
    pc.getTransceivers()[0].setCodecPreferences([OPUS])
    await pc.setLocalDescription(await pc.createOffer())
    first: list[int] = []
    connection = pc.getSenders()[0].transport.transport.iceGatherer._connection
    receive = connection.data_received

    def received(data: bytes, component: int) -> None:
        if data[0] >> 6 == 2 and not 192 <= data[1] <= 223 and not first:
            first.append(time.monotonic_ns())
        receive(data, component)

    connection.data_received = received
    connected = asyncio.Event()
    pc.on("connectionstatechange", lambda: _note(pc, connected))
    async with asyncio.timeout(CONNECT_S):
        asked = time.monotonic_ns()
        body = {"sdp": pc.localDescription.sdp, "type": "offer"}
        async with session.post(f"{url}/offer", json=body) as answer:
            answer.raise_for_status()
            sdp = (await answer.json())["sdp"]
        await pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        await connected.wait()
    return Line(number, pc, fec, fates), asked, first[0] if first else 0


def _note(pc: RTCPeerConnection, connected: asyncio.Event) -> None:
    if pc.connectionState == "connected":
        connected.set()
