"""Cost: what a call cost, agent by agent. Pure.

A call may be led by one agent after another; each is a segment with its own price. The
provider's bill, which comes after the call, counts more than any table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..untrusted import Fields, optional_text
from .moments import number
from .prices import Price, Prices

__all__ = ["Cost"]

Kind: TypeAlias = Literal["elevenlabs", "openai", "local"]
KINDS: tuple[Kind, ...] = ("elevenlabs", "openai", "local")

MOST = 1000
"Segments, and models within one: fail-over that often is no call any more."

DIGITS = 6
"Of a dollar: a token costs some ten-thousandths of a cent."


@dataclass(slots=True)
class Segment:
    """One agent's part of a call; times in milliseconds."""

    agent: str
    begin_ms: int
    end_ms: int | None = None
    "None while it goes on."
    used: dict[str, dict[str, float]] = field(default_factory=dict)
    "Amounts by model."
    bill_usd: float | None = None
    messages: int = 0
    "Typed turns."

    @property
    def kind(self) -> Kind | None:
        """Whose prices count: agents are named after their provider."""
        return next((kind for kind in KINDS if self.agent.startswith(kind)), None)

    def use(self, model: str, amounts: Mapping[str, Any]) -> None:
        if model not in self.used and len(self.used) >= MOST:
            return
        sums = self.used.setdefault(model, {})
        for name in list(amounts)[:MOST]:
            amount = number(amounts, name)
            if amount is not None and amount > 0:
                sums[name] = sums.get(name, 0.0) + amount

    def price(
        self, prices: Prices, end_ms: int, silences: Iterable[tuple[int, int]]
    ) -> Price | None:
        """None when nobody knows it."""
        if self.bill_usd is not None:
            return Price(self.bill_usd)
        length_ms = end_ms - self.begin_ms
        match self.kind:
            case "elevenlabs":
                within = (
                    min(to, end_ms) - max(since, self.begin_ms)
                    for since, to in silences
                )
                return prices.elevenlabs.call(length_ms, within, self.messages)
            case "local":
                return Price(length_ms / 60_000 * prices.local.per_minute)
            case "openai":
                return self._tokens(prices)
        return self._tokens(prices) if self.used else None

    def _tokens(self, prices: Prices) -> Price | None:
        if not self.used:
            return Price(0.0, ("no usage was told of",))
        usd, doubts = 0.0, list[str]()
        for model, amounts in self.used.items():
            found = prices.openai.usage(model, amounts)
            if found is None:
                return None
            usd += found.usd
            doubts += found.doubts
        return Price(usd, tuple(dict.fromkeys(doubts)))


class Cost:
    """Feed it in order of time; times in milliseconds of the call."""

    def __init__(self, agent: str, prices: Prices | None) -> None:
        self._agent = agent
        self._prices = prices
        self._segments: list[Segment] = []

    @property
    def agents(self) -> list[str]:
        """Who led the call, in order."""
        return [segment.agent for segment in self._segments] or [self._agent]

    def begin(self, at_ms: int) -> None:
        """The first agent is connected."""
        if not self._segments:
            self._segments.append(Segment(self._agent, at_ms))

    def change(self, fields: Fields, at_ms: int) -> None:
        """Another agent goes on, or the same one in a new conversation."""
        if not self._segments:
            self._segments.append(Segment(optional_text(fields, "previous"), at_ms))
        if len(self._segments) < MOST:
            self.end(at_ms)
            self._segments.append(Segment(optional_text(fields, "agent"), at_ms))

    def end(self, at_ms: int) -> None:
        """The agent's part is over."""
        if self._segments and self._segments[-1].end_ms is None:
            self._segments[-1].end_ms = at_ms

    def typed(self) -> None:
        """The caller wrote instead of speaking."""
        if self._segments:
            self._segments[-1].messages += 1

    def usage(self, fields: Fields, at_ms: int) -> None:
        """What a provider counted."""
        amounts = fields.get("amounts")
        if not isinstance(amounts, Mapping):
            return
        self.begin(at_ms)
        bill_usd = number(amounts, "cost_usd")
        if bill_usd is not None and bill_usd >= 0:
            self._billed(number(amounts, "call_s")).bill_usd = bill_usd
        else:
            self._segments[-1].use(optional_text(fields, "model"), amounts)

    def figures(
        self, end_ms: int, silences: list[tuple[int, int]]
    ) -> dict[str, Any] | None:
        """US dollars, in all and for each agent; None without prices."""
        if self._prices is None:
            return None
        parts = [
            self._part(it, end_ms, silences, self._prices) for it in self._segments
        ]
        known = [part["usd"] for part in parts if part["usd"] is not None]
        usd = sum(known) if len(known) == len(parts) else None
        length_ms = end_ms - self._segments[0].begin_ms if parts else 0
        per_min = usd / length_ms * 60_000 if usd is not None and length_ms else None
        return {
            "usd": _rounded(usd),
            "usd_per_min": _rounded(per_min),
            "estimated": any(part["estimated"] for part in parts),
            "agents": parts,
        }

    def _part(
        self,
        segment: Segment,
        now_ms: int,
        silences: list[tuple[int, int]],
        prices: Prices,
    ) -> dict[str, Any]:
        end_ms = now_ms if segment.end_ms is None else segment.end_ms
        price = segment.price(prices, end_ms, silences)
        doubts = ("nobody knows the price",) if price is None else price.doubts
        return {
            "agent": segment.agent,
            "length_ms": end_ms - segment.begin_ms,
            "usd": None if price is None else _rounded(price.usd),
            "estimated": bool(doubts),
            "doubts": list(doubts),
        }

    def _billed(self, length_s: float | None) -> Segment:
        """Whose bill this is. It names nobody, but tells how long it was."""
        unbilled = [it for it in self._segments if it.bill_usd is None]
        usual = [it for it in unbilled if it.kind == "elevenlabs"]
        meant = usual or unbilled or self._segments
        if length_s is None:
            return meant[0]  # they come in order

        def misfit(segment: Segment) -> float:
            end_ms = segment.begin_ms if segment.end_ms is None else segment.end_ms
            return abs(end_ms - segment.begin_ms - length_s * 1000)

        return min(meant, key=misfit)


def _rounded(usd: float | None) -> float | None:
    return None if usd is None else round(usd, DIGITS)
