"""Jitter: received packets in the order in which they were sent, and the holes. Pure.

Nothing waits here that could be played: a packet goes on at once when it is the next
one. Only what comes after a hole waits, 60 ms, in case the missing packet is merely on
its way. So there is no delay to build up, and none to get rid of.

The time of the sender is given out piece by piece, each sample of it once:

    Packet   the next one, whole
    Tail     a packet whose beginning lies in time that was given out already
    Hole     sequence numbers are missing: this was spoken, and is lost
    Pause    none is missing, but time has passed: nothing was sent (DTX)
    Begin    what follows has nothing to do with what was before: another SSRC, a
             sequence or a clock that started anew

What comes for a stretch that was given out is late, and what came before a duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .audio import CLOCK_HZ, SLOT
from .rtp import Packet

__all__ = ["Begin", "Hole", "Jitter", "Packet", "Pause", "Piece", "Tail"]

HOLD_S = 0.060
"""Seconds that packets wait for a missing one. Networks that reorder do so by three
packets at most; longer waiting only delays what is there already."""

MOST_WAITING = 32
"Packets that wait; even of 2.5 ms, the shortest there are, not so many come in 60 ms."

MOST_DROPOUT = 3000
"Packets, a minute: a sequence further ahead is a new one (RFC 3550 A.1)."

MOST_MISORDER = 1024
"Packets that one may be behind: SRTP lets none pass that is older (RFC 3711 §3.3.2)."

PUT_FORWARD = 2 * CLOCK_HZ
"Samples. A timestamp that much ahead of the time that passed is of a new clock."

PUT_BACK = 10 * CLOCK_HZ
"""Samples behind the time that passed. Less than that may be a network that stood still
and now delivers all at once, or a sender whose clock stood still: `_behind` decides."""

ABANDONED_S = 0.1
"Seconds of silence after which a source that was left for another is taken up again."

MOST_RETIRED = 16
"Sources left for another that are remembered."

NOT_BEHIND = (-1, 0.0, 0)
"No sequence number is expected after a late packet, for there was none."

HALF = 1 << 31
MASK = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Tail:
    packet: Packet
    skip: int
    "Samples at its beginning that are not to be played."


@dataclass(frozen=True, slots=True)
class Hole:
    samples: int
    successor: bytes | None
    "Payload of the packet right after the hole: it may carry a copy of what is lost."


@dataclass(frozen=True, slots=True)
class Pause:
    samples: int


@dataclass(frozen=True, slots=True)
class Begin:
    """Decoder and clock have to start anew, too."""


Piece: TypeAlias = Packet | Tail | Hole | Pause | Begin


class Jitter:
    """The order of one caller's packets. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self.jumps = 0
        "How often a stream began anew."
        self.gone = Gone()
        self.begun = False
        self._ssrc: int | None = None
        "None before anything came."
        self._next = 0
        "The sequence number that is expected."
        self._end = 0
        "The timestamp up to which time was given out."
        self._span = SLOT
        "Samples of the newest packet: those that are lost lasted as long, no doubt."
        self._newest = 0
        "The newest timestamp, and in seconds when it came; `skip` moves both."
        self._newest_at = 0.0
        self._waiting: dict[int, tuple[Packet, int, float]] = {}
        "By sequence number, in the order in which they came: packet, samples, time."
        self._behind = NOT_BEHIND
        """After a late packet: what is expected next, when the first of them came and
        by how many samples it was late."""
        self._retired: dict[int, None] = {}
        "Sources that were left for another."

    def put(self, packet: Packet, samples: int, now: float) -> list[Piece]:
        """Take a packet that lasts `samples` of 48 kHz, 0 when it has no sound.

        Runs for every packet: the usual one is the next one, and passes at once.
        """
        sequence, timestamp = packet.sequence, packet.timestamp
        if (
            sequence == self._next
            and timestamp == self._end
            and packet.ssrc == self._ssrc
            and samples
            and not self._waiting
        ):
            self._next = (sequence + 1) & 0xFFFF
            self._end = (timestamp + samples) & MASK
            self._span = samples
            self._newest = timestamp
            self._newest_at = now
            return [packet]
        return self._sort(packet, samples, now)

    def expire(self, now: float) -> Sequence[Piece]:
        """What waited long enough for a missing packet."""
        if not self._waiting:
            return ()
        pieces: list[Piece] = []
        while self._waiting:
            _, _, since = next(iter(self._waiting.values()))
            if now - since < HOLD_S and len(self._waiting) <= MOST_WAITING:
                break
            self._give_up(pieces)
        return pieces

    def flush(self) -> list[Piece]:
        """All that waits: nothing more will come."""
        pieces: list[Piece] = []
        while self._waiting:
            self._give_up(pieces)
        return pieces

    def skip(self, samples: int) -> None:
        """Time passed and nothing came: that stretch was filled with silence."""
        self._end = (self._end + samples) & MASK
        self._newest = (self._newest + samples) & MASK
        self._newest_at += samples / CLOCK_HZ
        self._behind = NOT_BEHIND

    def _sort(self, packet: Packet, samples: int, now: float) -> list[Piece]:
        """Take a packet that is not simply the next one."""
        if packet.ssrc != self._ssrc:
            return self._change_source(packet, samples, now)
        ahead = ((packet.sequence - self._next + 0x8000) & 0xFFFF) - 0x8000
        if -MOST_MISORDER <= ahead < 0:
            self.gone.came(packet.sequence)
            return []
        if packet.sequence in self._waiting:
            self.gone.duplicate += 1
            return []
        if not 0 <= ahead <= MOST_DROPOUT or samples and self._jumped(packet, now):
            return self._begin(packet, samples, now)
        if samples:
            self._newest, self._newest_at = packet.timestamp, now
        offset = self._offset(packet)
        if samples and offset + samples <= 0 and not self._waiting:
            return self._late(packet, samples, now)
        pieces: list[Piece] = []
        if ahead and (offset > 0 or self._waiting):
            self._waiting[packet.sequence] = packet, samples, now
        else:
            self._give(packet, samples, pieces)
            self._release(pieces)
        pieces.extend(self.expire(now))
        return pieces

    def _offset(self, packet: Packet) -> int:
        """How far after the time that was given out it begins."""
        return ((packet.timestamp - self._end + HALF) & MASK) - HALF

    def _jumped(self, packet: Packet, now: float) -> bool:
        """Whether the timestamp tells of another time than has passed."""
        told = ((packet.timestamp - self._newest + HALF) & MASK) - HALF
        passed = (now - self._newest_at) * CLOCK_HZ
        return not -PUT_BACK <= told - passed <= PUT_FORWARD

    def _late(self, packet: Packet, samples: int, now: float) -> list[Piece]:
        """The newest packet is late, not one that was overtaken.

        A network that stood still now delivers faster than in real time, and packets
        in time follow at once. When it does not catch up, the sender's clock stood
        still, and all that it sends from now on would be late.
        """
        late = -self._offset(packet) - samples
        expected, since, at_first = self._behind
        if expected != self._next:
            since, at_first = now, late
        if now - since >= HOLD_S and late >= at_first // 2:
            return self._begin(packet, samples, now)
        self._give(packet, samples, [])
        self._behind = self._next, since, at_first
        return []

    def _change_source(self, packet: Packet, samples: int, now: float) -> list[Piece]:
        if not samples:
            return []
        if packet.ssrc in self._retired and now - self._newest_at < ABANDONED_S:
            self.gone.late += 1  # it was overtaken by the first of its successor
            return []
        if self._ssrc is not None:
            self._retired[self._ssrc] = None
            self._retired.pop(packet.ssrc, None)
            if len(self._retired) > MOST_RETIRED:
                del self._retired[next(iter(self._retired))]
        return self._begin(packet, samples, now)

    def _begin(self, packet: Packet, samples: int, now: float) -> list[Piece]:
        pieces = self.flush()
        if self.begun:
            self.jumps += 1
            since = round((now - self._newest_at) * CLOCK_HZ) - self._span
            if since >= SLOT:
                # `skip` filled it but for the last 200 ms, or the process stood still.
                pieces.append(Pause(min(since, PUT_FORWARD)))
        self.begun = True
        self.gone.begin(packet.sequence)
        self._ssrc = packet.ssrc
        self._next = packet.sequence
        self._end = self._newest = packet.timestamp
        self._newest_at = now
        pieces.append(Begin())
        self._give(packet, samples, pieces)
        return pieces

    def _give_up(self, pieces: list[Piece]) -> None:
        """The first hole is one: go on with what comes after it."""
        first = min(self._waiting, key=lambda it: (it - self._next) & 0xFFFF)
        packet, samples, _ = self._waiting.pop(first)
        self._give(packet, samples, pieces)
        self._release(pieces)

    def _release(self, pieces: list[Piece]) -> None:
        while self._next in self._waiting:
            packet, samples, _ = self._waiting.pop(self._next)
            self._give(packet, samples, pieces)

    def _give(self, packet: Packet, samples: int, pieces: list[Piece]) -> None:
        """Give out a packet, and before it what is missing up to it."""
        lost = (packet.sequence - self._next) & 0xFFFF
        self.gone.add(self._next, lost)
        self._next = (packet.sequence + 1) & 0xFFFF
        if not samples:
            return
        offset = self._offset(packet)
        if offset + samples <= 0:
            self.gone.late += 1
            return
        if offset > 0:
            hole = min(offset, lost * self._span)
            if hole:
                # With a pause as well, nobody knows on which side of it the loss was.
                successor = packet.payload if hole == offset else None
                pieces.append(Hole(hole, successor))
            if hole < offset:
                pieces.append(Pause(offset - hole))
        pieces.append(packet if offset >= 0 else Tail(packet, -offset))
        self._end = (packet.timestamp + samples) & MASK
        self._span = samples


class Gone:
    """Packets that were given up: one of them that still comes is late, not twice."""

    def __init__(self) -> None:
        self.lost = 0
        "Packets that did not come in time; some of them may have come late."
        self.late = 0
        self.duplicate = 0
        self._missing: dict[int, None] = {}

    def add(self, first: int, count: int) -> None:
        """So many are given up, from sequence number `first` on."""
        if not count:
            return
        self.lost += count
        for k in range(max(0, count - MOST_MISORDER), count):
            self._missing[(first + k) & 0xFFFF] = None
        while len(self._missing) > MOST_MISORDER:
            del self._missing[next(iter(self._missing))]

    def came(self, sequence: int) -> None:
        """One came that is older than what was given out."""
        if sequence in self._missing:
            del self._missing[sequence]
            self.late += 1
        else:
            self.duplicate += 1

    def begin(self, sequence: int) -> None:
        """This is the first: one that was sent before it comes late, not twice."""
        self._missing.clear()
        for k in range(1, MOST_WAITING + 1):
            self._missing[(sequence - k) & 0xFFFF] = None
