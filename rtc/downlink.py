"""Downlink: what leaves for the caller on each tick, sound or silence.

Silence is not encoded. A few packets of it, made once for all calls, calm the decoder
down after speech; then a byte now and then says that nothing is transmitted. RTP
timestamps go on meanwhile, or the caller's jitter buffer would take the pause for
delay and grow by it.
"""

from __future__ import annotations

from typing import NamedTuple

from .encoding import AHEAD, Encoding
from .frame import Frame
from .opus import HANGOVER, calm, silence
from .playout import Playout

__all__ = ["REMINDER", "Downlink", "Outgoing"]

REMINDER = 20
"""Ticks, 400 ms, between the bytes that stand for silence: what Opus' own encoder does
(RFC 6716 §2.1.9), and what kept Chromium's jitter buffer lowest when measured."""


class Outgoing(NamedTuple):
    """A packet to send now."""

    payload: bytes
    marker: bool
    "The first of a talk spurt (RFC 3551 §4.1)."
    frame: Frame | None
    "What of the agent is in it; None for silence."


class Downlink:
    """A playout turned into packets, one tick after the other."""

    def __init__(self, playout: Playout, encoding: Encoding) -> None:
        self.playout = playout
        self.encoding = encoding
        self._quiet = HANGOVER
        "Ticks since the last voice."

    def next(self) -> Outgoing | None:
        """What to send on this tick; None when nothing needs to be."""
        frame = self.playout.pull()
        if frame is None:
            return self._silence()
        packet = frame.packet
        if packet is None:
            self.encoding.late += 1
            packet = self.encoding.make(frame)
        marker = self._quiet > 0
        self._quiet = 0
        return Outgoing(packet, marker, frame)

    def ahead(self) -> list[Frame]:
        """The frames that should be encoded now, before their ticks come."""
        if self.playout.ready(AHEAD // 2):
            return []  # two at a time: the thread is woken half as often
        return list(self.playout.ahead(AHEAD))

    def _silence(self) -> Outgoing | None:
        quiet = self._quiet = self._quiet + 1
        if quiet <= HANGOVER:
            return Outgoing(calm(self.playout.rate)[quiet - 1], False, None)
        if (quiet - HANGOVER) % REMINDER == 1:
            return Outgoing(silence(), False, None)
        return None
