"""The one seam into aiortc's inside.

aiortc 1.16 offers no way to choose the address it gathers on, to see a packet before
its jitter buffer, or to read an offer without acting on it. What we use instead is
named here and nowhere else, and a contract test fails when an upgrade changes it.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiortc import (
    InvalidAccessError,
    InvalidStateError,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
)
from aiortc.exceptions import OperationError
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtcsctptransport import DataChunk
from aiortc.rtp import RtpPacket
from aiortc.sdp import MediaDescription, SessionDescription

from .audio import CLOCK_HZ
from .sdp import BadOffer, NoAudio

__all__ = [
    "check",
    "gather_on",
    "limit_messages",
    "packets_received",
    "stumbling",
    "take_over",
]

log = logging.getLogger(__name__)

Take = Callable[[RtpPacket], None]

STUMBLES = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    StopIteration,
    TypeError,
    ValueError,
)
"aiortc documents no errors of its SDP parser: these are what it raises."

MOST_STREAMS = 16
"SSRCs counted in one call: a browser uses one, a hostile one may not use memory."


def check(offer: str) -> None:
    """Read the offer as aiortc will. Raises BadOffer where aiortc would stumble."""
    try:
        description = SessionDescription.parse(offer)
    except STUMBLES as error:
        raise BadOffer("the SDP cannot be read") from error
    for media in description.media:
        _check_media(media)
    _check_session(description)


def _check_session(description: SessionDescription) -> None:
    """What must be right of the sections together, and of the one that we answer."""
    names = [media.rtp.muxId for media in description.media]
    if not all(names) or len(set(names)) < len(names):
        raise BadOffer("every media section needs a mid of its own")
    for group in description.group:
        if group.semantic == "BUNDLE" and not set(group.items) <= set(names):
            raise BadOffer("the BUNDLE group names a section that is not there")
    kinds = [media.kind for media in description.media]
    if "audio" not in kinds:
        raise NoAudio("the offer has no audio section")
    if kinds.count("application") > 1:
        raise BadOffer("there is more than one application section")
    audio = description.media[kinds.index("audio")]
    if not audio.port or "opus" not in {c.name.lower() for c in audio.rtp.codecs}:
        raise NoAudio("the first audio section must be in use and have Opus")
    if audio.direction not in ("sendrecv", "recvonly"):
        raise NoAudio("the first audio section must be one that the caller listens to")


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


@contextmanager
def stumbling() -> Iterator[None]:
    """Turn what aiortc raises over an offer that `check` let pass into BadOffer."""
    try:
        yield
    except (*STUMBLES, InvalidAccessError, InvalidStateError, OperationError) as error:
        log.warning("aiortc stumbled over an offer: %r", error)
        raise BadOffer("one of the media sections cannot be answered") from error


def limit_messages(pc: RTCPeerConnection, exceeded: Callable[[], None]) -> None:
    """Call `exceeded`, and take nothing more, when a message exceeds the window.

    aiortc tells the other side how much it may send (1 MiB) and keeps whatever comes:
    a message that never ends would fill the memory.
    """
    if pc.sctp is None:
        return
    sctp = pc.sctp
    receive = sctp._receive_data_chunk

    async def receive_within(chunk: DataChunk) -> None:
        if sctp._advertised_rwnd < 0:
            exceeded()
        else:
            await receive(chunk)

    setattr(sctp, "_receive_data_chunk", receive_within)


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
