"""Metrics: how a call went, in figures. Pure.

`Metrics` folds a call's events, while it runs or afterwards; `convai.metrics_call` says
how. The command `python -m convai.metrics CALL...` shows the figures of old calls.
"""

from __future__ import annotations

import sys

from .metrics_call import Metrics
from .metrics_turn import TurnFigures

__all__ = ["Metrics", "TurnFigures"]


if __name__ == "__main__":
    from .metrics_command import main

    sys.exit(main(sys.argv[1:]))
