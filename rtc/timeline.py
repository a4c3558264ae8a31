"""Timeline: where on the call's clock a received RTP packet belongs. Pure.

RTP timestamps say exactly how far apart two packets were spoken but not when; arrival
times say when, but with the network's jitter on top. The earliest arrivals had the
least jitter, so the map from one to the other follows them: at once while it is new,
then so slowly that only the drift of the caller's clock is followed, not the jitter.
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

JUMP = 2 * CLOCK_HZ
"""Samples. When timestamp and arrival disagree by more than two seconds the sender has
started a new timeline (a new microphone, a restarted encoder), and so does the map."""

HALF = 1 << 31
FULL = 1 << 32


class Timeline:
    """Maps RTP timestamps to samples of `CLOCK_HZ` since the call began."""

    def __init__(self) -> None:
        self.late = 0
        "Packets that came after their successor, or twice."
        self.jumps = 0
        "How often the sender started a new timeline."
        self._ssrc: int | None = None
        self._extended = 0
        "The newest timestamp, unwrapped."
        self._offset = 0
        "position = unwrapped timestamp + offset."
        self._seen = 0
        self._earliest = 0

    def place(self, ssrc: int, timestamp: int, arrival: int) -> int | None:
        """The position of a packet, or None when it is late or a duplicate.

        `arrival` is the position at which it came, in samples of `CLOCK_HZ`.
        """
        if ssrc != self._ssrc:
            self._begin(ssrc, timestamp, arrival)
            return arrival
        step = (timestamp - self._extended + HALF) % FULL - HALF
        lag = arrival - (self._extended + step) - self._offset
        if abs(lag) > JUMP:
            self._begin(ssrc, timestamp, arrival)
            return arrival
        if step <= 0:
            self.late += 1
            return None
        self._extended += step
        self._follow(arrival - self._extended)
        return self._extended + self._offset

    def _begin(self, ssrc: int, timestamp: int, arrival: int) -> None:
        if self._ssrc is not None:
            self.jumps += 1
        self._ssrc = ssrc
        self._extended = timestamp
        self._offset = self._earliest = arrival - timestamp
        self._seen = 0

    def _follow(self, offset: int) -> None:
        self._seen += 1
        if self._seen <= SETTLING:
            self._offset = self._earliest = min(self._offset, offset)
            return
        self._offset += max(-SLEW, min(SLEW, self._earliest - self._offset))
        if self._seen % WINDOW == 0:
            self._earliest = offset
        else:
            self._earliest = min(self._earliest, offset)
