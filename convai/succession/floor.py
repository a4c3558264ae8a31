"""Floor: who is speaking, and who waits for a word. Pure; `now` is in seconds.

Told by the agent's events alone. Replies come faster than they are spoken, so how long
one is heard is reckoned from its length. What matters to an agent that takes over:

    unfinished   the agent was in the middle of a reply: the rest of it is lost
    owed         the caller said or typed something, or a tool did its work, and the
                 agent had not begun to answer
    quiet        neither, and nobody has spoken for a while
"""

from __future__ import annotations

from ..events import (
    ApprovalAsked,
    Event,
    Interrupted,
    ReplyDone,
    Said,
    Speech,
    ToolCall,
    VoiceScore,
)

__all__ = ["Floor"]

FASTEST_WORDS_PER_S = 4.5
"Sound shorter than its words at the pace of a very fast voice is not all of it."

PAUSE_S = 1.0
"Silence after which nobody is in the middle of anything."

SPEAKING = 0.5
"From this score on the provider thinks that the caller speaks."


class Floor:
    """Feed `note`, and what the call does; ask at any time."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        "Hz of the agents' voice."
        self._sounding_until = 0.0
        "When all sound that came will have been played."
        self._caller_at = -PAUSE_S
        "When the caller was last known to speak."
        self._owed = False
        self._marks = False
        "The provider tells the end of replies."
        self._reply = self._done = -1
        "The newest reply; the newest that is complete, or was stopped."
        self._words = 0
        "Of the newest reply."
        self._sound_s = 0.0
        "Of the newest reply."

    def note(self, event: Event, now: float) -> None:
        """Take an event of the agent."""
        match event:
            case Speech(reply, pcm):
                self._turn_to(reply)
                seconds = len(pcm) / 2 / self._rate
                self._sounding_until = max(self._sounding_until, now) + seconds
                self._sound_s += seconds
                self._owed = False
            case Said("agent", text, _, reply):
                self._turn_to(reply)
                if reply == self._reply:
                    self._words = len(text.split())
            case ReplyDone(reply):
                self._marks = True
                self._done = max(self._done, reply)
            case Said("caller", text, late=late) if text.strip():
                self._caller_at = now
                self._owed = self._owed or not late
            case Interrupted():
                self.cut(now)
                self._caller_at = now
                self._owed = True
            case VoiceScore(score) if score >= SPEAKING:
                self._caller_at = now
            case ToolCall() | ApprovalAsked():
                self._owed = True

    def asked(self) -> None:
        """The agent was given something that it will answer."""
        self._owed = True

    def cut(self, now: float) -> None:
        """The agent's voice was stopped."""
        self._sounding_until = min(self._sounding_until, now)
        self._done = max(self._done, self._reply)

    def changed(self) -> None:
        """Another agent: what this one lost is dealt with, and its habits are new."""
        self._done = self._reply
        self._owed = self._marks = False

    def unfinished(self, now: float) -> bool:
        """Whether the rest of a reply would never come if the agent died now."""
        if self._reply <= self._done:
            return False
        short = self._sound_s < self._words / FASTEST_WORDS_PER_S
        return self._marks or short or now < self._sounding_until

    def lost(self, now: float) -> bool:
        """Whether the caller would wait for something in vain."""
        return self._owed or self.unfinished(now)

    def quiet(self, now: float) -> bool:
        """Whether nothing is going on."""
        still = now - PAUSE_S
        silent = self._sounding_until <= still and self._caller_at <= still
        return silent and not self.lost(now)

    @property
    def reply(self) -> int:
        """The newest."""
        return self._reply

    def _turn_to(self, reply: int) -> None:
        if reply > self._reply:
            self._reply, self._words, self._sound_s = reply, 0, 0.0
