"""Take: one call of a comparison, as the caller lived through it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .contender import Contender
from .sound import Samples
from .turns import Spoken

__all__ = ["Heard", "Take"]


class Heard(NamedTuple):
    """A packet of the agent's sound."""

    at: float
    "When it came, seconds on the call's clock."
    position: int
    "Of its first sample, on the sender's clock."
    level: float
    "RMS of its sound, 0 for none."


@dataclass(slots=True)
class Take:
    """Everything is on the call's clock, which begins with the caller's first slot."""

    contender: Contender
    run: int
    "From 1."
    call: str = ""
    "The server's id of the call."
    length: float = 0.0
    "Seconds from the first slot to the hang-up."
    spoken: Sequence[Spoken] = ()
    heard: Sequence[Heard] = ()
    caller_pcm: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    agent_pcm: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    events: Sequence[dict[str, Any]] = ()
    "As they came over the data channel."
    lost: int = 0
    "Packets of the agent that never came."
    late_ms: float = 0.0
    "Most that the caller's own packets left after their time, from its first turn on."
    late_before_ms: float = 0.0
    "The same before the first turn."
    failure: str = ""
    "Why the call did not run its course, in words; empty when it did."
    notes: Sequence[str] = ()
    "What else did not go as planned."

    def forget(self) -> None:
        """The sound, once it is on disk: there may be many calls."""
        self.caller_pcm = self.agent_pcm = np.zeros(0, np.int16)
