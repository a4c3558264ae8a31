"""Encoding: ahead of time, and exact when the future changes."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import pytest

from rtc import encoding as module
from rtc.encoding import AHEAD, PATIENCE_S, Encoding, EncodingThread
from rtc.frame import Frame
from rtc.opus import Encoder
from rtc.playout import Playout
from tests.sound import clip

RATE = 24_000


def said(ms: int = 800) -> bytes:
    return clip("librivox_0880")[: 48 * ms : 2].tobytes()


def straight(pcm: bytes) -> list[bytes]:
    encoder = Encoder(RATE)
    size = encoder.frame
    return [encoder.encode(pcm[k : k + size]) for k in range(0, len(pcm), size)]


def playing(pcm: bytes) -> tuple[Playout, Encoding]:
    playout = Playout(RATE)
    playout.push(pcm, 1)
    playout.end()
    return playout, Encoding(RATE)


def send(playout: Playout, encoding: Encoding, count: int) -> list[bytes]:
    packets = []
    for _ in range(count):
        frame = playout.pull()
        assert frame is not None
        packets.append(encoding.make(frame))
        for one in list(playout.ahead(AHEAD)):
            encoding.make(one)
    return packets


def test_packets_made_ahead_are_those_made_one_by_one() -> None:
    playout, encoding = playing(said())
    assert send(playout, encoding, 40) == straight(said())


def test_a_packet_is_made_once() -> None:
    playout, encoding = playing(said())
    frame = next(iter(playout.ahead(1)))
    assert encoding.make(frame) is encoding.make(frame)


def test_after_a_change_of_volume_the_encoder_goes_back() -> None:
    """What was made ahead and never sent leaves no trace in what is sent."""
    playout, encoding = playing(said())
    packets = send(playout, encoding, 20)
    playout.fade(0.2)
    playout.fade(1.0)  # before the next tick: as if it had not been
    packets += send(playout, encoding, 20)
    assert packets == straight(said())


def test_after_a_cut_the_fade_follows_what_was_sent() -> None:
    playout, encoding = playing(said())
    send(playout, encoding, 20)
    playout.clear()
    fade = playout.pull()
    assert fade is not None
    encoder = Encoder(RATE)
    size = encoder.frame
    for k in range(20):
        encoder.encode(said()[k * size : (k + 1) * size])
    assert encoding.make(fade) == encoder.encode(fade.sound())


def test_a_new_spurt_begins_with_a_new_encoder() -> None:
    playout, encoding = playing(said())
    send(playout, encoding, 40)
    assert playout.pull() is None
    playout.push(said(), 2)
    playout.end()
    assert send(playout, encoding, 40) == straight(said())


def test_states_are_not_kept_for_ever() -> None:
    playout, encoding = playing(said())
    send(playout, encoding, 40)
    assert sum(kept is not None for _, kept in encoding._latest) <= 4


def test_the_thread_makes_what_it_is_given_and_ends() -> None:
    playout, encoding = playing(said())
    frames = list(playout.ahead(AHEAD))
    done = threading.Event()

    class Last(Encoding):
        def make(self, frame: Frame) -> bytes:
            done.set()
            return b""

    with EncodingThread() as thread:
        thread.post([(encoding, frames), (Last(RATE), frames[:1])])
        assert done.wait(10)
    assert [frame.packet for frame in frames] == straight(said())[:AHEAD]
    assert "encoding" not in {it.name for it in threading.enumerate()}


def wait(condition: Callable[[], bool]) -> None:
    """For another thread; pytest's time limit ends it when it never comes true."""
    while not condition():
        threading.Event().wait(0.001)


def test_the_thread_rests_while_the_event_loop_works_and_then_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", math.inf)
    playout, encoding = playing(said(80))
    frames = list(playout.ahead(AHEAD))
    with EncodingThread() as thread:
        thread.free(0.0)
        thread.post([(encoding, frames)])
        wait(lambda: thread._resting and thread._jobs.empty())
        assert [frame.packet for frame in frames] == [None] * AHEAD
        thread.free(math.inf)
        wait(lambda: frames[-1].packet is not None)
    assert [frame.packet for frame in frames] == straight(said(80))


def test_a_loop_that_is_never_at_rest_is_not_waited_for_long() -> None:
    """It would have to encode on its beat, and be at rest even less."""
    playout, encoding = playing(said(80))
    frames = list(playout.ahead(AHEAD))
    with EncodingThread() as thread:
        thread.free(0.0)
        thread.post([(encoding, frames)])
        wait(lambda: thread._resting)
        threading.Event().wait(PATIENCE_S)
        thread.free(0.0)
        wait(lambda: frames[-1].packet is not None)


def test_what_a_call_asks_for_takes_the_place_of_what_it_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thread that is kept from its work has not more and more to do."""
    monkeypatch.setattr(module, "PATIENCE_S", math.inf)
    playout, encoding = playing(said(160))
    frames = list(playout.ahead(2 * AHEAD))
    with EncodingThread() as thread:
        thread.free(0.0)
        thread.post([(encoding, frames[:AHEAD])])
        thread.post([(encoding, frames[AHEAD:])])
        wait(lambda: thread._resting and thread._jobs.empty())
        thread.free(math.inf)
        wait(lambda: frames[-1].packet is not None)
    assert [frame.packet is None for frame in frames] == [True] * 4 + [False] * 4
