"""Other processes: put them in their place, and see what they use."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Place", "busy_ns", "cpu_ns", "memory", "running", "serving"]

ROOT = Path(__file__).parents[2]

START_S = 30.0
STOP_S = 20.0


@dataclass(frozen=True)
class Place:
    """Where a process runs."""

    core: int
    ahead: bool = False
    """Of other processes, as far as `nice` goes; needs root. Not a real-time class: in
    one, a thread that encodes would hold up the thread that sends for 100 ms."""

    def take(self) -> None:
        """For this process, and what it starts from now on."""
        os.sched_setaffinity(0, {self.core})
        if self.ahead:
            os.setpriority(os.PRIO_PROCESS, 0, -20)


def cpu_ns(pid: int) -> int:
    """User and system time that a process, with all its threads, has used."""
    # How Linux makes a clock of a process: `man 3 clock_getcpuclockid`.
    return time.clock_gettime_ns((~pid << 3) | 2)


def busy_ns(core: int) -> int:
    """Time that a core has spent on processes, whoever's; in steps of 10 ms."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            user, nice, system = map(int, ticks[:3])
            return (user + nice + system) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    raise ValueError(f"there is no core {core}")


def memory(pid: int) -> int:
    """Bytes of memory that a process holds."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def running(
    module: str, flags: Sequence[str], place: Place, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A module of the benchmark as a process; SIGTERM at the end, and its output."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.{module}", *flags],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            preexec_fn=place.take,
        )
    assert process.stdout is not None
    with process.stdout:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def serving(
    module: str, flags: Sequence[str], place: Place, log: Path
) -> Iterator[tuple[int, str]]:
    """Like `running`; gives its pid and the URL on which it says that it is ready."""
    with running(module, flags, place, log) as process:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], START_S)
        words = process.stdout.readline().split() if ready else []
        if len(words) != 2 or words[0] != b"ready":
            raise RuntimeError(f"{module} did not start:\n{log.read_text()}")
        yield process.pid, f"http://127.0.0.1:{int(words[1])}"
