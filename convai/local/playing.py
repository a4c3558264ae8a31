"""Playing: what the caller is hearing right now, by estimate. Pure.

Replies leave in bursts, far ahead of the sound in the caller's ear, and nobody tells
us how far playback is. The estimate is that a reply starts when it was sent, or when
the one before it ends, and runs in real time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

__all__ = ["CutShort", "Playing"]


@dataclass(frozen=True, slots=True)
class CutShort:
    """A reply that was interrupted."""

    reply: int
    text: str
    "All of it."
    heard: str
    "The words that were probably heard."


@dataclass(slots=True)
class _Reply:
    id: int
    text: str
    pieces: list[tuple[str, float, float]] = field(default_factory=list)
    "Sentence, start and length in seconds."

    @property
    def until(self) -> float:
        return self.pieces[-1][1] + self.pieces[-1][2] if self.pieces else 0.0


class Playing:
    """The replies that are, or will be, in the caller's ear."""

    def __init__(self) -> None:
        self._replies: deque[_Reply] = deque()  # bounded: `begin` drops what is over
        self.begun = 0
        "The latest reply of which anything was sent."
        self.until = 0.0
        "When the last of it will have been heard, by the clock of `now`."

    def begin(self, reply: int, text: str, now: float) -> None:
        """A reply is about to be sent."""
        while self._replies and self._replies[0].until <= now:
            self._replies.popleft()
        self._replies.append(_Reply(reply, text))
        self.begun = reply

    def sent(self, reply: int, sentence: str, seconds: float, now: float) -> None:
        """A sentence of the reply begun last was sent."""
        start = max(self.until, now)
        self.until = start + seconds
        if self._replies and self._replies[-1].id == reply:
            self._replies[-1].pieces.append((sentence, start, seconds))

    def cut(self, now: float) -> list[CutShort]:
        """Stop everything; what was cut short, oldest first."""
        cut = [
            CutShort(reply.id, reply.text, _heard(reply, now))
            for reply in self._replies
            if reply.until > now
        ]
        self._replies.clear()
        self.until = min(self.until, now)
        return cut


def _heard(reply: _Reply, now: float) -> str:
    """Whole sentences, then words in proportion to the time: speech is that even."""
    heard: list[str] = []
    for sentence, start, seconds in reply.pieces:
        share = (now - start) / seconds if seconds > 0 else 1.0
        if share >= 1:
            heard.append(sentence)
        elif share > 0:
            words = sentence.split()
            heard.extend(words[: int(len(words) * share)])
    return " ".join(heard)
