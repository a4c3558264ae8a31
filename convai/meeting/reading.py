"""Reading: a second opinion on what a talk came to, beside that of the rules. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from .digest import Digest
from .hour import Hour

__all__ = ["Reader", "Reading"]

DENIED = 0.2
"Where a meeting is less likely, one that was found before is taken back."


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a talk."""

    agreed: float
    "How likely they agreed on a meeting at one day and one time, from 0 to 1."
    draft: float
    "How likely they want to meet, and something of it is open."
    day: date | None = None
    "The one that is meant if they agreed; None: no day was named."
    day_sure: float = 0.0
    hour: Hour | None = None
    "On the caller's clocks."
    hour_sure: float = 0.0
    supposed: bool = False
    "No day was named: the day, which is that of the call, is only supposed."
    whole: bool = True
    "False: the talk was too long, and only what seemed to matter was read."

    @property
    def sure(self) -> float:
        """How likely they agreed on just this day and this time."""
        return self.agreed * self.day_sure * self.hour_sure

    @property
    def denied(self) -> bool:
        """Whether it is clear that they have not agreed on any."""
        return self.agreed + self.draft < DENIED


class Reader(Protocol):
    def read(self, digest: Digest, *, at_once: bool = False) -> Reading | None:
        """None: it is not known yet, and whoever gave the reader says when it is.

        `at_once`: it cannot wait, however long that takes; None: there is no opinion.
        """
