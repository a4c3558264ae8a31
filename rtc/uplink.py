"""Uplink: the caller's RTP packets in, an unbroken stream of PCM out.

The agent is given a continuous signal whatever the network does: turn detection needs
the silence of a pause, and a lost packet must not shorten a word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiortc.rtp import RtpPacket

from .audio import CLOCK_HZ
from .opus import Decoder, duration
from .timeline import Timeline

__all__ = ["Heard", "Uplink"]

Heard = Callable[[bytes, int], None]
"Told of every packet: the Opus payload and its position in samples of `CLOCK_HZ`."

BOUND = 100
"Pieces of PCM that may wait for the agent: two seconds, then the oldest is dropped."

QUIET_S = 0.1
"Seconds without a packet after which silence is put in its place."

MOST_GAP = CLOCK_HZ
"Longest hole that is filled at once, one second; a longer one is a new beginning."


class Uplink:
    """What the caller says, decoded, at the agent's rate."""

    def __init__(self, rate: int, started: float, heard: Heard | None = None) -> None:
        self.rate = rate
        "Hz of the PCM that comes out."
        self.dropped = 0
        "Pieces of PCM thrown away because nobody took them in time."
        self.refused = 0
        "Packets that claim the time of an earlier one."
        self.timeline = Timeline()
        self._decoder = Decoder(rate)
        self._started = started
        self._heard = heard
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._taken_to = -CLOCK_HZ
        "Position up to which packets lasted: nobody speaks faster than time passes."
        self._expected: int | None = None
        "Position up to which PCM was given out."
        self._ended = False

    def take(self, packet: RtpPacket) -> None:
        """Take a packet as it arrives, on the event loop."""
        if self._ended:
            return  # the end is queued, and nothing may push it out
        samples = duration(packet.payload)
        if not samples:
            self._decoder.broken += 1
            return
        arrival = asyncio.get_running_loop().time() - self._started
        at = self.timeline.place(
            packet.ssrc, packet.timestamp, round(arrival * CLOCK_HZ)
        )
        if at is None or at < self._taken_to - samples // 2:
            self.refused += at is not None
            return
        self._taken_to = at + samples
        if self._heard:
            self._heard(packet.payload, at)
        self._fill_up_to(at)
        self._put(self._decoder.decode(packet.payload))
        self._expected = at + samples

    def counters(self) -> dict[str, int]:
        """What was not as it should be."""
        return {
            "packets_late": self.timeline.late,
            "packets_refused": self.refused,
            "packets_broken": self._decoder.broken,
            "timeline_jumps": self.timeline.jumps,
            "caller_dropped": self.dropped,
        }

    def end(self) -> None:
        """The caller is gone: what is queued is still given out, then the end."""
        if not self._ended:
            self._ended = True
            self._queue.put_nowait(None)

    async def next(self) -> bytes | None:
        """The next piece of PCM, of any length; None at the end.

        When nothing comes for a while, silence of the same length as the wait.
        """
        try:
            async with asyncio.timeout(QUIET_S):
                return await self._queue.get()
        except TimeoutError:
            if self._expected is not None:
                self._expected += round(QUIET_S * CLOCK_HZ)
            return bytes(2 * round(QUIET_S * self.rate))

    def _fill_up_to(self, at: int) -> None:
        if self._expected is None:
            return
        gap = at - self._expected
        if 0 < gap <= MOST_GAP:
            self._put(bytes(2 * (gap * self.rate // CLOCK_HZ)))

    def _put(self, pcm: bytes) -> None:
        if not pcm:
            return
        if self._queue.qsize() >= BOUND:
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait(pcm)
