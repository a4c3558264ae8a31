"""Timeline: where on the call's clock a received RTP packet belongs. Pure.

RTP timestamps say exactly how far apart two packets were spoken but not when; arrival
times say when, but with the network's jitter on top. The earliest arrivals had the
least jitter, so the map from one to the other goes through them, at the pace of the
caller's clock (`drift`): at once while it is new, then too slowly to be heard.

Packets come here in the order in which they were sent; `jitter` saw to that.
"""

from __future__ import annotations

from math import inf

from .audio import CLOCK_HZ
from .drift import Drift

__all__ = ["Timeline"]

SETTLING = CLOCK_HZ
"""Samples, a second, during which an earlier arrival moves the map at once, and the
length of a stretch until SETTLED."""

SETTLED = 10 * CLOCK_HZ
"Samples after which a stretch is longer, since the map is about right."

STRETCH = 5 * CLOCK_HZ
"Samples whose earliest arrival counts: even of lossy and jittery packets a good one."

SLEW = 5 / 960
"""Samples per sample that the map may move beside the drift: 60 ms, as when a phone
goes from a mobile network to a wireless one, in twelve seconds."""

MOST_LATE = 2 * CLOCK_HZ
"Samples. A packet this late belongs to a clock that stood still meanwhile."

MOST_EARLY = CLOCK_HZ // 4
"""Samples. Nothing comes before it was spoken: the sender's clock was put forward. (A
little earlier than ever before may be a shorter way through the network.)"""

MOST_APART = 10 * CLOCK_HZ
"Samples between a sender report and the newest packet: else it is not of this stream."

RARE = 100
"One in so many is what the worst of one per cent of a call is not counted by."

HALF = 1 << 31
MASK = (1 << 32) - 1


class Timeline:
    """Maps RTP timestamps to samples of `CLOCK_HZ` since the call began."""

    def __init__(self) -> None:
        self._newest: int | None = None
        "The newest timestamp; None when a new stream begins."
        self._spoken = 0
        "Samples by the caller's clock from the first packet of the stream to that one."
        self._origin = 0.0
        "Where the map puts what was spoken at 0, and how fast it goes on from there:"
        self._pace = 1.0
        self._due = 0
        "What is spoken then ends the stretch."
        self._earliest = inf
        "How much later than by the map the earliest packet of the stretch came."
        self._least = (0, 0)
        "When it was spoken, and how much later than that it came."
        self._drift = Drift()
        self._doubts = _Doubts()

    @property
    def drift_ppm(self) -> float | None:
        """How fast the caller's clock is; None unless it was watched for a minute."""
        rate = self._drift.told
        return 0.0 - rate / (1 + rate) * 1e6 if self._drift.trusted else None

    @property
    def uncertain(self) -> float | None:
        """Samples by which the map was off at most, but in one per cent of the time;
        None when there was too little to judge by. The constant part of the network's
        delay does not count: nobody can know it."""
        return self._doubts.worst

    def forget(self) -> None:
        """The next packet begins a stream that has nothing to do with this one."""
        self._newest = None

    def place(self, timestamp: int, arrival: int) -> int:
        """The position of a packet that came at position `arrival`.

        Runs for every packet: the usual one passes two comparisons.
        """
        if self._newest is None:
            return self._begin(timestamp, arrival)
        step = timestamp - self._newest
        if not 0 <= step < HALF:  # it wrapped around, or goes back
            step = ((step + HALF) & MASK) - HALF
        spoken = self._spoken + step
        if spoken >= self._due:
            self._turn(spoken)
        position = self._origin + spoken * self._pace
        late = arrival - position
        if not -MOST_EARLY <= late <= MOST_LATE:
            return self._begin(timestamp, arrival)
        self._newest = timestamp
        self._spoken = spoken
        if late < self._earliest:
            position += self._lower(spoken, late, arrival)
        return int(position + 0.5)  # half as dear as `round`

    def notice(self, timestamp: int, arrival: int) -> None:
        """A packet came that is placed later, when those before it are here."""
        if self._newest is None:
            return
        spoken = self._spoken + self._ahead(timestamp)
        late = arrival - self._origin - spoken * self._pace
        if -MOST_EARLY <= late < self._earliest:
            self._lower(spoken, late, arrival)

    def report(self, timestamp: int, seconds: float) -> None:
        """A sender report: `timestamp` was then by the caller's NTP clock."""
        if self._newest is None:
            return
        ahead = self._ahead(timestamp)
        if abs(ahead) <= MOST_APART:
            self._drift.report(self._spoken + ahead, seconds * CLOCK_HZ)

    def _ahead(self, timestamp: int) -> int:
        """Samples from the newest packet to `timestamp`."""
        assert self._newest is not None
        return ((timestamp - self._newest + HALF) & MASK) - HALF

    def _begin(self, timestamp: int, arrival: int) -> int:
        self._newest = timestamp
        self._spoken = 0
        self._origin = float(arrival)
        self._pace = 1 + self._drift.rate
        self._due = SETTLING
        self._earliest = 0.0
        self._least = 0, arrival
        self._drift.begin()
        return arrival

    def _lower(self, spoken: int, late: float, arrival: int) -> float:
        """Nothing of this stretch was less on its way. How far the map moved."""
        self._least = spoken, arrival - spoken
        if late < 0 and self._due == SETTLING:
            self._origin += late
            self._earliest = 0.0
            return late
        self._earliest = late
        return 0.0

    def _turn(self, spoken: int) -> None:
        """A stretch is over: correct during the next what this one has shown."""
        drift, due = self._drift, self._due
        if self._earliest < inf:
            drift.add(*self._least)
        off = due + drift.at(due) - self._origin - due * self._pace
        stretch = SETTLING if due < SETTLED else STRETCH
        self._go_on(due, min(max(off / stretch, -SLEW), SLEW))
        self._due = due + stretch
        if spoken >= self._due:  # nothing came in the next one: it is over, too
            self._go_on(self._due, 0.0)
            self._due = spoken + stretch
        self._earliest = inf
        if drift.lines:
            self._doubts.add(abs(off) + drift.doubt, stretch)

    def _go_on(self, since: int, move: float) -> None:
        """Map what is spoken `since` at another pace, beginning where it is."""
        here = self._origin + since * self._pace
        self._pace = 1 + self._drift.rate + move
        self._origin = here - since * self._pace


class _Doubts:
    """How far off the map may have been at worst, in samples."""

    def __init__(self) -> None:
        self._early = 0.0
        self._early_time = 0
        self._late = 0.0
        self._time = 0

    def add(self, doubt: float, stretch: int) -> None:
        """It was that for a stretch of so many samples."""
        self._time += stretch
        if stretch == SETTLING:
            self._early_time += stretch
            self._early = max(self._early, doubt)
        else:
            self._late = max(self._late, doubt)

    @property
    def worst(self) -> float | None:
        """None if there was nothing to judge by."""
        if not self._time:
            return None
        if self._early_time * RARE <= self._time:
            return self._late
        return max(self._early, self._late)
