"""Training: teaches the reader on the part of the corpus that is not held out.

python -m tests.training ENCODER [--from FOLDER] [--epochs 8] [--seed 0] [--to FOLDER]

ENCODER is a folder with all-MiniLM-L6-v2. Writes `reader.onnx` and `reader.vocab`, the
vocabulary, into `convai/meeting`. `--from` goes on with the one in that folder. See the
README in this folder.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from convai.meeting.reader import load
from convai.meeting.tokens import SPECIAL, Vocabulary

from .examples import Example, examples, taught, used, varied
from .export import export
from .loss import loss
from .net import Net, vocabulary
from .restore import known_to, restore
from .rounds import Rounds, well_known

HERE = Path(__file__).parent
TO = HERE.parent.parent / "convai" / "meeting"
RATE = 1e-4
"Of learning, at its height."
WARM_UP = 250
"Steps."
DECAY = 0.03
"Of the weights."
AVERAGE = 0.997
"The network that is kept is a moving average of the one that learns."


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.training")
    parser.add_argument("encoder", type=Path)
    parser.add_argument("--from", type=Path, dest="begun")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--to", type=Path, default=TO)
    chosen = parser.parse_args(argv)
    torch.manual_seed(chosen.seed)
    learning = examples(held_out=False)
    needed, easy = _used(chosen.encoder, learning), set[int]()
    if chosen.begun:
        needed |= set(known_to(chosen.begun))
        easy = well_known(load(chosen.begun), learning)
    pieces = vocabulary(chosen.encoder, needed)
    net = Net(chosen.encoder, pieces)
    if chosen.begun:
        restore(net, pieces, chosen.begun)
    rounds = Rounds(learning, easy, random.Random(chosen.seed))
    export(_learn(net, rounds, Vocabulary(pieces), chosen.epochs), pieces, chosen.to)
    return 0


def _used(encoder: Path, learning: Sequence[Example]) -> set[str]:
    text = (encoder / "vocab.txt").read_text(encoding="utf-8")
    every = [*SPECIAL, *(it for it in text.split("\n")[:-1] if it not in SPECIAL)]
    return {every[at] for at in used(learning, Vocabulary(every))}


def _learn(net: Net, rounds: Rounds, known: Vocabulary, epochs: int) -> Net:
    steps, rng = epochs * rounds.steps, random.Random(epochs)
    average = copy.deepcopy(net).eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / WARM_UP, 1.0 - 0.98 * min(step / steps, 1.0)),
    )
    begun, step = time.monotonic(), 0
    net.train()
    for epoch in range(epochs):
        total, before = 0.0, step
        for batch in rounds.batches():
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
        mean, took = total / (step - before), time.monotonic() - begun
        sys.stdout.write(f"epoch {epoch + 1}: loss {mean:.3f}, {took:.0f} s\n")
        sys.stdout.flush()
    return average


@torch.no_grad()
def _follow(average: Net, net: Net, share: float) -> None:
    for kept, new in zip(average.parameters(), net.parameters(), strict=True):
        kept.lerp_(new, 1 - share)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
