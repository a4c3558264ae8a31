"""Call id: the name of a call, in addresses, folders, logs and rows. Pure.

`20261123-140509-0123456789ab`: when it began (UTC), then what nobody can guess.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

__all__ = ["PATTERN", "began", "is_call_id", "key", "make"]

PATTERN = r"\d{8}-\d{6}-[0-9a-f]{12}"
"As a regular expression."

_WHOLE = re.compile(PATTERN, re.ASCII)

BITS = 30
"Of the random part that are in the key: with the seconds in front it fits 63 bits ..."

YEARS = range(1970, 2200)
"... in these years."


def make(now: datetime, random: str) -> str:
    """The id of a call that begins `now`; `random` is 12 hexadecimal digits."""
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{random}"


def is_call_id(text: str) -> bool:
    """Whether `text`, which may come from a stranger, is the id of a call."""
    if not _WHOLE.fullmatch(text):
        return False
    try:
        return began(text).year in YEARS
    except ValueError:  # such as the 31st of February
        return False


def began(call: str) -> datetime:
    """The second in which the call began."""
    return datetime.strptime(call[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def key(call: str) -> int:
    """A number by which calls sort in time; the same for an id on every machine."""
    return int(began(call).timestamp()) << BITS | int(call[16:], 16) >> (48 - BITS)
