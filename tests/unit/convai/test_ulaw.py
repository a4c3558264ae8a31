"""u-law against the properties that G.711 table 2a gives it."""

from __future__ import annotations

import numpy as np

from convai import ulaw

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(-32768, 32768).astype("<i2")


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, dtype="<i2").astype(int)


def test_values_of_the_recommendation():
    # Table 2a in 14 bits, times four: ends of the scale, zero, first and last step.
    known = {0xFF: 0, 0xFE: 8, 0x80: 32124, 0x00: -32124, 0x7E: -8, 0x7F: 0, 0xF0: 120}
    for code, pcm in known.items():
        assert samples(ulaw.decode(bytes([code])))[0] == pcm


def test_every_code_survives_a_round_trip():
    # 0x7F is minus zero, which PCM does not have.
    expected = EVERY_CODE.replace(b"\x7f", b"\xff")
    assert ulaw.encode(ulaw.decode(EVERY_CODE)) == expected


def test_no_sample_is_off_by_more_than_half_a_step():
    heard = samples(ulaw.decode(ulaw.encode(EVERY_SAMPLE.tobytes())))
    wanted = EVERY_SAMPLE.astype(int)
    loud = abs(wanted) > 32635  # beyond the scale: clipped
    half_step = 4 << np.floor(np.log2(abs(wanted) + 132)).astype(int) - 7
    assert (abs(heard - wanted) <= half_step)[~loud].all()
    assert (abs(heard[loud]) == 32124).all()


def test_louder_stays_louder():
    heard = samples(ulaw.decode(ulaw.encode(EVERY_SAMPLE.tobytes())))
    assert (np.diff(heard) >= 0).all()


def test_half_a_sample_is_left_out():
    assert ulaw.encode(b"\x00\x00\x01") == b"\xff"
    assert ulaw.encode(b"\x01") == b""


def test_nothing_is_nothing():
    assert ulaw.encode(b"") == ulaw.decode(b"") == b""
