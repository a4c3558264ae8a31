"""Minutes: from what is said to the desk, the page and the disk; what stays private."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from convai.desk.desk import Desk
from convai.events import (
    Booked,
    Ended,
    Event,
    Ready,
    RecordingState,
    Said,
)
from convai.meeting.agenda import Agenda
from convai.meeting.digest import Digest
from convai.meeting.hour import Hour
from convai.meeting.reading import Reading
from rtc.archive.row import Kept, fold
from rtc.journal import Journal
from rtc.minutes import Minutes
from rtc.opinions import Opinion, Opinions
from tests import virtual
from tests.meetings import CALL, ID, NOW, bureau, talk
from tests.unit.rtc.test_journal import FakeRecorder

THURSDAY = date(2026, 11, 26)
VIENNA = ZoneInfo("Europe/Vienna")
READY = Ready("conv_1", 16_000, 16_000)
PAUSED, ON = RecordingState("paused", "caller"), RecordingState("on", "caller")
BOOKED = Booked(
    datetime(2026, 11, 26, 15, tzinfo=VIENNA),
    45,
    attendee="Nat",
    email="nat@example.com",
    topic="ETFs",
)
AGREED = (
    Said("agent", "Shall we meet on Thursday at three?", True, 1),
    Said("caller", "Great, Thursday at three it is.", True),
)


class Line:
    """A call with its journal, page and recorder."""

    def __init__(
        self, desk: Desk, kept: Kept = "kept", opinion: Opinion | None = None
    ) -> None:
        self.page: list[dict[str, Any]] = []
        self.recorder = FakeRecorder()
        agenda = Agenda(NOW, "Europe/Vienna", lambda: ID, opinion)
        self.journal = Journal(
            asyncio.get_running_loop().time(),
            agent="local",
            call=CALL,
            kept=kept,
            page=self.page.append,
            minutes=Minutes(agenda, desk, talk(turns=()), opinion),
        )
        self.journal.recorder = self.recorder  # type: ignore[assignment]

    async def note(self, *events: Event) -> None:
        for event in events:
            self.journal.note(event)
            await asyncio.sleep(1)

    def told(self) -> list[dict[str, Any]]:
        return [it["meeting"] for it in self.page if it["type"] == "meeting.detected"]

    def written(self) -> list[dict[str, Any]]:
        lines = self.recorder.lines
        return [it["meeting"] for it in lines if it["type"] == "meeting.detected"]


class Ponders:
    """A reader that believes what was said in more than `turns` turns."""

    def __init__(self, turns: int = 0) -> None:
        self.turns = turns

    def read(self, digest: Digest, *, at_once: bool = False) -> Reading:
        sure = 1.0 if len(digest.turns) > self.turns else 0.0
        return Reading(sure, 0.0, THURSDAY, 1.0, Hour(0, 0, 15, 0), 1.0)


async def slowly(
    read: Callable[[Digest], Reading | None], digest: Digest
) -> Reading | None:
    await asyncio.sleep(4)
    return read(digest)


def wall() -> datetime:
    return NOW.astimezone(UTC) + timedelta(seconds=asyncio.get_running_loop().time())


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    virtual.run(main())


def test_what_is_agreed_on_in_words_is_told_and_written(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            line = Line(found.desk)
            await line.note(READY, *AGREED)
            meeting = line.told()[-1]
            assert (meeting["id"], meeting["status"]) == (ID, "agreed")
            assert meeting["start"] == "2026-11-26T15:00:00+01:00"
            assert meeting["standing"]["state"] == "waiting"
            assert meeting["evidence"] and line.written()[-1] == meeting
            assert line.journal.meta["meeting"]["id"] == ID
            assert len(line.journal.meta["meetings"]) == 1
            assert fold(line.journal.meta).meeting_ms is not None
            await asyncio.sleep(40)
            states = [it["standing"]["state"] for it in line.told()]
            assert states[-1] == "queued"
            assert all(it["evidence"] == meeting["evidence"] for it in line.told())

    run(main)


def test_words_are_kept_though_the_clock_moves_on_between_two_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            line = Line(found.desk)
            loop, looks = asyncio.get_running_loop(), itertools.count()
            time = loop.time
            monkeypatch.setattr(loop, "time", lambda: time() + next(looks) / 500)
            await line.note(READY, *AGREED)
            assert line.written()[-1]["evidence"] == line.told()[-1]["evidence"]

    run(main)


def test_a_booking_goes_through_the_agenda(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            line = Line(found.desk)
            await line.note(READY, Said("caller", "yes please", True), BOOKED)
            (meeting,) = line.told()
            assert (meeting["source"], meeting["email"]) == ("tool", "nat@example.com")
            assert (meeting["duration_min"], meeting["topic"]) == (45, "ETFs")
            assert "booked" not in json.dumps(line.recorder.lines).lower()

    run(main)


def test_what_a_person_changes_is_known_to_page_disk_and_agenda(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            line = Line(found.desk)
            await line.note(READY, BOOKED)
            await found.desk.correct(ID, {"time": "17:00"})
            await asyncio.sleep(1)
            assert line.told()[-1]["start"] == "2026-11-26T17:00:00+01:00"
            assert line.written()[-1] == line.told()[-1]
            await found.desk.undo(ID)
            await asyncio.sleep(1)
            assert "meeting" not in line.journal.meta
            assert line.journal.meta["meetings"][0]["status"] == "cancelled"
            # Said once more, the old words do not bring it back.
            await line.note(Said("caller", "thank you, bye", True))
            assert line.told()[-1]["standing"]["state"] == "undone"

    run(main)


def test_in_a_pause_the_page_sees_all_and_the_disk_no_word(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            line = Line(found.desk)
            await line.note(READY, PAUSED, *AGREED, BOOKED, ON)
            assert line.told()[-1]["topic"] == "ETFs" and line.told()[-1]["evidence"]
            await asyncio.sleep(60)
            found.post.settle("sent")
            await asyncio.sleep(1)
            assert line.told()[-1]["standing"]["state"] == "sent"
            disk = line.recorder.disk()
            for word in ("Thursday", "ETFs", "nat@example.com", "Nat", "evidence"):
                assert word not in disk, word
            assert line.written()[-1]["start"] == "2026-11-26T15:00:00+01:00"
            assert line.written()[-1]["standing"]["state"] == "sent"
            # The letters got what they need, and no words.
            diary = found.diary.load(CALL, ID)
            assert diary is not None and diary.talk.wordless
            assert diary.meeting.email == "nat@example.com"
            assert diary.meeting.evidence == () and diary.talk.turns == ()
            await line.note(Ended("caller-hung-up"))
            await asyncio.sleep(5)
            text = "".join(it.read_text() for it in tmp_path.glob("*.json"))
            for word in ("Thursday", "ETFs", "nat@example.com", "Nat"):
                assert word not in text, word

    run(main)


def test_what_was_proposed_in_a_pause_stays_private(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            line = Line(found.desk)
            await line.note(READY, PAUSED, AGREED[0], ON)
            await asyncio.sleep(20)
            await line.note(AGREED[1])
            assert line.told()[-1]["status"] == "agreed" and line.told()[-1]["evidence"]
            assert "evidence" not in line.written()[-1]
            assert "Shall we" not in line.recorder.disk()

    run(main)


def test_a_standing_that_changes_in_a_pause_keeps_the_words_of_before(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            line = Line(found.desk)
            await line.note(READY, *AGREED, BOOKED, PAUSED)
            await asyncio.sleep(40)
            assert line.written()[-1]["standing"]["state"] == "queued"
            assert line.journal.meta["meeting"]["topic"] == "ETFs"

    run(main)


def test_a_call_that_is_not_recorded_has_meetings_without_words(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            line = Line(found.desk, "off")
            await line.note(READY, *AGREED, BOOKED, Ended("caller-hung-up"))
            assert line.told() and line.told()[-1]["topic"] == "ETFs"
            assert "ETFs" not in line.recorder.disk()
            assert line.journal.meta["meeting"]["start"].startswith("2026-11-26T15")
            await asyncio.sleep(40)
            letter = found.post.parcels[
                f"{ID}-{line.told()[-1]['sequence']}-desk-request"
            ]
            assert letter.body.split()[3] == b"0", "no turns"

    run(main)


def test_after_its_end_the_call_is_followed_no_more(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            line = Line(found.desk)
            await line.note(READY, *AGREED, Ended("caller-hung-up"))
            line.journal.close()
            count = len(line.told())
            await asyncio.sleep(40)
            assert len(line.told()) == count
            assert found.amended[CALL]["meeting"]["standing"]["state"] == "queued"
            entry = found.diary.load(CALL, ID)
            assert entry is not None and entry.talk.length_s == 3.0
            assert [it.text for it in entry.talk.turns] == [it.text for it in AGREED]

    run(main)


def test_what_the_reader_finds_later_is_told_then(tmp_path: Path) -> None:
    async def main() -> None:
        opinions = Opinions(Ponders(), slowly)
        async with bureau(tmp_path, now=wall) as found, opinions.open():
            line = Line(found.desk, opinion=opinions.of_call())
            await line.note(READY, *AGREED)
            assert line.told() == []
            await asyncio.sleep(10)
            meeting = line.told()[-1]
            assert (meeting["id"], meeting["status"]) == (ID, "agreed")
            assert meeting["evidence"] and line.written()[-1] == meeting
            assert fold(line.journal.meta).meeting_ms is not None

    run(main)


def test_at_the_end_the_reader_has_to_answer(tmp_path: Path) -> None:
    async def main() -> None:
        opinions = Opinions(Ponders(), slowly)
        async with bureau(tmp_path, now=wall) as found, opinions.open():
            line = Line(found.desk, opinion=opinions.of_call())
            await line.note(READY, *AGREED, Ended("caller-hung-up"))
            (meeting,) = line.told()
            assert meeting["status"] == "agreed"
            types = [it["type"] for it in line.page]
            found_at = types.index("meeting.detected")
            assert found_at < types.index("conversation.ended"), "the page listens"
            await asyncio.sleep(10)
            assert len(line.told()) == 1

    run(main)


def test_what_was_agreed_on_in_a_pause_stays_private_when_it_is_read_later(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        opinions = Opinions(Ponders(turns=2), slowly)
        async with bureau(tmp_path, now=wall) as found, opinions.open():
            line = Line(found.desk, opinion=opinions.of_call())
            await line.note(READY, Said("caller", "Thursday at three?", True))
            await asyncio.sleep(10)
            await line.note(Said("caller", "Are you there?", True))
            await asyncio.sleep(10)
            await line.note(PAUSED, Said("agent", "Hm, hm.", True, 1), ON)
            assert line.told() == [], "it is read after the pause"
            await asyncio.sleep(10)
            meeting = line.told()[-1]
            assert meeting["evidence"], "the page is the caller's own"
            assert not any(it.get("evidence") for it in line.written())

    run(main)
