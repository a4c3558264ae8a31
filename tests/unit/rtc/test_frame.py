"""Frame: 20 ms with a volume, dropped or replaced before it is sent."""

from __future__ import annotations

from array import array

from rtc.frame import Frame


def frame() -> Frame:
    return Frame(3, 1, array("h", [1000] * 320).tobytes(), 320)


def test_a_frame_sounds_as_it_came_until_its_volume_is_settled() -> None:
    one = frame()
    assert one.sound() == one.pcm
    one.gain = (1.0, 1.0)
    assert one.sound() is one.pcm
    one.gain = (1.0, 0.5)
    samples = array("h", one.sound())
    assert (samples[0], samples[-1]) == (1000, 500)


def test_what_takes_its_place_has_its_number_and_no_packet() -> None:
    one = frame()
    one.fresh = True
    other = one.again((1.0, 0.5))
    assert (other.number, other.reply, other.fresh, other.packet) == (3, 1, True, None)
    assert one.packet == b""


def test_a_packet_that_was_made_is_kept_when_it_is_dropped() -> None:
    one = frame()
    one.packet = b"made"
    one.drop()
    assert one.packet == b"made"
