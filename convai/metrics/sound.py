"""Sound: who was audible for how long. Pure.

    caller   ────▇▇▇▇▇▇▇──────────────▇▇▇▇▇▇──
    agent    ──────────▇▇▇▇▇▇▇▇───▇▇▇▇▇▇▇─────
             silence    overlap    silence

So caller + agent - overlap + silence = length, always.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Sound"]

WORTH_MS = 1000
"Milliseconds of a silence that is remembered by itself; shorter ones only add up."

MOST = 10_000
"Silences remembered: some ten hours of halting talk."


class Sound:
    """Feed it in order of time; times in milliseconds of the call."""

    def __init__(self) -> None:
        self.begin_ms: int | None = None
        "When the account began; None before."
        self.caller_ms = 0
        self.agent_ms = 0
        self.overlap_ms = 0
        self.silence_ms = 0
        self.silences: list[tuple[int, int]] = []
        "Longer ones, from and to; bounded."
        self._caller = False
        self._agent = False
        self._at = 0
        "Up to when all is accounted for."
        self._quiet_since = 0

    @property
    def length_ms(self) -> int:
        return 0 if self.begin_ms is None else self._at - self.begin_ms

    def go_on(self, at_ms: int) -> None:
        """Time has passed."""
        if self.begin_ms is None:
            self.begin_ms = self._at = self._quiet_since = at_ms
        passed = at_ms - self._at
        if passed <= 0:
            return
        self._at = at_ms
        self.caller_ms += passed * self._caller
        self.agent_ms += passed * self._agent
        self.overlap_ms += passed * (self._caller and self._agent)
        self.silence_ms += passed * (not self._caller and not self._agent)

    def talking(self, who: str, on: bool, at_ms: int) -> None:
        """Somebody begins or ceases to be audible."""
        self.go_on(at_ms)
        silent = not self._caller and not self._agent
        if who == "caller":
            self._caller = on
        else:
            self._agent = on
        if silent and on:
            self._remember()
        elif not silent and not (self._caller or self._agent):
            self._quiet_since = self._at

    def every_silence(self) -> list[tuple[int, int]]:
        """The longer silences, the one that goes on included."""
        if self._caller or self._agent or self._at <= self._quiet_since:
            return self.silences
        return [*self.silences, (self._quiet_since, self._at)]

    def figures(self) -> dict[str, Any]:
        """Milliseconds, and shares of the length."""
        sums = {
            "caller": self.caller_ms,
            "agent": self.agent_ms,
            "overlap": self.overlap_ms,
            "silence": self.silence_ms,
        }
        length = self.length_ms
        return {
            **{f"{name}_ms": ms for name, ms in sums.items()},
            **{
                f"{name}_share": round(ms / length, 4) if length else 0.0
                for name, ms in sums.items()
            },
        }

    def _remember(self) -> None:
        if self._at - self._quiet_since >= WORTH_MS and len(self.silences) < MOST:
            self.silences.append((self._quiet_since, self._at))
