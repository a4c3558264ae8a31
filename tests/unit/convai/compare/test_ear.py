"""What the caller hears, by packet."""

from __future__ import annotations

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from convai.compare.ear import Ear
from convai.compare.sound import RATE, SLOT
from convai.compare.turns import AUDIBLE


def packets(slots: int) -> list[bytes]:
    """A tone in Opus, a packet for each 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    found = []
    for slot in range(slots):
        t = np.arange(slot * SLOT, (slot + 1) * SLOT) / RATE
        frame = av.AudioFrame(format="s16", layout="mono", samples=SLOT)
        pcm = (8000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
        frame.planes[0].update(pcm.tobytes())
        frame.sample_rate = RATE
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


def ear() -> tuple[Ear, list[tuple[float, float]]]:
    heard: list[tuple[float, float]] = []
    return Ear(lambda now, level: heard.append((now, level))), heard


def test_sound_is_where_its_timestamp_says() -> None:
    listener, heard = ear()
    for number, payload in enumerate(packets(25)):
        listener.take(number, 5000 + number * SLOT, payload, 10.0 + number * 0.02)
    sound = listener.recording(9.5)
    loud = np.flatnonzero(np.abs(sound) > 1000) / RATE
    assert abs(loud[0] - 0.5) < 0.02
    assert abs(loud[-1] - 1.0) < 0.03
    assert sum(level > AUDIBLE for _, level in heard) >= 24


def test_a_packet_that_only_keeps_time_is_silence() -> None:
    listener, heard = ear()
    listener.take(0, 0, b"\x08", 1.0)
    listener.take(1, 400 * 48, b"\x08", 1.4)
    assert [level for _, level in heard] == [0, 0]
    assert listener.lost == 0


def test_lost_packets_are_counted_late_ones_are_not_over_the_turn_of_numbers() -> None:
    listener, _ = ear()
    for number in (65534, 65535, 2, 0, 3):
        listener.take(number, (number - 65534) % 65536 * SLOT, b"\x08", 1.0)
    assert listener.lost == 1


def test_timestamps_go_round_and_garbage_is_silence() -> None:
    listener, heard = ear()
    listener.take(0, 2**32 - SLOT, b"\x08", 1.0)
    listener.take(1, 0, b"\xff\xff\xff\xff", 1.02)
    assert [at for _, at, _ in listener.slots] == [0, SLOT]
    assert heard[1][1] < AUDIBLE
