from __future__ import annotations

from datetime import date

from convai.local.booking import Wanted
from convai.local.demo import Demo
from convai.local.history import lived
from convai.local.occasion import Occasion
from convai.local.sarah import Place, Sarah
from convai.local.script import Brain

SUNDAY = Occasion(today=date(2026, 11, 22), now="10:00", zone="Europe/Vienna")
SALES = (
    "who is this again",
    "yes sure",
    "they want more income",
    "mutual funds mostly",
    "how long does it take",
    "yes please",
    "thursday",
    "at three",
    "no, make it four",
    "yes",
)


def test_her_own_words_lead_to_where_she_was_at_every_moment() -> None:
    brain: Brain = Sarah(SUNDAY)
    answer, brain = brain.greet()
    text = f"agent: {answer.text}\n"
    for said in SALES:
        answer, brain = brain.hear(said)
        text += f"caller: {said}\nagent: {answer.text}\n"
        there = lived(Sarah(SUNDAY), text)
        assert isinstance(brain, Sarah) and isinstance(there, Sarah)
        if answer.tool is None:
            assert (there.place, there.need) == (brain.place, brain.need), said
            assert there.booking == brain.booking, said
    assert there.booking and there.booking.wanted is Wanted.CONFIRM  # agreed again
    answer, brain = brain.tool_result("Booked: that.")
    there = lived(Sarah(SUNDAY), f"{text}agent: {answer.text}\n")
    assert isinstance(there, Sarah) and there.place is Place.DONE


def test_what_another_agent_asked_for_in_its_own_words() -> None:
    text = """You are taking over. This is what was said so far:
agent: Hello Nat, it is Sarah. Have you got a moment?
caller: well yes
agent: Lovely! Tell me what your clients want.
caller: they are nervous about the market
agent: I see. How about meeting one of our specialists on Friday at 11 AM?
"""
    brain = lived(Sarah(SUNDAY), text)
    answer, _ = brain.hear("yes that works")
    assert answer.tool is not None
    assert answer.tool.parameters["date"] == "2026-11-27"
    assert answer.tool.parameters["time"] == "11:00"
    assert answer.tool.parameters["topic"] == "ETF solutions for stability"


def test_a_day_or_a_time_that_another_agent_asked_for() -> None:
    asked = "agent: Shall we meet? What day works for you?\n"
    _, brain = lived(Sarah(SUNDAY), asked).hear("friday")
    assert isinstance(brain, Sarah) and brain.booking is not None
    assert (brain.booking.day, brain.booking.wanted) == ("friday", Wanted.TIME)


def test_a_day_that_there_is_not_is_none_that_was_proposed() -> None:
    asked = "agent: Then it is February 30th at 3 PM, is that right?\n"
    for said in ("yes", "well"):
        answer, _ = lived(Sarah(SUNDAY), asked).hear(said)
        assert answer.say and answer.tool is None


def test_the_demonstration_is_taken_over_as_well() -> None:
    text = "caller: a meeting on tuesday at two\nagent: Shall I book that?\n"
    answer, _ = lived(Demo(SUNDAY), text).hear("yes")
    assert answer.tool is not None
    done = f"{text}caller: yes\nagent: Done, our meeting is booked for Tuesday.\n"
    over = lived(Demo(SUNDAY), done)
    assert isinstance(over, Demo) and over.booking is None


def test_lines_that_are_nobodys_are_passed_over() -> None:
    assert lived(Demo(SUNDAY), "caller:\n\nsomebody: a meeting\n:") == Demo(SUNDAY)
