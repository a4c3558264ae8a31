"""Style: how a conversation's voice differs from the engine's own. Pure."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PITCHES", "PLAIN", "Style"]

PITCHES = {"low": 0.84, "high": 1.12}
"""Voices by id, as the engine's own at another pitch: there is one set of weights, and
this makes two speakers of it that nobody confuses. Other ids get the voice as it is."""


@dataclass(frozen=True, slots=True)
class Style:
    speed: float = 1.0
    "1 is the voice's own pace."
    pitch: float = 1.0
    "1 is the voice's own."


PLAIN = Style()
