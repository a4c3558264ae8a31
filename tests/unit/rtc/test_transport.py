"""The contract with aiortc's inside: fails with a clear text when an upgrade breaks it.

What is tested is what `rtc.transport` relies on. When one of these fails after a new
version of aiortc or aioice, mend `rtc.transport` and its parts, and nothing else.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import threading
from importlib.metadata import version

import aioice
import pytest
from aiortc import (
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    rtcpeerconnection,
)
from aiortc.rtcsctptransport import DataChunk
from aiortc.rtp import (
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
)

from rtc import rtp, transport
from rtc.reception import Reception
from rtc.report import Report
from rtc.transport_ice import Connection
from rtc.transport_rtp import MOST_STREAMS, connection_of
from tests.peers import offered, pair

READ = {
    RTCRtpReceiver: ("codecs", "remote_streams", "started", "stop_decoder"),
    RTCRtpSender: (
        "ntp_timestamp", "octet_count", "packet_count", "rtp_exited", "rtp_started",
        "rtp_timestamp", "rtt",
    ),
}  # fmt: skip
"Private attributes of aiortc that are read or written, by class."


def test_the_versions_are_those_that_were_looked_into() -> None:
    assert version("aiortc") == "1.16.0"
    assert version("aioice") == "0.13.0"
    assert version("pylibsrtp") == "1.0.0"


@pytest.mark.parametrize("part", READ)
def test_the_private_attributes_are_still_there(part: type) -> None:
    source = inspect.getsource(part)
    for name in READ[part]:
        assert f"self.__{name}" in source, f"aiortc's {part.__name__} has no __{name}"


def test_aiortc_itself_is_left_alone() -> None:
    assert rtcpeerconnection.RTCRtpSender is RTCRtpSender
    assert type(transport.lean_connection()) is not RTCPeerConnection


def test_a_part_that_aiortc_no_longer_makes_is_named() -> None:
    with pytest.raises(ImportError, match="RTCWarpDrive"):
        transport._module_with(RTCWarpDrive=int)


def test_aiortc_reads_of_its_statistics_what_ours_have() -> None:
    used = set(re.findall(r"\bstream\.(\w+)", inspect.getsource(RTCRtpReceiver)))
    assert used == {
        "fraction_lost", "jitter", "max_seq", "packets_lost", "packets_received",
    }  # fmt: skip
    reception = Reception()
    reception.add(1, 0, 0)
    for name in used:
        assert getattr(reception, name) is not None


def test_aioice_gathers_through_the_method_that_is_replaced() -> None:
    method = aioice.Connection.get_component_candidates
    ours = Connection.get_component_candidates
    names = ["self", "component", "addresses", "timeout"]
    assert list(inspect.signature(method).parameters) == names
    assert list(inspect.signature(ours).parameters) == names


async def test_candidates_are_gathered_on_the_one_address() -> None:
    pc, sdp = await offered()
    candidates = [line.split() for line in sdp.splitlines() if "a=candidate" in line]
    assert {fields[4] for fields in candidates} == {"127.0.0.1"}
    await pc.close()


async def test_packets_of_a_stock_connection_are_counted() -> None:
    pc, _ = await offered()
    assert transport.packets_received(pc) == 0
    assert transport.counters(pc) == {}
    await pc.close()


def packet(
    sequence: int, ssrc: int = 7, kind: int = 96, payload: bytes = b"x"
) -> bytes:
    return rtp.header(kind, False, sequence, sequence * 960, ssrc) + payload


async def test_packets_arrive_and_are_counted_for_the_receiver_reports() -> None:
    async with pair() as it:
        for sequence in (1, 2, 4, 5):
            await it.send(packet(sequence))
        await it.until(4)
        assert [one.sequence for one in it.taken] == [1, 2, 4, 5]
        assert [one.payload for one in it.taken] == [b"x"] * 4
        reception = it.receiver.reception()
        assert reception is not None
        assert (reception.packets_received, reception.packets_lost) == (4, 1)
        reports: list[RtcpRrPacket] = []
        theirs = it.caller.getSenders()[0]
        handle = theirs._handle_rtcp_packet

        async def seen(report: RtcpPacket) -> None:
            reports.append(report)
            await handle(report)

        theirs._handle_rtcp_packet = seen
        # aiortc routes by SSRC: have ours be the one that the caller sends with.
        async with asyncio.timeout(5):
            while not reports:
                await it.send(packet(6, theirs._ssrc))
                await asyncio.sleep(0.1)
        assert transport.packets_received(it.server) > 4


async def test_reports_of_a_source_that_the_offer_did_not_name_are_heeded() -> None:
    """Without their time in our reports the caller cannot measure the round trip."""
    async with pair() as it:
        codec = next(iter(it.receiver._RTCRtpReceiver__codecs))
        await it.send(rtp.header(codec, True, 7, 960, 0x5EED) + b"\xf8\x00")
        await it.until(1)
        info = RtcpSenderInfo(
            ntp_timestamp=0x1_2345_6789_0000, rtp_timestamp=960, packet_count=1,
            octet_count=2,
        )  # fmt: skip
        await it.send(bytes(RtcpSrPacket(ssrc=0x5EED, sender_info=info)))
        async with asyncio.timeout(5):
            while 0x5EED not in it.receiver._RTCRtpReceiver__lsr:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert it.receiver._RTCRtpReceiver__lsr[0x5EED] == 0x2345_6789


async def test_what_is_not_ours_is_dropped_and_counted() -> None:
    async with pair() as it:
        await it.send(packet(1, ssrc=99, kind=13))
        await it.send(
            b"\xa0" + packet(1, ssrc=98)[1:-1] + b"\0"
        )  # padding of no length
        for ssrc in range(MOST_STREAMS + 3):
            await it.send(packet(1, ssrc=ssrc))
        await it.until(MOST_STREAMS)
        await asyncio.sleep(0.05)
        assert len(it.taken) == MOST_STREAMS
        counted = transport.counters(it.server)
        assert (counted["foreign"], counted["malformed"]) == (4, 1)


async def test_what_the_kernel_does_not_take_is_counted() -> None:
    async with pair() as it:
        for port in connection_of(it.sender.transport).opened:
            port.sendto(b"x", ("192.0.2.1", 9))  # from loopback, no route leads there
        assert transport.counters(it.server)["unsent"] == 1


async def test_what_is_sent_arrives_with_marker_timestamp_and_sender_reports() -> None:
    async with pair() as it:
        got: list[rtp.Packet] = []
        theirs = it.caller.getTransceivers()[0].receiver

        async def seen(one: rtp.Packet, arrival_time_ms: int) -> None:
            got.append(one)

        theirs._handle_rtp_packet = seen
        sequences = [
            it.sender.transmit(b"\xf8" + bytes([k]), 960 * k, k == 0) for k in range(3)
        ]
        async with asyncio.timeout(5):
            while not got or got[-1].sequence_number != sequences[-1]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        del got[:-3]  # before them came what showed that there is a connection
        assert [one.sequence_number for one in got] == sequences
        assert [one.marker for one in got] == [1, 0, 0]
        steps = [(one.timestamp - got[0].timestamp) & 0xFFFFFFFF for one in got]
        assert steps == [0, 960, 1920]
        assert [one.payload for one in got] == [b"\xf8" + bytes([k]) for k in range(3)]
        async with asyncio.timeout(5):
            while True:
                stats = (await theirs.getStats()).values()
                if told := [s for s in stats if s.type == "remote-outbound-rtp"]:
                    break
                await asyncio.sleep(0.1)
        assert (
            told[0].packetsSent
            == (await it.sender.getStats())[f"outbound-rtp_{id(it.sender)}"].packetsSent
        )
        age = told[0].timestamp - told[0].remoteTimestamp
        assert abs(age.total_seconds()) < 5


async def test_reports_of_the_caller_are_told() -> None:
    async with pair() as it:
        told: list[Report] = []
        it.sender.reported = told.append
        block = RtcpReceiverInfo(
            ssrc=it.sender._ssrc, fraction_lost=64, packets_lost=5,
            highest_sequence=(1 << 16) + 9, jitter=480, lsr=0, dlsr=0,
        )  # fmt: skip
        await it.send(bytes(RtcpRrPacket(ssrc=1, reports=[block])))
        async with asyncio.timeout(5):
            while not told:  # noqa: ASYNC110, nobody tells
                await asyncio.sleep(0.01)
        assert told[0]._replace(rtt_ms=None) == Report(0.25, 5, 9, 10.0, None)


async def test_before_and_after_the_connection_nothing_is_sent() -> None:
    assert transport.lean_connection().getTransceivers() == []
    async with pair() as it:
        sender = it.sender
    assert sender.transmit(b"\xf8", 0, False) is None


async def test_a_lean_connection_has_no_thread_of_its_own() -> None:
    before = threading.active_count()
    async with pair() as it:
        stock = {t.name for t in threading.enumerate()}
        assert stock & {"audio-decoder"}, "the stock caller has one"
        assert threading.active_count() == before + 1
        assert isinstance(connection_of(it.sender.transport), Connection)


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
