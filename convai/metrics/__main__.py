"""The command: figures of calls, recomputed from their `events.jsonl`.

python -m convai.metrics CALL... [--json] [--prices FILE] [--agent NAME]

A CALL is an `events.jsonl`, the folder of a call, or a folder of such folders.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from .. import untrusted
from ..agent import AgentProtocolError
from . import prices_file
from .metrics import Metrics
from .prices import Prices, PricesError
from .table import one_call, several_calls

__all__ = ["main", "measured"]

EVENTS, META = "events.jsonl", "call.json"

MOST_LINE = 1024 * 1024
"Bytes of a line that are read at once; the rest is a line of its own, and odd."


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m convai.metrics",
        description="Latency, turns, interruptions, talk and cost of recorded calls.",
    )
    parser.add_argument(
        "call",
        nargs="+",
        type=Path,
        help="an events.jsonl, the folder of a call, or a folder of such folders",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--prices", type=Path, help="a price table of your own (TOML)")
    parser.add_argument("--agent", help="who spoke; default: as call.json says")
    chosen = parser.parse_args(argv)
    try:
        prices = prices_file.read(chosen.prices or prices_file.SHIPPED)
        files = [file for path in chosen.call for file in _events(path)]
        calls = {file: measured(file, prices, chosen.agent) for file in files}
    except (PricesError, OSError) as error:
        sys.stderr.write(f"{_reason(error)}\n")
        return 1
    sys.stdout.write(_shown(calls, as_json=chosen.json))
    return 0


def measured(events: Path, prices: Prices | None, agent: str | None = None) -> Metrics:
    """The metrics of a call. Raises OSError when its events cannot be read."""
    name = agent or _agent(events.with_name(META))
    with events.open("rb") as file:
        return Metrics.of(_lines(file), name, prices)


def _events(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if (path / EVENTS).exists():
        return [path / EVENTS]
    found = sorted(path.glob(f"*/{EVENTS}"))
    if not found:
        raise FileNotFoundError(2, "there is no call in this folder", str(path))
    return found


def _agent(meta: Path) -> str:
    """Whose name stands beside the events; nobody's if there is none."""
    try:
        with meta.open("rb") as file:
            fields = untrusted.parse(file.read(MOST_LINE))
    except (OSError, AgentProtocolError):
        return ""
    return untrusted.optional_text(fields, "agent")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MOST_LINE):
        yield line


def _shown(calls: dict[Path, Metrics], *, as_json: bool) -> str:
    if as_json:
        return json.dumps([_json(*call) for call in calls.items()], indent=1) + "\n"
    if len(calls) == 1:
        (metrics,) = calls.values()
        return one_call(metrics.summary(), metrics.turns)
    return several_calls([(_name(path), it.summary()) for path, it in calls.items()])


def _json(path: Path, metrics: Metrics) -> dict[str, Any]:
    turns = [turn.to_json() for turn in metrics.turns]
    return {"call": _name(path), "summary": metrics.summary(), "turns": turns}


def _name(events: Path) -> str:
    return events.resolve().parent.name if events.name == EVENTS else events.name


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    return str(error)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
