"""Hour: a time of day that a text names."""

from __future__ import annotations

from convai.meeting.hour import Hour, moved


def test_moved_it_lasts_as_long() -> None:
    hour = moved(Hour(0, 1, 10, until=11 * 60), 14 * 60 + 30)
    assert (hour.hour, hour.minute, hour.until) == (14, 30, 15 * 60 + 30)
    assert moved(hour, hour.minutes) == hour
