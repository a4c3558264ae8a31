"""The network that reads a talk: an English encoder, and heads on top of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import AutoModel, BertModel

from convai.meeting.tokens import SPECIAL

from .examples import DOES, STATUS

__all__ = ["Net", "Said", "vocabulary"]

COMMON = 10_000
"Of the encoder's pieces, which are sorted by how common they are, so many are kept."

LIKE = {"[DAY]": "day", "[HOUR]": "hour", "[AGENT]": "agent", "[CALLER]": "customer"}
"What our own pieces begin their learning as."


FORGOTTEN = 0.15
"Of what goes from layer to layer, while it learns; of attention nothing."


class Said(NamedTuple):
    """Of some talks, as weights."""

    status: Tensor
    "What each came to: in STATUS."
    pick: Tensor
    "How much each token is the day, and the time, that is meant."
    does: Tensor
    "What the turn that begins with a token does: in DOES."
    stands: Tensor
    "How things stand after it: in STATUS."


class Net(nn.Module):
    """Tokens in; out come what the talk came to, and how much each token is meant.

    What each turn does, and how things stand after it, it says only to learn it.
    """

    def __init__(self, base: Path, pieces: Sequence[str]) -> None:
        super().__init__()
        encoder: BertModel = AutoModel.from_pretrained(base, add_pooling_layer=False)
        known = {it: at for at, it in enumerate(_pieces(base))}
        table = encoder.embeddings.word_embeddings.weight.detach()
        names = [_like(it) for it in pieces]
        rows = table[[known[it] for it in names]].clone()
        own = len(SPECIAL)
        rows[:own] += 0.02 * torch.randn(own, table.shape[1])
        embedding = nn.Embedding.from_pretrained(rows, freeze=False, padding_idx=0)
        encoder.embeddings.word_embeddings = embedding
        width = encoder.config.hidden_size
        for part in encoder.modules():
            if isinstance(part, nn.Dropout):
                part.p = FORGOTTEN
        for layer in encoder.encoder.layer:
            layer.attention.self.dropout.p = 0.0
        self.encoder = encoder
        self.status = nn.Linear(width, len(STATUS))
        self.pick = nn.Linear(width, 2)
        self.does = nn.Linear(width, len(DOES))
        self.stands = nn.Linear(width, len(STATUS))

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        return self.all_of(ids, mask)[:2]

    def all_of(self, ids: Tensor, mask: Tensor) -> Said:
        found = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        part = mask[..., None].to(found.dtype)
        mean = (found * part).sum(1) / part.sum(1)
        return Said(
            self.status(found[:, 0] + mean),
            self.pick(found),
            self.does(found),
            self.stands(found),
        )


def vocabulary(base: Path, used: set[str]) -> list[str]:
    """Our own pieces, the common ones of the encoder, and others that are used."""
    pieces = _pieces(base)
    rest = [
        it
        for at, it in enumerate(pieces)
        if it not in SPECIAL and not it.startswith("[unused")
        if at < COMMON or it in used
    ]
    return [*SPECIAL, *rest]


def _pieces(base: Path) -> list[str]:
    return (base / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]


def _like(piece: str) -> str:
    for name, like in LIKE.items():
        if piece.startswith(name[:-1]):
            return like
    return piece
