"""Zones: the time zone that people name with a time. Pure.

`3 pm london time`, `2 eastern`, `at 4 your time`: reads the spelling of `speech`, after
the time. A city is one of the IANA names; abbreviations are those of daily life.
"""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

__all__ = ["MINE", "YOURS", "zone_after"]

MINE = "mine"
"The speaker's own time."
YOURS = "yours"
"The time of the one spoken to."

_NAMED = {
    "eastern": "America/New_York", "est": "America/New_York", "edt": "America/New_York",
    "et": "America/New_York", "central european": "Europe/Berlin",
    "cet": "Europe/Berlin", "cest": "Europe/Berlin", "mez": "Europe/Berlin",
    "central": "America/Chicago", "cst": "America/Chicago", "cdt": "America/Chicago",
    "mountain": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "pacific": "America/Los_Angeles", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "gmt": "UTC",
    "utc": "UTC", "zulu": "UTC", "greenwich": "UTC", "bst": "Europe/London",
    "uk": "Europe/London", "british": "Europe/London", "english": "Europe/London",
    "irish": "Europe/Dublin", "german": "Europe/Berlin", "germany": "Europe/Berlin",
    "austrian": "Europe/Vienna", "french": "Europe/Paris", "spanish": "Europe/Madrid",
    "polish": "Europe/Warsaw", "swiss": "Europe/Zurich", "italian": "Europe/Rome",
    "ist": "Asia/Kolkata", "indian": "Asia/Kolkata", "india": "Asia/Kolkata",
    "jst": "Asia/Tokyo", "japan": "Asia/Tokyo", "japanese": "Asia/Tokyo",
    "sgt": "Asia/Singapore", "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
    "boston": "America/New_York", "washington": "America/New_York",
    "miami": "America/New_York", "atlanta": "America/New_York",
    "philadelphia": "America/New_York", "east coast": "America/New_York",
    "west coast": "America/Los_Angeles", "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles", "austin": "America/Chicago",
    "dallas": "America/Chicago", "houston": "America/Chicago",
    "munich": "Europe/Berlin", "frankfurt": "Europe/Berlin",
    "hamburg": "Europe/Berlin", "cologne": "Europe/Berlin",
    "geneva": "Europe/Zurich", "milan": "Europe/Rome", "barcelona": "Europe/Madrid",
    "edinburgh": "Europe/London", "manchester": "Europe/London",
    "glasgow": "Europe/London", "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata", "osaka": "Asia/Tokyo", "beijing": "Asia/Shanghai",
    "lagos": "Africa/Lagos", "cape town": "Africa/Johannesburg",
    "sast": "Africa/Johannesburg", "wat": "Africa/Lagos",
}  # fmt: skip
_ABBREVIATIONS = frozenset((
    "est", "edt", "et", "cet", "cest", "mez", "cst", "cdt", "mst", "mdt", "pst", "pdt",
    "pt", "gmt", "utc", "zulu", "bst", "ist", "jst", "sgt", "aest", "aedt", "eastern",
    "pacific", "sast", "wat",
))  # fmt: skip
"Said without `time`; `central` and `mountain` too, right after the hour."

_AFTER = re.compile(
    r"^ ?,? ?(?:(?:in the (?:morning|afternoon|evening)|sharp|on DAY|DAY) ,? ?)?"
    r"(?:that's |which is |in )?(?:the )?"
    r"(?:(?P<whose>your|my|our|his|her|their) (?:local )?(?:time|end|side|clock)"
    r"|(?:at|on) (?P<end>your|my|our) (?:end|side)"
    r"|(?:for|to) (?P<whom>me|you|us)(?= ?$|[,.]| here| over| then| as| in| i'd| so)"
    r"|(?P<local>local) time|(?P<here>here|over here) (?:in|time)"
    r"|(?P<name>[a-z]+(?: [a-z]+)?) (?:standard |daylight |local )?time\b"
    r"|(?P<short>[a-z]+)\b)"
)


def zone_after(text: str) -> str:
    """What follows a time: an IANA name, `mine`, `yours`; "" when nothing is said."""
    found = _AFTER.match(text)
    if found is None:
        return ""
    whose = found["whose"] or found["end"] or found["whom"]
    if whose:
        return {"your": YOURS, "you": YOURS}.get(whose, MINE)
    if found["local"] or found["here"]:
        return ""
    if name := found["name"]:
        words = name.split()
        plain = [it for it in words if it not in ("standard", "daylight", "local")]
        return _zone(name) or _zone(" ".join(plain)) or _zone(words[-1])
    short = found["short"] or ""
    if short in _ABBREVIATIONS or short in ("central", "mountain"):
        return _NAMED[short]
    return ""


def _zone(name: str) -> str:
    return _NAMED.get(name) or _cities().get(name.replace(" ", "_"), "")


@cache
def _cities() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in sorted(available_timezones()):
        area, _, city = name.rpartition("/")
        if area and not area.startswith(("Etc", "posix", "right", "US", "SystemV")):
            found.setdefault(city.lower(), name)
    return found
