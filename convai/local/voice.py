"""Voices: from a sentence to sound. They block, so `Mouth` runs them in a thread.

`Hibari` is the voice; `Espeak` (a program, when the machine has it) can be understood;
`Tone` tells at least that the agent would be speaking now.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import unicodedata
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Espeak", "Hibari", "Tone", "Voice", "load"]

log = logging.getLogger(__name__)

GAIN = 2.24
"7 dB: hibari speaks at a peak of 0.2 to 0.55, quieter than people on a telephone."

KNEE = 0.7
"Full scale from which the limiter bends; below it the sound is left alone."

SILENT = 0.002
"Of full scale, -54 dB: hibari's own noise is far below, its softest consonants above."

BEFORE_S = 0.02
AFTER_S = 0.3
"""Seconds of silence kept around a sentence. Hibari gives 0.3 before and 0.4 after it:
the caller would wait for the one, and the next sentence for both."""

LONGEST = 300
"Characters spoken of one sentence: nobody listens to a longer one."

LONGEST_NUMBER = 6
"Digits; more are said one by one, as in a telephone number."

LONGEST_WORD = 24
"Characters; hibari's time grows with the square of a word's length (10 s at 400), and\
 it fails at numbers of 40 digits."

ESPEAK_S = 10.0
"Deadline; a sentence takes it 30 ms."


class Voice(Protocol):
    """A speaking engine; used by one thread at a time."""

    @property
    def rate(self) -> int:
        """Hz of what `speak` gives."""

    def speak(self, sentence: str, speed: float) -> bytes:
        """Mono s16le; nothing when there is nothing to say in the sentence."""


class Hibari:
    """hibari-tts: 20 to 50 ms for a sentence."""

    rate = 24_000

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def speak(self, sentence: str, speed: float) -> bytes:
        # A fixed seed: the same sentence sounds, and measures, the same each time.
        try:
            sound = self._engine(speakable(sentence), speed=speed, seed=1)
        except (ValueError, LookupError) as error:
            # Its reading of numbers and signs has holes; one sentence is lost, that
            # is all. Those that fuzzing found are kept away by `speakable`.
            log.warning("hibari cannot say a sentence: %r", error)
            return b""
        return limited(trimmed(np.asarray(sound, np.float32), self.rate) * GAIN)


class Espeak:
    """The espeak-ng program."""

    rate = 22_050

    def __init__(self, program: str) -> None:
        self._program = program

    def speak(self, sentence: str, speed: float) -> bytes:
        # --stdin: a sentence that begins with a dash must not become an option.
        done = subprocess.run(
            [self._program, "--stdin", "--stdout", "-s", str(int(170 * speed))],
            input=speakable(sentence).encode(),
            capture_output=True,
            timeout=ESPEAK_S,
            check=False,
        )
        # A WAV header of 44 bytes, whose length fields are wrong when piped.
        return done.stdout[44 : len(done.stdout) & ~1]


class Tone:
    """Two soft notes for each sentence, as long as a word."""

    rate = 24_000

    def speak(self, sentence: str, speed: float) -> bytes:
        if not speakable(sentence):
            return b""
        time = np.arange(self.rate // 4, dtype=np.float32) / self.rate
        fade = np.minimum(1, np.minimum(time, time[::-1]) / 0.02)
        notes = [np.sin(2 * np.pi * pitch * time) * fade for pitch in (523.0, 392.0)]
        sound = 0.2 * np.concatenate(notes)
        return limited(sound.astype(np.float32))


def load() -> Voice:
    """The best voice there is on this machine, already warm."""
    try:
        from hibari import Hibari as Engine

        voice = Hibari(Engine())
        voice.speak("Hello.", 1.0)  # its first sentence loads 0.5 s of dictionaries
    except (ImportError, OSError) as error:
        log.warning("voice: hibari-tts does not work here: %s", error)
    else:
        return voice
    if program := shutil.which("espeak-ng"):
        log.warning("voice: speaking with espeak-ng; pip install hibari-tts to mend it")
        return Espeak(program)
    log.warning(
        "voice: there is none, tones instead; pip install hibari-tts to mend it"
    )
    return Tone()


def speakable(sentence: str) -> str:
    """Without what no voice can say; empty when nothing is left."""
    text = unicodedata.normalize("NFKC", sentence[:LONGEST])  # a raised 1 is a 1
    text = re.sub(r"[^\w\s.,;:!?'%$€£&@+/()-]", " ", text)
    # Numbers of other scripts crash hibari 0.2.1, which takes all of them for 0 to 9.
    text = "".join(" " if not c.isascii() and c.isnumeric() else c for c in text)
    text = re.sub(rf"\d{{{LONGEST_NUMBER + 1},}}", lambda m: " ".join(m[0]), text)
    text = re.sub(rf"(\S{{{LONGEST_WORD}}})(?=\S)", r"\1 ", text)
    text = " ".join(text.split())
    return text if re.search(r"\w", text) else ""


def trimmed(sound: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float32]:
    """Without the silence before and after, but for a breath's length."""
    loud = np.flatnonzero(np.abs(sound) > SILENT)
    if not len(loud):
        return sound[:0]
    before, after = (int(seconds * rate) for seconds in (BEFORE_S, AFTER_S))
    return sound[max(0, loud[0] - before) : loud[-1] + after]


def limited(sound: npt.NDArray[np.float32]) -> bytes:
    """Samples in full scale to s16le, peaks bent instead of clipped."""
    size = np.abs(sound)
    bent = KNEE + (1 - KNEE) * np.tanh((size - KNEE) / (1 - KNEE))
    held = np.where(size > KNEE, np.copysign(bent, sound), sound)
    return (held * 32_767).astype("<i2").tobytes()
