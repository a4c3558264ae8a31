"""Order: what is to be compared, and how. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from convai.metrics.prices import Prices

from .contender import Contender
from .script import Line
from .trouble import WrongInput

__all__ = ["Order", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One comparison."""

    contenders: Sequence[Contender]
    lines: Sequence[Line] = field(repr=False)
    runs: int
    interrupt: int | None
    "The turn, from 0, that interrupts on purpose."
    out: Path
    "Where everything is written."
    url: str | None = None
    "A running server; None: one of our own."
    flags: Sequence[str] = ()
    "More of them for a server of our own."
    prices: Prices
    "What providers charge."
    seed: int = 0
    "Of the order in which raters hear the pairs."


def interrupted(wish: int | None, turns: int) -> int | None:
    """Which turn (from 0) interrupts: `wish` is from 1, 0 for none, None for the usual.

    That is the last but one, so that an answer to an undisturbed turn comes after it.
    The first turn has nothing to interrupt but the greeting. Raises WrongInput.
    """
    if wish is None:
        return max(turns - 2, 1) if turns > 1 else None
    if not 0 <= wish <= turns:
        raise WrongInput(f"--interrupt-turn: there are {turns} turns, 0 is for none")
    return wish - 1 if wish else None
