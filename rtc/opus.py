"""Opus: encode the agent, decode the caller, and know how long a packet is.

`duration` and `silence` read and write the first byte of a packet, the table of
contents (RFC 6716 §3.1); the rest is libopus.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

from convai.resampler import Resampler

from .audio import CLOCK_HZ
from .libopus import (
    APPLICATION_AUDIO,
    APPLICATION_VOIP,
    RESET_STATE,
    SET_BITRATE,
    SET_COMPLEXITY,
    SET_INBAND_FEC,
    SET_PACKET_LOSS_PERC,
    SET_SIGNAL,
    SIGNAL_VOICE,
    library,
)

__all__ = [
    "BIT_RATE",
    "CELT_ONLY",
    "COMPLEXITY",
    "FRAME_SAMPLES",
    "HANGOVER",
    "Decoder",
    "Encoder",
    "calm",
    "duration",
    "may_speak",
    "native",
    "silence",
    "silk_frames",
]

BIT_RATE = 32_000
"Bits per second: transparent for one voice; twice of it is not heard as better."

COMPLEXITY = 5
"Of 0-10. Ten costs a quarter more CPU than five and is not told apart in speech."

NATIVE_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)
"Rates that libopus takes as they are (RFC 6716 §2)."

MOST_PACKET = 1275
"Bytes of the longest packet of one frame (RFC 6716 §3.4)."

MOST_SAMPLES = 5760
"Samples of 48 kHz in the longest packet, 120 ms."

FRAME_SAMPLES = (
    *(480, 960, 1920, 2880) * 3,  # SILK: narrow, medium, wide band
    *(480, 960) * 2,  # hybrid: super-wide, full band
    *(120, 240, 480, 960) * 4,  # CELT: narrow to full band
)
"Samples of `CLOCK_HZ` in one frame, by configuration number (RFC 6716 §3.1, table 2)."

HYBRID = 12
"The first configuration that is not SILK alone (RFC 6716 §3.1, table 2)."

CELT_ONLY = 16
"The first one without any SILK."

COUNTED = 3
"Of the last two bits of the first byte: the second one has the number of frames."

SAMPLES = tuple(
    FRAME_SAMPLES[toc >> 3] * (1, 2, 2, 0)[toc & COUNTED] for toc in range(256)
)
"Samples of `CLOCK_HZ` in a packet by its first byte; 0: they are `COUNTED`."

HANGOVER = 3
"""Packets of encoded silence after speech. A decoder that is told "nothing was
transmitted" goes on with the noise it last heard: right after speech that is a hum of
-20 dB, after three packets of encoded silence it is below -100 dB (measured)."""

SILENT_TOC = {960: 0xF8, 480: 0xF0, 240: 0xE8, 120: 0xE0}
"""First byte of a CELT full-band mono packet by its length. Such a byte alone is a
packet whose frame was not transmitted (RFC 6716 §3.4): decoders fade to silence."""


def duration(packet: bytes) -> int:
    """Samples of `CLOCK_HZ` that an Opus packet lasts; 0 when it is not one."""
    if not packet:
        return 0
    samples = SAMPLES[packet[0]]
    if samples or len(packet) < 2:
        return samples
    total = FRAME_SAMPLES[packet[0] >> 3] * (packet[1] & 0x3F)
    # "The audio duration contained within a packet MUST NOT exceed 120 ms."
    return total if total <= 5760 else 0


def may_speak(packet: bytes) -> bool:
    """Whether the encoder heard a voice, or did not say.

    SILK marks each of its 20 ms frames as active or not. The marks are the first bits
    of the first frame and not compressed (RFC 6716 §4.2.3); with up to two equal frames
    in the packet, those of its second byte.
    """
    return len(packet) < 2 or packet[1] >= LEAST_ACTIVE[packet[0]]


def silk_frames(packet: bytes) -> int:
    """SILK frames of 20 ms, or one of 10, in each Opus frame; not for `CELT_ONLY`."""
    config = packet[0] >> 3
    return (1, 1, 2, 3)[config & 3] if config < HYBRID else 1


def _least_active(toc: int) -> int:
    if toc >> 3 >= CELT_ONLY or toc & 3 != 0:
        return 0
    return 1 << 8 - silk_frames(bytes((toc,)))


LEAST_ACTIVE = bytes(map(_least_active, range(256)))
"""By the first byte, the least second one of a packet with an active SILK frame: any,
where there are no marks, or not at this place."""


def silence(samples: int = 960) -> bytes:
    """A discontinuous-transmission packet: one byte that lasts `samples`.

    `samples` of `CLOCK_HZ` is 960, 480, 240 or 120 (20, 10, 5 or 2.5 ms).
    """
    return bytes((SILENT_TOC[samples],))


class Encoder:
    """The agent's PCM to Opus packets of 20 ms, mono.

    Its state can be kept and put back: packets that were made ahead and never sent are
    then as if they had not been made.
    """

    def __init__(
        self,
        rate: int,
        *,
        bit_rate: int = BIT_RATE,
        complexity: int = COMPLEXITY,
        faithful: bool = False,
    ) -> None:
        """`rate` in Hz is one of `NATIVE_HZ`; `bit_rate` in bits per second.

        What is `faithful` is not made easier to understand, as speech otherwise is: by
        a high-pass filter, for one.
        """
        if rate not in NATIVE_HZ:
            raise ValueError(f"libopus does not encode {rate} Hz")
        self.rate = rate
        "Hz of the PCM given to `encode`."
        self.frame = rate // 50 * 2
        "Bytes of PCM that make one packet."
        self._memory = ctypes.create_string_buffer(library.opus_encoder_get_size(1))
        self._state = ctypes.addressof(self._memory)
        self._packet = ctypes.create_string_buffer(MOST_PACKET)
        self._loss = 0
        application = APPLICATION_AUDIO if faithful else APPLICATION_VOIP
        _check(library.opus_encoder_init(self._state, rate, 1, application))
        self._set(SET_BITRATE, bit_rate)
        self._set(SET_COMPLEXITY, complexity)
        self._set(SET_SIGNAL, SIGNAL_VOICE)

    def encode(self, pcm: bytes) -> bytes:
        """One packet for 20 ms of PCM, which is made up with silence if shorter."""
        pcm = pcm.ljust(self.frame, b"\0")
        size = library.opus_encode(
            self._state, pcm, self.frame // 2, self._packet, MOST_PACKET
        )
        return ctypes.string_at(self._packet, _check(size))

    def expect_loss(self, percent: int) -> None:
        """Add redundancy fit for that many lost packets (RFC 6716 §2.1.7); 0: none."""
        if percent != self._loss:
            self._loss = percent
            self._set(SET_INBAND_FEC, int(percent > 0))
            self._set(SET_PACKET_LOSS_PERC, percent)

    def keep(self) -> bytes:
        """The state as it is now, some 30 kB; libopus says that it may be copied."""
        return ctypes.string_at(self._memory, len(self._memory))

    def put_back(self, state: bytes) -> None:
        """Go on from a state that `keep` gave; the expected loss stays as it is."""
        ctypes.memmove(self._memory, state, len(state))
        loss, self._loss = self._loss, -1
        self.expect_loss(loss)

    def reset(self) -> None:
        """Forget what was encoded so far."""
        library.opus_encoder_ctl(self._state, RESET_STATE)

    def _set(self, request: int, value: int) -> None:
        number = ctypes.c_int32(value)
        _check(library.opus_encoder_ctl(self._state, request, number))


class Decoder:
    """The caller's Opus packets to mono PCM at the agent's rate.

    libopus decodes at the rates of `NATIVE_HZ` by itself; for others PyAV resamples.
    """

    def __init__(self, rate: int) -> None:
        self.broken = 0
        "Packets that libopus refused."
        self._native = rate if rate in NATIVE_HZ else CLOCK_HZ
        self._resampler = Resampler(self._native, rate)
        self._state = ctypes.create_string_buffer(library.opus_decoder_get_size(1))
        self._pcm: Any = ctypes.create_string_buffer(MOST_SAMPLES * 2)
        "Any: slices of it are bytes (as of no other ctypes array), but typed as lists."
        self.reset()

    def reset(self) -> None:
        """Forget what was decoded so far: another sender comes."""
        _check(library.opus_decoder_init(self._state, self._native, 1))

    def decode(self, packet: bytes) -> bytes:
        """Mono s16le at the agent's rate; b"" when the packet is not Opus."""
        # Nothing would be made up for, as if it were lost. What else is no packet, by
        # `duration`, libopus refuses itself.
        if not packet:
            self.broken += 1
            return b""
        return self._decode(packet, MOST_SAMPLES, 0)

    def recover(self, successor: bytes, samples: int) -> bytes:
        """The `samples` of 48 kHz before `successor`, from the copy that it carries.

        Without such a copy they are concealed, by libopus itself.
        """
        return self._decode(successor, self._wanted(samples), 1)

    def conceal(self, samples: int) -> bytes:
        """`samples` of 48 kHz made up for a packet that is lost."""
        return self._decode(None, self._wanted(samples), 0)

    def _wanted(self, samples: int) -> int:
        """In samples of the decoder, and in steps of 2.5 ms as libopus wants them."""
        step = self._native // 400
        wanted = samples * self._native // CLOCK_HZ
        return min(max(wanted // step, 1) * step, MOST_SAMPLES)

    def _decode(self, packet: bytes | None, samples: int, fec: int) -> bytes:
        size = len(packet) if packet else 0
        pcm = self._pcm
        made = library.opus_decode(self._state, packet, size, pcm, samples, fec)
        if made < 0:
            self.broken += 1
            return b""
        return self._resampler.feed(pcm[: made * 2])


def native(rate: int) -> int:
    """The lowest rate of libopus, in Hz, at which nothing of `rate` is lost."""
    return next((hz for hz in NATIVE_HZ if hz >= rate), CLOCK_HZ)


def _check(result: int) -> int:
    """libopus' result, a count. Raises RuntimeError: with our arguments, a bug."""
    if result < 0:
        raise RuntimeError(f"libopus failed with {result}")
    return result


@cache
def calm(rate: int) -> tuple[bytes, ...]:
    """Packets of silence, HANGOVER of them, to follow speech.

    They are those of an encoder that begins anew, which fits to whatever came before.
    """
    encoder = Encoder(rate)
    return tuple(encoder.encode(b"") for _ in range(HANGOVER))
