"""What is measured at the caller, from calls of which every packet is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convai.compare.contender import Contender
from convai.compare.figures import measured
from convai.compare.take import Heard, Take
from convai.compare.turns import AUDIBLE, Spoken


def take(
    spoken: Sequence[Spoken], sound: Sequence[tuple[float, float]], length: float = 30
) -> Take:
    """A call in which the agent is heard in these spans."""
    heard = []
    for slot in range(int(length * 50)):
        at = slot / 50
        loud = any(begin <= at < end for begin, end in sound)
        heard.append(Heard(at + 0.005, slot * 960, AUDIBLE * 10 if loud else 0.0))
    return Take(Contender("a"), 1, length=length, spoken=spoken, heard=heard)


def turns(*args: Any) -> list[dict[str, Any]]:
    return list(measured(take(*args))["turns"])


def test_latency_is_from_the_last_sound_to_the_first() -> None:
    one, two = turns(
        [Spoken(0, 3.0, 4.0), Spoken(1, 10.0, 11.0)],
        [(0.5, 2.0), (4.7, 8.0), (12.5, 14.0)],
    )
    assert (one["latency_ms"], two["latency_ms"]) == (705, 1505)
    assert one["answered"] and one["cut_in_ms"] is None


def test_the_greeting_is_timed_from_the_open_line() -> None:
    assert measured(take([Spoken(0, 3.0, 4.0)], [(0.5, 2.0)]))["greeting_ms"] == 505
    assert measured(take([Spoken(0, 3.0, 4.0)], [(5.0, 6.0)]))["greeting_ms"] is None


def test_no_answer_has_no_latency_and_says_so() -> None:
    (turn,) = turns([Spoken(0, 3.0, 4.0)], [(0.5, 2.0)])
    assert turn["latency_ms"] is None and not turn["answered"]
    assert turn["why"] == "no answer was heard"


def test_an_agent_that_speaks_before_the_caller_is_done_cuts_in() -> None:
    (turn,) = turns([Spoken(0, 3.0, 5.0)], [(4.0, 6.0)])
    assert turn["cut_in_ms"] == 1005
    assert turn["latency_ms"] is None
    assert turn["why"] == "the agent was already speaking"


def test_one_that_cut_in_and_stopped_is_timed_by_what_it_says_then() -> None:
    (turn,) = turns([Spoken(0, 3.0, 5.0)], [(3.4, 3.6), (5.5, 7.0)])
    assert (turn["cut_in_ms"], turn["latency_ms"]) == (405, 505)


def test_an_interrupted_agent_that_gives_way() -> None:
    (turn,) = turns([Spoken(0, 5.0, 7.0, True)], [(3.0, 5.3), (7.6, 9.0)])
    cut = turn["interruption"]
    assert cut == {"stop_ms": 305, "went_on": False, "answered": True}
    assert turn["latency_ms"] == 605
    assert turn["cut_in_ms"] is None


def test_an_interrupted_agent_that_talks_on() -> None:
    (turn,) = turns([Spoken(0, 5.0, 7.0, True)], [(3.0, 6.0), (6.3, 9.0)])
    assert turn["interruption"]["went_on"]
    assert turn["latency_ms"] is None


def test_an_interruption_in_a_pause_says_nothing() -> None:
    (turn,) = turns([Spoken(0, 5.0, 7.0, True)], [(3.0, 4.9), (8.0, 9.0)])
    assert turn["interruption"]["stop_ms"] is None
    assert turn["interruption"]["answered"]


def test_how_the_sound_came() -> None:
    call = take([], [(1.0, 2.0)], length=3)
    call.heard = [
        h._replace(at=h.at + 0.06) if round(h.at, 3) == 1.505 else h for h in call.heard
    ]
    received = measured(call)["received"]
    assert received["packets"] == 150
    assert received["voice_s"] == 1.0
    assert received["level_dbfs"] == -30.0
    assert received["worst_delay_ms"] == 60


def test_a_caller_that_was_late_itself_does_not_count() -> None:
    call = take([], [])
    assert not measured(call)["disturbed"]
    call.late_ms = 400.0
    assert measured(call)["disturbed"]


def test_a_caller_that_was_late_at_first_does_not_time_the_greeting() -> None:
    call = take([Spoken(0, 3.0, 4.0)], [(0.5, 2.0)])
    call.late_before_ms = 400.0
    figures = measured(call)
    assert figures["greeting_ms"] is None and not figures["disturbed"]
