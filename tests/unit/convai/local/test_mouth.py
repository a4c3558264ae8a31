from __future__ import annotations

from convai.local.formats import FORMATS
from convai.local.mouth import Mouth


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
    assert await mouth.say("One.", 1.5) == b"\1\1" * 4  # another speed: not the same
    mouth.close()
    assert voice.said == [
        *(("One.", 1.0), ("Two.", 1.0), ("Three.", 1.0), ("Three.", 1.0)),
        ("One.", 1.5),
    ]


async def test_in_the_format_of_the_wire() -> None:
    mouth = Mouth(Counting(), FORMATS["ulaw_8000"])
    assert len(await mouth.say("One.")) == 4
    mouth.close()
