"""What waits to be sent: order and bounds."""

from __future__ import annotations

from convai.outbox import Outbox


def drained(outbox: Outbox) -> list[str]:
    return list(iter(outbox.pop, None))


def test_audio_keeps_its_order():
    outbox = Outbox(audio_ms=100)
    outbox.audio(["a", "b"], 40)
    outbox.audio(["c"], 20)
    assert drained(outbox) == ["a", "b", "c"]
    assert outbox.dropped_ms == 0


def test_control_overtakes_audio():
    outbox = Outbox(audio_ms=100)
    outbox.audio(["audio"], 20)
    outbox.control(["pong", "result"])
    assert drained(outbox) == ["pong", "result", "audio"]


def test_the_oldest_audio_is_dropped_and_counted():
    outbox = Outbox(audio_ms=100)
    for number in range(8):
        outbox.audio([str(number)], 20)
    assert outbox.dropped_ms == 60
    assert drained(outbox) == ["3", "4", "5", "6", "7"]


def test_what_was_sent_makes_room():
    outbox = Outbox(audio_ms=100)
    for number in range(100):
        outbox.audio([str(number)], 20)
        assert outbox.pop() == str(number)
    assert outbox.dropped_ms == 0


def test_one_long_piece_is_kept():
    outbox = Outbox(audio_ms=100)
    outbox.audio(["short"], 20)
    outbox.audio(["long"], 900)
    assert drained(outbox) == ["long"]


def test_no_message_is_no_audio():
    outbox = Outbox(audio_ms=100)
    outbox.audio([], 20)
    assert outbox.pop() is None


def test_control_is_never_dropped_until_it_is_absurd():
    outbox = Outbox(audio_ms=100)
    outbox.control(str(number) for number in range(1000))
    assert not outbox.overflowed
    assert len(drained(outbox)) == 1000
    outbox.control(str(number) for number in range(1001))
    assert outbox.overflowed
