"""Timeline: where on the call's clock a received RTP packet belongs. Pure.

RTP timestamps say exactly how far apart two packets were spoken but not when; arrival
times say when, but with the network's jitter on top. The earliest arrivals had the
least jitter, so the map from one to the other follows them: at once while it is new,
then so slowly that only the drift of the caller's clock is followed, not the jitter.

Packets come here in the order in which they were sent; `jitter` saw to that.
"""

from __future__ import annotations

from .audio import CLOCK_HZ

__all__ = ["Timeline"]

SETTLING = 50
"Packets (a second) during which an earlier arrival moves the map at once."

WINDOW = 250
"Packets (five seconds) whose earliest arrival the map then follows."

SLEW = 1
"Samples per packet that the map may move: 1 of 960 exceeds the drift of any phone."

MOST_LATE = 2 * CLOCK_HZ
"Samples. A packet this late belongs to a clock that stood still meanwhile."

MOST_EARLY = CLOCK_HZ // 4
"""Samples. Nothing comes before it was spoken: the sender's clock was put forward. (A
little earlier than ever before may be a shorter way through the network.)"""

HALF = 1 << 31
MASK = (1 << 32) - 1


class Timeline:
    """Maps RTP timestamps to samples of `CLOCK_HZ` since the call began."""

    def __init__(self) -> None:
        self._extended: int | None = None
        "The newest timestamp, unwrapped; None when a new stream begins."
        self._offset = 0
        "position = unwrapped timestamp + offset."
        self._seen = 0
        self._earliest = 0
        "The offset of the earliest arrival of late."

    def forget(self) -> None:
        """The next packet begins a stream that has nothing to do with this one."""
        self._extended = None

    def place(self, timestamp: int, arrival: int) -> int:
        """The position of a packet that came at position `arrival`."""
        extended = self._extended
        if extended is None:
            return self._begin(timestamp, arrival)
        extended += ((timestamp - extended + HALF) & MASK) - HALF
        offset = arrival - extended
        if not -MOST_EARLY <= offset - self._offset <= MOST_LATE:
            return self._begin(timestamp, arrival)
        self._extended = extended
        self._follow(offset)
        return extended + self._offset

    def _begin(self, timestamp: int, arrival: int) -> int:
        self._extended = timestamp
        self._offset = self._earliest = arrival - timestamp
        self._seen = 0
        return arrival

    def _follow(self, offset: int) -> None:
        self._seen += 1
        if offset < self._earliest:
            self._earliest = offset
        if self._seen <= SETTLING:
            self._offset = self._earliest
            return
        if self._earliest > self._offset:
            self._offset += SLEW
        elif self._earliest < self._offset:
            self._offset -= SLEW
        if self._seen % WINDOW == 0:
            self._earliest = offset
