from __future__ import annotations

import asyncio
import os
import wave
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from convai.local import ears, models, voice
from convai.local.booking import Booking, Step, Wanted
from convai.local.ears import DeafEars, Ears, VoskEars
from convai.local.formats import resampled
from convai.local.occasion import Occasion

SPEECH = Path(__file__).parents[3] / "data" / "speech"


@pytest.fixture(scope="module")
def vosk() -> Iterator[Ears]:
    folder = models.default_folder(os.environ)
    assert models.fetch(folder) == []
    loaded = ears.load(models.locate(folder).vosk, threads=2)
    assert isinstance(loaded, VoskEars)
    yield loaded
    loaded.close()


def pieces(name: str) -> list[bytes]:
    with wave.open(str(SPEECH / name)) as file:
        pcm = file.readframes(file.getnframes())
    return [pcm[start : start + 1024] for start in range(0, len(pcm), 1024)]


async def test_words_of_a_person_with_guesses_on_the_way(vosk: Ears) -> None:
    guesses: list[tuple[int, str]] = []
    with vosk.ear(lambda turn, text: guesses.append((turn, text))) as ear:
        ear.begin(7, ())
        for piece in pieces("goforward.wav"):
            ear.feed(piece)
        assert await ear.finish() == "go forward ten meters"
    assert {turn for turn, _ in guesses} == {7}
    texts = [text for _, text in guesses]
    assert "go forward" in texts
    assert len(set(texts)) == len(texts)  # only when something changed


async def test_turns_do_not_leak_into_each_other(vosk: Ears) -> None:
    with vosk.ear(lambda turn, text: None) as ear:
        words = []
        names = ("goforward.wav", "librivox_0880.wav", "goforward.wav")
        for turn, name in enumerate(names):
            ear.begin(turn, ())
            for piece in pieces(name):
                ear.feed(piece)
            words.append(ear.finish())  # not awaited: the next turn begins at once
        heard = await asyncio.gather(*words)
    assert heard[0] == heard[2] == "go forward ten meters"
    assert str(heard[1]).endswith("disposed young man")


async def test_callers_do_not_disturb_each_other(vosk: Ears) -> None:
    async def listen(name: str) -> str | None:
        with vosk.ear(lambda turn, text: None) as ear:
            ear.begin(1, ())
            for piece in pieces(name):
                ear.feed(piece)
                await asyncio.sleep(0)
            return await ear.finish()

    names = ["goforward.wav", "librivox_0880.wav", "goforward.wav"]
    heard = await asyncio.gather(*(listen(name) for name in names))
    assert heard[0] == heard[2] == "go forward ten meters"
    assert str(heard[1]).endswith("disposed young man")


@pytest.mark.parametrize(
    ("spoken", "proposal"),
    [
        ("No, make it four.", "Tuesday, November 24th at 4 PM"),
        ("No, at three.", "Tuesday, November 24th at 3 PM"),
        ("No, on Wednesday.", "Wednesday, November 25th at 2 PM"),
        ("Thursday at ten.", "Thursday, November 26th at 10 AM"),
    ],
)
async def test_a_booking_is_corrected_by_voice(
    vosk: Ears, spoken: str, proposal: str
) -> None:
    today = Occasion(today=date(2026, 11, 22))
    brain = Booking(today, wanted=Wanted.CONFIRM, day="tuesday", time="14:00")
    speaker = voice.load()
    pcm = resampled(speaker.speak(spoken, 1.0), speaker.rate, 16_000) + b"\0" * 16_000
    with vosk.ear(lambda turn, text: None) as ear:
        ear.begin(1, brain.grammar)
        for start in range(0, len(pcm), 1024):
            ear.feed(pcm[start : start + 1024])
        text = await ear.finish()
    step, brain = brain.hear(str(text))
    assert (step, brain.when) == (Step.PROPOSED, proposal), text


async def test_a_grammar_narrows_what_is_expected(vosk: Ears) -> None:
    with vosk.ear(lambda turn, text: None) as ear:
        ear.begin(1, ("go backward", "go forward", "ten", "meters"))
        for piece in pieces("goforward.wav"):
            ear.feed(piece)
        assert await ear.finish() == "go forward ten meters"
        ear.begin(2, ("yes", "no"))
        for piece in pieces("goforward.wav"):
            ear.feed(piece)
        assert "[unk]" in str(await ear.finish())


async def test_a_flood_is_dropped_and_counted(
    vosk: Ears, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ears, "WAITING_WINDOWS", 3)
    with vosk.ear(lambda turn, text: None) as ear:
        ear.begin(1, ())
        for piece in pieces("goforward.wav"):
            ear.feed(piece)
        await ear.finish()
    assert "windows lost" in caplog.text


async def test_without_a_model_there_are_no_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    deaf = ears.load(None, threads=1)
    assert isinstance(deaf, DeafEars)
    assert "will not understand words" in caplog.text
    with deaf.ear(lambda turn, text: None) as ear:
        ear.begin(1, ())
        ear.feed(b"\0" * 1024)
        assert await ear.finish() is None
    deaf.close()
