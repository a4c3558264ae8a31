"""Export: a trained network as the files that the reader loads."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from convai.meeting.reader import NETWORK, VOCABULARY

from .net import Net

__all__ = ["export"]


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
        small = Path(folder) / "small.onnx"
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8, per_channel=True)
        network = small.read_bytes()
    (to / NETWORK).write_bytes(network)
    # The one knows the other: two that do not belong together are noticed.
    lines = [hashlib.sha256(network).hexdigest(), *pieces]
    (to / VOCABULARY).write_text("\n".join(lines) + "\n", encoding="utf-8")
