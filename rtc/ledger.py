"""Ledger: of each reply, how much was sent and how much of it arrived. Pure.

What an interrupted agent is told that the caller heard has to be true to the packet:
the language model goes on from there. Packets are entered as they leave; the receiver
reports of RTCP (RFC 3550 §6.4.1) then tell which of them the caller's side has seen.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

__all__ = ["Ledger"]

MOST_REPLIES = 64
"Replies that are remembered; older ones are no longer asked for."

MOST_OPEN = 1024
"Packets without a report: 20 s of speech. Browsers report every few seconds."

HALF = 1 << 15
FULL = 1 << 16


@dataclass(slots=True)
class _Entry:
    sent: int = 0
    arrived: float = 0.0


class Ledger:
    """Counted in samples at the agent's rate."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        "Hz"
        self._sent = 0
        "Of all replies."
        self._arrived = 0.0
        self._replies: dict[int, _Entry] = {}
        self._open: deque[tuple[int, int, int]] = deque(maxlen=MOST_OPEN)
        "Sequence number, reply and samples of each packet not reported on."
        self._lost = 0

    def sent(self, sequence: int | None, reply: int, samples: int) -> None:
        """A packet left with that much of a reply in it; 0 samples for silence.

        Without a sequence number (None) it is never known to have arrived.
        """
        if samples:
            entry = self._replies.get(reply)
            if entry is None:
                entry = self._replies[reply] = _Entry()
                if len(self._replies) > MOST_REPLIES:
                    del self._replies[next(iter(self._replies))]
            entry.sent += samples
            self._sent += samples
        if sequence is not None:
            self._open.append((sequence, reply, samples))

    def report(self, highest: int, lost: int) -> None:
        """The caller has seen packets up to `highest`, and missed `lost` in all."""
        covered = []
        while self._open and (highest - self._open[0][0] + HALF) % FULL >= HALF:
            covered.append(self._open.popleft())
        # A report tells how many were lost, not which: all bear it evenly.
        newly = min(max(lost - self._lost, 0), len(covered))
        self._lost = lost
        share = 1 - newly / len(covered) if covered else 0.0
        for _, reply, samples in covered:
            self._arrived += samples * share
            if reply in self._replies:
                self._replies[reply].arrived += samples * share

    @property
    def heard_ms(self) -> int:
        """Milliseconds of all replies that left."""
        return self._sent * 1000 // self.rate

    @property
    def received_ms(self) -> int:
        """Milliseconds of all replies that the caller is known to have received."""
        return round(self._arrived * 1000 / self.rate)

    def sent_ms(self, reply: int) -> int:
        """Milliseconds of the reply that left."""
        entry = self._replies.get(reply)
        return entry.sent * 1000 // self.rate if entry else 0

    def arrived_ms(self, reply: int) -> int:
        """Milliseconds of the reply that the caller is known to have received."""
        entry = self._replies.get(reply)
        return round(entry.arrived * 1000 / self.rate) if entry else 0
