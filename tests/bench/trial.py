"""One run of one server with so many callers, and the figures of it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import process
from .callers import Order, order
from .figures import Figures, Run
from .impairment import PATTERNS, SLOTS
from .process import Place

__all__ = ["SERVERS", "Server", "Setting", "Trial", "run"]


@dataclass(frozen=True)
class Server:
    """A server under test."""

    module: str
    "Of the benchmark."
    flags: tuple[str, ...] = ()
    wire: bool = False
    "Its agent is a process of its own, on the callers' core."


SERVERS = {
    "lean": Server("parley", ("--media", "lean")),
    "stock": Server("parley", ("--media", "stock")),
    "textbook": Server("textbook"),
    "lean-unrecorded": Server("parley", ("--media", "lean", "--unrecorded")),
    "lean-wire": Server("parley", ("--media", "lean"), wire=True),
}
"By the name in the table."

LATE_MS = 5.0
"""When the 99th percentile of the callers' own lateness is above, something else used
their core, and the run says little about the server: it is repeated once."""

IMPAIRED_CALLS = tuple(PATTERNS)
"A run on bad lines has a call for each pattern."

CALLERS_S = 120.0
"Beyond its planned time, until a run of callers is given up."


@dataclass(frozen=True)
class Setting:
    """What all runs have in common."""

    window_s: float = 12.0
    "Measured; three times talk and silence of every agent."
    settle_s: float = 2.0
    server: Place = Place(0)
    callers: Place = Place(1)


@dataclass(frozen=True)
class Trial:
    """A run that is to be made."""

    server: str
    "A name of `SERVERS`."
    calls: int
    impaired: bool = False
    seed: int = 0


def run(trial: Trial, setting: Setting) -> Figures:
    """Its figures; `failed` says why there are none."""
    found = _once(trial, setting)
    late = _lateness(found)
    if late > LATE_MS:
        again = _once(trial, setting)
        found = min(found, again, key=_lateness)
        found["repeated"] = True
    return found


def _lateness(found: Figures) -> float:
    if "failed" in found:
        return 0.0  # nothing would be gained by trying again
    return float(found["load"]["sent_late_ms"]["p99"] or 0.0)


def _once(trial: Trial, setting: Setting) -> Figures:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        try:
            _call(trial, setting, folder)
        except (RuntimeError, subprocess.SubprocessError) as error:
            return {"failed": f"{error}\n{_last(folder)}"}
        found = Run(folder / "calls.npz", folder / "agents.npz", trial.impaired)
        figures = {"load": found.load(), "sound": found.sound()}
        if trial.impaired:
            figures["impaired"] = found.impaired(IMPAIRED_CALLS)
        return figures


def _last(folder: Path) -> str:
    """The end of what the processes had to say."""
    logs = (log.read_text(errors="replace") for log in sorted(folder.glob("*.log")))
    return "\n".join(text[-1000:] for text in logs)


def _call(trial: Trial, setting: Setting, folder: Path) -> None:
    """Leaves `calls.npz` and `agents.npz` in the folder."""
    server = SERVERS[trial.server]
    agents = ["--log", str(folder / "agents.npz")]
    if trial.impaired:
        agents += ["--interrupts", "--kept", str(len(IMPAIRED_CALLS))]
    flags = [*server.flags, *agents]
    with ExitStack() as stack:
        if server.wire:
            behind = process.serving(
                "wire", agents, setting.callers, folder / "agents.log"
            )
            _, url = stack.enter_context(behind)
            unused = str(folder / "unused.npz")
            flags = [*server.flags, "--log", unused, "--agent-url", url]
        log = folder / "server.log"
        front = process.serving(server.module, flags, setting.server, log)
        pid, url = stack.enter_context(front)
        _callers(_order(trial, setting, folder, pid, url), setting, folder)


def _order(trial: Trial, setting: Setting, folder: Path, pid: int, url: str) -> Order:
    return Order(
        url,
        pid,
        setting.server.core,
        calls=len(IMPAIRED_CALLS) if trial.impaired else trial.calls,
        settle_s=setting.settle_s,
        window_s=SLOTS * 0.02 if trial.impaired else setting.window_s,
        out=str(folder / "calls.npz"),
        patterns=IMPAIRED_CALLS if trial.impaired else (),
        seed=trial.seed,
    )


def _callers(wanted: Order, setting: Setting, folder: Path) -> None:
    with (folder / "callers.log").open("wb") as output:
        subprocess.run(
            [sys.executable, "-m", "tests.bench.callers", order(wanted)],
            cwd=process.ROOT,
            check=True,
            stdout=output,
            stderr=output,
            timeout=CALLERS_S + wanted.window_s + wanted.settle_s,
            preexec_fn=setting.callers.take,
        )
