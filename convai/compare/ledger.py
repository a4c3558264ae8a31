"""Ledger: what the server wrote down of a call, or told the caller of it. Pure.

With a server of our own that is `events.jsonl`; with another one, the events that came
over the data channel, which are the same but for some of the call's health.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import untrusted
from ..agent import AgentProtocolError
from .script import Line
from .words import compared

__all__ = ["booked", "events_in", "events_of", "taken_over", "understood"]


def events_in(content: bytes) -> list[dict[str, Any]]:
    """The events in `events.jsonl`; a line cut short by a crash is left out."""
    # Bytes: the lines of a text would end at U+2028, too, which may be in a word.
    return events_of(content.splitlines())


def events_of(lines: Iterable[str | bytes]) -> list[dict[str, Any]]:
    """The messages among them that are events."""
    found = []
    for line in lines:
        try:
            found.append(untrusted.plain(untrusted.parse(line)))
        except AgentProtocolError:
            continue
    return found


def understood(
    events: Iterable[Mapping[str, Any]], said: Sequence[Line]
) -> dict[str, Any]:
    """The caller's words as the agent has them, against the script of what was said.

    By the whole call: where a recogniser sees the end of a turn is its own business.
    """
    texts = [
        str(event.get("text", ""))
        for event in events
        if event.get("type") == "transcript.user"
        and event.get("final") is True
        and not event.get("typed")
    ]
    heard = " ".join(texts)
    missing = [line.name for line in said if line.text is None]
    if not said or missing:
        why = f"no script for {', '.join(missing)}" if missing else "nothing was said"
        return {"wer": None, "why": why, "texts": texts, "heard": heard}
    figures = compared(" ".join(line.text or "" for line in said), heard)
    return {**figures, "texts": texts}


def taken_over(events: Iterable[Mapping[str, Any]], agent: str) -> str:
    """That another agent took the call over, in words; empty when none did.

    Good for people on the phone, but what it says is not to the first one's credit.
    """
    for event in events:
        if event.get("type") == "agent.changed" and event.get("agent") != agent:
            why = event.get("why", "")
            return f"another agent, {event.get('agent')}, took the call over ({why})"
    return ""


def booked(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts of what the server told."""
    kinds = [event.get("type") for event in events]
    return {
        "interruptions": kinds.count("conversation.interrupted"),
        "handovers": kinds.count("agent.changed"),
        "tools": kinds.count("tool.called"),
        "meetings": _meetings(events),
        "troubles": [
            f"{event.get('message', '')} ({event.get('code', '')})"
            for event in events
            if event.get("type") == "error"
        ],
        "reason": next(
            (
                str(event.get("reason", ""))
                for event in reversed(events)
                if event.get("type") == "conversation.ended"
            ),
            None,
        ),
    }


def _meetings(events: Iterable[Mapping[str, Any]]) -> int:
    """How many were agreed on; one is told of again whenever something changes."""
    last: dict[str, Any] = {}
    for number, event in enumerate(events):
        meeting = event.get("meeting")
        if event.get("type") == "meeting.detected" and isinstance(meeting, Mapping):
            # Servers of old gave no id, and told of each only once.
            name = str(meeting.get("id") or number)
            last[name] = meeting.get("status", "agreed")
    return sum(status == "agreed" for status in last.values())
