"""Prices: what an agent costs, as a table says. Pure.

The table is a TOML file; `prices.toml` beside this file is the one that ships, with the
source of each price. A bill from the provider, where there is one, is better.

PricesError    the file does not say what a price table may say
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple, Protocol, Self, TypeAlias, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from ..toml_model import TomlError, TomlModel
from .moments import number

__all__ = [
    "ElevenLabsPrices",
    "LocalPrices",
    "OpenAiPrices",
    "Price",
    "Prices",
    "PricesError",
    "TokenPrices",
    "WritingPrices",
]

Usd: TypeAlias = Annotated[float, Field(ge=0, le=1e6)]
Word: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
T = TypeVar("T")

_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}")
"What OpenAI adds to a model's name for the state of a day; the price is the same."

TOKENS = {
    "input_text_tokens": ("cached_text_tokens", "text", "text_cached"),
    "input_audio_tokens": ("cached_audio_tokens", "audio", "audio_cached"),
}
"Tokens that go in: which of them were cached, and the prices of both."


TALK = (*TOKENS, "output_text_tokens", "output_audio_tokens")
WRITING = "transcription_input_tokens", "transcription_output_tokens"
"Tokens of a model that talks, and of one that writes down what it hears."


class PricesError(Exception):
    """The file does not say what a price table may say; the text names the key."""


class Price(NamedTuple):
    usd: float
    doubts: tuple[str, ...] = ()
    "Why it is not what the provider would bill, for people; empty if it is."


class ElevenLabsPrices(TomlModel):
    """By the minute of connection."""

    per_minute: Mapping[str, Usd]
    plan: Word
    silence_after_s: Annotated[float, Field(ge=1)] = 10.0
    "Silence of both sides that is longer costs less from here on."
    silence_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    "How much of the price is left then."
    burst_factor: Annotated[float, Field(ge=1)] = 2.0
    "Of calls beyond the plan's concurrency."
    bursting: bool = False
    "Reckon every call as one of those; a call does not say whether it was one."
    text_message: Usd = 0.0
    "Of a typed turn."

    @field_validator("plan")
    @classmethod
    def _known_plan(cls, plan: str, given: ValidationInfo) -> str:
        return _known(plan, given, "per_minute")

    def call(
        self, length_ms: float, silences_ms: Iterable[float], messages: int = 0
    ) -> Price:
        """A connection in which nobody spoke for each of `silences_ms`."""
        after_ms = self.silence_after_s * 1000
        cheap_ms = sum(max(0.0, silence - after_ms) for silence in silences_ms)
        billed_ms = length_ms - min(cheap_ms, length_ms) * (1 - self.silence_share)
        per_minute = self.per_minute[self.plan]
        if self.bursting:
            per_minute *= self.burst_factor
        usd = billed_ms / 60_000 * per_minute + messages * self.text_message
        doubt = f"by the minutes of plan {self.plan}, without the language model"
        return Price(usd, (doubt,))


class TokenPrices(TomlModel):
    """Of a model that talks, per million tokens."""

    text: Usd
    text_cached: Usd
    text_out: Usd
    audio: Usd
    audio_cached: Usd
    audio_out: Usd

    def tokens(self, amounts: Mapping[str, float]) -> float:
        """US dollars for tokens, counted by the names of `events.Usage`."""
        usd = amount(amounts, "output_text_tokens") * self.text_out
        usd += amount(amounts, "output_audio_tokens") * self.audio_out
        for name, (cached_name, price, cached_price) in TOKENS.items():
            every = amount(amounts, name)
            cached = min(amount(amounts, cached_name), every)  # a part of the input
            usd += (every - cached) * getattr(self, price)
            usd += cached * getattr(self, cached_price)
        return usd / 1e6


class WritingPrices(TomlModel):
    """Of a model that writes down what was said, per million tokens."""

    input: Usd
    output: Usd

    def tokens(self, amounts: Mapping[str, float]) -> float:
        """US dollars."""
        usd = amount(amounts, WRITING[0]) * self.input
        usd += amount(amounts, WRITING[1]) * self.output
        return usd / 1e6


class _Counted(Protocol):
    """A model that is paid by the token."""

    def tokens(self, amounts: Mapping[str, float]) -> float: ...


class OpenAiPrices(TomlModel):
    """By tokens and, for what the caller said in writing, by the minute."""

    models: Mapping[str, TokenPrices]
    transcription_per_minute: Mapping[str, Usd]
    model: Word
    "Whose prices count where usage does not name a model."
    transcription: Word
    "Likewise, of transcription."
    transcription_tokens: Mapping[str, WritingPrices] = Field(default_factory=dict)
    "Some models write by the minute, some by tokens."

    @field_validator("model")
    @classmethod
    def _known_model(cls, model: str, given: ValidationInfo) -> str:
        return _known(model, given, "models")

    @field_validator("transcription")
    @classmethod
    def _known_transcription(cls, model: str, given: ValidationInfo) -> str:
        return _known(model, given, "transcription_per_minute")

    def usage(self, model: str, amounts: Mapping[str, float]) -> Price | None:
        """What one model has used, in all; None for a model that nobody knows."""
        parts: list[Price | None] = [self._seconds(model, amounts)]
        if any(amount(amounts, name) for name in TALK):
            parts.append(_of(self.models, model or self.model, amounts))
        if any(amount(amounts, name) for name in WRITING):
            parts.append(_of(self.transcription_tokens, model, amounts))
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        doubts = [doubt for part in known for doubt in part.doubts]
        if amount(amounts, "undetailed"):
            doubts.append("some usage came without details: taken as uncached")
        return Price(sum(part.usd for part in known), tuple(doubts))

    def _seconds(self, model: str, amounts: Mapping[str, float]) -> Price:
        """What was written down; `model` may be the one that talks."""
        seconds = amount(amounts, "transcription_s")
        if not seconds:
            return Price(0.0)
        table = self.transcription_per_minute
        found = _nearest(table, model)
        if found is None:
            talks = not model or _nearest(self.models, model) is not None
            doubt = f"{model} at the price of {self.transcription}"
            found = table[self.transcription], () if talks else (doubt,)
        return Price(seconds / 60 * found[0], found[1])


class LocalPrices(TomlModel):
    per_minute: Usd = 0.0


class Prices(TomlModel):
    """A whole table: a section for each provider."""

    elevenlabs: ElevenLabsPrices
    openai: OpenAiPrices
    local: LocalPrices = LocalPrices()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The prices that a TOML text gives. Raises PricesError."""
        try:
            return cls.of(text)
        except TomlError as error:
            raise PricesError(f"prices: {error}") from None


def _known(name: str, given: ValidationInfo, table: str) -> str:
    if name not in given.data.get(table, (name,)):  # a faulty table says so itself
        raise ValueError(f"there is no price of {name!r} in {table}")
    return name


def amount(amounts: Mapping[str, Any], name: str) -> float:
    """A quantity; nothing for what is none."""
    return max(number(amounts, name) or 0.0, 0.0)


def _of(
    table: Mapping[str, _Counted], model: str, amounts: Mapping[str, float]
) -> Price | None:
    found = _nearest(table, model)
    return None if found is None else Price(found[0].tokens(amounts), found[1])


def _nearest(table: Mapping[str, T], name: str) -> tuple[T, tuple[str, ...]] | None:
    """What the table says of the name, or of the longest beginning that it knows."""
    known = max((key for key in table if name.startswith(key)), key=len, default=None)
    if known is None:
        return None
    same = known == name or _DATED.fullmatch(name[len(known) :])
    return table[known], () if same else (f"{name} at the price of {known}",)
