"""Encode: decoded sound into the bytes of WAV, MP3, M4A and Matroska files.

Where a sound stands in time is the same in all of them, to the sample: the delays of
the encoders are taken out here (MP3) or told to players in the way that the format has
for it (M4A: edit list; Matroska: codec delay).
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from ..audio import CLOCK_HZ, SLOT
from ..opus import Encoder
from ..recording.matroska import Block
from .format import FORMATS, MOST_WAV, MP3_FRAME, MP3_LEAST, Format, mp3_size, wav_size
from .sound import Samples, Sound

__all__ = ["ahead", "m4a", "mixed_mka", "mp3", "side_by_side", "wav"]

MP3_LATE = 1105
"""Samples by which what LAME encodes comes out later, in any decoder: 576 of its own
and 529 of every decoder's. No tag tells it to players here, for such a tag is skipped
by some and played as sound by others. So it is made whole frames, by silence in front,
and these are left out; without a bit reservoir no later frame misses them."""

MP3_STRETCH = 400
"Frames, 9.6 s. LAME is what takes the time, so each stretch has a LAME of its own."

MP3_EARLY = 4
"Frames for which a LAME is at work before those that are taken from it."

MP3_AFTER = 3
"Frames of what follows that it looks at."

AAC_FRAME = 1024
"Samples."

MIX_COMPLEXITY = 2
"Of 0-10. Twice as fast as 5 and hardly worse; the voices were encoded once already."


def wav(sound: Sound) -> Iterator[bytes]:
    """A WAV file. Raises ValueError when it would be larger than one can be."""
    size = wav_size(sound.length, sound.channels)
    if size > MOST_WAV:
        raise ValueError("too long for a WAV file; take MP3, or one leg alone")
    frame = sound.channels * 2
    yield (
        b"RIFF"
        + struct.pack("<I", size - 8)
        + b"WAVEfmt "
        + struct.pack(
            "<IHHIIHH", 16, 1, sound.channels, sound.rate, sound.rate * frame, frame, 16
        )
        + b"data"
        + struct.pack("<I", sound.length * frame)
    )
    for piece in sound.pieces():
        yield piece.tobytes()


def mp3(sound: Sound) -> Iterator[bytes]:
    """An MP3 file of equal frames and nothing else."""
    left = mp3_size(sound.length * (CLOCK_HZ // sound.rate), sound.channels)
    for frames in side_by_side(partial(_mp3_frames, sound), _stretches(sound)):
        whole = b"".join(frames)[:left]
        left -= len(whole)
        yield whole


def _stretches(sound: Sound) -> Iterator[Samples]:
    """The sound with silence around it, and what overlaps twice."""
    first = _silence(sound, MP3_EARLY * MP3_FRAME - MP3_LATE)
    last = _silence(sound, (MP3_EARLY + MP3_LEAST) * MP3_FRAME)
    step = MP3_STRETCH * MP3_FRAME
    size = (MP3_EARLY + MP3_STRETCH + MP3_AFTER) * MP3_FRAME
    rest = first
    for piece in chain(sound.pieces(), (last,)):
        rest = np.concatenate([rest, piece])
        while len(rest) >= size:
            yield rest[:size]
            rest = rest[step:]
    yield rest


def _mp3_frames(sound: Sound, stretch: Samples) -> list[bytes]:
    """Those of one stretch."""
    codec = av.CodecContext.create("libmp3lame", "w")
    assert isinstance(codec, av.AudioCodecContext)
    codec.format = "s16p"
    codec.layout = _layout(sound)
    codec.sample_rate = sound.rate
    codec.bit_rate = _bit_rate(FORMATS["mp3"], sound)
    # Sum and difference of the legs have nothing to give: these are two people. LAME is
    # a fifth faster when it does not try.
    codec.options = {"reservoir": "0", "compression_level": "9", "joint_stereo": "0"}
    codec.open()
    packets = codec.encode(_frame(stretch, sound.rate)) + codec.encode(None)
    return [bytes(it) for it in packets[MP3_EARLY : MP3_EARLY + MP3_STRETCH]]


def m4a(sound: Sound, path: Path) -> Iterator[bytes]:
    """An M4A file at `path`, its index in front; yields nothing, now and then."""
    kind = FORMATS["m4a"]
    with av.open(
        str(path), "w", format="ipod", options={"movflags": "faststart"}
    ) as file:
        # The default coder takes three times as long and is not told apart in speech.
        stream = file.add_stream("aac", rate=sound.rate, options={"aac_coder": "fast"})
        assert isinstance(stream, AudioStream)
        stream.layout = _layout(sound)
        stream.bit_rate = _bit_rate(kind, sound)
        at = 0
        # Without any sound there would be no file.
        none = () if sound.length else (_silence(sound, AAC_FRAME),)
        for piece in chain(none, ahead(sound.pieces())):
            frame = _frame(piece, sound.rate, floating=True)
            frame.pts = at
            at += len(piece)
            file.mux(stream.encode(frame))
            yield b""
        file.mux(stream.encode(None))


def mixed_mka(sound: Sound) -> Iterator[list[Block]]:
    """The blocks of a Matroska file of one Opus track; the sound is mono."""
    encoder = Encoder(
        sound.rate,
        bit_rate=FORMATS["mka"].mono_bit_rate,
        complexity=MIX_COMPLEXITY,
        faithful=True,
    )
    at = 0
    for piece in ahead(sound.pieces()):
        pcm = piece.tobytes()
        blocks: list[Block] = []
        for begin in range(0, len(pcm), encoder.frame):
            packet = encoder.encode(pcm[begin : begin + encoder.frame])
            blocks.append((at, 0, packet))
            at += SLOT
        yield blocks


def ahead(pieces: Iterator[Samples]) -> Iterator[Samples]:
    """The same; while one is encoded the next is decoded, both without the GIL."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, pieces, None)
        while (piece := following.result()) is not None:
            following = thread.submit(next, pieces, None)
            yield piece


def side_by_side(
    encode: Callable[[Samples], list[bytes]], pieces: Iterator[Samples]
) -> Iterator[list[bytes]]:
    """What becomes of each, in order; two are encoded while the next is decoded."""
    with ThreadPoolExecutor(2) as threads:
        running: deque[Future[list[bytes]]] = deque()
        for piece in pieces:
            running.append(threads.submit(encode, piece))
            if len(running) > 2:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _frame(piece: Samples, rate: int, *, floating: bool = False) -> av.AudioFrame:
    """Channels one after the other, as encoders want them."""
    columns: NDArray[Any] = np.ascontiguousarray(piece.T)
    if floating:
        columns = columns.astype(np.float32) / 32_768
    layout = "stereo" if len(columns) == 2 else "mono"
    frame = av.AudioFrame.from_ndarray(columns, "fltp" if floating else "s16p", layout)
    frame.sample_rate = rate
    return frame


def _silence(sound: Sound, samples: int) -> Samples:
    return np.zeros((samples, sound.channels), np.int16)


def _layout(sound: Sound) -> str:
    return "stereo" if sound.channels == 2 else "mono"


def _bit_rate(kind: Format, sound: Sound) -> int:
    return kind.bit_rate if sound.channels == 2 else kind.mono_bit_rate
