"""Detect: simple talks, and what came of each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.detect import MOST_EVIDENCE, Line, detect
from convai.meeting.digest import Digest
from convai.meeting.hour import Hour
from convai.meeting.meeting import DEFAULT_MIN, Meeting
from convai.meeting.reading import Reading
from tests.talks import NOW, VIENNA, lines


def found(talk: str, now: datetime = NOW) -> Meeting | None:
    return detect(lines(talk), now).meeting


def start_of(talk: str, now: datetime = NOW) -> str:
    meeting = found(talk, now)
    assert meeting is not None and meeting.status == "agreed", talk
    assert meeting.start is not None and meeting.day is None and meeting.time is None
    assert meeting.start.tzinfo == now.tzinfo
    return f"{meeting.start:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("talk", "start"),
    [
        # Who proposes, who accepts.
        ("a: How about Thursday at 3pm?|c: Perfect.", "11-26 15:00"),
        ("a: When?|c: let's do thursday at 3 pm|a: Great, at 3.", "11-26 15:00"),
        ("a: Does half past two tomorrow work?|c: That works.", "11-26 14:30"),
        ("a: Would Friday, 14:30 suit you?|c: It would.", "11-27 14:30"),
        (
            "c: My microphone, is it on?|a: Yes.|c: Good.|a: How are you?|c: Fine."
            "|a: Shall we say Thursday at three?|c: Perfect.",
            "11-26 15:00",
        ),
        ("a: Could she stop by Thursday at one?|c: She can.", "11-26 13:00"),
        ("a: I can move you to Thursday at two.|c: Yes please.", "11-26 14:00"),
        ("a: Does Thursday suit?|c: Yes.|a: He starts at ten.|c: Fine.", "11-26 10:00"),
        ("a: How about six this afternoon?|c: Okay.", "11-25 18:00"),
        ("a: Is 8:30 on Friday too early?|c: No, that's fine.", "11-27 08:30"),
        ("a: tomorrow, 9 o'clock?|c: okay", "11-26 09:00"),
        ("a: Let's meet Thursday around four.|c: Great.", "11-26 16:00"),
        ("c: let's say eleven on friday|a: you're booked", "11-27 11:00"),
        ("a: I have Friday at 11 available.|c: I'll take it.", "11-27 11:00"),
        ("c: Can I have Thursday at three?|a: Yes, it's yours.", "11-26 15:00"),
        ("c: can you call me in half an hour|a: sure, will do", "11-25 10:30"),
        ("c: noon on friday the 27th works|a: Wonderful.", "11-27 12:00"),
        ("a: Thursday at ten, is that correct?|c: Correct.", "11-26 10:00"),
        ("c: Let us meet on 2026-12-01 at 15:00.|a: Agreed.", "12-01 15:00"),
        # Day and time in different turns.
        ("a: Next Monday morning?|c: Yes, nine o'clock.|a: Perfect.", "11-30 09:00"),
        ("a: What day?|c: Thursday.|a: What time?|c: Three.|a: Great.", "11-26 15:00"),
        # Which day is meant.
        ("a: How about a week from Thursday at two?|c: sounds good", "12-03 14:00"),
        ("a: two weeks from today at nine?|c: perfect", "12-09 09:00"),
        ("a: what about the day after tomorrow at eleven|c: yes", "11-27 11:00"),
        ("a: Can we meet on May 4th at three?|c: Yes, perfect.", "05-04 15:00"),
        ("a: How about the third of March at ten?|c: Great.", "03-03 10:00"),
        ("a: May I call you on Thursday?|c: Yes, at three.|a: Great.", "11-26 15:00"),
        ("a: Would today at five work?|c: Yes.", "11-25 17:00"),
        (
            "a: How about next Tuesday?|c: No, I'm away all next week. What about the"
            " week after?|a: Tuesday at 2?|c: Yes, Tuesday at 2 is perfect.",
            "12-08 14:00",
        ),
        (
            "a: Friday the 4th of December at 3?|c: Too late, I need something this"
            " week.|a: Then Friday at 3?|c: Yes.",
            "11-27 15:00",
        ),
        (
            "a: Monday the 30th, or Monday the 7th?|c: The 30th is good."
            "|a: Ok, Monday at 3?|c: Yes, Monday at 3.",
            "11-30 15:00",
        ),
        (
            "a: Thursday the tenth at eleven?|c: Fine. Could you come by, though?"
            "|a: Four on Thursday, then?|c: Perfect, see you on Thursday at four.",
            "12-10 16:00",
        ),
        ("a: The Thursday after lunch, say at two?|c: Perfect.", "11-26 14:00"),
        # On whose clocks.
        ("a: How about Thursday at 3 pm London time?|c: Perfect.", "11-26 16:00"),
        ("a: How about Thursday at three your time?|c: Perfect.", "11-26 15:00"),
        # Several are offered.
        ("a: Tuesday at ten or Wednesday at two?|c: The second.", "12-02 14:00"),
        ("a: Tuesday at ten or Wednesday at two?|c: Wednesday.", "12-02 14:00"),
        ("a: We could do 10 am or 2 pm on Thursday.|c: 2 pm is better.", "11-26 14:00"),
        # Corrections.
        ("a: Friday at three?|c: At 3, no, make that 4.|a: Ok.", "11-27 16:00"),
        ("a: Thursday at three?|c: Three is too early.|a: Four?|c: Ok.", "11-26 16:00"),
        ("a: Thursday at three.|c: No, Friday at three.|a: Friday, ok.", "11-27 15:00"),
        ("a: Thursday at 3?|c: Sure. Could we make it 4?|a: Ok.", "11-26 16:00"),
        ("a: Which day?|c: Not Tuesday, Wednesday at ten.|a: Great.", "12-02 10:00"),
        ("a: Thursday?|c: I can't but Friday at ten works|a: Ok.", "11-27 10:00"),
        (
            "a: Does Friday at 11 work?|c: Friday is bad. Monday?"
            "|a: Monday at 11 works, too.|c: Great.",
            "11-30 11:00",
        ),
        # Hesitation, and what comes between.
        ("a: Friday at 11?|c: I'm not sure.|a: Ok.|c: Let's do it.", "11-27 11:00"),
        (
            "a: How about Thursday at three?|c: Yes.|a: Great.|c: I have to cancel."
            "|a: How about Friday at two?|c: Yes, perfect.",
            "11-27 14:00",
        ),
    ],
)  # fmt: skip
def test_agreed(talk: str, start: str) -> None:
    assert start_of(talk) == start


@pytest.mark.parametrize(
    "talk",
    [
        # Not accepted.
        "a: Thursday at three?",
        "a: How about Thursday at three?|c: Goodbye.",
        "a: How about Thursday at three?|c: Hm.|c: Thank you, bye.",
        "a: Would you like a meeting on Thursday at three?|c: No, thank you.",
        "a: Would you like to meet on Thursday at three?|c: no thanks|a: great, bye",
        "a: Thursday at three?|c: Let me check and call you back.|a: Perfect.",
        "a: Thursday at three, great, confirmed!|c: I never agreed to that.",
        "a: Shall we meet Thursday at three?|c: I may have time.",
        "a: Thursday at three?|c: Ideal, but I decide nothing without my wife.",
        "a: Could you come Thursday at three?|c: Great, but we're not looking for one.",
        "a: I could ring on Thursday at three.|c: The price, yes. The call, no thanks.",
        # The turn that should bring an address.
        "a: Thursday at three.|c: Yes.|a: Your email?|c: Oh, let's not do anything.",
        # Told, and not offered.
        "a: The quote is good through Thursday at five.|c: Thursday at five, okay.",
        "c: When is the last train on Thursday?|a: At five.|c: Great, thanks.",
        "a: So the board meets on Thursday at three.|c: Great.",
        "a: The app will be down on Thursday from two to four.|c: Okay.",
        "a: Now say: See you on Thursday at three.|c: See you on Thursday at three.",
        # Hypothetical, or in the past.
        "a: If we met on Thursday at three, would you buy?|c: Perfect question. Yes.",
        "c: yesterday I called you at 3|a: great",
        "c: We met last Thursday at three.|a: Great.",
        "a: Have you met him on Thursday at three?|c: Yes, great.",
        "c: I was born in 1985|a: perfect",
        # Words that are days or times elsewhere.
        "a: March on, he said at three on Thursday.|c: perfect",
        "a: April will call you.|c: Perfect.",
        "c: I prefer the second option.|a: Great, the second option it is.",
        "c: I have three questions.|a: Great, go ahead.",
        # Of something else.
        "a: We are open from nine to five, Monday to Friday.|c: Perfect, thanks.",
        "a: Your parcel arrives on Thursday at three.|c: Perfect.",
        # Nothing at all.
        "a: Hello.|c: Hello. Goodbye.",
        "c: ",
    ],
)
def test_no_meeting(talk: str) -> None:
    assert found(talk) is None


@pytest.mark.parametrize(
    "talk",
    [
        "a: It needs 14 hours to dry, so how about Friday?|c: Friday is fine.",
        "a: Let's meet on Friday at Tree Lounge.|c: Great, see you there.",
        "a: Friday. I'll leave it till 4 to call the others.|c: Ok, see you on Friday.",
        "a: The two have agreed. Is Friday good?|c: Yes.",
        "a: The rent is 650 pm. Would you like to see it on Friday?|c: Yes.",
    ],
)
def test_what_is_no_time_makes_none(talk: str) -> None:
    meeting = found(talk)
    assert meeting is None or (meeting.status, meeting.time) == ("draft", None)


@pytest.mark.parametrize(
    ("talk", "day", "time"),
    [
        ("a: Between two and three on Thursday?|c: Perfect.", "2026-11-26", None),
        ("a: How about Thursday after four?|c: Perfect.", "2026-11-26", None),
        ("a: See you Thursday afternoon.|c: Perfect.", "2026-11-26", None),
        ("a: How about Thursday?|c: Thursday is fine.", "2026-11-26", None),
        ("a: Shall we meet at three?|c: Yes, three is perfect.", None, "15:00:00"),
        ("a: Let's talk again sometime next week.|c: Great.", None, None),
        ("a: Let's meet in April.|c: Great.", None, None),
        # Whether that is Wednesday here, somebody has to ask.
        ("a: Thursday at 9 am Sydney time?|c: Perfect.", "2026-11-26", None),
        # It is ten o'clock: that has passed.
        ("a: Let's meet today at nine.|c: Perfect.", "2026-11-25", "09:00:00"),
    ],
)
def test_a_draft_says_what_is_known(talk: str, day: object, time: object) -> None:
    meeting = found(talk)
    assert meeting is not None and meeting.status == "draft"
    assert meeting.start is None
    assert (meeting.day and str(meeting.day)) == day
    assert (meeting.time and str(meeting.time)) == time
    assert meeting.confidence < 0.5


def test_a_cancelled_one_is_told_from_none() -> None:
    agreed = "a: Let's do Thursday at three.|c: Sure."
    finding = detect(lines(f"{agreed}|a: Great.|c: Sorry, I have to cancel that."), NOW)
    assert finding.meeting is None and finding.cancelled
    assert not detect(lines(agreed), NOW).cancelled
    assert not detect(lines("a: Hello."), NOW).cancelled


def test_what_is_agreed_on_is_still_to_come() -> None:
    talk = "a: How about today at five?|c: Perfect."
    assert start_of(talk, NOW.replace(hour=16, minute=59)) == "11-25 17:00"
    late = found(talk, NOW.replace(hour=17))
    assert late is None or late.status == "draft"


def test_an_hour_that_the_clocks_leave_out_is_no_start() -> None:
    talk = "a: How about tomorrow at 2:30 am?|c: Perfect."
    assert start_of(talk, datetime(2026, 3, 27, 10, tzinfo=VIENNA)) == "03-28 02:30"
    meeting = found(talk, datetime(2026, 3, 28, 10, tzinfo=VIENNA))
    assert meeting is not None and (meeting.status, meeting.start) == ("draft", None)


@pytest.mark.parametrize(
    ("zone", "start"),
    [("America/New_York", "12-11 15:00"), ("Europe/Vienna", "11-12 15:00")],
)
def test_figures_are_read_as_people_there_write_them(zone: str, start: str) -> None:
    now = datetime(2026, 11, 1, 10, tzinfo=ZoneInfo(zone))
    assert start_of("a: How about 12/11/2026 at 3 pm?|c: Perfect.", now) == start


@pytest.mark.parametrize(
    ("talk", "minutes"),
    [
        ("a: How about Thursday at three?|c: Perfect.", 30),
        ("a: How about Thursday at three for an hour?|c: Perfect.", 60),
        ("a: It takes 45 minutes. Thursday at three?|c: Perfect.", 45),
        ("a: How about Thursday from 3 pm to 4 pm?|c: Perfect.", 60),
        ("a: Thursday from 3 pm to 4 pm London time?|c: Perfect.", 60),
    ],
)
def test_how_long_it_lasts(talk: str, minutes: int) -> None:
    meeting = found(talk)
    assert meeting is not None and meeting.status == "agreed"
    assert meeting.duration_min == minutes


def test_it_is_surer_of_what_both_said() -> None:
    nodded = found("a: How about Thursday at three?|c: Perfect.")
    said = found("a: How about Thursday at three?|c: Thursday at three, see you then.")
    assert nodded is not None and said is not None
    assert 0.5 < nodded.confidence < said.confidence <= 1


def test_the_evidence_is_where_it_was_said() -> None:
    talk = [
        Line("agent", "Hello.", 0, 500),
        Line("agent", "How about Thursday at three?", 1000, 2500),
        Line("caller", "Perfect.", 3000, 3500),
        Line("caller", "Goodbye."),
    ]
    finding = detect(talk, NOW)
    assert finding.meeting is not None and finding.newest == 2
    proof = [(it.who, it.text, it.start_ms) for it in finding.meeting.evidence]
    assert proof == [
        ("agent", "How about Thursday at three?", 1000),
        ("caller", "Perfect.", 3000),
    ]
    many = detect(lines("|".join(["a: Thursday at three?", "c: Four?"] * 20)), NOW)
    assert many.meeting is None or len(many.meeting.evidence) <= MOST_EVIDENCE
    assert detect([], NOW).newest == -1


def test_now_is_in_a_zone() -> None:
    for now in (NOW.replace(tzinfo=None), NOW.astimezone(UTC)):
        with pytest.raises(TypeError):
            detect([], now)


WORDS = (
    "monday thursday tomorrow today next week the 31st february of march may at three"
    " 3 25 12:61 pm am noon midnight half past quarter to perfect great yes no not"
    " cancel or and how about let's meet see you then make it four instead between in"
    " an hour later earlier same time your my london sydney time first second last one"
    " 2026-02-30 30/2 # ? . , ' ~ DAY HOUR"
)
SPOKEN = st.lists(st.sampled_from(WORDS.split(" ")), max_size=12).map(" ".join)
TALKS = st.lists(
    st.builds(
        Line, st.sampled_from(["agent", "caller"]), SPOKEN | st.text(max_size=40)
    ),
    max_size=8,
)
MOMENTS = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from(
        [ZoneInfo(it) for it in ("Europe/Vienna", "America/New_York", "Pacific/Apia")]
    ),
)


@given(TALKS, MOMENTS)
def test_whatever_is_said_is_taken(talk: list[Line], now: datetime) -> None:
    finding = detect(talk, now)
    meeting = finding.meeting
    assert finding.newest < len(talk)
    if meeting is None:
        return
    assert not finding.cancelled
    assert meeting.status in ("agreed", "draft")
    assert (meeting.start is not None) == (meeting.status == "agreed")
    if meeting.start is not None:
        assert meeting.start > now
        # There is such a time on the clocks of the caller.
        back = meeting.start.astimezone(UTC).astimezone(meeting.start.tzinfo)
        assert back.replace(tzinfo=None) == meeting.start.replace(tzinfo=None)


class AtFive:
    """A reader that is sure of Thursday at five."""

    def read(self, digest: Digest, *, at_once: bool = False) -> Reading:
        return Reading(1.0, 0.0, date(2026, 11, 26), 1.0, Hour(0, 0, 17), 1.0)


def test_how_long_another_time_would_have_taken_counts_not() -> None:
    talk = lines(
        "a: Thursday from two to four?|c: Perfect, Thursday at two. Or at five."
    )
    by_rules = detect(talk, NOW).meeting
    assert by_rules is not None and by_rules.duration_min == 120
    found = detect(talk, NOW, reader=AtFive()).meeting
    assert found is not None and found.start is not None
    assert (found.start.hour, found.duration_min) == (17, DEFAULT_MIN)
