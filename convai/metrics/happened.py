"""What else happened in a call: tools, handovers, troubles. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..untrusted import Fields, optional_text
from .moments import number

__all__ = ["Happened"]

MOST = 100
"Different names of tools, or codes of troubles, that are told apart."


class Scores:
    """Of how sure a provider is that somebody speaks, 0 to 1."""

    def __init__(self) -> None:
        self.count = 0
        self.sum = 0.0
        self.highest = 0.0

    def add(self, score: float) -> None:
        self.count += 1
        self.sum += score
        self.highest = max(self.highest, score)

    def figures(self) -> dict[str, float] | None:
        if not self.count:
            return None
        return {
            "n": self.count,
            "mean": round(self.sum / self.count, 3),
            "max": round(self.highest, 3),
        }


class Happened:
    """Counts; feed it in order of time."""

    def __init__(self) -> None:
        self.caller_talks = False
        "Whether the caller is audible now."
        self._reason: str | None = None
        self._tools: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._handovers = 0
        self._renewals = 0
        self._troubles: Counter[str] = Counter()
        self._scores = {True: Scores(), False: Scores()}
        "While the caller talks, and while not."
        self._call: dict[str, float] = {}
        "Of the call's own figures those that say how it gave way."

    def note(self, kind: str, fields: Fields) -> None:
        """Take a message; most are of no concern here."""
        match kind:
            case "tool.called":
                _count(self._tools, optional_text(fields, "name"))
            case "tool.done" if fields.get("failed") is True:
                _count(self._failed, optional_text(fields, "name"))
            case "agent.changed":
                renewed = fields.get("why") == "renewed"
                self._renewals += renewed
                self._handovers += not renewed
            case "error":
                _count(self._troubles, optional_text(fields, "code"))
            case "voice.score":
                self._score(number(fields, "score"))
            case "call.stats" if fields.get("final") is True:
                self._gave_way(fields)
            case "conversation.ended":
                self._reason = self._reason or optional_text(fields, "reason") or None

    def _score(self, score: float | None) -> None:
        if score is not None and 0 <= score <= 1:
            self._scores[self.caller_talks].add(score)

    def _gave_way(self, fields: Fields) -> None:
        for name in ("ducked", "ducked_in_vain"):
            if (count := number(fields, name)) is not None:
                self._call[name] = count

    def figures(self) -> dict[str, Any]:
        return {
            "reason": self._reason,
            "tools": {
                "used": self._tools.total(),
                "failed": self._failed.total(),
                "by_name": dict(self._tools),
                "failed_by_name": dict(self._failed),
            },
            "handovers": self._handovers,
            "renewals": self._renewals,
            "troubles": dict(self._troubles),
            "voice_score": {
                "talking": self._scores[True].figures(),
                "silent": self._scores[False].figures(),
            },
            "ducked": self._call.get("ducked"),
            "ducked_in_vain": self._call.get("ducked_in_vain"),
        }


def _count(counts: Counter[str], name: str) -> None:
    if name not in counts and len(counts) >= MOST:
        name = "..."
    counts[name] += 1
