"""Restore: a network that was exported, to be taught further."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from convai.meeting.reader import NETWORK, VOCABULARY

from .net import Net

__all__ = ["known_to", "restore"]

_NAMES = ("/MatMul_quant", "/Gemm_MatMul_quant")
"How the nodes end whose second input is a layer's weights."


def known_to(folder: Path) -> list[str]:
    """The pieces of the vocabulary there."""
    lines = (folder / VOCABULARY).read_text(encoding="utf-8").splitlines()
    return lines[1:]


@torch.no_grad()
def restore(net: Net, pieces: list[str], folder: Path) -> None:
    """Make `net`, whose vocabulary `pieces` is, say what the one in `folder` says.

    What that was not asked to keep, the heads of single turns, stays as it is.
    """
    graph = onnx.load(folder / NETWORK).graph
    found = {it.name: numpy_helper.to_array(it) for it in graph.initializer}
    weights = {
        name.removesuffix("_quantized"): _whole(found, name.removesuffix("_quantized"))
        for name in found
        if name.endswith("_quantized")
    }
    weights |= {name: torch.tensor(it) for name, it in found.items() if _is_plain(name)}
    for node in graph.node:
        ending = next((it for it in _NAMES if node.name.endswith(it)), None)
        if node.op_type == "MatMulInteger" and ending:
            layer = node.name.removesuffix(ending).strip("/").replace("/", ".")
            stored = node.input[1].removesuffix("_quantized")
            weights[f"{layer}.weight"] = weights.pop(stored).T
    known = {piece: at for at, piece in enumerate(known_to(folder))}
    own = dict(net.named_parameters())
    for name, value in weights.items():
        parameter = own[name.removeprefix("net.")]
        if name.endswith("word_embeddings.weight"):
            for at, piece in enumerate(pieces):
                if piece in known:
                    parameter[at] = value[known[piece]]
        else:
            parameter.copy_(value)


def _is_plain(name: str) -> bool:
    return name.startswith("net.") and name.endswith((".weight", ".bias"))


def _whole(found: dict[str, object], name: str) -> torch.Tensor:
    """Bytes as the numbers that they stand for; a scale for each column, or for all."""
    stored, scale, zero = (
        torch.tensor(found[f"{name}_{it}"])
        for it in ("quantized", "scale", "zero_point")
    )
    return (stored.float() - zero.float()) * scale
