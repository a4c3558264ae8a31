"""The one seam into aiortc's inside.

aiortc carries media through queues, threads and a jitter buffer that throws good
packets away. Parley keeps of it what is hard and right, ICE, DTLS, the keys of SRTP and
RTCP, and carries the media itself:

    Port ──> Connection ──> Receiver ──> take(packet)        the caller's RTP
    transmit(payload) ──> Sender ──> Port                    the agent's RTP

These four are subclasses of aiortc's own. They are put in place in a copy of the one
module that makes them, so that aiortc itself stays as it is and both can be used side
by side (`--media stock` does). What we use of aiortc's private parts is named in this
file and its parts, `transport_ice` and `transport_rtp`, and nowhere else; a contract
test fails when an upgrade changes it.
"""

from __future__ import annotations

import functools
import importlib.util
from collections import Counter
from collections.abc import Callable, Iterator
from types import ModuleType

from aiortc import RTCConfiguration, RTCIceTransport, RTCPeerConnection
from aiortc.rtcsctptransport import DataChunk

from .port import Ports
from .transport_ice import Gatherer
from .transport_rtp import Dtls, Receiver, Sender, connection_of

__all__ = [
    "Receiver",
    "Sender",
    "counters",
    "gather_on",
    "lean_connection",
    "limit_messages",
    "packets_received",
    "place",
]


def _module_with(**names: type) -> ModuleType:
    """A second copy of aiortc's peer connection that makes other parts."""
    spec = importlib.util.find_spec("aiortc.rtcpeerconnection")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, part in names.items():
        if not hasattr(module, name):
            raise ImportError(f"this version of aiortc does not make a {name}")
        setattr(module, name, part)
    return module


_LEAN = _module_with(
    RTCIceGatherer=Gatherer,
    RTCDtlsTransport=Dtls,
    RTCRtpReceiver=Receiver,
    RTCRtpSender=Sender,
)


def lean_connection() -> RTCPeerConnection:
    """A peer connection whose media Parley carries; `place` it before it gathers."""
    made = _LEAN.RTCPeerConnection(RTCConfiguration(iceServers=[]))
    assert isinstance(made, _LEAN.RTCPeerConnection)
    return made  # type: ignore[no-any-return]


def place(pc: RTCPeerConnection, ports: Ports, address: str | None) -> None:
    """Say where a lean connection opens its sockets, and on which address only."""
    for dtls in _dtls_transports(pc):
        connection = connection_of(dtls)
        connection.ports = ports
        connection.address = address


def counters(pc: RTCPeerConnection) -> Counter[str]:
    """Datagrams that a lean connection dropped or could not send, by the reason."""
    total: Counter[str] = Counter()
    if not isinstance(pc, _LEAN.RTCPeerConnection):
        return total
    for dtls in _dtls_transports(pc):
        connection = connection_of(dtls)
        unsent = sum(port.unsent for port in connection.opened)
        total += connection.counted + Counter(unsent=unsent)
    return total


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


def packets_received(pc: RTCPeerConnection) -> int:
    """Packets of any kind but STUN that came from the caller so far.

    RTCP counts: it goes on when the caller's microphone is taken away.
    """
    if isinstance(pc, _LEAN.RTCPeerConnection):
        return sum(connection_of(dtls).received for dtls in _dtls_transports(pc))
    return sum(t._RTCDtlsTransport__rx_packets for t in _dtls_transports(pc))


def _dtls_transports(pc: RTCPeerConnection) -> Iterator:  # type: ignore[type-arg]
    seen = {t.receiver.transport for t in pc.getTransceivers()}
    if pc.sctp is not None:
        seen.add(pc.sctp.transport)
    yield from seen


def _ice_transports(pc: RTCPeerConnection) -> Iterator[RTCIceTransport]:
    for dtls in _dtls_transports(pc):
        yield dtls.transport
