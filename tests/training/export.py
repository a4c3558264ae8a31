"""Export: a trained network as the files that the reader loads."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor, nn

from convai.meeting.reader import NETWORK, VOCABULARY

from .net import Net

__all__ = ["BYTES", "SCALE", "export"]

BYTES, SCALE = "_bytes", "_scale"
"What weights are made from: bytes, and what one of them counts in its row or column."
LEAST = 2000
"Weights; a layer with fewer keeps them whole."


class Exported(nn.Module):
    """Of one talk, without padding; probabilities of what it came to."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        status, pick = self.net(ids, torch.ones_like(ids))
        return torch.softmax(status, 1)[0], pick[0]


def export(net: Net, pieces: Sequence[str], to: Path) -> None:
    """Write `reader.onnx`, its weights as bytes, and `reader.vocab`, its vocabulary."""
    net.eval()
    net.encoder.config._attn_implementation = "eager"
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            Exported(net),
            (torch.ones(1, 12, dtype=torch.long),),
            str(whole),
            input_names=["ids"],
            output_names=["status", "pick"],
            dynamic_axes={"ids": {1: "length"}, "pick": {0: "length"}},
            opset_version=17,
            dynamo=False,
        )
        model = onnx.load(whole)
    _shrink(model.graph)
    network = model.SerializeToString()
    (to / NETWORK).write_bytes(network)
    # The one knows the other: two that do not belong together are noticed.
    lines = [hashlib.sha256(network).hexdigest(), *pieces]
    (to / VOCABULARY).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _shrink(graph: GraphProto) -> None:
    """Weights as bytes in the file only: who loads it reckons in full precision.

    To reckon with bytes, too, is faster, and comes out differently on different
    processors.
    """
    tables = {node.input[0] for node in graph.node if node.op_type == "Gather"}
    made: list[NodeProto] = []
    for stored in list(graph.initializer):
        size = int(np.prod(stored.dims))
        if stored.data_type != TensorProto.FLOAT or len(stored.dims) < 2:
            continue
        if size < LEAST:
            continue
        name = stored.name
        weights = numpy_helper.to_array(stored)
        most = np.abs(weights).max(axis=1 if name in tables else 0, keepdims=True)
        scale = np.maximum(most / 127, 1e-12).astype(np.float32)
        small = np.round(weights / scale).astype(np.int8)
        graph.initializer.remove(stored)
        graph.initializer.append(numpy_helper.from_array(small, name + BYTES))
        graph.initializer.append(numpy_helper.from_array(scale, name + SCALE))
        cast = name + "_cast"
        made += [
            helper.make_node("Cast", [name + BYTES], [cast], to=TensorProto.FLOAT),
            helper.make_node("Mul", [cast, name + SCALE], [name]),
        ]
    nodes = [*made, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
