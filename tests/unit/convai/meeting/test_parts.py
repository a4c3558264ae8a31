"""Parts of the day: as they are named, or only hinted at."""

from __future__ import annotations

import pytest

from convai.meeting.hour import Hour
from convai.meeting.parts import halved, hint_of, part_of_day


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("in the morning", "morning"),
        ("this afternoon", "afternoon"),
        ("at lunch time", "lunchtime"),
        ("tonight", "tonight"),
        ("good morning", ""),
        ("good morning , in the evening", "evening"),
        ("i was sweating all night", ""),
        ("at three", ""),
    ],
)
def test_parts_of_the_day(said: str, part: str) -> None:
    assert part_of_day(said) == part


@pytest.mark.parametrize(
    ("hour", "part", "becomes"),
    [
        (15, "morning", 15),
        (19, "morning", 7),
        (12, "morning", 12),
        (9, "evening", 21),
        (11, "evening", 11),
        (9, "afternoon", 9),
        (2, "afternoon", 14),
    ],
)
def test_a_part_of_the_day_that_is_not_plausible_changes_nothing(
    hour: int, part: str, becomes: int
) -> None:
    assert halved(Hour(0, 1, hour), part).hour == becomes


@pytest.mark.parametrize(
    ("said", "half"),
    [
        ("i can come after work", "evening"),
        ("when the kids are down", "evening"),
        ("mornings are better", "morning"),
        ("before the traffic", "morning"),
        ("we start early", "morning"),
        ("the night before", ""),
        ("after work , or before school", "morning"),
        ("it works", ""),
    ],
)
def test_a_hint(said: str, half: str) -> None:
    assert hint_of(said) == half
