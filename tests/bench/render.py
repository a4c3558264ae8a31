"""Bench of rendering: an hour of talk as each format, on one core.

python -m tests.bench.render [--minutes 60]

The caller's line is never silent (noise of a room, no discontinuous transmission), the
agent's is while it does not speak: what a call with a browser looks like. `CPU` counts
the processor time of all threads, `wall` what somebody waits who has a second core for
decoding; `memory` is the largest that the process became.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from rtc.opus import Encoder, silence
from rtc.recording.matroska import Matroska
from tests.sound import RATE, clip

__all__ = ["main"]

SLOT = 960

CLIPS = ("librivox_0880", "librivox_0930", "something", "goforward", "cards_005")

KINDS = [
    *((kind, leg) for kind in ("wav", "mp3", "m4a") for leg in ("both", "mix")),
    *(("mka", leg) for leg in ("caller", "mix")),
    ("peaks", "both"),
]


def talk() -> tuple[list[bytes], list[bytes]]:
    """Packets of both legs, who take turns with half a second between them."""
    legs: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for turn, name in enumerate(CLIPS * 2):
        voice = np.concatenate([clip(name), np.zeros(RATE // 2, np.int16)])
        legs[turn % 2].append(voice)
        legs[1 - turn % 2].append(np.zeros_like(voice))
    caller, agent = (np.concatenate(leg) for leg in legs)
    room = np.random.default_rng(1).normal(0, 30, len(caller))
    return packets((caller + room).astype(np.int16)), packets(agent)


def packets(pcm: np.ndarray) -> list[bytes]:
    encoder = Encoder(RATE)
    slots = [pcm[k : k + SLOT] for k in range(0, len(pcm) - SLOT, SLOT)]
    return [encoder.encode(it.tobytes()) if it.any() else silence() for it in slots]


def record(path: Path, slots: int) -> None:
    legs = talk()
    matroska = Matroska(("caller", "agent"))
    with path.open("wb") as file:
        file.write(matroska.head)
        for begin in range(0, slots, 20):
            file.writelines(
                matroska.clusters(
                    [
                        (slot * SLOT, track, leg[slot % len(leg)])
                        for slot in range(begin, min(begin + 20, slots))
                        for track, leg in enumerate(legs)
                    ]
                )
            )
        tail, patches = matroska.end()
        file.write(tail)
        for position, patch in patches:
            file.seek(position)
            file.write(patch)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.render")
    parser.add_argument("--minutes", type=int, default=60)
    seconds = parser.parse_args().minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        recording, output = Path(folder) / "recording.mka", Path(folder) / "output"
        record(recording, seconds * 50)
        for kind, leg in KINDS:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            begin = time.monotonic()
            subprocess.run(
                [sys.executable, "-m", "rtc.render", recording, kind, leg, output],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            wall = time.monotonic() - begin
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            sys.stdout.write(
                f"{kind:5} {leg:6} {output.stat().st_size / 1e6:7.1f} MB"
                f"  CPU x {seconds / cpu:5.0f}  wall x {seconds / wall:5.0f}"
                f"  memory {after.ru_maxrss / 1024:4.0f} MB (of all so far)\n"
            )
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
