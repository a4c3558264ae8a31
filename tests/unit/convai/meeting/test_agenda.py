"""Agenda: one meeting of a call, whoever says so: the tool, the words or a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from convai.events import Booked
from convai.meeting.agenda import MOST_LINES, SURE, Agenda
from convai.meeting.meeting import Meeting
from convai.turn import Turn
from tests.talks import NOW, VIENNA, lines

PROPOSAL = "a: How about Thursday at three?"
AGREED = f"{PROPOSAL}|c: Perfect."
MOVED = f"{AGREED}|c: Sorry, could we make it four?|a: Four is fine, see you then."
TAKEN_BACK = "|c: Sorry, I have to cancel that.|a: No problem, cancelled."
THURSDAY = datetime(2026, 11, 26, 15, tzinfo=VIENNA)
BOOKED = Booked(THURSDAY, 45, "Ann", "ann@example.com", "Funds")


def turns(talk: str) -> list[Turn]:
    return [
        Turn(line.who, line.text, at * 1000, at * 1000 + 900, final=True)
        for at, line in enumerate(lines(talk))
    ]


class Call:
    """What an agenda tells of a talk."""

    def __init__(self, zone: str = "Europe/Vienna") -> None:
        ids = iter(["1", "2", "3"])
        self.agenda = Agenda(NOW, zone, lambda: next(ids))
        self.turns = 0

    def heard(self, talk: str) -> list[Meeting]:
        """As in a call: with each turn that is new, what was said up to it."""
        said = turns(talk)
        told = []
        for count in range(self.turns + 1, len(said) + 1):
            told += self.agenda.heard(said[:count])
        self.turns = len(said)
        return told

    def agreed(self, talk: str = AGREED) -> Meeting:
        return self.heard(talk)[-1]

    def booked(self, booked: Booked = BOOKED, talk: str = AGREED) -> list[Meeting]:
        return self.agenda.booked(booked, 60_000, turns(talk))


def test_what_both_say_is_told_once() -> None:
    call = Call()
    (meeting,) = call.heard(AGREED)
    assert (meeting.status, meeting.start) == ("agreed", THURSDAY)
    assert (meeting.id, meeting.sequence, meeting.source) == ("1", 0, "transcript")
    assert call.agenda.heard(turns(AGREED)) == []


def test_what_may_still_change_is_not_read() -> None:
    call = Call()
    proposed, accepted = turns(AGREED)
    assert call.agenda.heard([proposed, replace(accepted, final=False)]) == []
    assert call.agenda.heard([proposed, accepted])


def test_a_draft_becomes_a_meeting() -> None:
    told = Call().heard("a: How about Thursday?|c: Perfect.|a: At three?|c: Great.")
    # The draft is told again with its new proof.
    assert [it.status for it in told] == ["draft", "draft", "agreed"]
    assert [it.sequence for it in told] == [0, 0, 1]
    assert {it.id for it in told} == {"1"}


def test_who_says_it_again_changes_nothing_but_the_proof() -> None:
    call = Call()
    first = call.agreed()
    for meeting in call.heard(f"{AGREED}|a: So, Thursday at three.|c: Exactly."):
        assert (meeting.id, meeting.sequence) == (first.id, first.sequence)
        assert meeting.start == first.start


def test_a_later_change_is_the_same_meeting() -> None:
    call = Call()
    first, moved = call.agreed(), call.agreed(MOVED)
    assert moved.start == THURSDAY + timedelta(hours=1)
    assert moved.id == first.id and moved.sequence > first.sequence


def test_taken_back_by_word() -> None:
    call = Call()
    first, last = call.agreed(), call.agreed(AGREED + TAKEN_BACK)
    assert (last.status, last.id, last.sequence) == ("cancelled", first.id, 1)
    assert last.start == THURSDAY
    assert call.agenda.heard(turns(AGREED + TAKEN_BACK)) == []


def test_after_the_cancellation_it_is_agreed_on_anew() -> None:
    call = Call()
    first = call.agreed(AGREED + TAKEN_BACK)
    again = call.agreed(f"{AGREED}{TAKEN_BACK}|a: How about Friday at two?|c: Perfect.")
    assert (again.status, again.id) == ("agreed", first.id)
    assert again.start == datetime(2026, 11, 27, 14, tzinfo=VIENNA)
    assert again.sequence > first.sequence


def test_the_tool_completes_what_the_words_said() -> None:
    call = Call()
    first = call.agreed()
    (booked,) = call.booked()
    assert booked.id == first.id and booked.sequence == 1
    assert (booked.source, booked.confidence) == ("tool", SURE)
    assert (booked.attendee, booked.duration_min) == ("Ann", 45)
    assert booked.evidence == first.evidence
    assert call.booked() == [], "the tool is used again"


def test_the_words_after_the_tool_are_no_second_meeting() -> None:
    call = Call()
    (booked,) = call.booked(talk=PROPOSAL)
    assert booked.id == "1"
    told = call.heard(f"{AGREED}|a: So, Thursday at three, Ann.|c: Exactly.|a: Bye.")
    assert told == []


def test_the_words_move_what_the_tool_booked() -> None:
    call = Call()
    (booked,) = call.booked()
    (moved,) = call.heard(MOVED)
    assert (moved.id, moved.source) == (booked.id, "transcript")
    assert moved.start == THURSDAY + timedelta(hours=1)
    assert (moved.attendee, moved.email, moved.topic) == (
        *("Ann", "ann@example.com", "Funds"),
    )


def test_a_draft_does_not_undo_what_the_tool_booked() -> None:
    call = Call()
    call.booked(talk="a: Hello.")
    told = call.heard("a: Hello.|a: Let's talk again next week, too.|c: Great.")
    assert told == []


def test_what_only_the_tool_says_is_proved_by_what_was_said_before() -> None:
    call = Call()
    said = turns("a: Hello.|c: Hello.|a: I am booking it.|c: Thanks.")
    (meeting,) = call.agenda.booked(BOOKED, 2500, said)
    assert [it.text for it in meeting.evidence] == ["Hello.", "I am booking it."]


MORE = [
    "a: Anything else?|c: No, goodbye.",
    "c: Great, thank you, goodbye.",
    "a: You're all set.|c: Great.",
    "a: So, Thursday at three then.|c: Exactly.",
    "a: See you then.|c: Perfect.",
]
"Says nothing else than before."


@pytest.mark.parametrize("more", MORE)
def test_what_a_person_corrected_stays_so(more: str) -> None:
    call = Call()
    first = call.agreed()
    page = replace(first, start=THURSDAY.replace(hour=17), source="page", sequence=1)
    call.agenda.put(page)
    assert call.heard(f"{AGREED}|{more}") == []


@pytest.mark.parametrize("more", MORE)
def test_what_a_person_took_back_stays_so(more: str) -> None:
    call = Call()
    call.agenda.put(replace(call.agreed(), status="cancelled", source="page"))
    assert call.heard(f"{AGREED}|{more}") == []


@pytest.mark.parametrize("more", MORE)
def test_what_the_tool_booked_stays_so(more: str) -> None:
    call = Call()
    call.agreed()
    (booked,) = call.booked(replace(BOOKED, start=THURSDAY.replace(hour=17)))
    assert booked.start == THURSDAY.replace(hour=17)
    assert call.heard(f"{AGREED}|{more}") == []


def test_what_a_person_restored_is_not_cancelled_again() -> None:
    call = Call()
    first = call.agreed()
    call.agreed(AGREED + TAKEN_BACK)
    call.agenda.put(replace(first, source="page", sequence=2))
    assert call.heard(f"{AGREED}{TAKEN_BACK}|c: Great, thanks. Bye.") == []


def test_after_a_correction_both_may_agree_on_something_else() -> None:
    call = Call()
    page = replace(call.agreed(), attendee="Ann", source="page", sequence=4)
    call.agenda.put(page)
    moved = call.agreed(MOVED)
    assert moved.start == THURSDAY + timedelta(hours=1)
    assert (moved.attendee, moved.sequence) == ("Ann", 5)
    back = call.agreed(f"{MOVED}|c: Could we make it three instead?|a: Three is fine.")
    assert (back.start, back.sequence) == (THURSDAY, 6)


def test_of_a_long_talk_the_beginning_is_forgotten() -> None:
    talk = "|".join(["a: Well.|c: Hm."] * MOST_LINES)
    said = turns(f"{talk}|{AGREED}")
    call = Call()
    (meeting,) = call.agenda.heard(said)
    assert meeting.start == THURSDAY
    more = [*said, *turns("a: Goodbye.|c: Goodbye.")]
    assert call.agenda.heard(more) == []


def test_a_zone_that_nobody_knows_is_utc() -> None:
    for zone in ("", "Mars/Olympus"):
        assert Call(zone).agreed().zone == "UTC"
