"""The seam into aiortc's media: RTP in and out without its queues and threads.

A part of `rtc.transport`. The private names of aiortc that are used stand at the head
of each class.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpReceiver, RTCRtpSender
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import RtcpRtpfbPacket, RtcpSrPacket
from pylibsrtp._binding import ffi, lib

from . import rtp
from .audio import CLOCK_HZ
from .port import BUFFER, MOST_DATAGRAM, VIEW
from .reception import Reception
from .report import Report
from .transport_ice import COMPONENT, STUMBLES, Connection

__all__ = ["Dtls", "Receiver", "Sender", "Take", "connection_of"]

Take = Callable[[rtp.Packet, float], None]
"Told of each RTP packet of the caller and the loop time at which it came."

MOST_STREAMS = 16
"SSRCs counted in one call: a browser uses one, a hostile one may not use memory."

NS = 10**9
"Nanoseconds in a second."

NTP_EPOCH_NS = 2_208_988_800 * NS
"From 1900, when NTP's time begins, to 1970, when ours does (RFC 868)."


def connection_of(transport: RTCDtlsTransport) -> Connection:
    """The ICE connection under a DTLS transport of ours."""
    connection = transport.transport.iceGatherer._connection
    assert isinstance(connection, Connection)
    return connection


class Dtls(RTCDtlsTransport):
    """DTLS whose call does not end when RTCP cannot be read."""

    async def _handle_rtcp_data(self, data: bytes) -> None:
        connection_of(self).sources.add(data[4:8])
        try:
            await super()._handle_rtcp_data(data)
        except STUMBLES:
            connection_of(self).counted["malformed"] += 1

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        """Not RTP: of the types that are RTCP's (RFC 5761 §4) aiortc knows not all."""
        connection_of(self).counted["malformed"] += 1


class Receiver(RTCRtpReceiver):
    """The caller's packets, authenticated and parsed, to `take`. No thread."""

    _RTCRtpReceiver__codecs: dict[int, Any]
    _RTCRtpReceiver__remote_streams: dict[int, Reception]
    _RTCRtpReceiver__started: bool
    _RTCRtpReceiver__stop_decoder: Callable[[], None]

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self.take: Take | None = None
        self.reported: Callable[[int, float], None] = lambda timestamp, seconds: None
        """Told of each sender report of the stream that came last: an RTP timestamp,
        and the seconds of the caller's NTP clock at which it was."""
        self._length = ffi.new("int *")
        self._buffer = ffi.from_buffer("char[]", BUFFER)
        self._bytes = ffi.buffer(self._buffer)
        self._session: Any = None
        self._connection: Connection

    async def receive(self, parameters: Any) -> None:
        """As aiortc's, but that the decoder's thread ends as soon as it began."""
        if self._RTCRtpReceiver__started:
            return
        await super().receive(parameters)
        self._RTCRtpReceiver__stop_decoder()
        self._session = self.transport._rx_srtp._srtp[0]
        self._connection = connection_of(self.transport)
        if self.take is not None:
            self._connection.media = self._packet

    async def stop(self) -> None:
        """Also forget whom packets went to."""
        if self._RTCRtpReceiver__started:
            self._connection.media = None
        await super().stop()

    def reception(self) -> Reception | None:
        """The statistics of the stream that came last."""
        streams = self._RTCRtpReceiver__remote_streams
        return next(reversed(streams.values()), None) if streams else None

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        await super()._handle_rtcp_packet(packet)
        newest = next(reversed(self._RTCRtpReceiver__remote_streams), None)
        if isinstance(packet, RtcpSrPacket) and packet.ssrc == newest:
            told = packet.sender_info
            self.reported(told.rtp_timestamp, told.ntp_timestamp / (1 << 32))

    def _packet(self, size: int, now: float) -> bool:
        length = self._length
        length[0] = size
        if lib.srtp_unprotect(self._session, self._buffer, length):
            self._connection.counted["unauthentic"] += 1
            return False
        packet = rtp.parse(self._bytes[: length[0]])
        if packet is None or packet.payload_type not in self._RTCRtpReceiver__codecs:
            self._connection.sources.add(bytes(VIEW[8:12]))
            self._connection.counted["foreign" if packet else "malformed"] += 1
            return True
        stream = self._RTCRtpReceiver__remote_streams.get(packet.ssrc)
        if stream is None:
            self._connection.sources.add(bytes(VIEW[8:12]))
            stream = self._begin(packet.ssrc)
            if stream is None:
                return True
        stream.add(packet.sequence, packet.timestamp, int(now * CLOCK_HZ))
        assert self.take is not None
        self.take(packet, now)
        return True

    def _begin(self, ssrc: int) -> Reception | None:
        streams = self._RTCRtpReceiver__remote_streams
        if len(streams) >= MOST_STREAMS:
            self._connection.counted["foreign"] += 1
            return None
        streams[ssrc] = Reception()
        # Its sender reports are to come here, too, whether the offer named it or not.
        self.transport._rtp_router.ssrc_table[ssrc] = self
        return streams[ssrc]


