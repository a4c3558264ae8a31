"""What happens to a caller's packets on their way. Pure, and the same for each seed.

Each pattern is clean, then disturbed, then clean again, so that one run shows both what
gets through and whether the delay comes back.
"""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["CLEAN_SLOTS", "DISTURBED_SLOTS", "PATTERNS", "SLOTS", "fates"]

CLEAN_SLOTS = 200
"Four seconds of undisturbed packets before, and after."

DISTURBED_SLOTS = 500
"Ten seconds."

SLOTS = CLEAN_SLOTS + DISTURBED_SLOTS + CLEAN_SLOTS

Fate = float | None
"Seconds by which a packet is late; None: it is lost."

Pattern = Callable[[int, random.Random], Fate]


def _random_loss(share: float) -> Pattern:
    return lambda slot, dice: None if dice.random() < share else 0.0


def _burst(slot: int, dice: random.Random) -> Fate:
    """Ten packets in a row, every two and a half seconds."""
    return None if slot % 125 in range(50, 60) else 0.0


def _reordered(slot: int, dice: random.Random) -> Fate:
    """Every tenth packet comes right after the third one that followed it."""
    return 0.061 if slot % 10 == 5 else 0.0


def _jittered(slot: int, dice: random.Random) -> Fate:
    return dice.uniform(0.0, 0.060)


PATTERNS: dict[str, Pattern] = {
    "clean": _random_loss(0.0),
    "loss 1 %": _random_loss(0.01),
    "loss 5 %": _random_loss(0.05),
    "loss 10 %": _random_loss(0.10),
    "loss 20 %": _random_loss(0.20),
    "burst 10": _burst,
    "reorder 3": _reordered,
    "jitter 60 ms": _jittered,
}


def fates(name: str, seed: int) -> list[Fate]:
    """One for each of `SLOTS` packets."""
    dice = random.Random(f"{name} {seed}")
    disturbed = [PATTERNS[name](slot, dice) for slot in range(DISTURBED_SLOTS)]
    clean: list[Fate] = [0.0] * CLEAN_SLOTS
    return clean + disturbed + clean
