"""Sweep: what a server finds when it starts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rtc.archive.row import fold
from tests.keeping import CALL, OTHER, Place, names, until


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "recordings")


async def test_a_call_whose_server_died_is_recovered(place: Place) -> None:
    folder = place.folder / CALL
    folder.mkdir()
    (folder / "events.jsonl").write_text('{"at_ms": 4200, "type": "x"}\n{"at_ms')
    place.spool.begin(CALL, {"call": CALL, "agent": "sarah"}).release()
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        row = await place.archive.get(CALL)
        assert row is not None
        assert (row.agent, row.reason, row.length_ms) == ("sarah", "server-died", 4200)
        await until(lambda: not place.spool.waiting())
        assert keeper.counters()["calls_recovered"] == 1
    assert place.meta()["reason"] == "server-died"


async def test_a_marker_that_somebody_holds_is_left_alone(place: Place) -> None:
    place.call(reason=None)
    marker = place.spool.begin(CALL, {"call": CALL})  # as another process would
    place.call(OTHER)
    async with place.keeper():
        await until(lambda: place.knows(OTHER))
    marker.release()
    assert place.meta()["reason"] is None
    async with place.archive:
        assert await place.archive.get(CALL) is None


async def test_folders_from_before_the_history_are_imported(place: Place) -> None:
    calls = [f"20261123-140509-{n:04x}01234567" for n in range(250)]
    for call in calls:
        place.call(call)
    (place.folder / "20261123-notes").mkdir()
    (place.folder / OTHER).mkdir()  # without a call.json
    async with place.keeper() as keeper:
        await until(lambda: place.knows(*calls), 60)
        await until(lambda: keeper.counters()["rows_waiting"] == 0, 60)
        writes = place.archive.writes
    async with place.keeper():
        await until(lambda: place.knows(*calls), 60)
    assert writes == place.archive.writes == len(calls), "what is known is left"


async def test_an_old_call_without_an_end_gets_one(place: Place) -> None:
    place.call(reason=None, length_ms=None)
    async with place.keeper():
        await until(lambda: place.knows(CALL))
        row = await place.archive.get(CALL)
        assert row is not None and row.reason == "server-died"


@pytest.mark.parametrize("shared", [True, False])
async def test_running_rows_of_servers_that_died(place: Place, shared: bool) -> None:
    far = CALL.replace("0123456789ab", "7777456789ab")
    (place.folder / OTHER).mkdir()  # killed before there was a call.json
    async with place.archive:
        for call in (OTHER, far):
            meta = {"call": call, "agent": "sarah", "reason": None}
            await place.archive.put(fold(meta))
    async with place.keeper(shared=shared):
        expected = {OTHER} if shared else {OTHER, far}
        await until(lambda: place.knows(*expected))
        row = await place.archive.get(OTHER)
        assert row is not None
        assert (row.agent, row.reason) == ("sarah", "server-died")
        assert await place.archive.running() == ([far] if shared else [])


async def test_a_row_of_another_server_is_not_too_old_for_us(place: Place) -> None:
    place.call(CALL)
    async with place.archive:
        row = fold({"call": OTHER, "reason": "caller-hung-up"})
        await place.archive.put(row)
        await place.archive.put(replace(row, call=CALL))
    async with place.keeper(keep_days=0.1) as keeper:
        await until(lambda: keeper.counters()["calls_expired"] == 1)
        assert await place.archive.get(CALL) is None
        assert await place.archive.get(OTHER) is not None


async def test_without_a_database_old_calls_go_all_the_same(place: Place) -> None:
    place.call()
    place.archive.away = True
    async with place.keeper(keep_days=0.1):
        await until(lambda: names(place.folder) == {"audit.jsonl"})
    place.archive.away = False


async def test_trash_is_taken_out(place: Place) -> None:
    place.call()
    (place.folder / CALL).rename(place.folder / f".trash-{CALL}")
    place.call(OTHER)
    (place.folder / OTHER).rename(place.folder / f".moved-{OTHER}")
    async with place.archive:
        await place.archive.put(fold({"call": CALL, "reason": "caller-hung-up"}))
    async with place.keeper():
        await until(lambda: place.audit() and names(place.folder) == {"audit.jsonl"})
        assert await place.archive.get(CALL) is None
    (line,) = place.audit()
    assert (line["what"], line["by"], line["files"]) == ("deleted", "unknown", 3)


async def test_a_damaged_folder_does_not_stop_the_others(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.call(OTHER)
    place.call()
    (place.folder / CALL / "call.json").write_text(json.dumps({"call": OTHER}))
    async with place.keeper() as keeper:
        await until(lambda: place.knows(OTHER))
        await until(lambda: keeper.counters()["calls_set_aside"] == 1)
    assert "is set aside" in caplog.text


async def test_what_is_to_be_elsewhere_is_brought_there(tmp_path: Path) -> None:
    place = Place(tmp_path / "recordings")
    place.call()
    place.call(OTHER)
    async with place.keeper():
        await until(lambda: place.knows(CALL))
    place = Place(tmp_path / "recordings", f"file://{tmp_path}/far")
    async with place.keeper() as keeper:
        for call in (CALL, OTHER):
            await until(lambda call=call: place.store.has(call))  # type: ignore[misc]
        await until(lambda: not names(place.folder))
        assert await keeper.rate(CALL, 5, "heard")
        row = await place.archive.get(CALL)
        assert row is not None and (row.rating, row.turns) == (5, 2)
        far = tmp_path / "far" / CALL / "call.json"
        assert json.loads(far.read_text())["rating"]["note"] == "heard"
        assert await keeper.delete(CALL, "ann")
        assert not far.parent.exists()
        assert place.audit()[1]["files"] == 3
        assert await place.archive.get(CALL) is None
        await until(lambda: not place.spool.waiting())


async def test_a_call_that_was_deleted_while_we_looked_is_not_recovered(
    place: Place,
) -> None:
    """It was: the row came back, as that of a server that died."""
    place.call()
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        await keeper.delete(CALL, "ann")
        await keeper._sweep.recover(CALL, {"call": CALL})  # decided before
        await until(lambda: keeper.counters()["rows_waiting"] == 0)
        await keeper._rows.idle()
        assert await place.archive.get(CALL) is None
        assert names(place.folder) == {"audit.jsonl"}


async def test_a_call_that_ended_while_we_looked_is_not_recovered(place: Place) -> None:
    """It was: what only the server knew of it was gone from the history."""
    async with place.keeper() as keeper:
        meta = place.call(recording={"skew_ms": 1.5})
        keeper.ended({**meta, "recording": {"state": "declined"}})
        await until(lambda: place.knows(CALL))
        await keeper._sweep.recover(CALL, {"call": CALL})  # decided before
        await keeper._rows.idle()
        row = await place.archive.get(CALL)
        assert row is not None
        assert (row.skew_ms, row.recording) == (1.5, "declined")
