"""The benchmark: Parley and a textbook aiortc server, side by side on this machine.

    python -m tests.bench                 three alternating rounds, half an hour
    python -m tests.bench --quick         one round, a few numbers of calls
    python -m tests.bench --servers lean,textbook --calls 10,20 --json FILE

Each run is one server process, pinned to one core, and one process with N synthetic
callers, pinned to another (Linux only). Rounds alternate between the servers, so that
whatever else happens on the machine hits all of them; the table has the medians.

**Servers.** `lean` and `stock` are Parley with its two media paths, recording both legs
of every call as it ships; `lean-unrecorded` leaves recording out. `textbook` is aiortc
used as its documentation teaches. All talk to the same stand-in agent in their own
process, which hears 16 kHz and speaks 24 kHz, two seconds of every four, and sends its
replies in bursts; `lean-wire` reaches it by ElevenLabs' WebSocket. `floor` is no server
but what libopus, libsrtp and the kernel need for a call's packets: in a tight loop, and
paced, every 20 ms and asleep in between, as no server can do without.

**Callers** speak when the agent is silent. They send Opus that was encoded before, on
an absolute schedule, like Chromium with one voice: full band, 32 kb/s, or wide band, 24
kb/s, when the answer's `maxplaybackrate` asks for it. They note when the kernel got
what came (SO_TIMESTAMPNS).

**Figures**

    CPU             user and system time of the server's process, all threads, in a
                    steady window, per second and call
    gap error       |interval between two packets at the caller - their RTP interval|
    setup           POST /offer to the first packet
    uplink          a packet is sent - the agent has the middle of it. Found by
                    aligning what the agent heard with what was sent, two calls a run
    downlink        first chunk of a reply - first packet above -50 dB of full scale
    barge-in stop   the agent interrupts itself - last packet above -50 dB
    heard           share of the sound sent in the window that the agents got in it: a
                    server that cannot keep up looks cheap otherwise
    MB / call       what the server's memory grew by

**Bad lines**: one call for each pattern, four seconds clean, ten disturbed, four clean.
`once` is the share of the caller's 20 ms slots (to one second after the disturbance)
that reached the agent exactly once, as themselves, recovered or concealed; `intact` is
the share of audible slots that are still the sound that was sent; then the mean uplink
delay before and one second after. Callers put in-band FEC into their packets here.

The last lines say how quiet the machine was. A run whose callers were late themselves
(p99 over 5 ms) is repeated once. On a busy machine, believe the ratios only, or have
both sides run before everything else with `--ahead`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from . import process, table
from .figures import Figures
from .trial import SERVERS, Setting, Trial, run

CALLS = (1, 10, 20, 50, 100)
QUICK_CALLS = (1, 10)
QUICK_S = 5.0

PACED = (10, 20, 50)
"Numbers of calls for which the floor is paced."

COLLAPSED_MS = 100.0
"Gap error, p99: more calls of this server are not tried."

Runs = dict[str, dict[int, list[Figures]]]
"By server and number of calls; 0 for the run on bad lines."


def chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--servers", default="lean,stock,textbook")
    parser.add_argument("--calls", help="numbers of calls; nothing but bad lines: 0")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--window", type=float, help="seconds measured")
    parser.add_argument(
        "--ahead", action="store_true", help="before other processes; needs root"
    )
    parser.add_argument("--no-bad-lines", action="store_true")
    parser.add_argument("--json", type=Path, help="where all figures are written to")
    picked = parser.parse_args()
    strange = set(picked.servers.split(",")) - set(SERVERS)
    if strange:
        parser.error(f"{', '.join(sorted(strange))}: not one of {', '.join(SERVERS)}")
    return picked


def main() -> int:
    picked = chosen()
    if not hasattr(os, "sched_setaffinity"):
        sys.stderr.write("the benchmark needs Linux: it pins processes to cores\n")
        return 1
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        _say("one core only: callers and servers disturb each other")
    window = picked.window or (QUICK_S if picked.quick else Setting.window_s)
    server, callers = (process.Place(c, picked.ahead) for c in (cores[0], cores[-1]))
    setting = Setting(window, server=server, callers=callers)
    rounds = picked.rounds or (1 if picked.quick else 3)
    numbers = QUICK_CALLS if picked.quick else CALLS
    if picked.calls:
        numbers = tuple(int(n) for n in picked.calls.split(",") if int(n))
    servers = picked.servers.split(",")
    runs: Runs = {server: {} for server in servers}
    floors: list[dict[int, float]] = []
    for number in range(rounds):
        floors.append({calls: _floor(setting, calls) for calls in (0, *PACED)})
        _round(number, runs, numbers, setting, not picked.no_bad_lines)
    floor = {calls: median(one[calls] for one in floors) for calls in floors[0]}
    _report(runs, floor, picked.json)
    return 0


def _round(
    number: int, runs: Runs, numbers: tuple[int, ...], setting: Setting, bad: bool
) -> None:
    """Every server at every number of calls, each time another server first."""
    turn = number % len(runs)
    servers = [*runs][turn:] + [*runs][:turn]
    for calls in (*numbers, *([0] if bad else [])):
        for server in servers:
            if any(_collapsed(runs[server].get(n, [])) for n in numbers if n < calls):
                continue
            trial = Trial(server, calls, impaired=not calls, seed=number)
            found = run(trial, setting)
            runs[server].setdefault(calls, []).append(found)
            _say(
                f"round {number + 1}, {server}, {calls or 'bad lines'}: {_short(found)}"
            )


def _collapsed(found: list[Figures]) -> bool:
    return any(
        "failed" in one
        or one["load"]["core"] > table.FULL
        or (one["sound"]["gap_ms"]["p99"] or COLLAPSED_MS) >= COLLAPSED_MS
        for one in found
    )


def _floor(setting: Setting, calls: int) -> float:
    """Of a process of its own, on the server's core; paced for so many calls."""
    output = subprocess.run(
        [sys.executable, "-m", "tests.bench.floor", str(calls)],
        cwd=process.ROOT,
        check=True,
        stdout=subprocess.PIPE,
        preexec_fn=setting.server.take,
    )
    return float(json.loads(output.stdout))


def _short(found: Figures) -> str:
    if "failed" in found:
        return f"failed: {found['failed']}"
    cpu, gap = found["load"]["cpu_ms_per_call_s"], found["sound"]["gap_ms"]["p99"]
    return f"{cpu:.1f} ms/call-s, gap error p99 {gap or 0:.1f} ms"


def _report(runs: Runs, floor: dict[int, float], file: Path | None) -> None:
    medians = {
        server: {calls: table.middle(found) for calls, found in by_calls.items()}
        for server, by_calls in runs.items()
    }
    every = [one for by in runs.values() for found in by.values() for one in found]
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}, Python "
        f"{platform.python_version()}; load average {os.getloadavg()[0]:.2f}",
        table.loads(medians),
        table.troubles(medians),
        table.goals(medians, floor, next(iter(runs))),
        table.noise(every),
    ]
    sys.stdout.write("\n\n".join(parts) + "\n")
    if file:
        content = {"about": parts[0], "floor": floor, "runs": runs}
        file.write_text(json.dumps({**content, "medians": medians}, indent=1))


def _machine() -> str:
    """The processor's name and how many cores there are."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return f"{os.cpu_count()} x {line.partition(':')[2].strip()}"
    return f"{os.cpu_count()} x {platform.machine()}"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