class Sender(RTCRtpSender):
    """Sends what it is given when it is given; aiortc does the RTCP around it."""

    _RTCRtpSender__ntp_timestamp: int
    _RTCRtpSender__octet_count: int
    _RTCRtpSender__packet_count: int
    _RTCRtpSender__rtp_exited: asyncio.Event
    _RTCRtpSender__rtp_started: asyncio.Event
    _RTCRtpSender__rtp_timestamp: int
    _RTCRtpSender__rtt: float | None

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.reported: Callable[[Report], None] = lambda report: None
        "Told of every report of the caller's receiver."
        self._payload_type: int | None = None
        self._sequence = 0
        self._origin = 0
        self._session: Any = None
        self._connection: Connection
        self._length = ffi.new("int *")
        self._buffer = ffi.new("char[]", MOST_DATAGRAM)
        self._bytes = ffi.buffer(self._buffer)

    def transmit(self, payload: bytes, timestamp: int, marker: bool) -> int | None:
        """Send an Opus packet; `timestamp` in samples of 48 kHz from any zero.

        Returns its sequence number, or None when there is no connection to send it on.
        """
        if self._payload_type is None:
            return None
        pair = self._connection._nominated.get(COMPONENT)
        if pair is None:
            return None
        sequence = self._sequence
        stamp = (self._origin + timestamp) & 0xFFFFFFFF
        kind, ssrc = self._payload_type, self._ssrc
        packet = rtp.header(kind, marker, sequence, stamp, ssrc) + payload
        length = self._length
        length[0] = size = len(packet)
        self._bytes[:size] = packet
        if lib.srtp_protect(self._session, self._buffer, length):
            return None
        # Both looked up each time: the caller's address changes when it moves to
        # another network, and the pair with it.
        pair.protocol.transport.sendto(self._bytes[: length[0]], pair.remote_addr)
        self._sequence = (sequence + 1) & 0xFFFF
        self._RTCRtpSender__packet_count += 1
        self._RTCRtpSender__octet_count += len(payload)
        self._RTCRtpSender__rtp_timestamp = stamp
        now = time.time_ns() + NTP_EPOCH_NS
        self._RTCRtpSender__ntp_timestamp = (now << 32) // NS
        return sequence

    async def _run_rtp(self, codec: Any) -> None:
        """aiortc's loop asks a track for packets; here there is nothing to ask."""
        # Below 2^15, lest the first packets wrap around (RFC 3711 §3.3.1).
        self._sequence = self._ssrc & 0x7FFF
        self._origin = self._rtx_ssrc  # random, and of no other use to us
        self._session = self.transport._tx_srtp._srtp[0]
        self._connection = connection_of(self.transport)
        self._payload_type = codec.payloadType
        self._RTCRtpSender__rtp_started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._payload_type = None
            if self.track is not None:
                self.track.stop()
            self._RTCRtpSender__rtp_exited.set()

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        if isinstance(packet, RtcpRtpfbPacket):
            return  # asks for packets again, which comes too late for a conversation
        await super()._handle_rtcp_packet(packet)
        for report in getattr(packet, "reports", ()):
            if report.ssrc == self._ssrc:
                self.reported(self._read(report))

    def _read(self, report: Any) -> Report:
        rtt = self._RTCRtpSender__rtt
        return Report(
            report.fraction_lost / 256,
            report.packets_lost,
            report.highest_sequence & 0xFFFF,
            report.jitter * 1000 / CLOCK_HZ,
            None if rtt is None else rtt * 1000,
        )
