"""Restore: a network that was exported, to be taught further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from onnx import GraphProto, numpy_helper
from torch import Tensor

from convai.meeting.reader import NETWORK, VOCABULARY

from .export import BYTES, SCALE
from .net import Net

__all__ = ["known_to", "restore"]

_UNKEPT = ("does.", "stands.")


def known_to(folder: Path) -> list[str]:
    """The pieces of the vocabulary there."""
    lines = (folder / VOCABULARY).read_text(encoding="utf-8").splitlines()
    return lines[1:]


@torch.no_grad()
def restore(net: Net, pieces: Sequence[str], folder: Path) -> None:
    """Make `net`, whose vocabulary `pieces` is, say what the one in `folder` says.

    What that was not asked to keep, the heads of single turns, stays as it is.
    """
    known = {piece: at for at, piece in enumerate(known_to(folder))}
    own = dict(net.named_parameters())
    stored = _weights(onnx.load(folder / NETWORK).graph)
    missing = {it for it in own if f"net.{it}" not in stored}
    if any(not it.startswith(_UNKEPT) for it in missing):
        raise ValueError(f"the network in {folder} lacks {sorted(missing)}")
    for name, value in stored.items():
        parameter = own[name.removeprefix("net.")]
        if not name.endswith("word_embeddings.weight"):
            parameter.copy_(value)
            continue
        for at, piece in enumerate(pieces):
            if piece in known:
                parameter[at] = value[known[piece]]


def _weights(graph: GraphProto) -> Mapping[str, Tensor]:
    """By the names of the parameters."""
    found = {
        it.name: torch.tensor(numpy_helper.to_array(it)) for it in graph.initializer
    }
    for name in [it for it in found if it.endswith(BYTES)]:
        plain = name.removesuffix(BYTES)
        found[plain] = found[name].float() * found[plain + SCALE]
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in found:
            # The exporter gives a layer's weights turned, under a name of its own.
            layer = node.name.removesuffix("/MatMul").strip("/").replace("/", ".")
            found[f"{layer}.weight"] = found[node.input[1]].T
    named = (it for it in found if it.startswith("net."))
    return {it: found[it] for it in named if it.endswith((".weight", ".bias"))}
