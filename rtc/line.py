"""Line: the sound of one call in both directions, on the beat of the clock.

    agent ──play──> Playout ──> Downlink ──each tick──> transmit
    caller ──take──────────> Uplink ─────next─────────> agent

Both directions are told to the recorder as the packets that they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from convai.events import Listener, Stats, Talking
from convai.resampler import Resampler

from .announcement import Announcing, packets
from .audio import CLOCK_HZ, SLOT
from .downlink import Outgoing
from .encoding import Encoding
from .ledger import Ledger
from .media import Media
from .opus import native
from .playout import Playout
from .reflex import Reflex
from .report import Report
from .uplink import Uplink
from .vitals import Vitals

__all__ = ["Line", "Taps", "Transmit"]

Transmit = Callable[[bytes, int, bool], int | None]
"""Sends a payload with a timestamp (samples of 48 kHz) and a marker; returns the
sequence number, None if there is no connection."""


LOSSY = 0.02
"""Share of packets lost from which they carry redundancy. It costs a fifth more CPU and
takes its bits from the sound, so not for a packet lost once in a while."""


SECOND = 50
"Ticks from one snapshot of the line's health to the next."


LEAST_LOSS = 8
"Per cent. Told of less, libopus at 20 to 28 kbit/s leaves the redundancy out (tried)."


class Taps(Protocol):
    """Who records the line; positions are samples of 48 kHz since the call began."""

    def caller(self, payload: bytes, at: int) -> None:
        """A packet of the caller."""

    def agent(self, payload: bytes, at: int) -> None:
        """A packet that was sent to the caller."""

    def tick(self, at: int) -> None:
        """So much of the call is over."""


class Line:
    """One call's sound. It is on the clock from `start` to `stop`."""

    def __init__(
        self,
        started: float,
        media: Media,
        taps: Taps,
        *,
        input_rate: int,
        output_rate: int,
        tell: Listener,
        announcement: bytes = b"",
    ) -> None:
        """`announcement`: PCM at 48 kHz, to be heard before the agent."""
        self.input_rate = input_rate
        "Hz of the PCM that the agent hears."
        self.transmit: Transmit | None = None
        "How packets leave; None while there is no connection."
        rate = native(output_rate)
        self._resampler = Resampler(output_rate, rate)
        self.playout = Playout(rate)
        self.ledger = Ledger(rate)
        options = media.options
        quality = {"bit_rate": options.bit_rate, "complexity": options.complexity}
        encoding = Encoding(rate, **quality)
        self.downlink = Announcing(self.playout, encoding, packets(announcement))
        self.reflex = Reflex(
            *(rate, input_rate, self._now),
            duck=options.barge_in == "duck",
            fade=self._fade,
            tell=tell,
        )
        self.uplink = Uplink(
            *(input_rate, started),
            chunk_ms=options.chunk_ms,
            heard=taps.caller,
            listen=self._listen,
        )
        self.vitals = Vitals(started, self.uplink, self.downlink, self.ledger)
        self._started, self._media, self._taps = started, media, taps
        self._tell, self._audible, self._ticks = tell, False, 0
        self._loop = asyncio.get_running_loop()
        self._failed: asyncio.Future[None] = self._loop.create_future()

    @property
    def announcing_s(self) -> float:
        """Seconds for which the announcement still goes on."""
        return self.downlink.left * SLOT / CLOCK_HZ

    def start(self) -> None:
        """Be on the clock."""
        self._media.clock.join(self)

    def stop(self) -> None:
        """Be off the clock; nothing more is sent or received."""
        self._media.clock.leave(self)
        self.transmit = None

    async def failure(self) -> None:
        """Wait for what never should happen: a bug on the clock. Raises it."""
        await self._failed

    def play(self, pcm: bytes, reply: int) -> None:
        """Queue a piece of the agent's reply, at its own rate."""
        self.playout.push(self._resampler.feed(pcm), reply)
        if not self._audible:
            # What is to be heard on the next tick is encoded before it comes.
            self._media.encode(self.downlink.encoding, self.downlink.ahead())
            self._media.flush()

    def cut(self, reply: int) -> int:
        """Stop playing; returns the ms of `reply` that the caller was sent."""
        self.playout.clear()
        self.reflex.confirmed()
        heard_ms = self.ledger.sent_ms(reply)
        last = self.downlink.ahead()
        for frame in last:
            if frame.reply == reply:
                heard_ms += frame.samples * 1000 // self.playout.rate
        self._media.encode(self.downlink.encoding, last)
        self._media.flush()
        return heard_ms

    def report(self, report: Report) -> None:
        """A report of the caller's receiver on what it got of the agent."""
        self.vitals.report = report
        self.ledger.report(report.highest, report.lost)
        lossy = report.fraction_lost > LOSSY
        percent = max(LEAST_LOSS, round(report.fraction_lost * 100))
        self.downlink.encoding.loss = percent if lossy else 0

    def send(self, index: int, due: float) -> None:
        """The first half of a tick."""
        transmit = self.transmit
        if transmit is None:
            return
        outgoing = self.downlink.next()
        if outgoing is not None:
            payload, marker, _ = outgoing
            self.sent(outgoing, due, transmit(payload, index * SLOT, marker))
            self.vitals.left_late(self._loop.time() - due)

    def sent(self, outgoing: Outgoing, due: float, sequence: int | None) -> None:
        """A packet left for the caller, on the tick due at `due`."""
        self.vitals.sent += 1
        at = self._position(due)
        payload, _, frame = outgoing
        self._taps.agent(payload, at)
        if frame is None:
            self.ledger.sent(sequence, 0, 0)
            return
        self.ledger.sent(sequence, frame.reply, frame.samples)
        self.reflex.sent(frame.sound(), at)
        if not self._audible:
            self._note(True)

    def chores(self, now: float) -> None:
        """The second half of a tick."""
        self.uplink.tick(now)
        if self.playout.queued and (frames := self.downlink.ahead()):
            self._media.encode(self.downlink.encoding, frames)
        if self._audible and not self.playout.audible:
            self._note(False)
        self._taps.tick(self._position(now))
        self._ticks += 1
        if self._ticks % SECOND == 0:
            process = self._media.figures
            lag_ms = process.get("loop_lag_ms", 0.0)
            self._tell(Stats(self.vitals.snapshot(now, lag_ms), process=process))

    def broken(self, error: Exception) -> None:
        """A bug on the clock ends the call."""
        if not self._failed.done():
            self._failed.set_exception(error)

    def summary(self) -> dict[str, float]:
        """How well the whole call was carried (`rtc.health`)."""
        return self.vitals.summary(self._loop.time())

    def counters(self) -> dict[str, int]:
        """What was not as it should be."""
        return {
            **self.uplink.counters(),
            **self.reflex.counters(),
            "underruns": self.playout.underruns,
            "agent_dropped": self.playout.dropped,
            "encoded_late": self.downlink.encoding.late,
        }

    def _listen(self, pcm: bytes, at: int, voice: bool) -> None:
        """20 ms of the caller."""
        self.reflex.heard(pcm, at, self.playout.audible, voice)

    def _fade(self, gain: float) -> None:
        """From the next tick on, have the agent's voice that loud."""
        self.playout.fade(gain)
        self._media.encode(self.downlink.encoding, self.downlink.ahead())
        self._media.flush()

    def _now(self) -> int:
        return self._position(self._loop.time())

    def _position(self, time: float) -> int:
        return round((time - self._started) * CLOCK_HZ)

    def _note(self, audible: bool) -> None:
        self._audible = audible
        ago_ms = 0 if audible else self.playout.silent_ms
        self._tell(Talking("agent", audible, ago_ms))
