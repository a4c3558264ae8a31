"""Training: teaches the reader on the part of the corpus that is not held out.

python -m tests.training ENCODER [--epochs 8] [--seed 0] [--to FOLDER]

ENCODER is a folder with all-MiniLM-L6-v2. Writes `reader.onnx` and `reader.vocab`, the
vocabulary, into `convai/meeting`. See the README in this folder.
"""

from __future__ import annotations

import argparse
import copy
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import nn

from convai.meeting.tokens import SPECIAL, Vocabulary

from .examples import Example, begun, examples, joined, taught, used, varied
from .export import export
from .loss import loss
from .net import Net, vocabulary

HERE = Path(__file__).parent
TO = HERE.parent.parent / "convai" / "meeting"
BATCH = 16
RATE = 1e-4
"Of learning, at its height."
WARM_UP = 250
"Steps."
DECAY = 0.03
"Of the weights."
BEGINNINGS = 0.8
"Of the examples come once more, broken off."
JOINED = 0.1
"Of the examples begin with another talk, which came to nothing."
AVERAGE = 0.997
"The network that is kept is a moving average of the one that learns."


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.training")
    parser.add_argument("encoder", type=Path)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--to", type=Path, default=TO)
    chosen = parser.parse_args(argv)
    torch.manual_seed(chosen.seed)
    learning = examples(held_out=False)
    pieces = vocabulary(chosen.encoder, _used(chosen.encoder, learning))
    net = _learn(
        Net(chosen.encoder, pieces),
        learning,
        Vocabulary(pieces),
        chosen.epochs,
        random.Random(chosen.seed),
    )
    export(net, pieces, chosen.to)
    return 0


def _used(encoder: Path, learning: Sequence[Example]) -> set[str]:
    text = (encoder / "vocab.txt").read_text(encoding="utf-8")
    every = [*SPECIAL, *(it for it in text.split("\n")[:-1] if it not in SPECIAL)]
    return {every[at] for at in used(learning, Vocabulary(every))}


def _learn(
    net: Net,
    learning: Sequence[Example],
    known: Vocabulary,
    epochs: int,
    rng: random.Random,
) -> Net:
    steps = epochs * math.ceil(len(learning) * (1 + BEGINNINGS) / BATCH)
    average = copy.deepcopy(net).eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / WARM_UP, 1.0 - 0.98 * min(step / steps, 1.0)),
    )
    begun, step = time.monotonic(), 0
    net.train()
    for epoch in range(epochs):
        total = 0.0
        for batch in _batches(learning, rng):
            rows = [varied(taught(it, known), rng) for it in batch]
            missed = loss(net, batch, rows)
            optimizer.zero_grad()
            missed.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            _follow(average, net, min(AVERAGE, step / (step + 10)))
            total += missed.item()
        mean = total * epochs / steps
        took = time.monotonic() - begun
        sys.stdout.write(f"epoch {epoch + 1}: loss {mean:.3f}, {took:.0f} s\n")
        sys.stdout.flush()
    return average


def _batches(
    learning: Sequence[Example], rng: random.Random
) -> Iterator[list[Example]]:
    """Of talks that are about as long, now and then after another."""
    empty = [it for it in learning if it.stands.endswith("n")]
    talks = [
        joined(rng.choice(empty), it) if rng.random() < JOINED else it
        for it in learning
    ]
    beginnings = (begun(it, rng) for it in learning if rng.random() < BEGINNINGS)
    talks += [it for it in beginnings if it is not None]
    talks.sort(key=lambda it: len(str(it.digest.turns)) // 250 + 4 * rng.random())
    batches = [talks[at : at + BATCH] for at in range(0, len(talks), BATCH)]
    rng.shuffle(batches)
    yield from batches


@torch.no_grad()
def _follow(average: Net, net: Net, share: float) -> None:
    for kept, new in zip(average.parameters(), net.parameters(), strict=True):
        kept.lerp_(new, 1 - share)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
