"""Reader: a second opinion on what a talk came to, by a small network.

The rules know what words mean, and miss what they have no words for; the network has
read ten thousand talks and knows how people say yes. It names no date: it says how
likely both agreed, and which of the days and times that were named they meant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from .digest import Digest
from .reading import Reading
from .tokens import Vocabulary

__all__ = ["NetworkReader", "ReaderError", "load", "reader"]

FOLDER = Path(__file__).parent
NETWORK = "reader.onnx"
VOCABULARY = "reader.vocab"
"A line with the SHA-256 of the network, then a piece a line."

Numbers = npt.NDArray[np.float32]


class ReaderError(OSError):
    """The network cannot be used; the text says why."""


class NetworkReader:
    """Shared by all calls.

    `read` takes 21 ms for 40 tokens, 36 for 80 (a usual talk), 51 for 120 and 111 for
    MOST_TOKENS, on one of two shared slow cores, without the interpreter's lock.
    """

    def __init__(
        self, session: onnxruntime.InferenceSession, known: Vocabulary
    ) -> None:
        self._session = session
        self._known = known

    def read(self, digest: Digest, *, at_once: bool = True) -> Reading:
        tokens = self._known.encode(digest)
        ids = np.array([tokens.ids], np.int64)
        status, pick = self._session.run(None, {"ids": ids})
        day, day_sure = _meant(pick[:, 0], tokens.days)
        hour, hour_sure = _meant(pick[:, 1], tokens.hours)
        return Reading(
            agreed=float(status[0]),
            draft=float(status[1]),
            day=None if day is None else digest.days[day],
            day_sure=day_sure,
            hour=None if hour is None else digest.hours[hour],
            hour_sure=hour_sure,
            supposed=day == 0 and tokens.days.count(0) == 1,
            whole=tokens.whole,
        )


@cache
def reader() -> NetworkReader:
    """The one that comes with this package, loaded once. Raises ReaderError."""
    return load(FOLDER)


def load(folder: Path) -> NetworkReader:
    """The one in that folder. Raises ReaderError."""
    try:
        network = (folder / NETWORK).read_bytes()
        lines = (folder / VOCABULARY).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReaderError(f"the reader of meetings is missing: {error}") from None
    if lines[:1] != [hashlib.sha256(network).hexdigest()]:
        raise ReaderError(f"{folder / NETWORK} is damaged, or of another make")
    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        network, options, providers=["CPUExecutionProvider"]
    )
    return NetworkReader(session, Vocabulary(lines[1:]))


def _meant(weights: Numbers, marks: Sequence[int]) -> tuple[int | None, float]:
    """Which number is meant, and how sure that is: all its mentions count."""
    at = [place for place, number in enumerate(marks) if number >= 0]
    if not at:
        return None, 0.0
    chosen = weights[at].astype(np.float64)
    shares = np.exp(chosen - chosen.max())
    shares /= shares.sum()
    sums: dict[int, float] = {}
    for place, share in zip(at, shares, strict=True):
        sums[marks[place]] = sums.get(marks[place], 0.0) + float(share)
    best = max(sums, key=lambda number: sums[number])
    return best, sums[best]
