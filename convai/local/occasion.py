"""Occasion: who talks with whom, when and where. Pure.

It comes from the client's dynamic variables: `today` (YYYY-MM-DD), `now` (HH:MM),
`zone` (IANA), `caller_name`, `speaker` and `company`. What is missing, or is not what
it should be, is taken from elsewhere: a conversation does not fail over a variable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

__all__ = ["Occasion"]

NAME_LENGTH = 60
"Characters of a name; a longer one is no name that anybody would say."

_DATE = re.compile(r"2\d{3}-\d{2}-\d{2}")
"Of our time: at the ends of the calendar there is no tomorrow."
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Of one conversation."""

    today: date
    "Where the caller is."
    now: str = ""
    "HH:MM at the start; empty when it is not known."
    zone: str = ""
    "IANA name; empty when it is not known."
    caller: str = ""
    "As one addresses them; empty leaves it to the script, as do the next two."
    speaker: str = ""
    company: str = ""

    @classmethod
    def of(cls, variables: Mapping[str, Any], otherwise: Occasion) -> Self:
        """As the variables say; what they do not say is as `otherwise`."""
        today = _date(variables.get("today"))
        return cls(
            today=today or otherwise.today,
            # The time and zone of another place say nothing about its date.
            now=_match(_CLOCK, variables.get("now"))
            or ("" if today else otherwise.now),
            zone=_match(_ZONE, variables.get("zone")) or otherwise.zone,
            caller=_name(variables.get("caller_name")) or otherwise.caller,
            speaker=_name(variables.get("speaker")) or otherwise.speaker,
            company=_name(variables.get("company")) or otherwise.company,
        )


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(_match(_DATE, value))
    except ValueError:
        return None


def _match(pattern: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _name(value: object) -> str:
    if not isinstance(value, str):
        return ""
    printable = "".join(c if c.isprintable() else " " for c in value[:NAME_LENGTH])
    return " ".join(printable.split())
