"""Agenda: one meeting of a call, whoever says so: the tool, the words or a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import pytest

from convai.events import Booked
from convai.meeting.agenda import MOST_LINES, SURE, Agenda
from convai.meeting.digest import Digest
from convai.meeting.hour import Hour
from convai.meeting.meeting import Meeting
from convai.meeting.reading import Reader, Reading
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


class Says:
    """A reader whose opinion is this one, or the last of these."""

    def __init__(self, *readings: Reading) -> None:
        self.readings = list(readings)

    def read(self, digest: Digest, *, at_once: bool = False) -> Reading:
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]


class Ponders:
    """A reader who has not made up its mind, unless it has to."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.ready = False

    def read(self, digest: Digest, *, at_once: bool = False) -> Reading | None:
        return self.reading if self.ready or at_once else None


class Call:
    """What an agenda tells of a talk."""

    def __init__(
        self, zone: str = "Europe/Vienna", reader: Reader | None = None
    ) -> None:
        ids = iter(["1", "2", "3"])
        self.agenda = Agenda(NOW, zone, lambda: next(ids), reader)
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


SURELY = Reading(0.9, 0.0, THURSDAY.date(), 1.0, Hour(0, 0, 15), 1.0)
HARDLY = replace(SURELY, agreed=0.4, draft=0.4)
NOT = replace(SURELY, agreed=0.05, draft=0.05)


def told(*readings: Reading) -> list[tuple[str, bool]]:
    """Of each change the status, and whether there is a start; `Hm` is no rule's."""
    call = Call(reader=Says(readings[0], *readings))
    talk = "|".join([PROPOSAL, *["c: Hm."] * len(readings)])
    found = [(it.status, it.start is not None) for it in call.heard(talk)]
    return [it for it, _ in groupby(found)]


def test_what_only_the_reader_finds_has_its_sentences() -> None:
    call = Call(reader=Says(NOT, SURELY))
    (meeting,) = call.heard(f"{PROPOSAL}|c: I'll put the kettle on.")
    assert (meeting.status, meeting.start) == ("agreed", THURSDAY)
    assert meeting.confidence > 0.9
    said = [it.text for it in meeting.evidence]
    assert said == ["How about Thursday at three?", "I'll put the kettle on."]


def test_a_doubt_changes_nothing_that_was_agreed_on() -> None:
    assert told(SURELY, HARDLY, SURELY) == [("agreed", True)]


def test_what_the_reader_is_sure_is_not_agreed_on_is_taken_back() -> None:
    unsure = replace(NOT, draft=0.2)
    assert told(SURELY, unsure) == [("agreed", True)]
    assert told(SURELY, NOT, NOT) == [("agreed", True), ("cancelled", True)]
    assert told(HARDLY, NOT) == [("draft", False), ("cancelled", False)]


THANKS = f"{AGREED}|a: Thank you.|c: Great, goodbye."
"""Three turns more than the proposal; the last ones are rules' evidence, too."""


def wobbling(*later: Reading, said: str = AGREED) -> Call:
    """A call in which `said` is agreed on, and what the reader thinks after that."""
    call = Call(reader=Says(*[SURELY] * len(lines(said)), *later))
    assert call.agreed(said).status == "agreed"
    return call


@pytest.mark.parametrize(
    "later", [NOT, HARDLY, replace(SURELY, agreed=0.05, draft=0.9)]
)
def test_the_reader_alone_does_not_change_what_the_tool_booked(later: Reading) -> None:
    call = wobbling(SURELY, later)
    call.booked()
    assert call.heard(THANKS) == []


@pytest.mark.parametrize("at_booking", [SURELY, HARDLY, NOT])
@pytest.mark.parametrize("later", [SURELY, NOT, HARDLY])
def test_nor_what_a_person_wrote(at_booking: Reading, later: Reading) -> None:
    call = wobbling(at_booking, later, said=AGREED)
    known = call.heard(f"{AGREED}|a: Thank you.")
    meeting = known[-1] if known else call.agenda._meeting
    assert meeting is not None
    moved = replace(meeting, start=THURSDAY + timedelta(hours=2), status="agreed")
    call.agenda.put(replace(moved, source="page"))
    assert call.heard(THANKS) == []


