"""Reception: what a receiver report says of one SSRC (RFC 3550 §6.4.1). Pure.

It stands where aiortc's `StreamStatistics` stood: its receiver reads `fraction_lost`,
`packets_lost`, `max_seq` and `jitter` for the report and `packets_received` for its
statistics. The browser adds redundancy by what is reported here, so a packet that comes
twice must not hide one that is lost, and a sender that counts anew has lost nothing.
"""

from __future__ import annotations

from collections import deque
from math import inf

from .audio import CLOCK_HZ

__all__ = ["Reception"]

MOST_DROPOUT = 3000
"Packets, a minute: a sequence further ahead is a new one (RFC 3550 A.1)."

MOST_MISORDER = 100
"Packets that one may be behind and still belong here (RFC 3550 A.1)."

RECENT = (1 << 128) - 1
"Mask of the bits that tell which of the newest packets came; more than MOST_MISORDER."

MOST_LOST = (1 << 23) - 1
"The cumulative number of packets lost has 24 bits, with a sign (RFC 3550 §6.4.1)."

CHECK = CLOCK_HZ
"Samples, a second, between two counts from which `lost_share` is made."

CHECKS = 5
"How many seconds `lost_share` looks back: a few reports, and 250 packets to judge by."

MOST_TRANSIT = 10 * CLOCK_HZ
"A change of transit time that is no jitter: the sender's clock started anew."


class Reception:
    """Counts of one stream of packets."""

    def __init__(self) -> None:
        self.packets_received = 0
        "Without duplicates."
        self.duplicates = 0
        self.max_seq = 0
        "The extended highest sequence number: 16 bits of cycles, 16 of sequence."
        self._first = 0
        "The extended sequence number from which packets are expected."
        self._before = 0
        "Packets expected by earlier sequences of this stream."
        self._came = 0
        """Which packets came up to `_noted`, that is bit 0; 0 before the first one. All
        after it did: as long as none is missing there is nothing to note."""
        self._noted = 0
        self._stray: int | None = None
        "What would follow a packet far off; if it comes, the sender counts anew."
        self._transit = inf
        "How long the newest packet took, plus a constant; no packet came yet."
        self._jitter = 0.0
        self._reported = (0, 0)
        "Packets expected and received when a report was last made."
        self._next_check = 0.0
        self._checks: deque[tuple[int, int]] = deque(maxlen=CHECKS + 1)

    def add(self, sequence: int, timestamp: int, arrival: float) -> None:
        """Count a packet; `arrival` in samples of 48 kHz on a clock that never jumps.

        Runs for every packet: the usual one passes a few comparisons and sums.
        """
        step = (sequence - self.max_seq) & 0xFFFF
        if step == 1 and self._came:
            self.max_seq += 1
            self.packets_received += 1
        elif not self._count(sequence, step):
            return
        # The jitter is reckoned over packets in the order in which they come (A.8).
        transit = arrival - timestamp
        change = abs(transit - self._transit)
        self._transit = transit
        if change < MOST_TRANSIT:
            self._jitter += (change - self._jitter) / 16
        if arrival >= self._next_check:
            self._next_check = arrival + CHECK
            self._checks.append((self.packets_expected, self.packets_received))

    @property
    def packets_expected(self) -> int:
        """As many as would have come if none had been lost."""
        return self._before + (self.max_seq - self._first + 1 if self._came else 0)

    @property
    def packets_lost(self) -> int:
        """Since the beginning."""
        lost = self.packets_expected - self.packets_received
        return max(-MOST_LOST - 1, min(lost, MOST_LOST))

    @property
    def fraction_lost(self) -> int:
        """Lost since this was last asked, in 1/256; asking begins a new interval."""
        expected_before, received_before = self._reported
        self._reported = self.packets_expected, self.packets_received
        expected = self._reported[0] - expected_before
        lost = expected - (self._reported[1] - received_before)
        # A packet of the last interval may have come in this one: that is no loss.
        return min(255, (lost << 8) // expected) if lost > 0 else 0

    @property
    def jitter(self) -> int:
        """The mean deviation of the time between packets, in samples of 48 kHz."""
        return int(self._jitter)

    @property
    def lost_share(self) -> float:
        """0 to 1, over the last five seconds in which something came."""
        if not self._checks:
            return 0.0
        expected_before, received_before = self._checks[0]
        expected = self.packets_expected - expected_before
        lost = expected - (self.packets_received - received_before)
        return max(0.0, lost / expected) if expected > 0 else 0.0

    def _count(self, sequence: int, step: int) -> bool:
        """Count a packet that is not the next one; False when it tells nothing."""
        self._note()
        if not self._came:
            self._begin(sequence)
        elif step == 0 or step > 0xFFFF - MOST_MISORDER:
            return self._count_old(-step & 0xFFFF)
        elif step < MOST_DROPOUT:
            # `max_seq` wraps after 2^32 packets, which take 2.7 years.
            self.max_seq += step
            self._noted = self.max_seq
            self._came = (self._came << step | 1) & RECENT
        elif sequence == self._stray:  # two in a row: it was no accident
            self._begin(sequence)
            self._first -= 1
            self._came |= 2
            self.packets_received += 1
        else:
            self._stray = (sequence + 1) & 0xFFFF
            return False
        self.packets_received += 1
        return True

    def _note(self) -> None:
        """Note the packets since `_noted`, none of which is missing."""
        run = min(self.max_seq - self._noted, RECENT.bit_length())
        self._came = (self._came << run | (1 << run) - 1) & RECENT
        self._noted = self.max_seq

    def _count_old(self, age: int) -> bool:
        if self._came >> age & 1:
            self.duplicates += 1
            return False
        self._came |= 1 << age
        self._first = min(self._first, self.max_seq - age)
        self.packets_received += 1
        return True

    def _begin(self, sequence: int) -> None:
        self._before = self.packets_expected
        self.max_seq = self._first = self._noted = sequence
        self._came = 1
        self._stray = None
