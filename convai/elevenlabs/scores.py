"""How sure ElevenLabs is, from moment to moment, that the caller speaks. Pure."""

from __future__ import annotations

from ..events import Event, VoiceScore
from ..untrusted import Fields

__all__ = ["Scores"]

_APART_S = 0.1
"Between two events: as fine as anybody looks, and few enough for page and file."


class Scores:
    """Scores come some thirty times a second; of each tenth the highest counts."""

    def __init__(self) -> None:
        self._told_at = float("-inf")
        self._highest = 0.0

    def take(self, message: Fields, now: float) -> list[Event]:
        event = message.get("vad_score_event")
        score = event.get("vad_score") if isinstance(event, dict) else None
        if not isinstance(score, int | float) or isinstance(score, bool):
            return []  # a figure for metrics: no reason to end a call
        self._highest = max(self._highest, float(min(score, 1)))
        if now - self._told_at < _APART_S:
            return []
        told = VoiceScore(self._highest)
        self._told_at, self._highest = now, 0.0
        return [told]
