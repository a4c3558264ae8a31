"""The one seam into aiortc's inside.

aiortc 1.16 offers no way to choose the address it gathers on, to see a packet before
its jitter buffer, or to read an offer without acting on it. What we use instead is
named here and nowhere else, and a contract test fails when an upgrade changes it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from aiortc import RTCIceTransport, RTCPeerConnection, RTCRtpReceiver
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket
from aiortc.sdp import MediaDescription, SessionDescription

from .audio import CLOCK_HZ
from .sdp import BadOffer

__all__ = ["check", "gather_on", "packets_received", "take_over"]

Take = Callable[[RtpPacket], None]

MOST_STREAMS = 16
"SSRCs counted in one call: a browser uses one, a hostile one may not use memory."


def check(offer: str) -> None:
    """Read the offer as aiortc will. Raises BadOffer where aiortc would stumble."""
    try:
        description = SessionDescription.parse(offer)
    except (
        # aiortc's parser documents no errors: these are what it raises.
        AssertionError,
        AttributeError,
        IndexError,
        KeyError,
        StopIteration,
        TypeError,
        ValueError,
    ) as error:
        raise BadOffer("the SDP cannot be read") from error
    if not description.media:
        raise BadOffer("the offer has no media section")
    for media in description.media:
        _check_media(media)


def _check_media(media: MediaDescription) -> None:
    name = f"the {media.kind} section"
    if media.kind not in ("audio", "video", "application"):
        raise BadOffer(f"{name} is of no kind that WebRTC knows")
    if not (media.ice and media.ice.usernameFragment and media.ice.password):
        raise BadOffer(f"{name} has no ICE credentials (ice-ufrag, ice-pwd)")
    if media.dtls is None or not media.dtls.fingerprints:
        raise BadOffer(f"{name} has no DTLS fingerprint or setup role")
    if media.dtls.role not in ("auto", "client"):
        raise BadOffer(f"{name} must offer setup:actpass or setup:active")
    if media.kind == "application" and not (media.sctp_port or media.sctpmap):
        raise BadOffer(f"{name} has no sctp-port")
    if media.kind != "application" and not media.rtcp_mux:
        raise BadOffer(f"{name} does not multiplex RTCP (rtcp-mux)")


def gather_on(pc: RTCPeerConnection, address: str) -> None:
    """Take media on `address` only. Call between remote and local description.

    aioice leaves out loopback addresses and takes all others; here it is told.
    """
    for ice in _ice_transports(pc):
        connection = ice.iceGatherer._connection
        gather = type(connection).get_component_candidates
        only_there = functools.partial(_gather_one, gather, connection, address)
        setattr(connection, "get_component_candidates", only_there)


async def _gather_one(gather, connection, address, component, addresses, timeout=5):  # type: ignore[no-untyped-def]
    return await gather(connection, component, [address], timeout)


def take_over(receiver: RTCRtpReceiver, take: Take) -> None:
    """Give each RTP packet to `take` as it comes, instead of to aiortc's decoder.

    aiortc's jitter buffer delays by 80 ms and, after a lost packet, throws four good
    ones away. Its counters are still fed, so that receiver reports stay right.
    """
    statistics = getattr(receiver, "_RTCRtpReceiver__remote_streams")
    codecs = getattr(receiver, "_RTCRtpReceiver__codecs")

    async def handle(packet: RtpPacket, arrival_time_ms: int) -> None:
        if packet.payload_type not in codecs:
            return
        stream = statistics.get(packet.ssrc)
        if stream is None:
            if len(statistics) >= MOST_STREAMS:
                return
            stream = statistics[packet.ssrc] = StreamStatistics(CLOCK_HZ)
        stream.add(packet)
        take(packet)

    setattr(receiver, "_handle_rtp_packet", handle)


def packets_received(pc: RTCPeerConnection) -> int:
    """Packets of any kind but STUN that came from the caller so far.

    RTCP counts: it goes on when the caller's microphone is taken away.
    """
    return sum(t._RTCDtlsTransport__rx_packets for t in _dtls_transports(pc))


def _dtls_transports(pc: RTCPeerConnection) -> Iterator:  # type: ignore[type-arg]
    seen = {t.receiver.transport for t in pc.getTransceivers()}
    if pc.sctp is not None:
        seen.add(pc.sctp.transport)
    yield from seen


def _ice_transports(pc: RTCPeerConnection) -> Iterator[RTCIceTransport]:
    for dtls in _dtls_transports(pc):
        yield dtls.transport
