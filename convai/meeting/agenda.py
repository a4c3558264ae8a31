"""Agenda: the meeting of one call, from the agent's tool and from what is said. Pure.

A call has one meeting. What the tool books and what the words say are two sources of
the same agreement: the tool is believed, until both agree on something else after it.
What a person wrote on a page is believed until then, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..events import Booked
from ..turn import Turn
from .clauses import clauses
from .detect import Finding, Line, detect
from .meeting import Evidence, Meeting, known_zone
from .reading import Reader

__all__ = ["Agenda"]

MOST_LINES = 200
"Of the newest turns: half an hour of talk."

Words = tuple[datetime | None, date | None, time | None, bool]

SURE = 0.98
"Confidence in what the agent's tool says."


class Agenda:
    """Of one call. Each method gives the meetings that are new or have changed."""

    def __init__(
        self,
        began: datetime,
        zone: str,
        make_id: Callable[[], str],
        reader: Reader | None = None,
    ) -> None:
        """`began`: with a zone, whichever; `zone` is the caller's, UTC if unknown.

        `reader`: gives a second opinion; None: the rules decide alone.
        """
        home = known_zone(zone) if zone else None
        self._now = began.astimezone(home or ZoneInfo("UTC"))
        self._make_id = make_id
        self._reader = reader
        self._read = lru_cache(MOST_LINES)(clauses)
        "What was read before; of this call alone."
        self._meeting: Meeting | None = None
        self._lines: list[Line] = []
        "Those that were read last."
        self._finding = Finding(None)
        "What came of them."
        self._unread = 0
        "Lines that there were when the reader was asked who has not answered; 0: none."
        self._fixed = 0
        "Lines that there were when the tool, or a person, had the last word."
        self._settled: Words | None = None
        "What was made of those: the words say nothing else while it is the same."

    @property
    def waiting(self) -> bool:
        """Whether the reader has to answer yet: then `heard` is to be called again."""
        return self._unread > 0

    def heard(self, turns: Sequence[Turn], *, at_once: bool = False) -> list[Meeting]:
        """What the words say; `turns` is all that was said so far.

        `at_once`: the reader has to say its opinion now.
        """
        found = self._find(turns, at_once)
        if found.waiting:
            return []
        if self._fixed and len(self._lines) <= self._fixed:
            self._settled = _words(found)  # nothing was said since
            return []
        known = self._meeting
        if known is None:
            return self._begin(found.meeting)
        if self._is_old(found):
            return []
        # A reader alone cannot undo what a tool or a person said exactly.
        denied = found.denied and known.source == "transcript"
        if found.cancelled or denied:
            if known.status == "cancelled":
                return []
            gone = replace(known, status="cancelled", source="transcript")
            return self._become(gone)
        if found.meeting is None or not _may_follow(known, found):
            return []
        return self._become(_merged(known, found.meeting))

    def booked(
        self, booked: Booked, at_ms: int, turns: Sequence[Turn]
    ) -> list[Meeting]:
        """The agent's tool was used, `at_ms` milliseconds after the call's start."""
        found = self._find(turns, at_once=True).meeting
        meeting = Meeting(
            status="agreed",
            zone=str(booked.start.tzinfo),
            start=booked.start,
            duration_min=booked.duration_min,
            attendee=booked.attendee,
            email=booked.email,
            topic=booked.topic,
            confidence=SURE,
            source="tool",
            evidence=found.evidence if found else _last(turns, at_ms),
        )
        begins = self._meeting is None
        told = self._begin(meeting) if begins else self._become(meeting)
        self._fix()
        return told

    def put(self, meeting: Meeting) -> None:
        """A person has corrected the meeting on a page, or taken it back."""
        self._meeting = meeting
        self._fix()

    def _is_old(self, found: Finding) -> bool:
        """Whether the tool, or a person, has said all that since."""
        before = bool(self._fixed) and found.newest < self._fixed
        return before or _words(found) == self._settled

    def _fix(self) -> None:
        """What was said so far, also what is not read yet, counts no more."""
        self._fixed = self._unread or len(self._lines)
        self._settled = _words(self._finding)

    def _find(self, turns: Sequence[Turn], at_once: bool) -> Finding:
        lines = [
            Line(it.who, it.text, it.start_ms, it.end_ms) for it in turns if it.final
        ]
        if lines == self._lines:
            self._unread = 0
            return self._finding
        # Of a longer talk the beginning is forgotten, and the count goes on.
        forgotten = max(0, len(lines) - MOST_LINES)
        newest = lines[forgotten:]
        found = detect(newest, self._now, self._read, self._reader, at_once)
        self._unread = len(lines) if found.waiting else 0
        if found.waiting:
            return found
        # What was agreed on there cannot be seen any more.
        denied = found.denied and not forgotten
        found = replace(found, newest=found.newest + forgotten, denied=denied)
        self._lines, self._finding = lines, found
        return found

    def _begin(self, meeting: Meeting | None) -> list[Meeting]:
        if meeting is None:
            return []
        self._meeting = replace(meeting, id=self._make_id())
        return [self._meeting]

    def _become(self, meeting: Meeting) -> list[Meeting]:
        known = self._meeting
        assert known is not None, "there is one to become another"
        meeting = replace(meeting, id=known.id, sequence=known.sequence)
        if meeting == known:
            return []
        if _said_otherwise(known, meeting):
            meeting = replace(meeting, sequence=known.sequence + 1)
        self._meeting, self._settled = meeting, None
        return [meeting]


def _words(found: Finding) -> Words:
    """What it comes to, whoever says so however often."""
    meeting = found.meeting
    if meeting is None:
        return None, None, None, found.cancelled or found.denied
    return meeting.start, meeting.day, meeting.time, found.cancelled


def _may_follow(known: Meeting, finding: Finding) -> bool:
    """Whether words may change what is known."""
    found = finding.meeting
    if found is None:
        return False
    if known.status == "agreed" and found.status == "draft":
        if found.day and found.time and _is_of(known.start, found.day, found.time):
            return False  # a doubt of what they agreed on is no change of it
        if not finding.reopened:
            return False
    if known.source == "transcript":
        return True
    # Tool and people said it exactly: only another exact agreement changes it.
    return found.status == "agreed" and found.start != known.start


def _is_of(start: datetime | None, day: date, at: time) -> bool:
    return start is not None and (start.date(), start.time()) == (day, at)


def _merged(known: Meeting, found: Meeting) -> Meeting:
    """What was found, with what words do not tell."""
    return replace(
        found,
        attendee=known.attendee,
        email=known.email,
        topic=known.topic,
    )


def _said_otherwise(one: Meeting, two: Meeting) -> bool:
    """Whether they differ in what people are told, and not only in its proof."""
    bare = [
        replace(it, evidence=(), confidence=0.0, source="page") for it in (one, two)
    ]
    return bare[0] != bare[1]


def _last(turns: Sequence[Turn], at_ms: int) -> tuple[Evidence, ...]:
    """What was said just before: the proof of what only the tool says."""
    said = [it for it in turns if it.final and it.start_ms <= at_ms]
    return tuple(Evidence(it.who, it.text, it.start_ms, it.end_ms) for it in said[-2:])
