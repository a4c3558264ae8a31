"""Recordings when the process is killed, or the disk is full, under many calls."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import av
import pytest

from rtc.recorder import Recorder
from rtc.recording.files import AUDIO, EVENTS, META
from rtc.recording.recording import STOPPED
from rtc.recording.recovery import DIED, recover
from rtc.recording.spool import FOLDER, Spool
from rtc.recording.writer import Writer
from tests.recording_victim import CALLS, LONGEST_S, SLOT, live, voice

ROUNDS = 50
AT_ONCE = 4
"Of them: each mostly waits for its random moment."

CALLS_THERE = 5
"Where the disk is full."

PROCESSES = multiprocessing.get_context("forkserver")
"Fifty processes that load everything anew would take a minute."


class Victim:
    """A process that is killed at its moment."""

    def __init__(self, folder: Path, policy: str, after_s: float) -> None:
        folder.mkdir()
        self.folder = folder
        self.fed = -1
        "The latest slot of which it told."
        self._after_s = after_s
        self._told, teller = PROCESSES.Pipe(duplex=False)
        with teller:
            self._process = PROCESSES.Process(
                target=live, args=(folder, policy, teller), daemon=True
            )
            self._process.start()

    def die(self) -> Victim:
        try:
            assert self._told.poll(60), "it never began"
            time.sleep(self._after_s)
        finally:
            self._process.kill()
            self._process.join()
        with self._told:
            try:
                while True:
                    self.fed = int(self._told.recv_bytes())
            except EOFError:
                return self


def ends_of(path: Path) -> list[float]:
    """Seconds until which there is something of each leg, in a file that opens."""
    ends = [0.0, 0.0]
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size and packet.pts is not None:
                ends[packet.stream.index] = packet.pts / 1000 + 0.02
    return ends


def probe(path: Path) -> None:
    """ffprobe has nothing to complain about."""
    command = ["ffprobe", "-v", "warning", "-show_packets", path]
    found = subprocess.run(command, capture_output=True, check=True)
    assert found.stderr == b"" and found.stdout


def examine(victim: Victim, chance: random.Random) -> list[float]:
    """What is missing of each leg, in seconds, when all was recovered."""
    spool, missing = Spool(victim.folder), []
    folders = {path.name for path in victim.folder.glob("call-*")}
    waiting = spool.waiting()
    assert folders <= set(waiting)
    fed_s = (victim.fed + 1) * 0.02
    if fed_s > 0.0:
        assert len(folders) == CALLS
    for call in waiting:
        folder = victim.folder / call
        assert recover(folder, spool.read(call))
        assert not recover(folder, spool.read(call))
        spool.done(call)
        meta = json.loads((folder / META).read_text())
        assert (meta["call"], meta["agent"], meta["began"]) == (call, "a", "b")
        assert meta["reason"] == DIED and meta["length_ms"] >= 0
        for line in (folder / EVENTS).read_text().splitlines():
            json.loads(line)
        there = (folder / AUDIO).exists()
        assert meta["recording"]["state"] == ("kept" if there else "failed")
        ends = ends_of(folder / AUDIO) if there else [0.0, 0.0]
        missing += [fed_s - end for end in ends]
    # PyAV opened all of them; ffprobe, which takes longer, reads one of each round.
    if sounds := sorted(victim.folder.glob(f"call-*/{AUDIO}")):
        probe(chance.choice(sounds))
    assert not spool.waiting()
    return missing


@pytest.mark.timeout(240)  # 20 s on a machine that does nothing else
def test_killed_at_any_moment_all_calls_lose_at_most_a_second(tmp_path: Path) -> None:
    chance, missing = random.Random(5), []
    moments = [chance.uniform(0.0, LONGEST_S) for _ in range(ROUNDS)]

    def kill(k: int) -> Victim:
        policy = ("off", "end", "second")[k % 3]
        return Victim(tmp_path / str(k), policy, moments[k]).die()

    PROCESSES.set_forkserver_preload(["tests.recording_victim"])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for victim in pool.map(kill, range(ROUNDS)):
            missing += examine(victim, chance)
    sys.stdout.write(
        f"{len(missing)} legs, {max(missing):.2f} s of one missing at most, "
        f"{sorted(missing)[len(missing) // 2]:.2f} s in the middle\n"
    )
    assert len(missing) > ROUNDS * CALLS
    assert max(missing) <= 1.0


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def fill_up(path: Path) -> None:
    """Until not a byte is left."""
    with path.open("ab", buffering=0) as file:
        for size in (65_536, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
@pytest.mark.parametrize("policy", ["off", "end", "second"])
async def test_a_full_disk_ends_the_sound_and_harms_nothing(
    tmp_path: Path, policy: Any, caplog: pytest.LogCaptureFixture
) -> None:
    told: Counter[str] = Counter()
    texts: list[str] = []
    packets, all_lost = voice(), asyncio.Event()
    with small_disk(tmp_path / "disk", "2m") as disk, Writer() as writer:
        spool = Spool(disk)

        def recorder(name: str) -> Recorder:
            def failed(code: str, text: str) -> None:
                told[f"{name} {code}"] += 1
                texts.append(text)
                if len(told) == CALLS_THERE:
                    all_lost.set()

            return Recorder(disk / name, writer, failed, fsync=policy, spool=spool)

        async def feed(calls: list[Recorder], slots: int) -> None:
            for slot in range(slots):
                for it in calls:
                    it.caller(packets[slot % 100], slot * SLOT)
                    it.agent(packets[slot % 100], slot * SLOT)
                    it.tick(slot * SLOT)
                    if slot % 50 == 0:
                        it.event(json.dumps({"at_ms": slot * 20}))
                if slot % 100 == 0:
                    await asyncio.sleep(0.02)

        async with recorder("earlier") as it:
            it.meta({"version": 1})
            await feed([it], 200)
        earlier = content_of(disk / "earlier")

        (disk / "filler").write_bytes(bytes(200_000))
        names = [f"call-{k}" for k in range(CALLS_THERE)]
        async with AsyncExitStack() as stack:
            calls = [await stack.enter_async_context(recorder(it)) for it in names]
            for call in calls:
                call.meta({"version": 1, "reason": None})
            await feed(calls, 2500)
            await asyncio.wait_for(all_lost.wait(), 20)
            fill_up(disk / "filler")
            for call in calls:
                call.event(json.dumps({"at_ms": 50_000, "text": "x" * 5000}))
                call.meta({"version": 2, "reason": "caller-left"})
        assert told == {f"{name} {STOPPED}": 1 for name in names}
        assert all("No space left" in text for text in texts)
        assert content_of(disk / "earlier") == earlier
        for name in names:
            assert min(ends_of(disk / name / AUDIO)) > 1.0
            probe(disk / name / AUDIO)
            assert json.loads((disk / name / META).read_text())["version"] == 1
            assert not list((disk / name).glob("*.tmp"))
            lines = (disk / name / EVENTS).read_text().splitlines()
            assert [json.loads(line) for line in lines]
            once = [it for it in caplog.messages if f"{name}: " in it and "be wr" in it]
            assert len(once) <= 1
        assert sorted(spool.waiting()) == [*names, "earlier"]

        # What nobody could write down is made up for when there is room again.
        (disk / "filler").unlink()
        for name in names:
            recover(disk / name, spool.read(name))
            meta = json.loads((disk / name / META).read_text())
            assert (meta["reason"], meta["version"]) == (DIED, 1)
        async with recorder("later") as it:
            it.meta({"version": 1})
            await feed([it], 100)
        assert ends_of(disk / "later" / AUDIO) == pytest.approx([2.0, 2.0], abs=0.01)
        assert set(told.values()) == {1} and len(told) == len(names)
        assert not list((disk / FOLDER).glob(".*"))
