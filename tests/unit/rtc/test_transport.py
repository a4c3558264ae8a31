"""The contract with aiortc's inside: fails with a clear text when an upgrade breaks it.

What is tested is what `rtc.transport` relies on. When one of these fails after a new
version of aiortc or aioice, mend `rtc.transport` and nothing else.
"""

from __future__ import annotations

import inspect
from importlib.metadata import version

import aioice
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtcsctptransport import DataChunk
from aiortc.rtp import RtpPacket

from rtc import transport
from rtc.sdp import BadOffer, prepare


async def offered() -> tuple[RTCPeerConnection, str]:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    pc.addTransceiver("audio")
    pc.createDataChannel("events")
    transport.gather_on(pc, "127.0.0.1")
    await pc.setLocalDescription(await pc.createOffer())
    return pc, pc.localDescription.sdp


def test_the_versions_are_those_that_were_looked_into() -> None:
    assert version("aiortc") == "1.16.0"
    assert version("aioice") == "0.13.0"


def test_aioice_gathers_through_the_method_that_is_replaced() -> None:
    method = aioice.Connection.get_component_candidates
    assert list(inspect.signature(method).parameters) == [
        "self",
        "component",
        "addresses",
        "timeout",
    ]


async def test_candidates_are_gathered_on_the_one_address() -> None:
    pc, sdp = await offered()
    candidates = [line.split() for line in sdp.splitlines() if "a=candidate" in line]
    assert {fields[4] for fields in candidates} == {"127.0.0.1"}
    await pc.close()


async def test_packets_are_taken_over_and_still_counted() -> None:
    caller, offer = await offered()
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    await pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    receiver = pc.getTransceivers()[0].receiver
    taken: list[RtpPacket] = []
    transport.take_over(receiver, taken.append)
    codecs = receiver._RTCRtpReceiver__codecs
    assert codecs == {}, "the codecs are filled in when media begins"
    codecs[96] = object()
    for ssrc in range(transport.MOST_STREAMS + 5):
        packet = RtpPacket(payload_type=96, sequence_number=1, timestamp=1)
        packet.ssrc = ssrc
        await receiver._handle_rtp_packet(packet, 0)
    await receiver._handle_rtp_packet(RtpPacket(payload_type=13), 0)
    statistics = receiver._RTCRtpReceiver__remote_streams
    assert len(taken) == len(statistics) == transport.MOST_STREAMS
    assert all(isinstance(one, StreamStatistics) for one in statistics.values())
    assert all(one.packets_received == 1 for one in statistics.values())
    await pc.close()
    await caller.close()


async def test_packets_of_the_transport_are_counted() -> None:
    pc, _ = await offered()
    assert transport.packets_received(pc) == 0
    await pc.close()


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("a=mid:1", "a=mid:0", "mid of its own"),
        ("a=mid:1", "a=x", "mid of its own"),
        ("BUNDLE 0 1", "BUNDLE 0 7", "BUNDLE"),
        ("a=sendrecv", "a=sendonly", "listens to"),
        ("a=sendrecv", "a=inactive", "listens to"),
        ("m=audio 9", "m=audio 0", "no audio section"),
    ],
)
async def test_an_offer_that_contradicts_itself_is_refused(
    old: str, new: str, text: str
) -> None:
    pc, sdp = await offered()
    await pc.close()
    port = next(line for line in sdp.splitlines() if line.startswith("m=audio"))
    sdp = sdp.replace(port, "m=audio 9 " + port.split(" ", 2)[2])
    assert old in sdp
    with pytest.raises(BadOffer, match=text):
        transport.check(prepare(sdp.replace(old, new)))


async def test_a_message_beyond_the_window_is_not_kept() -> None:
    pc, _ = await offered()
    exceeded: list[int] = []
    transport.limit_messages(pc, lambda: exceeded.append(1))
    sctp = pc.sctp
    size = 60_000
    for k in range(40):
        chunk = DataChunk()
        chunk.tsn = k
        chunk.stream_id = 1
        chunk.user_data = bytes(size)  # never the last fragment of its message
        chunk.flags = 2 if k == 0 else 0
        sctp._last_received_tsn = k - 1 if k else (1 << 32) - 1
        await sctp._receive_data_chunk(chunk)
    held = sum(len(c.user_data) for c in sctp._inbound_streams[1].reassembly)
    assert held < (1 << 20) + 2 * size
    assert len(exceeded) >= 20
    await pc.close()


@pytest.mark.parametrize(
    ("cut", "text"),
    [
        ("a=ice-ufrag", "ICE credentials"),
        ("a=fingerprint", "fingerprint"),
        ("a=setup", "fingerprint or setup"),
        ("a=rtcp-mux", "rtcp-mux"),
        ("a=sctp-port", "sctp-port"),
    ],
)
async def test_an_offer_that_lacks_something_is_refused_by_name(
    cut: str, text: str
) -> None:
    pc, sdp = await offered()
    await pc.close()
    transport.check(prepare(sdp))
    lacking = "\r\n".join(line for line in sdp.splitlines() if not line.startswith(cut))
    with pytest.raises(BadOffer, match=text):
        transport.check(prepare(lacking))
