"""Desk: takes each meeting that was found, and sees to what becomes of it.

What is found is kept on disk, waits for the moment in which it can be corrected or
undone, and then leaves: as letters and as a webhook, through the post. A restart goes
on where it was; nothing leaves twice, since the post knows each parcel by its name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self

from ..meeting.meeting import Meeting
from ..post.parcel import Report
from ..turn import Turn
from . import courier
from .amendments import Amend, Amendments
from .correction import corrected
from .courier import Compose, Courier
from .diary import Diary, is_name
from .entries import Away, Entries
from .entry import Entry, Phase, Talk
from .rules import Rules
from .shown import plain, shown
from .standing import Standing

__all__ = ["Desk", "Follower", "Post"]

log = logging.getLogger(__name__)

LEAVE_S = 5.0
"Seconds that the disk is given at the end."


class Post(courier.Post, Protocol):
    """What of `convai.post.post.Post` the desk needs."""

    async def retry(self, name: str) -> None: ...


class Follower(Protocol):
    """A call that runs, as the desk sees it."""

    def words(self) -> Sequence[Turn]:
        """What was said so far, without what may not be kept."""

    def changed(
        self, meeting: Meeting, told: Mapping[str, Any], *, by_person: bool
    ) -> None:
        """One of its meetings is now like this; `told` is its JSON with standing.

        Must neither block nor raise.
        """


def _now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """An async context; leaving it loses nothing. Letters leave while it is `open`."""

    def __init__(
        self,
        diary: Diary,
        post: Post,
        rules: Rules,
        *,
        compose: Compose,
        now: Callable[[], datetime] = _now,
        away: Away = asyncio.to_thread,
    ) -> None:
        """`compose` makes parcels of what is parting."""
        self.rules = rules
        self._post = post
        self._now = now
        self._entries = Entries(diary, away)
        self._amendments = Amendments(self._entries, self._shown)
        self._courier = Courier(
            self._entries, post, compose, self._tell, self._words, away
        )
        self._followers: dict[str, Follower] = {}
        "By call."
        self._tasks = asyncio.TaskGroup()
        self._working: list[asyncio.Task[Any]] = []

    async def __aenter__(self) -> Self:
        """Raises OSError when the diary cannot be used."""
        for entry in await self._entries.open():
            self._resume(entry)
        await self._tasks.__aenter__()
        self._working = [self._tasks.create_task(self._entries.run())]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._working:
            task.cancel()
        try:
            await self._tasks.__aexit__(None, None, None)
        finally:
            try:
                await asyncio.wait_for(self._entries.flush_all(), LEAVE_S)
            except (OSError, TimeoutError) as fault:
                log.error("meetings could not be written down: %s", fault)

    @asynccontextmanager
    async def open(self, url: str, amend: Amend) -> AsyncIterator[None]:
        """Meanwhile letters leave, and changes get into the files of their calls.

        `url` is where people reach the server; `amend` changes those files.
        """
        work = (self._courier.run(url), self._amendments.run(amend))
        working = [self._tasks.create_task(it) for it in work]
        try:
            yield
        finally:
            for task in working:
                task.cancel()
            await asyncio.wait(working, timeout=LEAVE_S)

    # The talk. Nothing of this blocks or raises.

    def follow(self, call: str, follower: Follower) -> None:
        """The call runs: its changes go there."""
        self._followers[call] = follower

    def leave(self, call: str, length_s: float | None = None) -> None:
        """The call is over; what changes from now on goes into its files."""
        follower = self._followers.pop(call, None)
        words = follower.words() if follower is not None else ()
        for entry in self._entries.here(call):
            talk = entry.talk.heard(words, length_s)
            self._entries.put(entry.spoken(talk).reduced())
        if self._entries.here(call):
            self._amendments.put(call)

    def found(self, meeting: Meeting, talk: Talk) -> dict[str, Any]:
        """A meeting of this talk is new, or changed; gives its JSON with standing."""
        known = self._entries.now(meeting.id)
        if known is None:
            number = len(self._entries.here(talk.call))
            talk = talk.heard(talk.turns)
            entry = Entry(meeting=meeting, talk=talk, phase="draft", number=number)
            entry = entry.awaiting(meeting, self.rules.confirm, self._due())
        else:
            talk = replace(talk, wordless=talk.wordless or known.talk.wordless)
            entry = known.spoken(talk.heard(talk.turns))
            entry = entry.changed(meeting, self.rules.confirm, self._due())
        named = is_name(meeting.id) and is_name(talk.call)
        if not named or not self._entries.put(entry):
            log.error("call %s: no room for another meeting", talk.call)
            return {**meeting.to_json(), "standing": NO_ROOM.to_json()}
        self._time(entry, known)
        return self._shown(entry)

    # People. Each of these returns when the change is on disk; raises OSError.

    def __contains__(self, meeting: str) -> bool:
        return meeting in self._entries

    async def meeting(self, meeting: str) -> dict[str, Any] | None:
        """As it is told to who knows its id; None: there is none."""
        entry = await self._entries.get(meeting)
        return None if entry is None else self._shown(entry)

    async def of_call(self, call: str) -> list[dict[str, Any]]:
        """All of a call, without words that may not be kept."""
        return [
            plain(self._shown(entry), wordless=entry.talk.wordless)
            for entry in await self._entries.of(call)
        ]

    async def agreed(self, call: str, meeting: str = "") -> Meeting | None:
        """The last one agreed on in a call, or the one of that id."""
        found = [
            entry.meeting
            for entry in await self._entries.of(call)
            if entry.meeting.status == "agreed" and meeting in ("", entry.id)
        ]
        return found[-1] if found else None

    async def correct(
        self, meeting: str, body: Mapping[str, Any], *, late: bool = False
    ) -> dict[str, Any] | None:
        """Have it as `body` says; `late`: also after its letters have left.

        None: there is none. Raises BadMeeting, Settled.
        """

        def change(entry: Entry) -> Entry:
            # First whether, then what: who comes too late need not be taught dates.
            entry.corrected(entry.meeting, self.rules.confirm, self._due(), late=late)
            wanted = corrected(entry.meeting, body, self._now())
            due = self._due()
            return entry.corrected(wanted, self.rules.confirm, due, late=late)

        return await self._change(meeting, change)

    async def undo(self, meeting: str) -> dict[str, Any] | None:
        """Take back what has not left. None: there is none. Raises Settled."""
        return await self._change(meeting, Entry.undone)

    async def approve(self, meeting: str) -> dict[str, Any] | None:
        """Have it leave. None: there is none. Raises Settled."""
        return await self._change(meeting, Entry.approved)

    async def discard(self, meeting: str) -> dict[str, Any] | None:
        """Have it not leave. None: there is none. Raises Settled."""
        phases: tuple[Phase, ...] = ("draft", "waiting", "review")
        return await self._change(meeting, lambda entry: entry.undone(phases))

    async def resend(self, meeting: str) -> dict[str, Any] | None:
        """Try its failed letters again. None: there is none. Raises Settled."""
        entry = await self._entries.get(meeting)
        if entry is None:
            return None
        entry.resent()
        told = entry.told or entry.meeting
        name = courier.round_of(told.id, told.sequence)
        failed = [
            it
            for it in self._post.reports(meeting)
            if it.state == "failed" and it.parcel.startswith(name)
        ]
        # If the post knows nothing of them any more, they are made anew.
        change = Entry.resent if failed else Entry.left
        await self._change(meeting, change)
        for report in failed:
            await self._post.retry(report.parcel)
        return await self.meeting(meeting)

    # Others.

    def reported(self, report: Report) -> None:
        """The post has something new to say of a parcel. Never blocks, never raises."""
        self._courier.reported(report.meeting)

    def calls(self) -> list[str]:
        """Calls of which there are meetings here."""
        return self._entries.calls()

    async def forget(self, call: str) -> None:
        """Delete what is known of a call, also what was to be sent. Raises OSError."""
        for entry in self._entries.here(call):
            self._courier.drop(entry.id)
        self._amendments.drop(call)
        await self._entries.forget(call)
        await self._post.forget(call)

    def counters(self) -> dict[str, int]:
        """What was not as it should be."""
        entries = self._entries
        return {
            "meetings_dropped": entries.dropped,
            "meetings_unwritten": entries.unwritten,
            "letters_unmade": self._courier.unmade,
        }

    async def _change(
        self, meeting: str, change: Callable[[Entry], Entry]
    ) -> dict[str, Any] | None:
        """What a person wants."""
        known = await self._entries.get(meeting)
        if known is None:
            return None
        entry = change(known)
        self._entries.put(entry)
        self._time(entry, known)
        self._tell(entry, by_person=True)
        await self._entries.flush(meeting)
        if entry.talk.call not in self._followers:
            await self._amendments.now(entry.talk.call)
        return self._shown(entry)

    def _time(self, entry: Entry, known: Entry | None) -> None:
        """Have the courier come when it is to."""
        if entry.phase == "waiting":
            if known is None or entry.due != known.due:
                self._courier.put(entry.id, self.rules.delay_s)
        elif entry.pending:
            self._courier.put(entry.id)
        else:
            self._courier.drop(entry.id)

    def _resume(self, entry: Entry) -> None:
        """Go on with what a server that stopped had begun."""
        if entry.due is not None:
            left_s = (entry.due - self._now()).total_seconds()
            # The wall clock may have jumped since; nobody is to wait for longer.
            self._courier.put(entry.id, min(max(left_s, 0.0), self.rules.delay_s))
        elif entry.pending:
            self._courier.put(entry.id)
        if not entry.amended:
            self._amendments.put(entry.talk.call)

    def _tell(self, entry: Entry, *, by_person: bool = False) -> None:
        """Who follows the call learns how it is now."""
        follower = self._followers.get(entry.talk.call)
        if follower is None:
            self._entries.put(entry.reduced())
            self._amendments.put(entry.talk.call)
        else:
            # Soon, and not now: what fails there is not to fail here.
            asyncio.get_running_loop().call_soon(
                partial(
                    follower.changed,
                    entry.meeting,
                    self._shown(entry),
                    by_person=by_person,
                )
            )

    def _words(self, call: str) -> Sequence[Turn] | None:
        """What was said by now; None: the call is over."""
        follower = self._followers.get(call)
        return None if follower is None else follower.words()

    def _shown(self, entry: Entry) -> dict[str, Any]:
        left_s = self._courier.left_s(entry.id)
        return shown(entry, self.rules, left_s)

    def _due(self) -> datetime:
        return self._now() + timedelta(seconds=self.rules.delay_s)


NO_ROOM = Standing("failed", why="there are too many meetings")
