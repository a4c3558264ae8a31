"""Desk: what leaves and what does not, by a clock that jumps, and over restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from convai.desk.correction import BadMeeting
from convai.desk.entries import MOST_OF_A_CALL
from convai.desk.entry import Entry, Settled
from convai.meeting.meeting import Meeting
from convai.post.parcel import Parcel
from convai.turn import Turn
from tests import virtual
from tests.keeping import until
from tests.meetings import (
    CALL,
    ID,
    NOW,
    OTHER,
    THURSDAY,
    FakePost,
    agreed,
    bureau,
    draft,
    talk,
)

LATER = THURSDAY + timedelta(hours=1)


def wall() -> datetime:
    """The wall clock goes with the loop's."""
    return NOW + timedelta(seconds=asyncio.get_running_loop().time())


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    virtual.run(main())


class Follower:
    def __init__(self) -> None:
        self.said: list[Turn] = []
        self.told: list[tuple[Meeting, Mapping[str, Any], bool]] = []

    def words(self) -> Sequence[Turn]:
        return self.said

    def changed(
        self, meeting: Meeting, told: Mapping[str, Any], *, by_person: bool
    ) -> None:
        self.told.append((meeting, told, by_person))

    def states(self) -> list[str]:
        return [told["standing"]["state"] for _, told, _ in self.told]


def names(post: FakePost) -> list[str]:
    return [name.removeprefix(f"{ID}-") for name in post.parcels]


