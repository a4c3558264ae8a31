"""Reflex: the agent lowers its voice for a caller, and for nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from convai.events import Event, Talking, Trouble
from rtc.bargein import CONFIRM_S, DUCK_GAIN
from rtc.reflex import Reflex
from tests.sound import clip

SLOT = 960
EAR, MOUTH = 16_000, 24_000


class Scene:
    """A caller and an agent who is audible until it is cut, slot by slot."""

    def __init__(self, *, duck: bool = True, waited_ms: int = 0) -> None:
        self.events: list[Event] = []
        self.gains: list[tuple[int, float]] = []
        "In milliseconds of the call."
        self.at = 0
        self.audible = True
        self.talking: list[tuple[int, Talking]] = []
        "With the milliseconds at which they were told."
        self.reflex = Reflex(
            MOUTH,
            EAR,
            duck=duck,
            fade=self.fade,
            tell=self.tell,
            clock=(lambda: self.at + waited_ms * 48) if waited_ms else None,
        )

    def tell(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Talking):
            self.talking.append((self.at // 48, event))

    def fade(self, gain: float) -> None:
        self.gains.append((self.at // 48, gain))

    def play(self, heard: np.ndarray, sent: np.ndarray | None = None) -> None:
        """The caller's sound, and meanwhile the agent's; both at 48 kHz."""
        for begin in range(0, len(heard) - SLOT + 1, SLOT):
            if sent is not None:
                self.reflex.sent(sent[begin : begin + SLOT : 2].tobytes(), self.at)
            pcm = heard[begin : begin + SLOT : 3].tobytes()
            self.reflex.heard(pcm, self.at, self.audible)
            self.at += SLOT


def quiet(seconds: float) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 8, int(48_000 * seconds)).astype(np.int16)


def test_a_voice_lowers_the_agent_within_three_packets_of_its_beginning() -> None:
    scene = Scene()
    scene.play(np.concatenate([quiet(2.0), clip("librivox_0930")]))
    at, gain = scene.gains[0]
    assert gain == DUCK_GAIN
    assert 2000 <= at + 20 <= 2060


def test_what_the_encoder_calls_silent_is_looked_at_now_and_then_only() -> None:
    scene = Scene()
    scene.play(np.concatenate([quiet(1.0)]))
    shout = clip("librivox_0930")[:48_000]
    for begin in range(0, 48_000, SLOT):
        pcm = shout[begin : begin + SLOT : 3].tobytes()
        scene.reflex.heard(pcm, scene.at, True, voice=False)
        scene.at += SLOT
    assert scene.gains == []


def test_without_a_word_of_the_provider_it_rises_again_once() -> None:
    scene = Scene()
    scene.play(np.concatenate([quiet(2.0), clip("librivox_0930"), quiet(1.0)]))
    (down, _), (up, gain) = scene.gains[:2]
    assert gain == 1.0
    assert up - down == pytest.approx(CONFIRM_S * 1000, abs=20)
    counters = scene.reflex.counters()
    assert counters["ducked"] == len(scene.gains) / 2
    assert counters["ducked_in_vain"] == counters["ducked"]


def test_what_the_provider_confirms_is_not_taken_back() -> None:
    scene = Scene()
    scene.play(np.concatenate([quiet(2.0), clip("librivox_0930")[:24_000]]))
    scene.reflex.confirmed()
    scene.audible = False
    scene.play(quiet(2.0))
    assert [gain for _, gain in scene.gains] == [DUCK_GAIN]
    assert scene.reflex.counters() == {"ducked": 1, "ducked_in_vain": 0}


def test_left_to_the_provider_nothing_is_lowered_but_people_see_who_talks() -> None:
    scene = Scene(duck=False)
    scene.play(np.concatenate([quiet(2.0), clip("librivox_0930"), quiet(1.0)]))
    assert scene.gains == []
    first, last = scene.events[0], scene.events[-1]
    assert isinstance(first, Talking)
    assert first.on
    assert isinstance(last, Talking)
    assert not last.on


def edges(scene: Scene) -> list[tuple[float, bool]]:
    """When the caller really began and ceased to talk, in milliseconds."""
    return [(at - it.ago_ms, it.on) for at, it in scene.talking]


def syllables(seconds: float, seed: int) -> np.ndarray:
    """A hum of 20 harmonics whose loudness swings four times in a second, loud at
    both ends: unlike a steady tone, no noise that one gets used to."""
    chance = np.random.default_rng(seed)
    t = np.arange(int(48_000 * seconds)) / 48_000
    pitch = chance.uniform(100, 230)
    tone = sum(np.sin(2 * np.pi * pitch * n * t) / n for n in range(1, 21))
    swing = 0.02 + np.cos(np.pi * 4 * round(seconds) / seconds * t) ** 2
    return (chance.uniform(800, 4000) * tone * swing).astype(np.int16)


def test_it_tells_when_the_voice_really_began_and_ended() -> None:
    """Wherever in a slot it begins, and whatever the pitch."""
    chance = np.random.default_rng(7)
    errors = []
    for seed in range(20):
        scene = Scene(duck=False)
        before = 2 + chance.uniform(0, 0.02)
        seconds = chance.uniform(0.6, 2.4)
        scene.play(
            np.concatenate([quiet(before), syllables(seconds, seed), quiet(1.5)])
        )
        (began, on), (ended, off) = edges(scene)
        assert on
        assert not off
        errors += [began - before * 1000, ended - (before + seconds) * 1000]
    assert max(map(abs, errors)) <= 20
    assert abs(np.mean(errors)) <= 5


def test_a_human_voice_is_placed_to_a_packet_or_two() -> None:
    """Words between 500 and 2380 ms of the clip, seen by their energy."""
    scene = Scene(duck=False)
    scene.play(np.concatenate([quiet(2.0), clip("goforward"), quiet(1.0)]))
    (began, _), (ended, _) = edges(scene)
    assert began == pytest.approx(2500, abs=40)
    assert ended == pytest.approx(4380, abs=40)


def test_the_time_that_a_packet_waited_is_counted() -> None:
    """The clock is 120 ms ahead of the places of the slots that are heard."""
    sound = np.concatenate([quiet(2.0), syllables(1.0, 1), quiet(1.5)])
    known, late = Scene(duck=False), Scene(duck=False, waited_ms=120)
    known.play(sound)
    late.play(sound)
    assert [it.ago_ms + 120 for _, it in known.talking] == [
        it.ago_ms for _, it in late.talking
    ]


def test_a_voice_that_the_echo_covers_has_ended_there() -> None:
    """No hangover of the Vad is in what the echo took away."""
    scene = Scene(duck=False)
    said = np.concatenate([clip("librivox_0930"), clip("librivox_0880")] * 3)
    echo = np.concatenate([np.zeros(9600, np.int16), said[:-9600]]) // 8
    heard = echo + quiet(len(echo) / 48_000)[: len(echo)]
    voice = clip("goforward")
    heard[480_000 : 480_000 + len(voice)] += voice
    scene.play(heard, said)
    # Not 460: the Vad, which still hears a voice, has bridged no silence.
    assert [(it.on, it.ago_ms) for _, it in scene.talking] == [
        (True, 275),
        (False, 280),
    ]


def test_the_agents_own_voice_is_no_caller_and_the_page_is_told() -> None:
    """A loudspeaker, 200 ms and 12 dB away, for half a minute."""
    scene = Scene()
    voices = [clip("librivox_0930"), clip("librivox_0880"), clip("goforward")] * 3
    said = np.concatenate(voices)
    echo = np.concatenate([np.zeros(9600, np.int16), said[:-9600]]) // 4
    scene.play(echo + quiet(len(echo) / 48_000)[: len(echo)], said)
    assert len(scene.gains) <= 2, "at most one false alarm before the echo is known"
    hints = [event for event in scene.events if isinstance(event, Trouble)]
    assert {hint.code for hint in hints} == {"echo-heard"}
    assert len(hints) <= 1 + len(said) / 480_000, "not more often than each 10 s"
    assert "headphones" in hints[0].message


def test_a_caller_who_speaks_over_the_echo_is_heard() -> None:
    scene = Scene()
    said = np.concatenate([clip("librivox_0930"), clip("librivox_0880")] * 3)
    echo = np.concatenate([np.zeros(9600, np.int16), said[:-9600]]) // 8
    heard = echo + quiet(len(echo) / 48_000)[: len(echo)]
    begin = 48_000 * 10
    voice = clip("goforward")
    heard[begin : begin + len(voice)] += voice
    scene.play(heard, said)
    assert any(10_000 <= at <= 10_700 for at, gain in scene.gains if gain < 1)
