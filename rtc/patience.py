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
        self._agent_at = float("-inf")
        "When the agent last did something."
        self._audible = False
        "The agent is heard."
        self._tools: set[str] = set()
        "What the agent that leads the conversation has asked for and does not have."
        self._voice_counts = True
        """False once somebody was waited for in vain: then a television, say, would
        have one agent after another replaced. Words make it count again."""

    def begin(self, now: float) -> None:
        """The caller is connected."""
        if self._greets:
            self._until = now + GREETING_S

    def over(self, now: float) -> bool:
        """Whether it was too long. Says so once: then another agent is looked for."""
        if self._audible or now < self._until:
            return False  # who listens does not wait
        self._until = float("inf")
        self._voice_counts = False
        return True

    def note(self, event: Event, now: float) -> None:
        """Take an event of the call."""
        match event:
            case Speech() | Said("agent") | Talking("agent", True) | ToolCall():
                self._greets = False
                self._until = float("inf")
                self._agent_at = now
                self._follow(event)
            case Talking("agent", False):
                self._audible = False
                # What is still owed is waited for from here on.
                self._until = max(self._until, now + ANSWER_S)
            case Said("caller", _, True, late=late):
                self._voice_counts = True
                if not late:
                    self._until = now + ANSWER_S
            case ToolDone(call) if call in self._tools:
                self._tools.discard(call)
                self._until = now + ANSWER_S
            case Handover(owes=owes):
                self._tools.clear()  # the new agent did not ask for them
                if owes:
                    self._until = now + ANSWER_S
            case Talking("caller", True):
                self._talking_since = now
            case Talking("caller", False, ago_ms):
                self._fell_silent(now, now - ago_ms / 1000)

    def _follow(self, event: Event) -> None:
        if isinstance(event, ToolCall):
            self._tools.add(event.id)
        elif isinstance(event, Talking):
            self._audible = True

    def _fell_silent(self, now: float, since: float) -> None:
        """The caller has, which takes a moment to be sure of."""
        long = now - self._talking_since >= VOICE_S
        # An agent that speaks on, or already speaks, is not waited for.
        answered = self._audible or since <= self._agent_at
        if long and self._voice_counts and not answered:
            self._until = min(self._until, now + WORDLESS_S)
        self._talking_since = float("inf")
