from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from convai.desk import entries as module
from convai.desk.diary import Diary
from convai.desk.entries import Entries
from convai.desk.entry import Entry
from tests import virtual
from tests.meetings import CALL, ID, OTHER, agreed, here, talk

ENTRY = Entry(meeting=agreed(), talk=talk(), phase="review", amended=True)
SECOND = replace(ENTRY, meeting=agreed(OTHER), number=1)


class Full(Diary):
    full = True

    def save(self, entry: Entry) -> None:
        if self.full:
            raise OSError("no space")
        super().save(entry)


def test_what_was_put_is_there_at_once_and_on_disk_soon(tmp_path: Path) -> None:
    async def main() -> None:
        entries = Entries(Diary(tmp_path), here)
        assert await entries.open() == []
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(entries.run())
            for entry in (SECOND, ENTRY):
                assert entries.put(entry)
            assert await entries.get(ID) is ENTRY
            assert await entries.of(CALL) == [ENTRY, SECOND], "in their order"
            await asyncio.sleep(0.1)
            running.cancel()
        assert Diary(tmp_path).load(CALL, ID) == ENTRY
        entries.rest(CALL)
        assert entries.here(CALL) == [] and ID in entries
        assert await entries.get(ID) == ENTRY
        assert await entries.get("unknown") is None
        again = Entries(Diary(tmp_path), here)
        assert await again.open() == [], "nothing is to happen to them"
        assert again.calls() == [CALL]

    virtual.run(main())


def test_a_full_disk_is_tried_again(tmp_path: Path) -> None:
    async def main() -> None:
        diary = Full(tmp_path)
        entries = Entries(diary, here)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(entries.run())
            entries.put(ENTRY)
            with pytest.raises(OSError):
                await entries.flush(ID)
            await asyncio.sleep(1)
            assert entries.unwritten == 1
            diary.full = False
            await asyncio.sleep(5)
            running.cancel()
        assert diary.load(CALL, ID) == ENTRY

    virtual.run(main())


def test_one_that_cannot_be_written_does_not_keep_the_others(tmp_path: Path) -> None:
    class Picky(Diary):
        def save(self, entry: Entry) -> None:
            if entry.id == ID:
                raise OSError("not this one")
            super().save(entry)

    async def main() -> None:
        diary = Picky(tmp_path)
        entries = Entries(diary, here)
        entries.put(ENTRY)
        entries.put(SECOND)
        with pytest.raises(OSError):
            await entries.flush_all()
        assert diary.load(CALL, OTHER) == SECOND

    virtual.run(main())


def test_there_is_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)

    async def main() -> None:
        entries = Entries(Diary(tmp_path), here)
        assert entries.put(ENTRY) and not entries.put(SECOND)
        assert entries.put(replace(ENTRY, why="x")), "what is known may change"
        assert entries.dropped == 1

    virtual.run(main())


def test_what_is_forgotten_while_it_is_read_is_gone(tmp_path: Path) -> None:
    Diary(tmp_path).save(ENTRY)

    async def main() -> None:
        entries = Entries(Diary(tmp_path), here)
        await entries.open()

        async def slow(work: Any, *arguments: Any) -> Any:
            found = work(*arguments)
            if work.__name__ == "load":
                entries._away = here
                await entries.forget(CALL)
            return found

        entries._away = slow
        assert await entries.get(ID) is None
        assert Diary(tmp_path).names() == []

    virtual.run(main())
