"""Sound: who was audible for how long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convai.metrics.sound import Sound


def test_the_picture_in_the_docstring() -> None:
    sound = Sound()
    sound.go_on(100)
    for who, on, at in (
        ("caller", True, 1000),
        ("agent", True, 2500),
        ("caller", False, 3000),
        ("agent", False, 4000),
        ("agent", True, 16_000),
        ("agent", False, 17_000),
    ):
        sound.talking(who, on, at)
    sound.go_on(20_100)
    assert sound.figures() == {
        "caller_ms": 2000,
        "agent_ms": 2500,
        "overlap_ms": 500,
        "silence_ms": 16_000,
        "caller_share": 0.1,
        "agent_share": 0.125,
        "overlap_share": 0.025,
        "silence_share": 0.8,
    }
    assert sound.silences == [(4000, 16_000)], "shorter ones only add up"
    assert sound.every_silence()[1:] == [(17_000, 20_100)]


def test_nothing_is_no_time() -> None:
    assert Sound().length_ms == 0
    assert Sound().figures()["silence_share"] == 0.0
    assert Sound().every_silence() == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["caller", "agent"]),
            st.booleans(),
            st.integers(0, 100_000),
        ),
        max_size=40,
    )
)
def test_sums_are_the_length_whatever_comes(
    events: list[tuple[str, bool, int]],
) -> None:
    sound = Sound()
    for event in events:
        sound.talking(*event)
    sums = sound.caller_ms + sound.agent_ms - sound.overlap_ms + sound.silence_ms
    assert sums == sound.length_ms
    assert 0 <= sound.overlap_ms <= min(sound.caller_ms, sound.agent_ms)
    remembered = sum(to - since for since, to in sound.every_silence())
    assert 0 <= remembered <= sound.silence_ms
