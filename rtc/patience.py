"""Patience: how long a caller waits for an agent that says nothing. Pure.

An agent may be connected, answer pings, and be stuck all the same. Only the call knows
that somebody has finished speaking and is waiting:

    IDLE ──the caller said something, a tool was done──> OWED ──too long──> over
      ^                                                    │
      └───── the agent speaks, writes, or uses a tool ─────┘
"""

from __future__ import annotations

from convai.events import Event, Handover, Said, Speech, Talking, ToolCall, ToolDone

__all__ = ["Patience"]

GREETING_S = 15.0
"Until an agent that is to open says something; generating it takes 1 to 3 s."

ANSWER_S = 20.0
"After words, or a tool. Providers give up on their language model after 20 s, too."

WORDLESS_S = 30.0
"After a voice whose words nobody recognised: it may have been meant for somebody else."

VOICE_S = 1.0
"Shorter sounds want no answer."


class Patience:
    """For one call. `now` is in seconds of a monotonic clock."""

    def __init__(self, *, greets: bool) -> None:
        self._greets = greets
        self._until = float("inf")
        self._talking_since = float("inf")

    def begin(self, now: float) -> None:
        """The caller is connected."""
        if self._greets:
            self._until = now + GREETING_S

    def over(self, now: float) -> bool:
        """Whether it was too long. Says so once; then the waiting begins anew."""
        if now < self._until:
            return False
        self._until = now + ANSWER_S
        return True

    def note(self, event: Event, now: float) -> None:
        """Take an event of the call."""
        match event:
            case Speech() | Said("agent") | Talking("agent", True) | ToolCall():
                self._greets = False
                self._until = float("inf")
            case Said("caller", _, True) | ToolDone() | Handover():
                self._until = now + ANSWER_S
            case Talking("caller", True):
                self._talking_since = now
            case Talking("caller", False):
                if now - self._talking_since >= VOICE_S:
                    self._until = min(self._until, now + WORDLESS_S)
                self._talking_since = float("inf")
