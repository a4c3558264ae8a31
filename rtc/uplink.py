"""Uplink: the caller's RTP packets in, an unbroken stream of PCM out.

The agent is given a continuous signal whatever the network does: turn detection needs
the silence of a pause, and a lost packet must not shorten a word. `jitter` puts packets
in order, `repair` makes sound of them, `chunks` hands it on; here is the time.
"""

from __future__ import annotations

from collections.abc import Callable

from .audio import CLOCK_HZ, SLOT
from .chunks import Chunks
from .jitter import Begin, Hole, Jitter, Packet, Pause, Piece, Tail
from .opus import Decoder, duration, may_speak
from .repair import Repair
from .slots import Listen, Slots
from .timeline import Timeline

__all__ = ["Heard", "Uplink"]

Heard = Callable[[bytes, int], None]
"Told of every packet: the Opus payload and its position in samples of `CLOCK_HZ`."

BOUND_MS = 2000
"Milliseconds of PCM that may wait for the agent, then the oldest is dropped."

PATIENCE_S = 0.2
"""Seconds without a packet after which silence takes its place. Waiting costs nothing
as long as nothing comes, but what comes after its time was given up is lost words; a
fifth of a second is more than a network in use stands still, and less than the silence
by which agents notice the end of a turn."""

STALL_S = 0.045
"""Seconds between ticks that mean that the process stood still, more than two of them.
What came meanwhile waits in the socket and is not late: nothing is given up yet."""

CREDIT = 5 * CLOCK_HZ
"""Samples that may come faster than time passes: after a process or a network stood
still. More is no speech, but would be paid for by the second at the provider."""

FASTEST = 1.01
"No clock of a sound card is one percent fast."


class Uplink:
    """What the caller says, decoded, at the agent's rate.

    Times are seconds of the loop's clock; `started` is when the call began. `heard` is
    told of each packet, in order; `listen` of all that is given out, silence as well,
    as soon as it is known.
    """

    def __init__(
        self,
        rate: int,
        started: float,
        *,
        chunk_ms: int = 40,
        heard: Heard | None = None,
        listen: Listen | None = None,
    ) -> None:
        self.refused = 0
        "Packets that came faster than anybody speaks."
        self._started = started
        self._heard = heard
        self._slots = Slots(rate, listen) if listen is not None else None
        self._jitter = Jitter()
        self._timeline = Timeline()
        self._repair = Repair(Decoder(rate), rate)
        self._chunks = Chunks(2 * (rate * chunk_ms // 1000), BOUND_MS // chunk_ms)
        self._at = 0
        "Position up to which PCM was given out."
        self._came = self._ticked = self._steady = started
        "When something came, when the clock ticked, from when on ticks are trusted."
        self._credit = float(CREDIT)

    def take(self, packet: Packet, now: float) -> None:
        """Take a packet as it arrives, on the event loop."""
        if self._chunks.ended:
            return
        if self._credit <= 0:
            self.refused += 1
            return
        self._came = now
        samples = duration(packet.payload)
        if not samples:
            self._repair.decoder.broken += 1
        pieces = self._jitter.put(packet, samples, now)
        for piece in pieces:
            if piece is packet:
                self._play(packet, samples, 0, now)
            else:
                self._give(piece, now)
        if not pieces:
            self._timeline.notice(packet.timestamp, self._arrival(now))

    def tick(self, now: float) -> None:
        """20 ms have passed."""
        if self._chunks.ended:
            return
        before, self._ticked = self._ticked, now
        passed = now - before
        self._credit += passed * CLOCK_HZ * FASTEST
        if self._credit > CREDIT:
            self._credit = CREDIT
        if passed > STALL_S and before >= self._steady:
            self._steady = now + SLOT / CLOCK_HZ
        if now < self._steady:
            return
        for piece in self._jitter.expire(now):
            self._give(piece, now)
        if now - self._came >= PATIENCE_S:
            self._pass_the_time(now)

    def report(self, timestamp: int, seconds: float) -> None:
        """The caller's sender reports that `timestamp` was then by its NTP clock."""
        self._timeline.report(timestamp, seconds)

    async def next(self) -> bytes | None:
        """The next piece of PCM, `chunk_ms` long unless it is the last; then None."""
        return await self._chunks.next()

    def end(self) -> None:
        """The caller is gone: what is here is still given out, then the end."""
        if self._chunks.ended:
            return
        for piece in self._jitter.flush():
            self._give(piece, max(self._came, self._ticked))
        self._chunks.end()

    def counters(self) -> dict[str, int]:
        """What became of the packets, and of the caller's time (`_ms`)."""
        gone, repair = self._jitter.gone, self._repair
        return {
            "packets_lost": gone.lost,
            "packets_late": gone.late,
            "packets_duplicate": gone.duplicate,
            "packets_refused": self.refused,
            "packets_broken": repair.decoder.broken,
            "timeline_jumps": self._jitter.jumps,
            "caller_delivered_ms": _ms(repair.delivered),
            "caller_recovered_ms": _ms(repair.recovered),
            "caller_concealed_ms": _ms(repair.concealed),
            "caller_silent_ms": _ms(repair.silent),
            "caller_dropped": self._chunks.dropped,
        }

    def clock(self) -> dict[str, float]:
        """How fast the caller's clock is, and how far its packets may be misplaced;
        without what is not known."""
        figures = {}
        drift_ppm, uncertain = self._timeline.drift_ppm, self._timeline.uncertain
        if drift_ppm is not None:
            figures["clock_drift_ppm"] = round(drift_ppm, 1)
        if uncertain is not None:
            figures["clock_uncertain_ms"] = round(uncertain * 1000 / CLOCK_HZ, 1)
        return figures

    def _pass_the_time(self, now: float) -> None:
        """One slot of silence: the agent is to notice that nobody speaks."""
        if not self._jitter.begun:
            if self._chunks:
                return  # nor does anybody listen yet
            self._at = round((now - self._started) * CLOCK_HZ)
        self._jitter.skip(SLOT)
        self._out(self._repair.pause(SLOT), SLOT)

    def _give(self, piece: Piece, now: float) -> None:
        match piece:
            case Packet():
                self._play(piece, duration(piece.payload), 0, now)
            case Tail(packet, skip):
                self._play(packet, duration(packet.payload), skip, now)
            case Hole(samples, successor):
                self._out(self._repair.hole(samples, successor), samples)
            case Pause(samples):
                self._out(self._repair.pause(samples), samples)
            case Begin():
                self._timeline.forget()
                self._repair.begin()

    def _play(self, packet: Packet, samples: int, skip: int, now: float) -> None:
        at = self._timeline.place(packet.timestamp, self._arrival(now))
        payload = packet.payload
        if self._heard is not None:
            self._heard(payload, at)
        self._at = at + skip
        pcm = self._repair.packet(payload, samples, skip)
        self._out(pcm, samples - skip, may_speak(payload))

    def _arrival(self, now: float) -> int:
        return round((now - self._started) * CLOCK_HZ)

    def _out(self, pcm: bytes, samples: int, voice: bool = True) -> None:
        if self._slots is not None:
            self._slots.put(pcm, self._at, voice)
        self._at += samples
        self._credit -= samples
        self._chunks.put(pcm)


def _ms(samples: int) -> int:
    return samples * 1000 // CLOCK_HZ
