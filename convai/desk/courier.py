"""Courier: brings what leaves the desk to the post, when its time comes.

First the diary says that it leaves, then the post gets it: a server that dies in
between does it again, and the post takes each parcel once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol

from ..post.parcel import Parcel, Report
from ..post.post import Full
from ..turn import Turn
from .deadlines import Deadlines
from .entries import Away, Entries
from .entry import Entry
from .standing import outcome_of

__all__ = ["Compose", "Courier", "Post", "round_of"]

log = logging.getLogger(__name__)

Compose = Callable[[Entry, str], Sequence[Parcel]]
"""Parcels of what is parting; the text is the URL of the server. Names of the parcels
begin as `round_of` says."""

RETRY_S = 10.0
"Between two tries when the disk takes nothing, or the post is full."

UNMADE = "the letters could not be written; the log says why"
LOST = "nobody knows what became of its letters"
NOBODY = "there is nobody to send it to"


class Post(Protocol):
    """What of `convai.post.post.Post` is needed here."""

    async def put(self, parcel: Parcel) -> None: ...
    def reports(self, meeting: str) -> list[Report]: ...
    async def forget(self, call: str) -> None: ...


class Courier:
    """`run` must be running for anything to leave."""

    def __init__(
        self,
        entries: Entries,
        post: Post,
        compose: Compose,
        tell: Callable[[Entry], None],
        words: Callable[[str], Sequence[Turn] | None],
        away: Away = asyncio.to_thread,
    ) -> None:
        """`tell` everybody of an entry that changed; `words` of a call that runs."""
        self.unmade = 0
        "Meetings of which no letters could be made."
        self._entries = entries
        self._post = post
        self._compose = compose
        self._tell = tell
        self._words = words
        self._away = away
        self._deadlines = Deadlines()

    def put(self, meeting: str, wait_s: float = 0.0) -> None:
        """Come for it after so many seconds, and not when it was due before."""
        self._deadlines.put(meeting, wait_s)

    def drop(self, meeting: str) -> None:
        """Do not come for it."""
        self._deadlines.drop(meeting)

    def left_s(self, meeting: str) -> float:
        """Seconds until it leaves."""
        return self._deadlines.left_s(meeting)

    async def run(self, url: str) -> NoReturn:
        """Come for what is due, for ever."""
        while True:
            meeting = await self._deadlines.next()
            try:
                await self._visit(meeting, url)
            except (OSError, Full) as error:
                log.error("a meeting has to wait: %s", error)
                if meeting in self._entries:
                    self._deadlines.put(meeting, RETRY_S)
            except Exception:
                # A wall: one meeting that no letter can be made of must not keep the
                # others from leaving, nor end the calls.
                self.unmade += 1
                log.exception("no letter can be made of a meeting")
                self._fail(meeting, UNMADE)

    def reported(self, meeting: str) -> None:
        """The post has something new to say. Never blocks, never raises."""
        entry = self._entries.now(meeting)
        if entry is not None and entry.parting is None:
            self._settle(entry)

    async def _visit(self, meeting: str, url: str) -> None:
        entry = await self._entries.get(meeting)
        if entry is not None and entry.phase == "waiting":
            words = self._words(entry.talk.call)
            if words is not None:
                entry = entry.spoken(entry.talk.heard(words))
            entry = entry.left()
            self._entries.put(entry)
            self._tell(entry)
        if entry is None:
            return
        await self._entries.flush(meeting)
        if entry.parting is not None:
            await self._place(entry, url)
        latest = self._entries.now(meeting)
        if latest is not None and latest.parting is None:
            self._settle(latest, lost=True)

    async def _place(self, entry: Entry, url: str) -> None:
        """Put all that is parting."""
        parcels: Sequence[Parcel] = await self._away(self._compose, entry, url)
        for parcel in parcels:
            await self._post.put(parcel)
        latest = self._entries.now(entry.id)
        if latest is None:  # its call was deleted meanwhile
            await self._post.forget(entry.talk.call)
            return
        self._entries.put(latest.placed(entry.parting))
        if not parcels:
            self._fail(entry.id, NOBODY)
        await self._entries.flush(entry.id)

    def _fail(self, meeting: str, why: str) -> None:
        """Nothing of it reaches the post."""
        entry = self._entries.now(meeting)
        if entry is not None:
            failed = entry.placed(entry.parting).delivered("failed", why)
            self._entries.put(failed)
            self._tell(failed)

    def _settle(self, entry: Entry, *, lost: bool = False) -> None:
        """See what came of what last left; `lost`: the post must know something."""
        if entry.told is None:
            return
        name = round_of(entry.told.id, entry.told.sequence)
        found = self._post.reports(entry.id)
        reports = [it for it in found if it.parcel.startswith(name)]
        if reports:
            latest = entry.delivered(*outcome_of(reports))
        elif lost and entry.phase == "queued" and not entry.outcome:
            latest = entry.delivered("failed", LOST)
        else:
            return
        if latest is not entry:
            self._entries.put(latest)
            self._tell(latest)


def round_of(meeting: str, sequence: int) -> str:
    """How the names of all parcels begin that leave together."""
    return f"{meeting}-{sequence}-"
