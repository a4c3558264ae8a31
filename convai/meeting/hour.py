"""Hour: a time of day that a text names. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Hour", "moved"]


@dataclass(frozen=True, slots=True)
class Hour:
    """A time of day named in a text."""

    begin: int
    "Where in the text."
    end: int
    hour: int
    minute: int = 0
    sure: bool = False
    "Which half of the day is meant was said."
    until: int | None = None
    "Minutes after midnight: it was said until when."
    vague: bool = False
    "A range in which it may be: `between 2 and 3`, `after 4`."
    zone: str = ""
    "IANA name, `zones.MINE` or `zones.YOURS`; empty when none was said."
    alone: bool = False
    "Nothing but a number: a time only if that was asked for."

    @property
    def minutes(self) -> int:
        """After midnight."""
        return self.hour * 60 + self.minute


def moved(hour: Hour, minutes: int) -> Hour:
    """At so many minutes after midnight instead, and as long as before."""
    until = hour.until and hour.until + minutes - hour.minutes
    return replace(hour, hour=minutes // 60, minute=minutes % 60, until=until)
