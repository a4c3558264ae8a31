"""Downlink: sound, a calm end of it, and a byte now and then that says "still here"."""

from __future__ import annotations

import numpy as np

from rtc.downlink import REMINDER, Downlink, Outgoing
from rtc.encoding import AHEAD, Encoding
from rtc.opus import HANGOVER, Decoder, duration, silence
from rtc.playout import Playout
from tests.sound import clip

RATE = 24_000


def downlink() -> Downlink:
    return Downlink(Playout(RATE), Encoding(RATE))


def speak(down: Downlink, ms: int) -> None:
    down.playout.push(clip("librivox_0880")[9600 : 9600 + 48 * ms : 2].tobytes(), 1)
    down.playout.end()


def send(down: Downlink, ticks: int) -> list[Outgoing | None]:
    return [down.next() for _ in range(ticks)]


def test_before_the_first_word_there_is_a_byte_of_silence_now_and_then() -> None:
    sent = send(downlink(), 3 * REMINDER)
    assert [k for k, out in enumerate(sent) if out] == [0, REMINDER, 2 * REMINDER]
    assert {out.payload for out in sent if out} == {silence()}


def test_speech_is_followed_by_calm_and_then_by_reminders() -> None:
    down = downlink()
    speak(down, 400)
    sent = send(down, 20 + HANGOVER + REMINDER + 1)
    assert all(out and out.frame and duration(out.payload) == 960 for out in sent[:20])
    calm = sent[20 : 20 + HANGOVER]
    assert all(out and out.frame is None and len(out.payload) > 1 for out in calm)
    after = sent[20 + HANGOVER :]
    assert [k for k, out in enumerate(after) if out] == [0, REMINDER]


def test_the_marker_stands_at_the_head_of_each_spurt_only() -> None:
    down = downlink()
    speak(down, 100)
    sent = send(down, 20)
    speak(down, 100)
    sent += send(down, 20)
    assert [k for k, out in enumerate(sent) if out and out.marker] == [0, 20]


def test_what_is_heard_after_speech_is_silence_and_the_next_spurt_is_clean() -> None:
    down, decoder, straight = downlink(), Decoder(RATE), Decoder(RATE)
    encoding = Encoding(RATE)
    for _ in range(3):
        speak(down, 400)
        pieces = []
        for out in send(down, 60):
            pcm = decoder.decode(out.payload) if out else decoder.conceal(960)
            pieces.append(np.frombuffer(pcm, np.int16).astype(float))
        assert np.std(np.concatenate(pieces[:20])) > 300
        assert max(np.max(np.abs(piece)) for piece in pieces[22:]) < 10
        # A decoder that had never heard anything before hears the same.
        alone = Downlink(Playout(RATE), encoding)
        speak(alone, 400)
        straight = Decoder(RATE)
        clean = np.concatenate(
            [
                np.frombuffer(straight.decode(out.payload), np.int16).astype(float)
                for out in send(alone, 20)
                if out
            ]
        )
        error = clean - np.concatenate(pieces[:20])
        assert np.std(error) < np.std(clean) / 5


def test_what_is_not_ready_in_time_is_made_at_once_and_counted() -> None:
    down = downlink()
    speak(down, 100)
    for frame in down.ahead():
        down.encoding.make(frame)
    send(down, 5)
    assert down.encoding.late == 5 - AHEAD
