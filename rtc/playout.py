"""Playout: the agent's bursts in, an even stream of sound out. Pure.

Providers send a reply as fast as they make it, in pieces of any size. The playout
queues them and hands out exactly what a tick needs. Before a spurt starts it waits for
a small lead, so that a provider which is late now and then does not tear words apart;
the lead grows by what was missed and shrinks again when all goes well.

        push                     lead reached, or end of reply, or waited long enough
    IDLE ────> FILLING ──────────────────────────────────────────────────> PLAYING
      ^           │  ^                                                        │
      │           │  └──────────── ran dry before the end of the reply ───────┤
      └───────────┴── nothing more came ──────────── all played, or clear ────┘
"""

from __future__ import annotations

from array import array
from collections import deque
from enum import Enum

__all__ = ["Playout", "State"]

LEAD_MS = 60
"Lead at the start of a call: three packets, enough for a provider in good health."

MOST_LEAD_MS = 400
"A provider later than this is heard to stutter: more lead would be felt as slowness."

LEAD_STEP_MS = 10
"By how much the lead shrinks after a reply that never ran dry."

PATIENCE_MS = 1000
"""Running dry for this long means that the reply was over. Providers need not mark the
end of a reply (ElevenLabs does so only when asked)."""

FADE_MS = 10
"Length of a fade: long enough not to click, too short to be heard as speech."

BOUND_S = 300
"Most seconds that may be queued: five minutes is longer than any sensible reply."


class State(Enum):
    IDLE = "idle"
    FILLING = "filling"
    PLAYING = "playing"


class Playout:
    """The agent's audio between its arrival in bursts and its even departure.

    Time is counted in samples pulled: the caller of `pull` is the clock.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        "Hz of the PCM, mono s16le, pushed and pulled."
        self.state = State.IDLE
        self.lead_ms = LEAD_MS
        self.underruns = 0
        "How often the provider was late in mid-reply."
        self.dropped = 0
        "Samples refused because the queue was full."
        self._queue: deque[tuple[int, bytes]] = deque()
        self._queued = 0
        self._tail = b""
        "What is left to send after a cut: a fade."
        self._ended = False
        self._waited = 0
        "Samples pulled while FILLING."
        self._dry = False
        "FILLING because the reply ran dry, not because it just began."
        self.newest = 0
        "The reply that was pushed last."
        self._reply = 0
        "The reply that was last heard, and how many samples of it."
        self._heard = 0

    @property
    def reply(self) -> int:
        """The reply that is heard now, or was heard last."""
        return self._reply

    @property
    def heard(self) -> int:
        """Samples of `reply` handed out so far."""
        return self._heard

    @property
    def queued(self) -> int:
        """Samples waiting to be played."""
        return self._queued

    @property
    def audible(self) -> bool:
        """Whether a spurt of the agent is under way, short gaps included."""
        return self.state is State.PLAYING or self._dry

    def push(self, pcm: bytes, reply: int) -> None:
        """Queue a piece of `reply`; what exceeds the bound is dropped and counted."""
        samples = len(pcm) // 2
        room = BOUND_S * self.rate - self._queued
        if samples > room:
            self.dropped += samples - room
            samples = room
        if not samples:
            return
        if self.state is State.IDLE:
            self._fill(dry=False)
        elif self._dry and not self._queued and reply == self._reply:
            self._learn()
        self._queue.append((reply, pcm[: samples * 2]))
        self._queued += samples
        self._ended = False
        self.newest = reply

    def end(self) -> None:
        """The reply pushed last is complete: play what there is without waiting."""
        self._ended = True

    def pull(self, samples: int) -> bytes:
        """The next `samples` samples to send; b"" when there is silence to send."""
        if self._tail:
            tail, self._tail = self._tail, b""
            return tail.ljust(samples * 2, b"\0")
        if self.state is State.FILLING:
            self._wait_or_play(samples)
        if self.state is not State.PLAYING:
            return b""
        pcm = self._take(samples)
        if len(pcm) == samples * 2:
            return pcm
        last = self._run_dry(pcm)
        return last.ljust(samples * 2, b"\0") if last else b""

    def clear(self) -> int:
        """Stop now: forget what is queued, leave at most a 10 ms fade to be pulled.

        Returns the samples of `reply` that were heard, the fade included.
        """
        if self.state is State.PLAYING:
            self._tail = _fade_out(self._take(self.rate * FADE_MS // 1000))
        self._queue.clear()
        self._queued = 0
        self._rest()
        return self._heard

    def _fill(self, *, dry: bool) -> None:
        self.state = State.FILLING
        self._dry = dry
        self._waited = 0

    def _rest(self) -> None:
        self.state = State.IDLE
        self._dry = False
        self._ended = False

    def _wait_or_play(self, samples: int) -> None:
        lead = self.rate * self.lead_ms // 1000
        enough = self._queued >= lead or self._waited >= lead
        if self._queued and (self._ended or enough):
            self.state = State.PLAYING
            self._dry = False
            return
        self._waited += samples
        if self._queued:
            return
        if self._ended or self._waited * 1000 >= self.rate * PATIENCE_MS:
            self._calm_down()
            self._rest()

    def _run_dry(self, pcm: bytes) -> bytes:
        if self._ended:
            self._calm_down()
            self._rest()
            return pcm
        self._fill(dry=True)
        return _fade_out(pcm)

    def _learn(self) -> None:
        """The reply goes on after a gap: a lead longer by the gap had hidden it."""
        gap_ms = self._waited * 1000 // self.rate
        self.underruns += 1
        self.lead_ms = min(MOST_LEAD_MS, self.lead_ms + gap_ms)
        self._waited = 0

    def _calm_down(self) -> None:
        self.lead_ms = max(LEAD_MS, self.lead_ms - LEAD_STEP_MS)

    def _take(self, samples: int) -> bytes:
        """Up to `samples` samples off the queue, counted as heard."""
        parts: list[bytes] = []
        wanted = samples * 2
        while wanted and self._queue:
            reply, pcm = self._queue.popleft()
            if len(pcm) > wanted:
                self._queue.appendleft((reply, pcm[wanted:]))
                pcm = pcm[:wanted]
            if reply != self._reply:
                self._reply, self._heard = reply, 0
            self._heard += len(pcm) // 2
            self._queued -= len(pcm) // 2
            wanted -= len(pcm)
            parts.append(pcm)
        return b"".join(parts)


def _fade_out(pcm: bytes) -> bytes:
    """The same samples with a volume falling evenly to nothing."""
    samples = array("h", pcm)
    length = len(samples)
    for index in range(length):
        samples[index] = samples[index] * (length - index) // (length + 1)
    return samples.tobytes()
