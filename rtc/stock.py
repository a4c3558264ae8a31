"""Stock: a call carried by aiortc alone, through its public interface.

For those who have to run another version of aiortc, and to see what the lean path is
worth. aiortc decodes the caller and leaves out what it cannot decode; its frames are
made packets again, so that everything behind them is the same as in a lean call.
"""

from __future__ import annotations

import asyncio

from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, AudioResampler

from . import rtp
from .audio import CLOCK_HZ, SLOT
from .line import Line
from .opus import Encoder
from .report import Report
from .track import PacedTrack

__all__ = ["Stock"]

BIT_RATE = 64_000
"Bits per second of the caller's sound between aiortc's decoder and ours: transparent."

REPORT_S = 1.0
"Seconds between two looks at aiortc's statistics."


class Stock:
    """aiortc's side of one call."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    def track(self, line: Line) -> PacedTrack:
        """The line's downlink as a track."""
        return PacedTrack(
            line.downlink, lambda outgoing, due: line.sent(outgoing, due, None)
        )

    async def carry(self, pc: RTCPeerConnection, line: Line) -> None:
        """Hand the caller's frames to the line, and reports; never ends by itself."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(line.failure())
            tasks.create_task(
                self._listen(pc.getTransceivers()[0].receiver.track, line)
            )
            tasks.create_task(self._report(line))

    async def _listen(self, track: MediaStreamTrack, line: Line) -> None:
        loop = asyncio.get_running_loop()
        encoder = Encoder(CLOCK_HZ, bit_rate=BIT_RATE, faithful=True)
        mono = AudioResampler(format="s16", layout="mono", rate=CLOCK_HZ)
        sequence = 0
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            assert isinstance(frame, AudioFrame) and frame.pts is not None
            pcm = b"".join(
                bytes(piece.planes[0])[: piece.samples * 2]
                for piece in mono.resample(frame)
            )
            for begin in range(0, len(pcm), SLOT * 2):
                payload = encoder.encode(pcm[begin : begin + SLOT * 2])
                stamp = (frame.pts + begin // 2) & 0xFFFFFFFF
                packet = rtp.Packet(96, False, sequence, stamp, 1, payload)
                line.uplink.take(packet, loop.time())
                sequence = (sequence + 1) & 0xFFFF

    async def _report(self, line: Line) -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            for one in (await self.pc.getStats()).values():
                if one.type == "remote-inbound-rtp":
                    rtt = one.roundTripTime
                    line.report(
                        Report(
                            fraction_lost=one.fractionLost / 256,
                            lost=one.packetsLost,
                            highest=0,
                            jitter_ms=one.jitter * 1000 / CLOCK_HZ,
                            rtt_ms=None if rtt is None else rtt * 1000,
                        )
                    )
