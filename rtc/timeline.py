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
        self._newest: int | None = None
        "The newest timestamp; None when a new stream begins."
        self._position = 0
        "Where the map puts it. What else is kept is relative to that: small numbers."
        self._seen = 0
        self._earliest = 0
        "How much later than by the map the earliest packet of late came."

    def forget(self) -> None:
        """The next packet begins a stream that has nothing to do with this one."""
        self._newest = None

    def place(self, timestamp: int, arrival: int) -> int:
        """The position of a packet that came at position `arrival`."""
        if self._newest is None:
            return self._begin(timestamp, arrival)
        step = timestamp - self._newest
        if not 0 <= step < HALF:  # it wrapped around, or goes back
            step = ((step + HALF) & MASK) - HALF
        position = self._position + step
        late = arrival - position
        if not -MOST_EARLY <= late <= MOST_LATE:
            return self._begin(timestamp, arrival)
        self._newest = timestamp
        self._position = position = position + self._follow(late)
        return position

    def _begin(self, timestamp: int, arrival: int) -> int:
        self._newest = timestamp
        self._position = arrival
        self._seen = self._earliest = 0
        return arrival

    def _follow(self, late: int) -> int:
        """How far the map moves for a packet that came so late."""
        self._seen = seen = self._seen + 1
        earliest = self._earliest
        if late < earliest:
            earliest = late
        if seen <= SETTLING:
            move = earliest
        elif earliest:
            move = SLEW if earliest > 0 else -SLEW
        else:
            move = 0
        self._earliest = (earliest if seen % WINDOW else late) - move
        return move
