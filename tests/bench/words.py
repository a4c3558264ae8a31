"""What loss does to words: the embedded agent's recogniser behind both receive paths.

Human recordings are encoded as a browser would under loss, packets are dropped by a
seeded die, and what each receiver makes of the rest is recognised: ours, and aiortc's
own jitter buffer and decoder, one after the other on the same packets.

    python -m tests.bench.words     word error rates as a table, two minutes
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import vosk
from aiortc.codecs.opus import OpusDecoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket
from numpy.typing import NDArray

from convai.local import models
from rtc import rtp
from rtc.opus import Encoder
from rtc.uplink import Uplink
from tests.sound import RATE, clip

__all__ = ["errors", "main"]

WORDS = {
    "goforward": "go forward ten meters",
    "something": "go somewhere and do something",
    "cards_005": "eight of spades four of clubs seven of hearts",
    "librivox_0880": "he was not an ill disposed young man",
    "librivox_0930": "he might even have been made amiable himself",
}
LOSSES = (0, 1, 5, 10, 20)
"Per cent."
SEEDS = 8
EAR_HZ = 16_000
SLOT = 960
PAUSE_S = 1.5
"Silence after the words, so that they are over."

Samples = NDArray[np.int16]


def packets(sound: Samples, loss: int) -> list[bytes]:
    """As a browser sends them that was told of the loss: wide band, with copies."""
    encoder = Encoder(EAR_HZ)
    encoder.expect_loss(loss)
    pcm = np.concatenate([sound, np.zeros(int(RATE * PAUSE_S), np.int16)])[::3]
    step = SLOT // 3
    return [
        encoder.encode(pcm[at : at + step].tobytes())
        for at in range(0, len(pcm) - step, step)
    ]


def survivors(
    sent: Sequence[bytes], loss: int, seed: int
) -> Iterator[tuple[int, bytes]]:
    dice = random.Random(seed)
    for number, payload in enumerate(sent):
        if dice.random() * 100 >= loss:
            yield number, payload


async def ours(sent: Sequence[bytes], loss: int, seed: int) -> bytes:
    """What an agent of Parley hears."""
    uplink = Uplink(EAR_HZ, 0.0)
    async with asyncio.TaskGroup() as tasks:
        heard = tasks.create_task(taken(uplink))
        await feed(uplink, sent, loss, seed)
    return heard.result()


async def feed(uplink: Uplink, sent: Sequence[bytes], loss: int, seed: int) -> None:
    left = dict(survivors(sent, loss, seed))
    for number in range(len(sent)):
        now = number * 0.02
        if number in left:
            packet = rtp.Packet(96, False, number, number * SLOT, 1, left[number])
            uplink.take(packet, now)
        uplink.tick(now)
        await asyncio.sleep(0)  # the agent takes what is there
    uplink.end()


async def taken(uplink: Uplink) -> bytes:
    heard = b""
    while (piece := await uplink.next()) is not None:
        heard += piece
    return heard


def stock(sent: Sequence[bytes], loss: int, seed: int) -> bytes:
    """What an application on aiortc gets if it plays one frame after the other."""
    buffer, decoder = JitterBuffer(capacity=16, prefetch=4), OpusDecoder()
    heard: list[Samples] = []
    for number, payload in survivors(sent, loss, seed):
        packet = RtpPacket(96, 0, number, number * SLOT)
        packet._data = payload  # type: ignore[attr-defined]
        _, frame = buffer.add(packet)
        if frame is not None:
            for decoded in decoder.decode(frame):
                pcm = np.frombuffer(bytes(decoded.planes[0]), np.int16)
                heard.append(pcm[: decoded.samples * 2 : 2])
    return np.concatenate(heard)[::3].tobytes()


def errors(heard: str, said: str) -> int:
    """Words to change, leave out or put in (Levenshtein)."""
    row = list(range(len(said.split()) + 1))
    for i, word in enumerate(heard.split(), 1):
        above, row[0] = row[0], i
        for j, wanted in enumerate(said.split(), 1):
            above, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, above + (word != wanted)),
            )
    return row[-1]


def recognised(model: vosk.Model, pcm: bytes) -> str:
    recogniser = vosk.KaldiRecognizer(model, EAR_HZ)
    texts = [
        json.loads(recogniser.Result())["text"]
        for at in range(0, len(pcm), 1280)
        if recogniser.AcceptWaveform(pcm[at : at + 1280])
    ]
    texts.append(json.loads(recogniser.FinalResult())["text"])
    return " ".join(texts)


async def main() -> None:
    """Print the table."""
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(models.locate(models.default_folder(os.environ)).vosk))
    total = sum(len(words.split()) for words in WORDS.values())
    sys.stdout.write("| packets lost | Parley | aiortc |\n|---|---|---|\n")
    for loss in LOSSES:
        wrong = {"ours": 0, "stock": 0}
        seeds = range(SEEDS if loss else 1)
        for name, words in WORDS.items():
            sent = packets(clip(name), loss)
            for seed in seeds:
                for receiver, pcm in (
                    ("ours", await ours(sent, loss, seed)),
                    ("stock", stock(sent, loss, seed)),
                ):
                    wrong[receiver] += errors(recognised(model, pcm), words)
        rates = [100 * count / total / len(seeds) for count in wrong.values()]
        sys.stdout.write(f"| {loss} % | {rates[0]:.1f} % | {rates[1]:.1f} % |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
