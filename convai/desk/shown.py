"""Shown: an entry as everybody outside gets to see it, as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .entry import Entry
from .rules import Rules
from .standing import Role, Standing

__all__ = ["PLAIN", "fields", "plain", "shown"]

PLAIN = (
    "id",
    "status",
    "start",
    "day",
    "time",
    "missing",
    "zone",
    "duration_min",
    "confidence",
    "source",
    "sequence",
    "standing",
)
"Of a meeting, what is not in anybody's own words."


def shown(entry: Entry, rules: Rules, left_s: float) -> dict[str, Any]:
    """The meeting with its standing; `left_s`: until it leaves, while it waits."""
    return {
        **entry.meeting.to_json(),
        "standing": Standing(
            entry.state,
            _roles(entry, rules),
            leaves_in_s=left_s if entry.phase == "waiting" else None,
            why=entry.why if entry.phase == "queued" else "",
        ).to_json(),
    }


def _roles(entry: Entry, rules: Rules) -> tuple[Role, ...]:
    if entry.phase in ("off", "undone"):
        return ()
    meeting = entry.meeting
    desk: tuple[Role, ...] = ("desk",) if rules.desk else ()
    return (*desk, "attendee") if meeting.email else desk


def plain(meeting: Mapping[str, Any], *, wordless: bool = True) -> dict[str, Any]:
    """A meeting's JSON; when `wordless`, without what is in anybody's own words."""
    if not wordless:
        return dict(meeting)
    return {key: meeting[key] for key in PLAIN if key in meeting}


def fields(meetings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What `call.json` says of the meetings of its call.

    `meeting` is the last one agreed on, None when there is none.
    """
    kept = [_settled(it) for it in meetings]
    agreed = [it for it in kept if it.get("status") == "agreed"]
    return {"meeting": agreed[-1] if agreed else None, "meetings": kept}


def _settled(meeting: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is wrong by the time somebody reads it."""
    standing = meeting.get("standing")
    if not isinstance(standing, Mapping):
        return dict(meeting)
    rest = {key: it for key, it in standing.items() if key != "leaves_in_s"}
    return {**meeting, "standing": rest}
