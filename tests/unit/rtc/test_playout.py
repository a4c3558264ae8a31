"""Playout: bursts in, an even stream out, a cut that does not click."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.frame import Frame
from rtc.playout import BOUND_S, LEAD_MS, MOST_LEAD_MS, Playout, State

RATE = 16_000
TICK = RATE // 50


def voice(ms: int, level: int = 1000) -> bytes:
    return array("h", [level] * (RATE * ms // 1000)).tobytes()


def tick(playout: Playout) -> bytes:
    frame = playout.pull()
    return frame.sound() if frame else b""


def pull(playout: Playout, ticks: int = 1) -> bytes:
    return b"".join(tick(playout) or bytes(2 * TICK) for _ in range(ticks))


def loud(pcm: bytes, level: int = 1000) -> int:
    return array("h", pcm).count(level)


def test_a_burst_comes_out_whole_at_once_and_without_a_gap() -> None:
    playout = Playout(RATE)
    playout.push(voice(3000), 1)
    playout.end()
    pcm = pull(playout, 150)
    assert pcm == voice(3000)
    assert tick(playout) == b""
    assert playout.state is State.IDLE
    assert (playout.reply, playout.heard) == (1, 3 * RATE)


def test_silence_is_nothing_at_all() -> None:
    assert Playout(RATE).pull() is None


def test_small_pieces_wait_for_the_lead() -> None:
    playout = Playout(RATE)
    playout.push(voice(40), 1)
    assert tick(playout) == b""
    playout.push(voice(20), 1)
    assert tick(playout) == voice(20)


def test_a_short_reply_without_an_end_mark_does_not_wait_for_ever() -> None:
    playout = Playout(RATE)
    playout.push(voice(20), 1)
    waited = 0
    while not tick(playout):
        waited += 1
    assert waited * 20 == LEAD_MS


def test_an_end_mark_starts_a_short_reply_at_once() -> None:
    playout = Playout(RATE)
    playout.push(voice(20), 1)
    playout.end()
    assert tick(playout) == voice(20)


def test_the_lead_grows_by_what_was_missed_and_shrinks_again() -> None:
    playout = Playout(RATE)
    playout.push(voice(100), 1)
    pull(playout, 5)
    pull(playout, 4)  # dry for 80 ms, of which the first tick notices it
    playout.push(voice(200), 1)
    assert playout.underruns == 1
    assert playout.lead_ms == LEAD_MS + 60
    playout.end()
    pull(playout, 12)
    assert playout.state is State.IDLE
    assert playout.lead_ms == LEAD_MS + 50


def test_the_lead_has_an_upper_limit() -> None:
    playout = Playout(RATE)
    for _ in range(5):
        playout.push(voice(500), 1)
        pull(playout, 60)
    assert playout.lead_ms == MOST_LEAD_MS


def test_the_next_reply_after_an_unmarked_end_is_no_underrun() -> None:
    playout = Playout(RATE)
    playout.push(voice(100), 1)
    pull(playout, 10)
    playout.push(voice(100), 2)
    assert (playout.underruns, playout.lead_ms) == (0, LEAD_MS)


def test_running_dry_fades_and_is_still_audible_for_a_second() -> None:
    playout = Playout(RATE)
    playout.push(voice(90), 1)
    pcm = pull(playout, 5)
    tail = array("h", pcm)[-TICK:]
    assert tail[0] > 900 and abs(tail[TICK // 2]) < 10 and not any(tail[TICK // 2 :])
    assert playout.audible
    pull(playout, 51)
    assert not playout.audible


@pytest.mark.parametrize("end", ["marked", "unmarked", "cut", "cut when dry"])
def test_how_long_nobody_knew_that_it_was_silent(end: str) -> None:
    playout = Playout(RATE)
    playout.push(voice(40), 1)  # less than the lead, so that it is waited for
    pull(playout, 1)
    playout.push(voice(960), 1)
    if end == "marked":
        playout.end()
    pull(playout, 25)
    if end == "cut":
        playout.clear()
    for _ in range(50):
        tick(playout)
    if end == "cut when dry":
        playout.clear()
    pulled = 0
    while playout.audible:
        tick(playout)
        pulled += 1
    dry = {"marked": 0, "unmarked": 1000, "cut": 0, "cut when dry": 480}
    assert playout.silent_ms == pytest.approx(dry[end], abs=40)


def test_a_cut_fades_within_10_ms_and_tells_what_was_heard() -> None:
    playout = Playout(RATE)
    playout.push(voice(3000), 7)
    pull(playout, 50)
    heard = playout.clear()
    assert heard == RATE + RATE // 100
    assert playout.reply == 7
    rest = array("h", pull(playout, 2))
    assert rest[0] >= 990
    assert all(a >= b for a, b in zip(rest, rest[1:], strict=False))
    assert not any(rest[RATE // 100 :])
    assert tick(playout) == b""
    assert playout.queued == 0


def test_a_cut_before_the_first_sound_is_silent() -> None:
    playout = Playout(RATE)
    playout.push(voice(40), 3)
    assert playout.clear() == 0
    assert tick(playout) == b""


def test_after_a_cut_the_next_reply_begins_with_its_own_lead() -> None:
    playout = Playout(RATE)
    playout.push(voice(1000), 1)
    pull(playout, 10)
    playout.clear()
    playout.push(voice(20, level=500), 2)
    first = pull(playout)  # the fade
    assert loud(first, 500) <= 1  # the fade passes it
    assert playout.state is State.FILLING


def test_what_exceeds_five_minutes_is_dropped_and_counted() -> None:
    playout = Playout(100)
    playout.push(bytes(200 * (BOUND_S + 1)), 1)
    assert (playout.queued, playout.dropped) == (BOUND_S * 100, 100)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("push"), st.integers(1, 4000)),
            st.tuples(st.just("pull"), st.integers(1, 30)),
            st.tuples(st.just("end"), st.just(0)),
        ),
        max_size=60,
    )
)
def test_without_a_cut_every_sample_comes_out_once_and_in_order(
    acts: list[tuple[str, int]],
) -> None:
    playout, pushed, reply = Playout(RATE), 0, 1
    frames: list[Frame] = []
    for act, size in acts:
        match act:
            case "push":
                pcm = array("h", [(pushed + k) % 20_000 for k in range(size)])
                playout.push(pcm.tobytes(), reply)
                pushed += size
            case "pull":
                pulled = [playout.pull() for _ in range(size)]
                frames += [frame for frame in pulled if frame]
            case "end":
                playout.end()
                reply += 1
    assert playout.queued == pushed - sum(frame.samples for frame in frames)
    playout.end()
    for _ in range(pushed // TICK + len(acts) + 2):
        if frame := playout.pull():
            frames.append(frame)
    assert playout.queued == 0
    assert playout.pull() is None
    assert [frame.number for frame in frames] == list(range(len(frames)))
    assert all(len(frame.pcm) == 2 * TICK for frame in frames)
    heard = [array("h", frame.pcm)[: frame.samples] for frame in frames]
    at = 0
    for frame, samples in zip(frames, heard, strict=True):
        # A piece that stood last when the queue ran dry is faded: its first sample not.
        assert abs(samples[0] - at % 20_000) <= 1
        if frame.samples == TICK:
            assert samples[-1] == (at + TICK - 1) % 20_000
        at += frame.samples
    assert at == pushed


def test_a_change_of_volume_is_a_ramp_and_loses_nothing() -> None:
    playout = Playout(RATE)
    playout.push(voice(400), 1)
    made = list(playout.ahead(4))
    assert len(made) == 4
    for frame in made:
        frame.packet = b"packet"
    assert pull(playout) == voice(20)
    playout.fade(0.25)
    falling, low = array("h", pull(playout)), array("h", pull(playout))
    assert falling[0] >= 995 and 250 <= falling[-1] <= 255
    assert all(a >= b for a, b in zip(falling, falling[1:], strict=False))
    assert set(low) == {250}
    playout.fade(1.0)
    rising = array("h", pull(playout))
    assert rising[0] <= 255 and rising[-1] == 1000
    assert pull(playout, 16) == voice(320)
    assert playout.heard == RATE * 400 // 1000


def test_what_was_encoded_before_the_volume_changed_is_encoded_again() -> None:
    playout = Playout(RATE)
    playout.push(voice(400), 1)
    old = list(playout.ahead(4))
    playout.fade(0.25)
    new = list(playout.ahead(4))
    assert [frame.number for frame in new] == [frame.number for frame in old]
    assert [frame.packet for frame in old] == [b""] * 4  # nobody needs them
    assert [frame.gain for frame in new] == [(1.0, 0.25), *[(0.25, 0.25)] * 3]


def test_a_cut_while_the_volume_is_low_does_not_raise_it() -> None:
    playout = Playout(RATE)
    playout.push(voice(400), 1)
    pull(playout)
    playout.fade(0.25)
    pull(playout, 2)
    playout.clear()
    (fade,) = playout.ahead(4)
    assert max(array("h", fade.sound())) == 250
    playout.push(voice(400), 2)
    assert loud(pull(playout, 5)) > 3 * TICK  # the next reply is as loud as ever


def test_what_comes_after_a_piece_that_was_padded_takes_its_place() -> None:
    playout = Playout(RATE)
    playout.push(voice(70), 1)
    pull(playout, 3)
    (padded,) = playout.ahead(4)
    assert padded.samples == TICK // 2
    playout.push(voice(70), 1)
    frames = list(playout.ahead(4))
    assert frames[0].number == padded.number and padded.packet == b""
    assert pull(playout, 4) == voice(80)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_every_rate_gives_a_tick_of_its_own_length(rate: int) -> None:
    playout = Playout(rate)
    playout.push(bytes(2 * rate), 1)
    assert len(tick(playout)) == rate // 50 * 2
