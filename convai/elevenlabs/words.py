"""The agent's words on ElevenLabs' wire: whole, in parts, or both. Pure."""

from __future__ import annotations

import re

from .. import untrusted
from ..events import Event, Said
from ..untrusted import Fields
from .sound import BEFORE_ANY

__all__ = ["Words"]

_LONGEST = 64 * 1024
"Characters of one reply put together from parts: an hour of speech; a bound."


class Words:
    """What the agent says, each reply given out as final once."""

    def __init__(self) -> None:
        self._part = self._final = (BEFORE_ANY, "")
        "Reply and words: put together so far; last given out as final."

    def whole(self, event: Fields, reply: int) -> list[Event]:
        if event.get("event_id") is None and reply == self._final[0]:
            # The newest has its text: this is the next, ahead of its voice.
            reply = min(reply + 1, untrusted.LARGEST)
        return self._finally(reply, untrusted.text(event, "agent_response"))

    def part(self, message: Fields) -> list[Event]:
        part = untrusted.inner(message, "text_response_part")
        reply, words = _number(part), untrusted.text(part, "text")
        stage = untrusted.text(part, "type")
        if reply is None or reply == self._final[0]:
            return []  # the whole text is the better one and has already come
        begun = self._part[1] if self._part[0] == reply and stage != "start" else ""
        self._part = reply, (begun + words)[:_LONGEST]
        if stage == "stop":
            return self._finally(*self._part) if self._part[1] else []
        return [Said("agent", self._part[1], False, reply)] if words else []

    def _finally(self, reply: int, text: str) -> list[Event]:
        if self._final == (reply, text):
            return []
        self._final = reply, text
        return [Said("agent", text, True, reply)]


def _number(part: Fields) -> int | None:
    """The reply of a text part: a number, or text (the documentation has both)."""
    event_id = part.get("event_id")
    if not isinstance(event_id, str):
        return untrusted.whole(part, "event_id")
    return int(event_id) if re.fullmatch(r"[0-9]{1,15}", event_id) else None
