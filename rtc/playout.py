"""Playout: the agent's bursts in, an even stream of frames out. Pure.

Providers send a reply as fast as they make it, in pieces of any size. The playout
cuts them into frames of 20 ms and hands out one with each tick. Before a spurt starts
it waits for a small lead, so that a provider which is late now and then does not tear
words apart; the lead grows by what was missed and shrinks again when all goes well.

        push                     lead reached, or end of reply, or waited long enough
    IDLE ────> FILLING ──────────────────────────────────────────────────> PLAYING
      ^           │  ^                                                        │
      │           │  └──────────── ran dry before the end of the reply ───────┤
      └───────────┴── nothing more came ──────────── all played, or clear ────┘

What is heard is counted when a frame is handed out to be sent, never earlier.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import Enum
from itertools import islice

from .frame import AS_IT_CAME, Frame
from .gain import fade_out

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


MOST_AHEAD = 16
"Frames at the head of the queue that may be on their way to an encoder."


class State(Enum):
    IDLE = "idle"
    FILLING = "filling"
    PLAYING = "playing"


FILLING, PLAYING = State.FILLING, State.PLAYING
"Looking up a member of an Enum costs as much as calling a method."


class Playout:
    """The agent's audio between its arrival in bursts and its even departure.

    Time is counted in frames pulled: the caller of `pull` is the clock.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        "Hz of the PCM, mono s16le; a multiple of 50."
        self.tick = rate // 50
        "Samples in a frame."
        self.state = State.IDLE
        self.lead_ms = LEAD_MS
        self.underruns = 0
        "How often the provider was late in mid-reply."
        self.dropped = 0
        "Samples refused because the queue was full."
        self.newest = 0
        "The reply that was pushed last."
        self.reply = 0
        "The reply that is heard now, or was heard last."
        self.heard = 0
        "Samples of `reply` handed out so far."
        self.queued = 0
        "Samples waiting to be played."
        self.gain = 1.0
        "What the volume is, or is falling or rising to."
        self._even = AS_IT_CAME
        "That gain at the beginning and at the end of a frame."
        self._level = 1.0
        "The volume at the end of the frame pulled last."
        self._queue: deque[Frame] = deque()
        self._rest = b""
        """What of `newest` does not fill a frame. When all before it was pulled it also
        stands at the end of the queue, faded, in case nothing more comes."""
        self._padded = False
        "Whether it does."
        self._tail: Frame | None = None
        "What is left to send after a cut: a fade."
        self._ended = False
        self._waited = 0
        "Samples pulled while FILLING; kept when nothing came of it."
        self._dry = False
        "FILLING because the reply ran dry, not because it just began."
        self._number = 0

    @property
    def playing(self) -> bool:
        """Whether anything is heard, or still to be heard."""
        return bool(self.queued) or self.audible

    @property
    def audible(self) -> bool:
        """Whether a spurt of the agent is under way, short gaps included."""
        return self._dry or self.state is PLAYING

    @property
    def silent_ms(self) -> int:
        """Of a spurt that is over: how long nobody knew that it was."""
        return self._waited * 1000 // self.rate

    def push(self, pcm: bytes, reply: int) -> None:
        """Queue a piece of `reply`; what exceeds the bound is dropped and counted."""
        samples = len(pcm) // 2
        room = BOUND_S * self.rate - self.queued
        if samples > room:
            self.dropped += samples - room
            samples = room
        if not samples:
            return
        if self.state is State.IDLE:
            self._fill(dry=False)
        elif self._dry and not self.queued and reply == self.reply:
            self._learn()
        if reply != self.newest:
            self._pad()
            self._rest, self._padded = b"", False
        elif self._padded:
            self._queue.pop().drop()
            self._number -= 1
            self._padded = False
        self._ended = False
        self.newest = reply
        self.queued += samples
        self._cut_up(self._rest + pcm[: samples * 2])

    def end(self) -> None:
        """The reply pushed last is complete: play what there is without waiting."""
        self._ended = True
        self._pad()

    def pull(self) -> Frame | None:
        """The next frame to send; None when there is silence to send."""
        if self._tail is not None:
            tail, self._tail = self._tail, None
            return tail
        if self.state is FILLING:
            self._wait_or_play()
        if self.state is not PLAYING:
            return None
        if not self._queue:
            self._fill(dry=True)
            return None
        return self._take()

    def ahead(self, count: int) -> Iterator[Frame]:
        """The frames to be pulled next that have no packet yet, `count` at most.

        Their gain is settled now; `fade` replaces them when it changes.
        """
        if self._tail and self._tail.packet is None:
            yield self._tail
        for frame in islice(self._queue, count):
            if frame.packet is None:
                if frame.gain is None:
                    frame.gain = self._even
                yield frame

    def ready(self, count: int) -> bool:
        """Whether the next `count` frames, as far as they are here, have packets."""
        if self._tail is not None:
            return self._tail.packet is not None
        # Each tick; `all` with its generator costs twice as much.
        for frame in islice(self._queue, count):  # noqa: SIM110
            if frame.packet is None:
                return False
        return True

    def fade(self, gain: float) -> None:
        """Have the volume fall or rise to `gain` (1.0: as it came) within a frame."""
        if gain == self.gain:
            return
        self.gain, self._even = gain, (gain, gain)
        begin = self._level
        for index, frame in enumerate(self._queue):
            if frame.gain is None and index:
                break
            self._queue[index] = frame.again((begin, gain))
            begin = gain

    def clear(self) -> int:
        """Stop now: forget what is queued, leave at most a 10 ms fade to be pulled.

        Returns the samples of `reply` that were heard, the fade included.
        """
        if self.state is PLAYING and self._queue:
            self._tail = self._last(self._queue[0])
        for frame in islice(self._queue, MOST_AHEAD):
            frame.drop()
        self._queue.clear()
        self.queued = 0
        self._rest, self._padded = b"", False
        self.gain = self._level = 1.0
        self._even = AS_IT_CAME
        self._idle()
        return self.heard

    def _last(self, frame: Frame) -> Frame:
        """What is heard of the next frame when its reply is cut off."""
        count = min(self.rate * FADE_MS // 1000, frame.samples)
        pcm = fade_out(frame.pcm[: count * 2]).ljust(self.tick * 2, b"\0")
        last = Frame(frame.number, frame.reply, pcm, count)
        last.fresh = frame.fresh
        last.gain = (self._level, self._level)
        self._count(last)
        return last

    def _cut_up(self, pcm: bytes) -> None:
        size = self.tick * 2
        whole = len(pcm) // size * size
        for begin in range(0, whole, size):
            self._append(pcm[begin : begin + size], self.tick)
        self._rest = pcm[whole:]
        if not self._queue and self.state is PLAYING:
            self._pad()

    def _append(self, pcm: bytes, samples: int) -> None:
        frame = Frame(self._number, self.newest, pcm, samples)
        self._number += 1
        frame.fresh = not self._queue and self.state is not PLAYING
        self._queue.append(frame)

    def _pad(self) -> None:
        """Make a frame of the rest, as if nothing more came."""
        if self._rest and not self._padded:
            pcm = self._rest if self._ended else fade_out(self._rest)
            self._append(pcm.ljust(self.tick * 2, b"\0"), len(self._rest) // 2)
            self._padded = True

    def _fill(self, *, dry: bool) -> None:
        self.state = FILLING
        self._dry = dry
        self._waited = 0

    def _idle(self) -> None:
        self.state = State.IDLE
        self._dry = False
        self._ended = False

    def _wait_or_play(self) -> None:
        lead = self.rate * self.lead_ms // 1000
        enough = self.queued >= lead or self._waited >= lead
        if self.queued and (self._ended or enough):
            self.state = PLAYING
            self._dry = False
            self._waited = 0
            if not self._queue:
                self._pad()
            return
        self._waited += self.tick
        if self.queued:
            return
        if self._ended or self._waited * 1000 >= self.rate * PATIENCE_MS:
            self._calm_down()
            self._idle()

    def _learn(self) -> None:
        """The reply goes on after a gap: a lead longer by the gap had hidden it."""
        gap_ms = self._waited * 1000 // self.rate
        self.underruns += 1
        self.lead_ms = min(MOST_LEAD_MS, self.lead_ms + gap_ms)
        self._waited = 0

    def _calm_down(self) -> None:
        self.lead_ms = max(LEAD_MS, self.lead_ms - LEAD_STEP_MS)

    def _take(self) -> Frame:
        """The first frame of the queue, counted as heard."""
        frame = self._queue.popleft()
        gain = frame.gain
        if gain is None:
            gain = frame.gain = (self._level, self.gain)
        self._level = gain[1]
        self.queued -= frame.samples
        self._count(frame)
        if self._queue:
            return frame
        if self._padded:
            self._rest, self._padded = b"", False
        self._pad()
        if not self._queue and self._ended:
            self._calm_down()
            self._idle()
        return frame

    def _count(self, frame: Frame) -> None:
        if frame.reply != self.reply:
            self.reply, self.heard = frame.reply, 0
        self.heard += frame.samples
