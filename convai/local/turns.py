"""Turns: when the caller has the turn, from voice activity in 32 ms windows. Pure.

    QUIET --3 windows of speech--> SPEAKING --a pause that is long enough--> QUIET

Time is counted in windows, not by a clock: a client that sends in bursts, or whose
network does, is understood as well as one that sends every 20 ms.
"""

from __future__ import annotations

from enum import Enum, auto

__all__ = ["DOUBT_WINDOWS", "PREROLL_WINDOWS", "WINDOW_MS", "Heard", "Turns"]

WINDOW_MS = 32
"512 samples at 16 kHz, what the voice-activity model takes at once."

ONSET_WINDOWS = 3
"96 ms: shorter than any word, longer than a click; a cough below 100 ms never counts."

SPEECH = 0.5
"Probability from which a window is speech: the value its authors recommend."

STILL_SPEECH = 0.35
"Once somebody speaks, quieter windows still count: word ends are soft."

DOUBT_WINDOWS = (5, 12)
"160 and 384 ms: when to ask whether a pause is the end; some ends need the second."

SHORT_PAUSE_WINDOWS = 9
"288 ms: enough when the words are a whole request already."

LONG_PAUSE_WINDOWS = 25
"800 ms: pauses inside read sentences reached 770 ms."

LONGEST_WINDOWS = 60_000 // WINDOW_MS
"A minute: then the turn is taken as it is, so that nothing grows without bound."

PREROLL_WINDOWS = 10 + ONSET_WINDOWS
"320 ms before the onset is noticed: soft first sounds must reach the recogniser."


class Heard(Enum):
    """What one window of the caller's sound was."""

    QUIET = auto()
    ONSET = auto()
    "The caller has begun to speak; the windows before belong to it."
    SPEECH = auto()
    "Part of a turn, pauses included."
    END = auto()
    "The turn ended with this window."


class Turns:
    """Follows one caller."""

    def __init__(self) -> None:
        self.speaking = False
        self.pause_windows = 0
        "Windows of silence at the end of the turn so far."
        self.voiced_windows = 0
        "Windows of speech in the turn so far, or in the last one."
        self.pauses = 0
        "Pauses in the turn so far, the one that goes on included."
        self._settled = 0  # the pause that sounds like the end
        self._run = 0  # windows of speech in a row while QUIET
        self._length = 0  # windows in this turn

    def window(self, speech: float, complete: bool) -> Heard:
        """Take the next window.

        `speech` is the probability that it is speech; `complete` tells whether the
        words so far already make a whole turn.
        """
        if not self.speaking:
            return self._while_quiet(speech)
        self._length += 1
        if speech >= STILL_SPEECH:
            self.pause_windows = 0
            self.voiced_windows += 1
        else:
            self.pauses += self.pause_windows == 0
            self.pause_windows += 1
        complete = complete or self._settled == self.pauses > 0
        enough = SHORT_PAUSE_WINDOWS if complete else LONG_PAUSE_WINDOWS
        if self.pause_windows >= enough or self._length >= LONGEST_WINDOWS:
            self.end()
            return Heard.END
        return Heard.SPEECH

    def settle(self, pause: int) -> None:
        """A pause, by its number, sounds like the end of the turn."""
        self._settled = pause

    def end(self) -> None:
        """The turn is over whatever is heard: the client stopped sending sound."""
        self.speaking = False
        self.pause_windows = 0
        self._run = 0

    def _while_quiet(self, speech: float) -> Heard:
        self._run = self._run + 1 if speech >= SPEECH else 0
        if self._run < ONSET_WINDOWS:
            return Heard.QUIET
        self.speaking = True
        self.voiced_windows = ONSET_WINDOWS
        self.pauses = self._settled = 0
        self._length = 0
        return Heard.ONSET
