"""Playout: bursts in, an even stream out, a cut that does not click."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.playout import BOUND_S, LEAD_MS, MOST_LEAD_MS, Playout, State

RATE = 16_000
TICK = RATE // 50


def voice(ms: int, level: int = 1000) -> bytes:
    return array("h", [level] * (RATE * ms // 1000)).tobytes()


def pull(playout: Playout, ticks: int = 1) -> bytes:
    return b"".join(playout.pull(TICK) or bytes(2 * TICK) for _ in range(ticks))


def loud(pcm: bytes, level: int = 1000) -> int:
    return array("h", pcm).count(level)


def test_a_burst_comes_out_whole_at_once_and_without_a_gap() -> None:
    playout = Playout(RATE)
    playout.push(voice(3000), 1)
    playout.end()
    pcm = pull(playout, 150)
    assert pcm == voice(3000)
    assert playout.pull(TICK) == b""
    assert playout.state is State.IDLE
    assert (playout.reply, playout.heard) == (1, 3 * RATE)


def test_silence_is_nothing_at_all() -> None:
    assert Playout(RATE).pull(TICK) == b""


def test_small_pieces_wait_for_the_lead() -> None:
    playout = Playout(RATE)
    playout.push(voice(40), 1)
    assert playout.pull(TICK) == b""
    playout.push(voice(20), 1)
    assert playout.pull(TICK) == voice(20)


def test_a_short_reply_without_an_end_mark_does_not_wait_for_ever() -> None:
    playout = Playout(RATE)
    playout.push(voice(20), 1)
    waited = 0
    while not playout.pull(TICK):
        waited += 1
    assert waited * 20 == LEAD_MS


def test_an_end_mark_starts_a_short_reply_at_once() -> None:
    playout = Playout(RATE)
    playout.push(voice(20), 1)
    playout.end()
    assert playout.pull(TICK) == voice(20)


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
    assert playout.pull(TICK) == b""
    assert playout.queued == 0


def test_a_cut_before_the_first_sound_is_silent() -> None:
    playout = Playout(RATE)
    playout.push(voice(40), 3)
    assert playout.clear() == 0
    assert playout.pull(TICK) == b""


def test_after_a_cut_the_next_reply_begins_with_its_own_lead() -> None:
    playout = Playout(RATE)
    playout.push(voice(1000), 1)
    pull(playout, 10)
    playout.clear()
    playout.push(voice(20, level=500), 2)
    first = pull(playout)  # the fade
    assert loud(first, 500) == 0
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
    playout, pushed, pulled, reply = Playout(RATE), 0, 0, 1
    for act, size in acts:
        match act:
            case "push":
                playout.push(bytes(2 * size), reply)
                pushed += size
            case "pull":
                for _ in range(size):
                    before = playout.queued
                    pcm = playout.pull(TICK)
                    assert len(pcm) in (0, 2 * TICK)
                    pulled += before - playout.queued
            case "end":
                playout.end()
                reply += 1
    assert playout.queued == pushed - pulled
    playout.end()
    for _ in range(playout.queued // TICK + 2):
        playout.pull(TICK)
    assert playout.queued == 0
    assert playout.pull(TICK) == b""


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_every_rate_gives_a_tick_of_its_own_length(rate: int) -> None:
    playout = Playout(rate)
    playout.push(bytes(2 * rate), 1)
    assert len(playout.pull(rate // 50)) == rate // 50 * 2