def test_a_meeting_leaves_after_its_moment_and_not_before(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            told = found.desk.found(agreed(), talk())
            assert told["id"] == ID and told["standing"] == {
                "state": "waiting",
                "leaves_in_s": 30.0,
                "to": ["desk", "attendee"],
            }
            await asyncio.sleep(29.5)
            assert (await found.standing())["leaves_in_s"] == 0.5
            assert found.post.parcels == {}
            await asyncio.sleep(1)
            assert names(found.post) == ["0-desk-request", "0-attendee-request"]
            assert (await found.standing())["state"] == "queued"
            assert (
                b"https://p.example" in found.post.parcels[f"{ID}-0-desk-request"].body
            )
            found.post.settle("sent", name=f"{ID}-0-desk-request")
            assert (await found.standing())["state"] == "queued"
            found.post.settle("sent")
            assert await found.standing() == {
                "state": "sent",
                "to": ["desk", "attendee"],
            }

    run(main)


def test_each_change_gives_as_much_time_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(20)
            told = found.desk.found(agreed(start=LATER, sequence=1), talk())
            assert (told["sequence"], told["standing"]["leaves_in_s"]) == (1, 30.0)
            await asyncio.sleep(20)
            # Said once more is no change.
            again = agreed(start=LATER, sequence=7, confidence=1.0)
            told = found.desk.found(again, talk())
            assert (told["sequence"], told["standing"]["leaves_in_s"]) == (1, 10.0)
            assert told["confidence"] == 1.0
            await asyncio.sleep(11)
            assert names(found.post) == ["1-desk-request", "1-attendee-request"]

    run(main)


def test_what_is_undone_never_leaves(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(), talk())
            told = await found.desk.undo(ID)
            assert told is not None
            assert told["status"] == "cancelled" and told["source"] == "page"
            assert told["standing"] == {"state": "undone", "to": []}
            await asyncio.sleep(100)
            for act in (found.desk.undo, found.desk.approve, found.desk.discard):
                with pytest.raises(Settled):
                    await act(ID)
            with pytest.raises(Settled, match="undone"):
                await found.desk.correct(ID, {"time": "17:00"})
            assert found.post.parcels == {}

    run(main)


def test_what_the_conversation_takes_back_before_it_left_never_leaves(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(), talk())
            told = found.desk.found(agreed(status="cancelled", sequence=1), talk())
            assert told["standing"]["state"] == "undone"
            await asyncio.sleep(100)
            assert found.post.parcels == {}
            # ... and agrees on again.
            told = found.desk.found(agreed(sequence=2), talk())
            assert told["standing"]["state"] == "waiting"
            await asyncio.sleep(31)
            assert names(found.post) == ["2-desk-request", "2-attendee-request"]

    run(main)


def test_a_correction_restarts_the_moment(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(25)
            body = {"day": "2026-11-27", "time": "16:30", "email": "bo@example.com"}
            told = await found.desk.correct(ID, body)
            assert told is not None
            assert told["start"] == "2026-11-27T16:30:00+01:00"
            assert (told["email"], told["source"]) == ("bo@example.com", "page")
            assert told["standing"]["leaves_in_s"] == 30.0
            with pytest.raises(BadMeeting, match="in the past"):
                await found.desk.correct(ID, {"day": "2026-11-01"})
            await asyncio.sleep(31)
            assert names(found.post) == ["1-desk-request", "1-attendee-request"]
            with pytest.raises(Settled, match="have left"):
                await found.desk.correct(ID, {"day": "no day at all"})
            with pytest.raises(Settled):
                await found.desk.undo(ID)

    run(main)


def test_a_draft_waits_for_somebody_to_complete_it(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            told = found.desk.found(draft(), talk())
            assert told["missing"] == ["time"]
            assert told["standing"]["state"] == "draft"
            await asyncio.sleep(1000)
            assert found.post.parcels == {}
            with pytest.raises(BadMeeting, match="the time is missing"):
                await found.desk.correct(ID, {})
            told = await found.desk.correct(ID, {"time": "15:00"})
            assert told is not None and told["start"] == "2026-11-26T15:00:00+01:00"
            await asyncio.sleep(31)
            assert names(found.post) == ["1-desk-request", "1-attendee-request"]

    run(main)


def test_a_change_after_it_left_is_an_update_and_a_cancellation_a_cancel(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(31)
            found.post.settle("sent")
            told = found.desk.found(agreed(start=LATER), talk())
            # Whatever the agenda counts, calendars want a greater one.
            assert (told["sequence"], told["standing"]["state"]) == (1, "waiting")
            await asyncio.sleep(31)
            assert names(found.post)[2:] == ["1-desk-request", "1-attendee-request"]
            found.desk.found(agreed(start=LATER, status="cancelled"), talk())
            await asyncio.sleep(31)
            assert names(found.post)[4:] == ["2-desk-cancel", "2-attendee-cancel"]
            found.post.settle("sent")
            assert (await found.standing())["state"] == "sent"

    run(main)


def test_an_update_that_is_undone_leaves_what_was_there(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(31)
            found.post.settle("outbox")
            found.desk.follow(CALL, Follower())
            found.desk.found(agreed(start=LATER), talk())
            told = await found.desk.undo(ID)
            assert told is not None and told["status"] == "agreed"
            assert told["start"] == THURSDAY.isoformat()
            assert told["standing"]["state"] == "outbox"
            # So does a conversation that goes back to it.
            found.desk.found(agreed(start=LATER, sequence=4), talk())
            told = found.desk.found(agreed(sequence=5), talk())
            assert told["standing"]["state"] == "outbox"
            await asyncio.sleep(100)
            assert len(found.post.parcels) == 2

    run(main)


def test_in_review_nothing_leaves_unless_somebody_says_so(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall, confirm="review") as found:
            found.desk.found(agreed(), talk())
            found.desk.found(agreed(OTHER), talk())
            await asyncio.sleep(10_000)
            assert found.post.parcels == {}
            assert (await found.standing())["state"] == "review"
            told = await found.desk.correct(ID, {"time": "16:00"}, late=True)
            assert told is not None and told["standing"]["state"] == "review"
            told = await found.desk.approve(ID)
            assert told is not None and told["standing"]["state"] == "queued"
            with pytest.raises(Settled):
                await found.desk.approve(ID)
            told = await found.desk.discard(OTHER)
            assert told is not None and told["standing"]["state"] == "undone"
            await asyncio.sleep(1)
            assert names(found.post) == ["1-desk-request", "1-attendee-request"]
            # A change of what left is reviewed, too.
            told = await found.desk.correct(ID, {"time": "17:00"}, late=True)
            assert told is not None and told["standing"]["state"] == "review"
            told = await found.desk.discard(ID)
            assert told is not None and told["start"] == "2026-11-26T16:00:00+01:00"

    run(main)


def test_when_off_nothing_ever_leaves(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall, confirm="off") as found:
            told = found.desk.found(agreed(), talk())
            assert told["standing"] == {"state": "off", "to": []}
            told = await found.desk.correct(ID, {"time": "16:00"}) or {}
            assert told["standing"]["state"] == "off"
            await asyncio.sleep(1000)
            with pytest.raises(Settled):
                await found.desk.approve(ID)
            assert found.post.parcels == {}

    run(main)


def test_failed_letters_are_tried_again_when_asked(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(31)
            with pytest.raises(Settled):
                await found.desk.resend(ID)
            found.post.settle("sent", name=f"{ID}-0-attendee-request")
            found.post.settle("failed", "no such box", f"{ID}-0-desk-request")
            assert await found.standing() == {
                "state": "failed",
                "to": ["desk", "attendee"],
                "why": "no such box",
            }
            told = await found.desk.resend(ID) or {}
            assert told["standing"]["state"] == "queued"
            assert found.post.retried == [f"{ID}-0-desk-request"]
            found.post.settle("sent")
            assert (await found.standing())["state"] == "sent"

    run(main)


def test_no_letter_that_can_be_made_is_a_failure_and_no_end(tmp_path: Path) -> None:
    def broken(entry: Entry, url: str) -> list[Parcel]:
        if entry.id == ID:
            raise KeyError("a bug")
        return []

    async def main() -> None:
        async with bureau(tmp_path, now=wall, compose=broken) as found:
            found.desk.found(agreed(), talk())
            found.desk.found(agreed(OTHER), talk())
            await asyncio.sleep(31)
            assert "could not be written" in (await found.standing())["why"]
            assert "nobody" in (await found.standing(OTHER))["why"]
            assert found.desk.counters()["letters_unmade"] == 1
            # Asked to send it again, the desk makes it anew.
            await found.desk.resend(ID)
            await asyncio.sleep(1)
            assert found.desk.counters()["letters_unmade"] == 2

    run(main)


def test_a_full_post_is_tried_again(tmp_path: Path) -> None:
    async def main() -> None:
        post = FakePost()
        post.error = OSError("no space")
        async with bureau(tmp_path, post, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(35)
            assert (await found.standing())["state"] == "queued"
            post.error = None
            await asyncio.sleep(10)
            assert len(post.parcels) == 2

    run(main)


# --- the talk -----------------------------------------------------------------------


def test_the_page_hears_of_every_change(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            follower = Follower()
            found.desk.follow(CALL, follower)
            found.desk.found(agreed(), talk())
            await found.desk.correct(ID, {"time": "16:00"})
            await asyncio.sleep(31)
            found.post.settle("sent")
            await asyncio.sleep(1)
            assert follower.states() == ["waiting", "queued", "sent"]
            assert [by for _, _, by in follower.told] == [True, False, False]
            assert found.amended == {}, "its journal writes it down"
            found.desk.leave(CALL, 60.0)
            await asyncio.sleep(1)
            assert found.amended[CALL]["meeting"]["id"] == ID
            standing = found.amended[CALL]["meetings"][0]["standing"]
            assert standing["state"] == "sent"

    run(main)


def test_a_letter_has_the_words_up_to_its_leaving(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            follower = Follower()
            found.desk.follow(CALL, follower)
            found.desk.found(agreed(), talk())
            follower.said = [Turn("caller", "bye", 1, 2, final=True)] * 5
            await asyncio.sleep(31)
            body = found.post.parcels[f"{ID}-0-desk-request"].body
            assert body.split()[3] == b"5"

    run(main)


def test_a_call_that_ended_keeps_its_words_for_the_letter(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            follower = Follower()
            found.desk.follow(CALL, follower)
            found.desk.found(agreed(), talk())
            follower.said = [Turn("caller", "bye", 1, 2, final=True)] * 3
            found.desk.leave(CALL, 61.5)
            await asyncio.sleep(31)
            body = found.post.parcels[f"{ID}-0-desk-request"].body
            assert body.split()[3] == b"3"
            (entry,) = [found.diary.load(CALL, ID)]
            assert entry is not None and entry.talk.length_s == 61.5

    run(main)


def test_files_of_a_call_that_runs_are_changed_when_it_is_over(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.runs.add(CALL)
            found.desk.found(agreed(), talk())
            await found.desk.undo(ID)
            await asyncio.sleep(10)
            assert found.amended == {}
            found.runs.clear()
            await asyncio.sleep(5)
            assert found.amended[CALL]["meeting"] is None
            assert found.amended[CALL]["meetings"][0]["status"] == "cancelled"

    run(main)


def test_words_that_may_not_be_kept_go_with_the_letters(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(evidence=()), talk(wordless=True, turns=()))
            (shown,) = await found.desk.of_call(CALL)
            assert "attendee" not in shown and "evidence" not in shown
            assert shown["start"] == THURSDAY.isoformat()
            found.desk.leave(CALL)
            await asyncio.sleep(31)
            entry = found.diary.load(CALL, ID)
            assert entry is not None and entry.meeting.email == "nat@example.com"
            assert entry.talk.turns == ()
            found.post.settle("sent")
            await asyncio.sleep(1)
            text = "".join(it.read_text() for it in tmp_path.glob("*.json"))
            for word in ("nat@example.com", "ETFs", "Nat"):
                assert word not in text
            assert "attendee" not in str(found.amended)

    run(main)


def test_more_than_anybody_agrees_on_is_dropped(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            for number in range(MOST_OF_A_CALL):
                found.desk.found(agreed(f"{number:032x}"), talk())
            told = found.desk.found(agreed(), talk())
            assert told["standing"]["state"] == "failed"
            assert await found.desk.meeting(ID) is None
            told = found.desk.found(agreed("../../x"), talk("other"))
            assert told["standing"]["state"] == "failed"
            assert found.desk.counters()["meetings_dropped"] == 1

    run(main)


# --- restarts -----------------------------------------------------------------------


def test_a_restart_goes_on_waiting_by_the_wall_clock(tmp_path: Path) -> None:
    async def main() -> None:
        post = FakePost()
        async with bureau(tmp_path, post, now=wall) as found:
            found.desk.found(agreed(), talk())
            found.desk.found(draft(OTHER), talk())
            await asyncio.sleep(10)
        await asyncio.sleep(5)
        async with bureau(tmp_path, post, now=wall) as found:
            assert (await found.standing())["leaves_in_s"] == 15.0
            assert (await found.standing(OTHER))["state"] == "draft"
            await asyncio.sleep(14)
            assert post.parcels == {}
            await asyncio.sleep(2)
            assert len(post.parcels) == 2
            assert found.amended[CALL]["meeting"]["id"] == ID

    run(main)


def test_a_clock_that_was_put_back_does_not_keep_a_meeting(tmp_path: Path) -> None:
    async def main() -> None:
        post = FakePost()
        async with bureau(tmp_path, post, now=wall) as found:
            found.desk.found(agreed(), talk())
        async with bureau(tmp_path, post, now=lambda: NOW - timedelta(days=9)) as found:
            assert (await found.standing())["leaves_in_s"] == 30.0

    run(main)


class Dies(BaseException):
    """The process is killed here."""


@pytest.mark.parametrize("dies_at", range(1, 8))
def test_whenever_it_is_killed_each_letter_is_put_once(
    tmp_path: Path, dies_at: int
) -> None:
    """Killed after that many writes to the disk or the post."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == dies_at:
            raise Dies

    class Mortal(FakePost):
        async def put(self, parcel: Parcel) -> None:
            await super().put(parcel)
            step()

    async def away(work: Callable[..., Any], *arguments: Any) -> Any:
        done = work(*arguments)
        if getattr(work, "__name__", "") == "save":
            step()
        return done

    post = Mortal()

    async def until_killed() -> None:
        desk_of = bureau(tmp_path, post, now=wall, away=away)
        try:
            async with desk_of as found:
                found.desk.found(agreed(), talk())
                await asyncio.sleep(60)
                post.settle("outbox")
                await asyncio.sleep(60)
        except BaseExceptionGroup as group:
            assert group.subgroup(Dies), group

    async def main() -> None:
        try:
            await until_killed()
        except Dies:
            pass
        nonlocal steps
        steps = 1000
        async with bureau(tmp_path, post, now=wall, away=away) as found:
            await asyncio.sleep(60)
            post.settle("outbox")
            assert (await found.standing())["state"] == "outbox"
        assert set(post.parcels) == {
            f"{ID}-0-desk-request",
            f"{ID}-0-attendee-request",
        }

    run(main)


def test_what_the_post_finished_while_nobody_looked_is_known(tmp_path: Path) -> None:
    async def main() -> None:
        post = FakePost()
        async with bureau(tmp_path, post, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(31)
        post.tell = lambda report: None
        post.settle("sent")
        async with bureau(tmp_path, post, now=wall) as found:
            await asyncio.sleep(1)
            assert (await found.standing())["state"] == "sent"
        post.parcels.clear()
        async with bureau(tmp_path, post, now=wall) as found:
            await asyncio.sleep(1)
            assert (await found.standing())["state"] == "sent"

    run(main)


def test_letters_that_the_post_lost_are_failed(tmp_path: Path) -> None:
    async def main() -> None:
        post = FakePost()
        async with bureau(tmp_path, post, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(31)
        post.parcels.clear()
        async with bureau(tmp_path, post, now=wall) as found:
            await asyncio.sleep(1)
            standing = await found.standing()
            assert standing["state"] == "failed" and "nobody knows" in standing["why"]
            await found.desk.resend(ID)
            await asyncio.sleep(1)
            assert len(post.parcels) == 2

    run(main)


# --- deletion -----------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [1, 31])
def test_a_call_that_is_deleted_takes_its_letters_along(
    tmp_path: Path, after_s: int
) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(after_s)
            assert found.desk.calls() == [CALL]
            await found.desk.forget(CALL)
            await found.desk.forget(CALL)
            await asyncio.sleep(100)
            assert found.post.parcels == {}
            assert await found.desk.meeting(ID) is None
            assert list(tmp_path.glob("*.json")) == []
            assert found.desk.calls() == []

    run(main)


def test_what_rests_is_not_kept_in_memory(tmp_path: Path) -> None:
    async def main() -> None:
        async with bureau(tmp_path, now=wall) as found:
            found.desk.found(agreed(), talk())
            await asyncio.sleep(31)
            found.post.settle("sent")
            await asyncio.sleep(1)
            entries = found.desk._entries
            assert entries.here(CALL) == []
            assert (await found.standing())["state"] == "sent"
            assert await found.desk.agreed(CALL) == replace(agreed())
            told = await found.desk.correct(ID, {"time": "18:00"}, late=True) or {}
            assert told["standing"]["state"] == "waiting"
            await asyncio.sleep(31)
            assert names(found.post)[2:] == ["1-desk-request", "1-attendee-request"]

    run(main)


async def test_with_real_threads(tmp_path: Path) -> None:
    async with bureau(
        tmp_path, now=lambda: NOW, away=asyncio.to_thread, delay_s=0.0
    ) as found:
        found.desk.found(agreed(), talk())
        await until(lambda: len(found.post.parcels) == 2)
    entry = found.diary.load(CALL, ID)
    assert entry is not None and entry.phase == "queued"