def test_nor_what_a_person_undid() -> None:
    call = wobbling(HARDLY, SURELY, SURELY)
    gone = replace(call.agenda._meeting, status="cancelled", source="page")  # type: ignore[type-var]
    call.agenda.put(gone)  # type: ignore[arg-type]
    assert call.heard(f"{THANKS}|a: Bye.") == []


def test_what_was_cut_away_was_not_denied() -> None:
    """Of a long talk, not all is read."""
    call = wobbling(replace(NOT, whole=False))
    assert call.heard(f"{AGREED}|a: Hm.") == []
    chat = "|".join(["a: Hm.", "c: Hm."] * (MOST_LINES // 2 + 2))
    call = wobbling(*[SURELY] * (MOST_LINES - 2), NOT)
    told = call.heard(f"{AGREED}|{chat}")
    assert {it.status for it in told} <= {"agreed"}


def test_a_doubt_is_shown_with_what_is_known() -> None:
    """It was an empty draft: on which day, and at what time?"""
    call = wobbling(replace(SURELY, agreed=0.05, draft=0.9))
    assert call.heard(f"{AGREED}|a: Thank you.") == []


def test_what_only_the_reader_finds_may_change_again() -> None:
    call = Call(reader=Says(NOT, HARDLY, SURELY, NOT))
    strange = "a: Your fitter's delivery arrives on Thursday at three."
    told = call.heard(f"{strange}|c: I will put the kettle on.|a: Hm.|c: Hm.")
    assert [it.status for it in told] == ["draft", "agreed", "cancelled"]
    assert [it.text for it in told[0].evidence][0].startswith("Your fitter")


def test_nothing_is_told_until_the_reader_has_answered() -> None:
    reader = Ponders(SURELY)
    call = Call(reader=reader)
    assert call.heard(AGREED) == [] and call.agenda.waiting
    reader.ready = True
    (meeting,) = call.agenda.heard(turns(AGREED))
    assert (meeting.status, meeting.start) == ("agreed", THURSDAY)
    assert not call.agenda.waiting
    assert call.agenda.heard(turns(AGREED)) == []


def test_the_reader_can_be_made_to_answer() -> None:
    call = Call(reader=Ponders(SURELY))
    assert call.heard(AGREED) == []
    (meeting,) = call.agenda.heard(turns(AGREED), at_once=True)
    assert meeting.start == THURSDAY and not call.agenda.waiting


def test_what_the_reader_says_after_the_tool_of_words_before_it_is_old() -> None:
    reader = Ponders(SURELY)
    call = Call(reader=reader)
    call.heard(AGREED)
    later = replace(BOOKED, start=THURSDAY + timedelta(hours=1))
    (meeting,) = call.booked(later)
    assert meeting.start == later.start and not call.agenda.waiting
    reader.ready = True
    assert call.agenda.heard(turns(AGREED)) == []


def test_what_the_reader_says_after_a_person_of_words_before_is_old() -> None:
    reader = Ponders(SURELY)
    call = Call(reader=reader)
    reader.ready = True
    meeting = call.agreed()
    reader.ready = False
    more = AGREED + "|a: So that is Thursday at three.|c: Exactly."
    assert call.heard(more) == [] and call.agenda.waiting
    call.agenda.put(replace(meeting, status="cancelled", source="page"))
    assert call.agenda.waiting, "a person is not kept waiting for it"
    reader.ready = True
    assert call.agenda.heard(turns(more)) == []
    assert call.heard(more + "|a: Thursday at three.|c: Yes.") == []
    reader.reading = replace(SURELY, day=THURSDAY.date() + timedelta(1))
    later = more + "|a: Thursday at three.|c: Yes.|a: No, Friday at three.|c: Fine."
    assert {it.start for it in call.heard(later)} == {THURSDAY + timedelta(1)}
