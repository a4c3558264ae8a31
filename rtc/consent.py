"""Consent: what of a call may be kept, now, and of an event without its words. Pure.

           pause                        kept: "off", "declined"
    on ──────────> paused               off
     │ <────────── │                     (stays)
     │    resume   │
     └──> failed <─┘

A pause that the caller wanted is the caller's to end: the agent cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convai.desk.shown import plain
from convai.events import RecordingState
from convai.pauses import State

from .archive.row import Kept

__all__ = ["Consent", "wordless"]

MOVES: Mapping[State, tuple[State, ...]] = {
    "on": ("paused", "failed"),
    "paused": ("on", "failed"),
    "off": (),
    "failed": (),
}

WORDS = frozenset(
    {
        "transcript.user",
        "transcript.agent",
        "transcript.corrected",
        "tool.approval",
    }
)
"Types of messages that say nothing without their words."


class Consent:
    """Of one call. Who wants a change asks `take` first."""

    def __init__(self, kept: Kept) -> None:
        self.kept: Kept = kept
        "What becomes of the recording, as far as known."
        self.why = ""
        "Why it failed or was refused, for people."
        self.state: State = "on" if kept == "kept" else "off"
        self._by_caller = False
        "The caller wants the pause."

    @property
    def first(self) -> RecordingState:
        """How it is at the beginning."""
        declined = self.kept == "declined"
        return RecordingState(self.state, "caller" if declined else "server")

    def take(self, wanted: RecordingState) -> bool:
        """Have it so; False when that is not possible, or so already."""
        state, by = wanted.state, wanted.by
        if state == "paused" and by == "caller":
            self._by_caller = True
        if state not in MOVES[self.state]:
            return False
        if state == "on":
            if self._by_caller and by == "agent":
                return False
            self._by_caller = False
        self.state = state
        return True

    def lost(self, code: str, why: str) -> None:
        """The sound cannot be recorded, or no longer."""
        if self.kept == "kept":
            self.kept = "refused" if code == "recording-refused" else "failed"
            self.why = why

    def to_json(self) -> dict[str, Any]:
        """As it stands in `call.json`."""
        return {"state": self.kept, **({"why": self.why} if self.why else {})}


def wordless(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What of a message tells nothing that was said; None: nothing at all."""
    match message["type"]:
        case kind if kind in WORDS:
            return None
        case "tool.called":
            return {**message, "arguments": {}}
        case "tool.done":
            return {**message, "result": ""}
        case "meeting.detected":
            return {**message, "meeting": plain(message["meeting"])}
    return message
