from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from convai.local import voice
from convai.local.voice import Espeak, Hibari, Tone, Voice, limited, speakable, trimmed


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(float)


@pytest.fixture(scope="module")
def hibari() -> Voice:
    return voice.load()


def test_hibari_is_the_voice_and_speaks_up(hibari: Voice) -> None:
    assert isinstance(hibari, Hibari)
    pcm = hibari.speak("Can you hear me well?", 1.0)
    assert 1.0 < len(pcm) / 2 / hibari.rate < 2.5
    assert 10_000 < np.abs(samples(pcm)).max() < 32_768


def test_the_same_sentence_sounds_the_same(hibari: Voice) -> None:
    assert hibari.speak("Hello.", 1.0) == hibari.speak("Hello.", 1.0)
    assert len(hibari.speak("Hello there.", 2.0)) < len(
        hibari.speak("Hello there.", 1.0)
    )


@pytest.mark.parametrize("text", ["Great, thank you.", "Thursday at three."])
def test_nobody_waits_for_the_silence_before_a_sentence(
    hibari: Voice, text: str
) -> None:
    pcm = np.abs(np.frombuffer(hibari.speak(text, 1.0), np.int16))
    loud = np.flatnonzero(pcm > 150)
    assert loud[0] < 0.05 * hibari.rate
    assert 0.25 * hibari.rate < len(pcm) - loud[-1] < 0.4 * hibari.rate


@pytest.mark.parametrize("samples", [0, 1, 480, 24_000])
def test_silence_alone_is_nothing(samples: int) -> None:
    assert len(trimmed(np.zeros(samples, np.float32), 24_000)) == 0


@pytest.mark.parametrize("text", ["", "...", "?!", "\u0000", "\U0001f600", "-"])
def test_what_cannot_be_said_is_silence(hibari: Voice, text: str) -> None:
    assert speakable(text) == ""
    assert hibari.speak(text, 1.0) == Tone().speak(text, 1.0) == b""


@settings(max_examples=40, deadline=None)
@example(text="\u00b9A")  # crashed hibari
@example(text="\U00010a40 \u0663 \u00bd")
@given(text=st.text(max_size=40))
def test_no_text_breaks_the_voice(hibari: Voice, text: str) -> None:
    assert len(hibari.speak(text, 1.0)) % 2 == 0


@pytest.mark.parametrize("text", ["a1", "x-", "%1", "9", "1,", "a@b."])
def test_no_text_takes_the_voice_for_long(hibari: Voice, text: str) -> None:
    """Unbroken, 400 characters of these took ten seconds, or failed."""
    started = time.process_time()
    assert hibari.speak(text * 2_000, 1.0)
    assert time.process_time() - started < 5


def test_the_limiter_bends_only_what_is_loud() -> None:
    sound = np.array([0.0, 0.5, -0.69, 0.9, -1.5, 9.0], np.float32)
    bent = samples(limited(sound)) / 32_767
    assert bent[:3] == pytest.approx(sound[:3], abs=1e-4)
    assert 0.7 < bent[3] < 0.9
    assert -1 <= bent[4] < -0.9 and 0.99 < bent[5] <= 1


def test_a_program_that_speaks(tmp_path: Path) -> None:
    """As espeak-ng does: text on stdin, a WAV on stdout, options before it."""
    program = tmp_path / "espeak-ng"
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "assert sys.argv[1:4] == ['--stdin', '--stdout', '-s'], sys.argv\n"
        "text = sys.stdin.read()\n"
        "sys.stdout.buffer.write(b'h' * 44 + b'ab' * len(text) + b'c')\n"
    )
    program.chmod(0o700)
    assert Espeak(str(program)).speak("-v hello", 1.0) == b"ab" * 8


def test_the_chain_ends_with_tones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hibari", None)  # import raises ImportError
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    assert isinstance(voice.load(), Espeak)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    tone = voice.load()
    assert isinstance(tone, Tone)
    assert np.abs(samples(tone.speak("Hello.", 1.0))).max() > 3_000
