"""Keeper: what begins, ends, is rated and deleted comes into the history and out."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from pathlib import Path

import pytest

from rtc.archive.archive import ArchiveDown
from rtc.archive.keeper import Busy
from rtc.archive.query import Query
from rtc.recording.files import amend
from tests.keeping import CALL, OTHER, Place, names, until


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "recordings")


async def test_a_call_is_in_the_history_while_it_runs_and_when_it_is_over(
    place: Place,
) -> None:
    async with place.keeper() as keeper:
        marker = place.spool.begin(CALL, {"call": CALL})
        keeper.began({"call": CALL, "agent": "sarah", "reason": None})
        await until(lambda: place.archive.running())
        keeper.ended(place.call())
        marker.release()
        await until(lambda: place.knows(CALL))
        row = await place.archive.get(CALL)
        assert row is not None
        assert (row.agent, row.reason, row.length_ms) == (
            "sarah",
            "caller-hung-up",
            9000,
        )
        assert row.turns == 2
        assert (await place.archive.page(Query(text="heron"))).rows
        await until(lambda: not place.spool.waiting())


async def test_what_the_server_knows_counts_when_the_disk_was_full(
    place: Place,
) -> None:
    async with place.keeper() as keeper:
        keeper.ended(
            {
                "call": CALL,
                "agent": "sarah",
                "reason": "caller-hung-up",
                "recording": {"state": "refused"},
            }
        )
        await until(lambda: place.knows(CALL))
        row = await place.archive.get(CALL)
        assert row is not None
        assert (row.agent, row.recording) == ("sarah", "refused")


async def test_what_the_recorder_counted_is_added_to_what_the_server_knows(
    place: Place,
) -> None:
    async with place.keeper() as keeper:
        meta = place.call(recording={"skew_ms": 1.5})
        keeper.ended({**meta, "recording": {"state": "declined"}})
        await until(lambda: place.knows(CALL))
        row = await place.archive.get(CALL)
        assert row is not None
        assert (row.skew_ms, row.recording) == (1.5, "declined")


async def test_the_bill_comes_later(place: Place) -> None:
    place.spool.add(CALL, {"call": CALL})
    async with place.keeper() as keeper:
        keeper.began({"call": CALL, "reason": None})
        keeper.ended(place.call(), settled=False)
        await until(lambda: place.knows(CALL))
        assert place.spool.waiting() == [CALL]
        bill = {"cost": {"usd": 0.25}}
        keeper.ended({**place.meta(), "metrics": bill})
        await until(lambda: not place.spool.waiting())
        row = await place.archive.get(CALL)
        assert row is not None and row.cost_usd == 0.25


async def test_what_makes_no_sense_is_not_raised(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with place.keeper() as keeper:
        keeper.began({})
        keeper.began({"call": "../../etc"})
        keeper.ended({"call": 5})
    assert caplog.text.count("without an id") == 3


async def test_1000_calls_end_at_once_and_the_loop_goes_on(place: Place) -> None:
    calls = [f"20261123-140509-{n:04x}01234567" for n in range(1000)]
    metas = [place.call(call) for call in calls]
    async with place.keeper() as keeper:
        await until(lambda: keeper.counters()["rows_waiting"] == 0, 60)
        # The thread's own time: what else the machine does is not held against us.
        clock, longest = time.thread_time, 0.0
        begun = clock()
        for meta in metas:
            keeper.ended(meta)
        assert clock() - begun < 0.25
        last = clock()
        while keeper.counters()["rows_waiting"]:
            await asyncio.sleep(0.01)
            longest, last = max(longest, clock() - last), clock()
        await keeper._rows.idle()
        assert await place.archive.known(calls) == set(calls)
    assert longest < 1.0


async def test_the_database_goes_away_and_comes_back(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rtc.archive")
    calls = [f"20261123-140509-{n:04x}01234567" for n in range(20)]
    async with place.keeper() as keeper:
        place.archive.away = True
        for call in calls:
            place.spool.add(call, {"call": call})
            keeper.began({"call": call})
            keeper.ended(place.call(call))
        await until(lambda: keeper.counters()["database_failures"] > 5)
        assert keeper.counters()["database_away"] == 1
        place.archive.away = False
        await until(lambda: not place.spool.waiting())
        assert await place.archive.known(calls) == set(calls)
    told = [it for it in caplog.messages if "the database" in it]
    assert [it.split(",")[0] for it in told] == [
        "the database is away",
        "the database is back",
    ]


async def test_what_waits_when_the_server_stops_is_entered_at_the_next_start(
    place: Place,
) -> None:
    async with place.keeper() as keeper:
        place.archive.away = True
        place.spool.add(CALL, {"call": CALL})
        keeper.ended(place.call())
        await until(lambda: keeper.counters()["database_failures"])
    place.archive.away = False
    async with place.keeper():
        await until(lambda: place.knows(CALL))
        await until(lambda: not place.spool.waiting())
        row = await place.archive.get(CALL)
        assert row is not None and row.reason == "caller-hung-up"


async def test_a_call_that_cannot_be_entered_does_not_stop_the_others(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    meta = place.call()
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        (place.folder / CALL / "call.json").write_text('{"call": "of another"}')
        place.spool.add(CALL, {"call": CALL})
        keeper.ended({**meta, "began": object()})
        keeper.ended(place.call(OTHER))
        await until(lambda: place.knows(OTHER))
    assert place.archive.writes >= 2


async def test_a_rating_is_in_file_and_row(place: Place) -> None:
    place.call()
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        assert await keeper.rate(CALL, 4, "fine" * 1000)
        row = await place.archive.get(CALL)
        assert row is not None and row.rating == 4
        assert place.meta()["rating"] == {"stars": 4, "note": ("fine" * 1000)[:2000]}
        assert place.meta()["agent"] == "sarah"
        assert not place.spool.waiting()
        assert not await keeper.rate(CALL.replace("0", "1"), 4, "")
        assert not await keeper.rate("../x", 4, "")
        for stars in (0, 6):
            with pytest.raises(ValueError, match="allowed: 1 to 5"):
                await keeper.rate(CALL, stars, "")


async def test_a_rating_outlives_the_database_and_the_server(place: Place) -> None:
    place.call()
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        place.archive.away = True
        assert await keeper.rate(CALL, 2, "")
        assert place.spool.waiting() == [CALL]
    place.archive.away = False
    async with place.keeper():
        await until(lambda: not place.spool.waiting())
        row = await place.archive.get(CALL)
        assert row is not None
        assert (row.rating, row.reason) == (2, "caller-hung-up")


async def test_a_rating_waits_for_the_bill(place: Place) -> None:
    async with place.keeper() as keeper:
        keeper.began({"call": CALL})
        with pytest.raises(Busy):
            await keeper.rate(CALL, 3, "")
        meta = place.call()
        keeper.ended(meta, settled=False)
        async with asyncio.TaskGroup() as group:
            rated = group.create_task(keeper.rate(CALL, 3, ""))
            await until(lambda: place.knows(CALL))
            assert not rated.done()
            keeper.ended(meta)
        assert rated.result()
        row = await place.archive.get(CALL)
        assert row is not None and row.rating == 3


async def test_a_rating_does_not_take_the_files_away_before_the_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtc.archive.keeper.SETTLE_S", 0.01)
    place = Place(tmp_path / "recordings", f"file://{tmp_path}/far")
    async with place.keeper() as keeper:
        meta = place.call()
        place.spool.add(CALL, {"call": CALL})
        keeper.ended(meta, settled=False)
        assert await keeper.rate(CALL, 3, "")
        await keeper._moves.idle()
        assert place.spool.waiting() == [CALL]
        bill = {"metrics": {"cost": {"usd": 0.25}}}
        amend(place.folder / CALL, [], bill)
        keeper.ended({**meta, **bill})
        await until(lambda: not place.spool.waiting())
        row = await place.archive.get(CALL)
        assert row is not None and (row.rating, row.cost_usd) == (3, 0.25)
    there = json.loads((tmp_path / "far" / CALL / "call.json").read_text())
    assert there["metrics"] == bill["metrics"] and there["rating"]["stars"] == 3


async def test_a_deletion_that_failed_can_be_asked_for_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.call()
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        with monkeypatch.context() as patch:
            patch.setattr("rtc.archive.deletion.shutil.rmtree", refused)
            with pytest.raises(PermissionError):
                await keeper.delete(CALL, "ann")
        assert f".trash-{CALL}" in names(place.folder)
        assert await keeper.delete(CALL, "ann")
        assert names(place.folder) == {"audit.jsonl"}
        assert await place.archive.get(CALL) is None
        assert not place.spool.waiting()
    assert place.audit()[-1]["what"] == "deleted"


def refused(path: Path) -> None:
    raise PermissionError(f"{path} stays")


async def test_everything_of_a_call_is_deleted(place: Place) -> None:
    place.call()
    size = sum(it.stat().st_size for it in (place.folder / CALL).iterdir())
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        assert await keeper.delete(CALL, "ann")
        assert await place.archive.get(CALL) is None
        assert names(place.folder) == {"audit.jsonl"}
        assert not place.spool.waiting()
        assert place.forgotten == [CALL]
        assert not await keeper.delete(CALL, "ann")
        assert not await keeper.delete("../..", "ann")
    begun, done = place.audit()
    assert begun == {
        "at": "2026-11-24T00:00:00.000+00:00",
        "what": "deleting",
        "call": CALL,
        "by": "ann",
        "files": 3,
        "bytes": size,
    }
    assert done == {**begun, "what": "deleted"}


async def test_a_call_that_runs_is_not_deleted(place: Place) -> None:
    async with place.keeper() as keeper:
        keeper.began({"call": CALL})
        with pytest.raises(Busy):
            await keeper.delete(CALL, "ann")
        marker = place.spool.begin(OTHER, {})  # as another process would
        place.call(OTHER)
        with pytest.raises(Busy):
            await keeper.delete(OTHER, "ann")
        marker.release()
        async with asyncio.timeout(10):
            while True:
                try:
                    assert await keeper.delete(OTHER, "ann")
                    break
                except Busy:  # the keeper has just begun to make it whole
                    await asyncio.sleep(0.01)
    assert {line["call"] for line in place.audit()} == {OTHER}


async def test_sound_and_words_go_at_once_and_the_row_when_the_database_is_back(
    place: Place,
) -> None:
    place.call()
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        place.archive.away = True
        assert await keeper.delete(CALL, "ann")
        assert names(place.folder) == {"audit.jsonl"}
        assert place.spool.waiting() == [CALL]
        assert len(place.audit()) == 1
        assert await keeper.delete(CALL, "bob"), "it is being deleted"
    place.archive.away = False
    async with place.keeper():  # restarted meanwhile
        await until(lambda: not place.spool.waiting())
        assert await place.archive.get(CALL) is None
    assert [(it["what"], it["by"]) for it in place.audit()] == [
        ("deleting", "ann"),
        ("deleted", "ann"),
    ]


async def test_a_deleted_call_does_not_come_back_with_its_bill(place: Place) -> None:
    async with place.keeper() as keeper:
        keeper.began({"call": CALL})
        meta = place.call()
        keeper.ended(meta, settled=False)
        await until(lambda: place.knows(CALL))
        assert await keeper.delete(CALL, "ann")
        keeper.ended(meta)
        await until(lambda: keeper.counters()["rows_waiting"] == 0)
    async with place.archive:
        assert await place.archive.get(CALL) is None
    assert names(place.folder) == {"audit.jsonl"}


async def test_nobody_can_tell_whether_there_is_such_a_call(place: Place) -> None:
    async with place.keeper() as keeper:
        place.archive.away = True
        with pytest.raises(ArchiveDown):
            await keeper.delete(CALL, "ann")
    assert not place.audit()


@pytest.mark.parametrize("days", [0, 1, 7])
async def test_old_calls_are_deleted(place: Place, days: float) -> None:
    ages = {f"202611{day:02}-120000-0123456789ab": 24 - day for day in range(1, 24)}
    for call in ages:
        place.call(call)
    async with place.keeper(keep_days=days) as keeper:
        # At noon each, and now is midnight.
        kept = {call for call, age in ages.items() if not days or age - 0.5 < days}
        old = len(ages) - len(kept)
        await until(lambda: names(place.folder) - {"audit.jsonl"} == kept)
        await until(lambda: place.knows(*kept))
        await until(lambda: keeper.counters()["calls_expired"] == old)
        await until(lambda: keeper.counters()["deletions_waiting"] == 0)
    gone = {line["call"] for line in place.audit() if line["what"] == "deleted"}
    assert gone == set(ages) - kept
    assert {line["by"] for line in place.audit()} <= {"keep-days"}


# Meetings that change when their call is over.

MEETING = {"id": "1", "status": "agreed", "start": "2026-11-26T15:00:00+01:00"}
AGREED = {"meeting": MEETING, "meetings": [MEETING]}
UNDONE = {"meeting": None, "meetings": [{**MEETING, "status": "cancelled"}]}


async def meeting_ms(place: Place) -> int | None:
    row = await place.archive.get(CALL)
    assert row is not None
    return row.meeting_ms


async def test_a_meeting_undone_after_the_call_is_none_at_once(place: Place) -> None:
    place.call(**AGREED)
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        assert await meeting_ms(place) is not None
        assert await keeper.amend(CALL, UNDONE)
        assert await meeting_ms(place) is None
        assert "meeting" not in place.meta() and place.meta()["meetings"]
        assert place.meta()["agent"] == "sarah"
        assert await keeper.amend(CALL, AGREED)
        assert await meeting_ms(place) is not None
        assert await keeper.amend(OTHER, AGREED), "there is no such call"
        assert await keeper.amend("../x", AGREED)
        assert names(place.folder) == {CALL}


async def test_a_call_that_runs_is_not_amended(place: Place) -> None:
    async with place.keeper() as keeper:
        keeper.began({"call": CALL})
        meta = place.call(**AGREED)
        assert not await keeper.amend(CALL, UNDONE)
        keeper.ended(meta, settled=False)
        assert not await keeper.amend(CALL, UNDONE), "its bill is to come"
        keeper.ended(meta)
        # Still waiting or not: the newest counts.
        await until(lambda: keeper.amend(CALL, UNDONE))

        async def undone() -> bool:
            return await place.knows(CALL) and await meeting_ms(place) is None

        await until(undone)


async def test_what_waits_for_the_database_waits_with_the_newest(place: Place) -> None:
    meta = place.call(**AGREED)
    async with place.keeper() as keeper:
        await until(lambda: place.knows(CALL))
        place.archive.away = True
        keeper.began({"call": CALL})
        keeper.ended(meta)
        await until(lambda: keeper.amend(CALL, UNDONE))
        assert "meeting" not in place.meta()
        place.archive.away = False

        async def undone() -> bool:
            return await meeting_ms(place) is None

        await until(undone)


class Letters:
    """Something of calls that is not in their folders."""

    def __init__(self, *calls: str) -> None:
        self.known = set(calls)

    def calls(self) -> set[str]:
        return self.known

    async def forget(self, call: str) -> None:
        self.known.discard(call)


async def test_what_is_kept_beside_the_folder_goes_with_the_call(place: Place) -> None:
    letters = Letters(CALL, OTHER)
    place.call()
    async with place.keeper(beside=letters) as keeper:
        await until(lambda: place.knows(CALL))
        assert await keeper.delete(CALL, "ann")
        assert letters.known == {OTHER}
        # Its folder may be gone for long.
        assert await keeper.delete(OTHER, "ann")
        assert letters.known == set()
        assert not await keeper.delete(OTHER, "ann")


async def test_what_is_too_old_goes_without_a_folder_too(place: Place) -> None:
    old = "20261101-120000-0123456789ab"
    letters = Letters(old, CALL, "no call")
    async with place.keeper(beside=letters, keep_days=7):
        await until(lambda: letters.known == {CALL, "no call"})
