"""Minutes: the meetings of one call, from its events to the desk and back.

Agreements are found in all that is said, also in a pause of the recording: whoever
agrees on something in a pause wants it, too. But no word that may not be kept leaves
memory, except for what letters need (name, address, topic): a meeting of which any
part was private is so for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeAlias

from convai.desk.desk import Desk
from convai.desk.entry import Talk
from convai.events import (
    Booked,
    Corrected,
    Cut,
    Ended,
    Event,
    RecordingState,
    Said,
)
from convai.meeting.meeting import Evidence, Meeting
from convai.transcript import Transcript
from convai.turn import Turn

__all__ = ["Agenda", "MakeMinutes", "Minutes"]

MOST = 100
"Meetings of one call whose privacy is remembered; the desk takes fewer."


class Agenda(Protocol):
    """Who finds meetings in what is said (`convai.meeting.agenda`)."""

    @property
    def waiting(self) -> bool: ...
    def heard(
        self, turns: Sequence[Turn], *, at_once: bool = False
    ) -> list[Meeting]: ...
    def booked(
        self, booked: Booked, at_ms: int, turns: Sequence[Turn]
    ) -> list[Meeting]: ...
    def put(self, meeting: Meeting) -> None: ...


class Opinion(Protocol):
    """Who says when the agenda is to look again (`rtc.opinions`)."""

    def follow(self, ready: Callable[[], None]) -> None: ...


class Minutes:
    """Of one call; follows it for the desk."""

    def __init__(
        self, agenda: Agenda, desk: Desk, talk: Talk, opinion: Opinion | None = None
    ) -> None:
        self._agenda = agenda
        self._desk = desk
        self._talk = talk
        "As it was when the call began."
        self._transcript = Transcript()
        "With what is said in pauses; it never leaves memory."
        self._kept: Callable[[], Sequence[Turn]] = tuple
        self._tell: Callable[[Mapping[str, Any]], None] = _nobody
        self._private: dict[str, bool] = {}
        "By the id of each meeting."
        self._evidence: dict[str, list[dict[str, Any]]] = {}
        "As the page sees it."
        self._over = False
        self._discreet = False
        "Whether of what the agenda has not read yet something may not be kept."
        if opinion is not None:
            opinion.follow(self._look_again)

    def begin(
        self,
        kept: Callable[[], Sequence[Turn]],
        tell: Callable[[Mapping[str, Any]], None],
    ) -> None:
        """Must be called first. `kept` gives the turns whose words may be kept; `tell`
        is told of meetings that change by themselves or by a person."""
        self._kept, self._tell = kept, tell
        self._desk.follow(self._talk.call, self)

    def end(self, at_ms: int | None = None) -> None:
        """The call is over, and was so long; may be called again."""
        if not self._over:
            self._over = True
            length_s = None if at_ms is None else at_ms / 1000
            self._desk.leave(self._talk.call, length_s)

    def take(self, event: Event, at_ms: int, *, private: bool) -> list[dict[str, Any]]:
        """Take an event; gives the meetings that are new or changed by it, as JSON.

        `private`: words of now may not be kept.
        """
        if not isinstance(event, RecordingState):
            self._transcript.note(event, at_ms)
        match event:
            case Said(final=True) | Corrected() | Cut():
                found = self._agenda.heard(self._transcript.turns)
            case Ended() if self._agenda.waiting:
                found = self._agenda.heard(self._transcript.turns, at_once=True)
            case Booked():
                found = self._agenda.booked(event, at_ms, self._transcript.turns)
            case _:
                return []
        self._discreet |= private
        return self._told(found)

    def _look_again(self) -> None:
        """The agenda's reader has answered."""
        if self._over:
            return  # the last look was taken when the call ended
        for told in self._told(self._agenda.heard(self._transcript.turns)):
            self._tell(told)

    def private(self, meeting: str) -> bool | None:
        """Whether no words of a meeting may be kept; None: it is not known here."""
        return self._private.get(meeting)

    # The desk calls these.

    def words(self) -> Sequence[Turn]:
        return self._kept()

    def changed(
        self, meeting: Meeting, told: Mapping[str, Any], *, by_person: bool
    ) -> None:
        if self._over:
            return  # the call's files are told
        if by_person:
            self._agenda.put(meeting)
        self._tell(self._whole(told))

    def _told(self, found: Sequence[Meeting]) -> list[dict[str, Any]]:
        told = [self._found(meeting, self._discreet) for meeting in found]
        self._discreet &= self._agenda.waiting
        return told

    def _found(self, meeting: Meeting, private: bool) -> dict[str, Any]:
        kept = self._kept()
        public = not private and all(_is_of(it, kept) for it in meeting.evidence)
        private = self._private.get(meeting.id, False) or not public
        if len(self._private) < MOST or meeting.id in self._private:
            self._private[meeting.id] = private
            self._evidence[meeting.id] = [it.to_json() for it in meeting.evidence]
        if private:
            meeting, kept = replace(meeting, evidence=()), ()
        talk = replace(self._talk, turns=tuple(kept), wordless=private)
        return self._whole(self._desk.found(meeting, talk))

    def _whole(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """With the evidence: the page is the caller's own and sees all."""
        known = self._evidence.get(str(told.get("id")))
        return {**told, "evidence": known} if known is not None else dict(told)


MakeMinutes: TypeAlias = Callable[[Talk, str], Minutes]
"Of a call, given its talk and the caller's zone."


def _is_of(evidence: Evidence, turns: Sequence[Turn]) -> bool:
    """Whether it is from one of these turns."""
    for turn in turns:
        if turn.who != evidence.who:
            continue
        if evidence.start_ms is None:
            if evidence.text in turn.text:
                return True
        elif turn.start_ms <= evidence.start_ms <= (turn.end_ms or turn.start_ms):
            return True
    return False


def _nobody(meeting: Mapping[str, Any]) -> None:
    """Nobody is told before `begin`."""
