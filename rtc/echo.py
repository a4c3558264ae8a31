"""Echo: is what comes from the caller the agent's own voice. Pure.

A speakerphone without echo cancellation sends the agent's voice back. We know both
signals, so we can tell: what was sent explains what is heard, or it does not.

    UNKNOWN ──── the agent spoke on and nothing came back ────────────> CLEAR
       │                                                                 │ ^
       └───────── what is heard fits what was sent ──────> KNOWN <───────┘ │
                                                             │             │
                                 it does not fit any more    └─────────────┘

KNOWN has a `Path` which says slot by slot how much sound is echo; more than that is
the caller, speaking over it. While the path is UNKNOWN, sound that begins when the
first words of the agent may just have come back is held to be echo for 300 ms at most:
by then the search has found the path. CLEAR gives the caller the benefit of the doubt:
the search goes on, but only what it has proved is echo.

Next to nothing is computed while the agent is silent, or while it speaks to a caller
who is silent.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

import numpy as np

from .audio import CLOCK_HZ, SLOT
from .bands import CENTRES_HZ, MOST_OF_RATE, Bands, Filters, Floats, whole
from .echo_path import Match, Path, search
from .echo_voice import LONGEST_MS, WAVE_HZ, Voice, wave

__all__ = ["Certainty", "Echo"]

HEARD = 25
"Slots remembered of what was heard: 0.5 s say for certain where they come from."

LONGEST = LONGEST_MS * CLOCK_HZ // 1000

SHORTEST = CLOCK_HZ * 30 // 1000
"No echo is back earlier than 30 ms: it has been through a jitter buffer."

REACH = LONGEST + 10 * SLOT
"After the agent's last sound its echo and the echo's tail may still be heard."

HOLD = 15
"Slots (300 ms) for which sound is held to be echo on suspicion alone."

FIRST, NEXT, OFTEN, SELDOM = 8, 3, 30, 50
"""Slots of sound after which the path is searched: 8, 11, 14 ... until 30, then every
50th. Less sound does not tell, and a search takes 0.3 ms."""

QUIET = 20 * SLOT
"Silence (0.4 s) where an echo would be heard, after which the path is CLEAR."

SCORE, RATIO, MISFIT = 8.0, 1.7, 0.95
"""What a match must have to be believed: a score and a ratio of at least this, and
after fitting the gains a misfit of at most this. Of echoes nearly each search of 0.2 s
and more has one. Of 150 calls of 12 s in which somebody talked into the agent's words,
without an echo, one had, once: so outside the first words it takes two in a row."""

STUMBLE = CLOCK_HZ * 4 // 1000
"The heard slots are one sound only if none starts more than 4 ms off its place."

SURPRISE_DB = 2.8
"""Louder than echo by this is the caller. Echo alone stays below 2.2 dB in 99 % of its
slots (rooms of 0.12 to 0.45 s, Opus at 24 kb/s both ways)."""

CERTAIN_DB = 10.0
"More surprise than this is not remembered, lest a shout deafen us for the echo after."

LEARN = 2
"The gains follow every second slot: half the cost, and soon enough."

CHECK = 100
"Explained slots after which the path is searched again: clocks drift."

RECHECK = 12
"Unexplained ones: somebody speaks, or the loudspeaker was turned up."

DOUBTS = 3
"Checks that may fail in a row; one may, when the sound is hiss or a pause."


class Certainty(Enum):
    UNKNOWN = "unknown"
    CLEAR = "clear"
    KNOWN = "known"


class Echo:
    """For one call. Positions are in samples of `CLOCK_HZ`, on the call's one clock."""

    __slots__ = (
        "_bands",
        "_doubt",
        "_failed",
        "_found",
        "_onset",
        "_rate",
        "_since_check",
        "_slots",
        "_voice",
        "certainty",
        "path",
        "present",
    )

    def __init__(
        self, sent_hz: int, heard_hz: int, filters: Filters | None = None
    ) -> None:
        """`filters` are those of what is heard, if others hear the same caller."""
        # Each filter is a band of its own, if both rates can have it.
        most = min(sent_hz, heard_hz) * MOST_OF_RATE
        groups = tuple((hertz,) for hertz in CENTRES_HZ if hertz <= most)
        self.certainty = Certainty.UNKNOWN
        self.present = False
        "Whether the slot that was heard last is echo, or is held to be."
        self.path: Path | None = None
        self._voice = Voice(sent_hz, Bands(sent_hz, groups))
        self._bands = Bands(heard_hz, groups, filters)
        self._rate = heard_hz
        self._slots: deque[tuple[int, bytes]] = deque(maxlen=HEARD)
        "Position and PCM of the sound that goes on, without a gap."
        self._onset: int | None = None
        "Where the sound that goes on began."
        self._found: Path | None = None
        "By the last search, but not believed yet."
        self._doubt = 0.0
        "Surprise in dB, smoothed."
        self._since_check = 0
        "Slots with sound."
        self._failed = 0
        "Checks that failed in a row."

    @property
    def delay_ms(self) -> int | None:
        """From our sending to our hearing; None while no path is known."""
        return self.path.delay * 1000 // CLOCK_HZ if self.path else None

    @property
    def strength_db(self) -> float | None:
        """The echo's loudness compared with what was sent."""
        return self.path.strength_db if self.path else None

    def sent(self, pcm: bytes, at: int) -> None:
        """The agent's slot that left for the caller at `at`; b"" is silence."""
        self._voice.put(pcm, at)

    def heard(self, pcm: bytes, at: int, active: bool) -> bool:
        """Whether the caller's slot at `at` is echo; `active` is what the Vad says."""
        origin = self._voice.origin
        if origin is None:
            return False
        at -= origin
        if not active:
            self._onset = None
            self._slots.clear()
            if self.path is None and self.certainty is not Certainty.UNKNOWN:
                # Nearly always so: nobody asks now when the agent spoke.
                self.present = False
                return False
        elif self._onset is None:
            self._onset = at
        silence = self._voice.silence(at, LONGEST)
        if silence > REACH:
            self._slots.clear()
            self._doubt = 0.0
            self.present = False
            return False
        if active:
            self._remember(pcm, at)
        if self.path is None:
            self._look(at)
        if self.path is not None:
            self._judge(self.path, pcm, at, active, silence < LONGEST)
        else:
            self.present = active and self._suspicious(at)
        return self.present

    def _remember(self, pcm: bytes, at: int) -> None:
        slots = self._slots
        if slots and abs(at - slots[-1][0] - SLOT) > STUMBLE:
            slots.clear()
        slots.append((at, pcm))

    def _suspicious(self, at: int) -> bool:
        """The sound began when the first words may have come back, and just now."""
        if self.certainty is not Certainty.UNKNOWN or self._onset is None:
            return False
        late = self._onset - self._voice.began
        return SHORTEST <= late <= LONGEST and at - self._onset < HOLD * SLOT

    def _look(self, at: int) -> None:
        if self._onset is None:
            if at - self._voice.began > LONGEST + QUIET:
                self.certainty = Certainty.CLEAR
            return
        run = (at - self._onset) // SLOT + 1
        if run > OFTEN:
            self.certainty = Certainty.CLEAR
            due = run % SELDOM == 0
        else:
            due = run >= FIRST and (run - FIRST) % NEXT == 0
        if due:
            found = self._fit(run)
            hurry = self.certainty is Certainty.UNKNOWN
            self._settle(found if hurry else self._confirmed(found))

    def _confirmed(self, found: Path | None) -> Path | None:
        """What two searches in a row found: chance does not hit one place twice."""
        before, self._found = self._found, found
        return found if found and before and found.same(before) else None

    def _settle(self, path: Path | None) -> None:
        self.path = path
        self._doubt = 0.0
        self._since_check = self._failed = 0
        if path is not None:
            self.certainty = Certainty.KNOWN
        else:
            self._voice.rows = None

    def _search(self, slots: list[tuple[int, bytes]], heard: Floats) -> Match:
        """Where these slots come from; `heard` is their sound."""
        start = slots[0][0]
        first = (start - LONGEST) // SLOT
        sent = self._voice.wave(first, slots[-1][0] // SLOT)
        lead = (start - first * SLOT) * WAVE_HZ // CLOCK_HZ
        return search(sent, wave(heard, self._rate), lead)

    def _fit(self, run: int) -> Path | None:
        """The way by which the last `run` slots came, if they are an echo.

        Or, if less is remembered, that.
        """
        slots = list(self._slots)[-run:]
        if len(slots) < FIRST:
            return None  # a gap has just torn what was heard
        sound = whole([pcm for _, pcm in slots], self._bands.size)
        match = self._search(slots, sound)
        if match.delay < SHORTEST or match.score < SCORE or match.ratio < RATIO:
            return None
        heard = self._bands.means(sound)
        path = Path(match.delay, self._voice.watch(), heard)
        sent = np.array([path.sent(at) for at, _ in slots])
        return path if path.fit(sent, heard) <= MISFIT else None

    def _judge(
        self, path: Path, pcm: bytes, at: int, active: bool, followed: bool
    ) -> None:
        """With the path known: is there more than echo and noise?

        The agent spoke so lately that what is heard has `followed` from it.
        """
        heard = self._bands.mean(pcm).tolist()
        path.listen(heard)
        learn = followed and at // SLOT % LEARN == 0
        if active or learn:
            self._voice.measure(path.needs(at))
        if active:
            self._weigh(min(path.surprise(at, heard), CERTAIN_DB))
        else:
            self._doubt = 0.0
            if learn:
                path.expect(at)
        explained = self._doubt < SURPRISE_DB
        self.present = active and explained
        if explained and learn:
            path.learn(heard)
        if active:
            self._check(path, at, explained)

    def _weigh(self, surprise: float) -> None:
        if surprise > self._doubt:
            self._doubt = (self._doubt + surprise) / 2
        else:  # a gap in a word must not make the caller an echo
            self._doubt += (surprise - self._doubt) / 5

    def _check(self, path: Path, at: int, explained: bool) -> None:
        """Now and then: does what is heard still fit what was sent, and how?"""
        assert self._onset is not None
        self._since_check += 1
        run = (at - self._onset) // SLOT + 1
        if self._since_check < (CHECK if explained else RECHECK) or run < FIRST:
            return
        self._since_check = 0
        found = self._fit(run)
        if found and not found.same(path):
            found = self._confirmed(found)
        if found:
            found.take(path)
            self.path = found
            self._failed = 0
        elif explained:
            self._failed += 1
            if self._failed >= DOUBTS:
                self._settle(None)
                self.certainty = Certainty.CLEAR
