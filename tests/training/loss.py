"""Loss: how far what a network says of some talks is from what is true of them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from .examples import UNKNOWN, Example, Taught
from .net import Net

__all__ = ["loss"]

SMOOTH = 0.04
"Of the answers are taken to be wrong."
TURNS = 0.4
"What a turn counts, beside the whole talk: knowing why helps to know what."


def loss(net: Net, batch: Sequence[Example], rows: Sequence[Taught]) -> Tensor:
    """`rows`: the examples of `batch`, as they are given."""
    ids = _padded([it.ids for it in rows], 0)
    found = net.all_of(ids, (ids != 0).long())
    status = torch.tensor([it.status for it in batch])
    total = F.cross_entropy(found.status, status, label_smoothing=SMOOTH)
    for column, name in enumerate(("day", "hour")):
        marks = _padded([getattr(it, f"{name}s") for it in rows], -1)
        meant = torch.tensor([getattr(it, name) for it in batch])
        total = total + _missed(found.pick[:, :, column], marks, meant) / len(batch)
    for said, name in ((found.does, "does"), (found.stands, "stands")):
        known = _padded([getattr(it, name) for it in rows], UNKNOWN)
        if (known != UNKNOWN).any():
            total = total + TURNS * F.cross_entropy(
                said.flatten(0, 1),
                known.flatten(),
                ignore_index=UNKNOWN,
                label_smoothing=SMOOTH,
            )
    return total


def _missed(weights: Tensor, marks: Tensor, meant: Tensor) -> Tensor:
    """How little of the weight lies on any mention of what was meant."""
    every = F.log_softmax(weights.masked_fill(marks < 0, -1e4), 1)
    right = (marks == meant[:, None]) & (meant[:, None] >= 0)
    found = torch.logsumexp(every.masked_fill(~right, -1e4), 1)
    return -found[right.any(1)].sum()


def _padded(rows: Sequence[Sequence[int]], pad: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows])
