from __future__ import annotations

from convai.local.formats import FORMATS
from convai.local.mouth import FASTEST, Mouth
from convai.local.style import Style


class Counting:
    """A voice that counts; a sentence is as many samples as it has letters."""

    rate = 8_000

    def __init__(self) -> None:
        self.said: list[tuple[str, float]] = []

    def speak(self, sentence: str, speed: float) -> bytes:
        self.said.append((sentence, speed))
        return b"\1\1" * len(sentence)


async def test_prepared_sentences_are_said_once() -> None:
    voice = Counting()
    mouth = Mouth(voice, FORMATS["pcm_8000"])
    await mouth.prepare(("One.", "Two."))
    assert await mouth.say("One.") == b"\1\1" * 4
    assert await mouth.say("Three.") == await mouth.say("Three.")
    fast = Style(speed=1.5)
    assert await mouth.say("One.", fast) == b"\1\1" * 4  # not the one prepared
    mouth.close()
    assert voice.said == [
        *(("One.", 1.0), ("Two.", 1.0), ("Three.", 1.0), ("Three.", 1.0)),
        ("One.", 1.5),
    ]


async def test_in_the_format_of_the_wire() -> None:
    mouth = Mouth(Counting(), FORMATS["ulaw_8000"])
    assert len(await mouth.say("One.")) == 4
    mouth.close()


async def test_another_pitch_lasts_as_long() -> None:
    class Steady(Counting):
        """A second at its own pace."""

        def speak(self, sentence: str, speed: float) -> bytes:
            return super().speak("." * round(self.rate / speed), speed)

    voice = Steady()
    mouth = Mouth(voice, FORMATS["pcm_8000"])
    for pitch in (0.84, 1.12):
        pcm = await mouth.say("One.", Style(pitch=pitch))
        assert abs(len(pcm) / 2 - 8_000) < 20
    await mouth.say("One.", Style(speed=2.0, pitch=0.84))
    assert voice.said[-1][1] == FASTEST
    mouth.close()
