"""The history, with its database stopped or its server killed in the middle."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtc.archive.archive import Archive
from rtc.archive.keeper import Keeper
from rtc.archive.query import Query
from tests import postgres
from tests.keeping import QUICK, Place, names, until
from tests.server_process import ROOT

CALLS = [f"20261123-140509-{n:04x}01234567" for n in range(24)]

KEEP = """
import asyncio, sys
from pathlib import Path
from tests.keeping import Place

async def main():
    place = Place(Path(sys.argv[1]), sys.argv[2] or None)
    async with place.keeper() as keeper:
        print("begins", flush=True)
        if sys.argv[3] == "delete":
            for call in sys.argv[4:]:
                await keeper.delete(call, "ann")
        else:
            for call in sys.argv[4:]:
                keeper.ended(place.meta(call))
            await asyncio.sleep(60)
    print("ended", flush=True)

asyncio.run(main())
"""


async def killed(folder: Path, url: str, what: str, after: float) -> None:
    """A server that is killed so many seconds after it has begun with `what`."""
    child = subprocess.Popen(  # noqa: ASYNC220, it is killed at an exact moment
        [sys.executable, "-c", KEEP, str(folder), url, what, *CALLS],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    await asyncio.to_thread(child.stdout.readline)
    await asyncio.sleep(after)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()


@pytest.mark.parametrize("after", [0.0, 0.02, 0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("far", [False, True])
async def test_killed_in_the_middle_of_deletions(
    tmp_path: Path, after: float, far: bool
) -> None:
    url = f"file://{tmp_path}/far" if far else ""
    place = Place(tmp_path / "recordings", url or None)
    for call in CALLS:
        place.call(call)
    async with place.keeper():
        await until(lambda: place.knows(*CALLS), 30)
        if far:
            await until(lambda: not names(place.folder), 30)
    await killed(place.folder, url, "delete", after)

    def whole(call: str) -> bool:
        folder = (tmp_path / "far" if far else place.folder) / call
        return len(list(folder.glob("*"))) == 3

    async with place.keeper():  # nobody asks again
        # In this order: there is trash, or else a marker, until all is done.
        await until(lambda: not list(place.folder.glob(".trash-*")), 30)
        await until(lambda: not place.spool.waiting(), 30)
        rows = (await place.archive.page(Query(limit=200))).rows
        begun = {it["call"] for it in place.audit() if it["what"] == "deleting"}
        done = {it["call"] for it in place.audit() if it["what"] == "deleted"}
        # Noted, but killed before anything happened: such a call is whole.
        spared = begun - done
        assert len(spared) <= 1
        left = {row.call for row in rows}
        assert left == set(CALLS) - done
        assert {call for call in CALLS if whole(call)} == left
        assert {it["by"] for it in place.audit()} <= {"ann"}


@pytest.mark.parametrize("after", [0.0, 0.1, 0.3])
async def test_killed_while_calls_are_entered_and_moved(
    tmp_path: Path, after: float
) -> None:
    far = tmp_path / "far"
    place = Place(tmp_path / "recordings", f"file://{far}")
    was: dict[str, dict[str, bytes]] = {}
    for call in CALLS:
        place.call(call)
        place.spool.add(call, {"call": call})
        was[call] = {it.name: it.read_bytes() for it in (place.folder / call).iterdir()}
    await killed(place.folder, f"file://{far}", "end", after)
    async with place.keeper():
        await until(lambda: place.knows(*CALLS), 30)
        await until(lambda: not place.spool.waiting(), 30)
        await until(lambda: not names(place.folder), 30)
    for call in CALLS:
        there = {it.name: it.read_bytes() for it in (far / call).iterdir()}
        assert there.keys() == was[call].keys()
        for name in ("events.jsonl", "transcript.json"):
            assert there[name] == was[call][name]


@pytest.fixture(scope="module")
def cluster() -> Iterator[postgres.Cluster]:
    with postgres.running() as it:
        yield it


async def test_the_database_stops_and_starts_again(
    tmp_path: Path, cluster: postgres.Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rtc.archive")
    place = Place(tmp_path / "recordings")
    loop = asyncio.get_running_loop()
    url = await asyncio.to_thread(cluster.database)
    async with Archive(url) as archive:
        keeper = Keeper(archive, place.store, place.spool, place.folder, backoff=QUICK)

        async def knows(*calls: str) -> bool:
            return await archive.known(calls) == set(calls)

        async with keeper:
            for call in CALLS[:8]:
                keeper.began({"call": call})
            keeper.ended(place.call(CALLS[0]))
            await until(lambda: knows(CALLS[0]), 30)
            await asyncio.to_thread(cluster.stop)
            begun = loop.time()
            for call in CALLS[1:]:
                place.spool.add(call, {"call": call})
                keeper.began({"call": call})
                keeper.ended(place.call(call))
            assert await keeper.delete(CALLS[0], "ann")
            assert loop.time() - begun < 5, "nobody waits for a database"
            assert not (place.folder / CALLS[0]).exists()
            await until(lambda: keeper.counters()["database_failures"] > 3, 30)
            await asyncio.to_thread(cluster.start)
            await until(lambda: knows(*CALLS[1:]), 60)
            await until(lambda: not place.spool.waiting(), 30)
            assert await archive.get(CALLS[0]) is None
            assert await archive.running() == []
            assert keeper.counters()["calls_set_aside"] == 0
    told = [it.split(",")[0] for it in caplog.messages if "the database is" in it]
    assert told == ["the database is away", "the database is back"]
    assert postgres.PASSWORD not in caplog.text
