"""What recording costs: the same calls, recorded and not, in turn.

    python -m tests.bench.recording [--calls 20] [--windows 15] [--window 4]

One process, one run, the same callers: whatever else happens on the machine hits both
kinds of windows. Printed is the median of what one window used more than the mean of
its neighbours of the other kind, as a share of what a call costs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from . import process
from .callers import Order, order
from .process import Place

__all__ = ["share"]

SETTLE_S = 4.0


def share(cpu_ms: list[float]) -> tuple[float, float, float]:
    """CPU of the windows in order, the first one recorded.

    Gives the median of a recorded one, what recording adds, and its spread (half of the
    distance between the quartiles), in the unit given.
    """
    added = []
    for k in range(1, len(cpu_ms) - 1):
        other = (cpu_ms[k - 1] + cpu_ms[k + 1]) / 2
        added.append(cpu_ms[k] - other if k % 2 == 0 else other - cpu_ms[k])
    quarter, _, three = statistics.quantiles(added, n=4)
    return (
        statistics.median(cpu_ms[::2]),
        statistics.median(added),
        (three - quarter) / 2,
    )


def measured(calls: int, windows: int, window_s: float) -> list[float]:
    """CPU ms a second of a call in each window."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        out = folder / "windows.json"
        flags = ["--log", str(folder / "agents.npz")]
        flags += ["--alternate", str(out), "--window", str(window_s)]
        with process.serving("parley", flags, Place(0), folder / "log") as (pid, url):
            wanted = Order(
                url,
                pid,
                0,
                calls=calls,
                settle_s=SETTLE_S,
                window_s=windows * window_s,
                out=str(folder / "calls.npz"),
                patterns=(),
                seed=0,
            )
            subprocess.run(
                [sys.executable, "-m", "tests.bench.callers", order(wanted)],
                cwd=process.ROOT,
                check=True,
                preexec_fn=Place(1).take,
            )
        found = json.loads(out.read_text())
    # The first and the last ones had calls that began and ended.
    return [used / calls / window_s for used in found[2 : windows - 1]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.recording")
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--windows", type=int, default=31)
    parser.add_argument("--window", type=float, default=4.0)
    chosen = parser.parse_args()
    cpu, added, spread = share(measured(chosen.calls, chosen.windows, chosen.window))
    sys.stdout.write(
        f"{chosen.calls} calls: {cpu:.2f} ms of CPU a second of a call, of which "
        f"recording {added:.2f} ms (+- {spread:.2f}): {added / cpu:.1%}\n"
    )


if __name__ == "__main__":
    main()
