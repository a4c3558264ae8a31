"""Prices: what an agent costs, as a table says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from convai.metrics import prices_file
from convai.metrics.prices import Prices, PricesError

SHIPPED = prices_file.SHIPPED.read_text()
PRICES = Prices.parse(SHIPPED)
MODEL = "gpt-realtime-2.1"


def test_the_table_that_ships_is_the_one_that_is_read() -> None:
    assert prices_file.shipped() == PRICES
    assert PRICES.local.per_minute == 0
    assert PRICES.openai.models[MODEL].audio_out == 64


def test_tokens_by_the_formula() -> None:
    amounts = {
        "input_text_tokens": 10_000,
        "cached_text_tokens": 6000,
        "input_audio_tokens": 20_000,
        "cached_audio_tokens": 5000,
        "output_text_tokens": 3000,
        "output_audio_tokens": 7000,
        "transcription_s": 90,
    }
    talk = 4000 * 4 + 6000 * 0.4 + 15_000 * 32 + 5000 * 0.4 + 3000 * 24 + 7000 * 64
    price = PRICES.openai.usage(MODEL, amounts)
    assert price is not None
    assert price.usd == pytest.approx(talk / 1e6 + 1.5 * 0.0045)
    assert price.doubts == ()


def test_a_minute_costs_what_the_facts_say() -> None:
    """1 token per 100 ms of the caller, 1 per 50 ms of the agent."""
    price = PRICES.openai.usage(MODEL, {"input_audio_tokens": 600})
    assert price is not None
    assert price.usd == pytest.approx(0.0192)
    price = PRICES.openai.usage(MODEL, {"output_audio_tokens": 1200})
    assert price is not None
    assert price.usd == pytest.approx(0.0768)


def test_a_dated_model_costs_the_same_and_a_strange_one_perhaps() -> None:
    amounts = {"output_text_tokens": 1e6}
    dated = PRICES.openai.usage("gpt-realtime-mini-2025-12-15", amounts)
    assert dated == (2.4, ())
    nearest = PRICES.openai.usage("gpt-realtime-2.7", amounts)
    assert nearest == (24.0, ("gpt-realtime-2.7 at the price of gpt-realtime-2",))
    assert PRICES.openai.usage("", amounts) == (24.0, ())
    assert PRICES.openai.usage("claude", amounts) is None


def test_usage_without_details_is_a_doubt() -> None:
    price = PRICES.openai.usage(MODEL, {"input_audio_tokens": 10, "undetailed": 1})
    assert price is not None
    assert "without details" in price.doubts[0]


def test_no_more_is_cached_than_went_in() -> None:
    amounts = {"input_text_tokens": 1e6, "cached_text_tokens": 5e6}
    assert PRICES.openai.usage(MODEL, amounts) == (0.4, ())


def test_writing_down_is_paid_by_the_minute_or_by_tokens() -> None:
    openai = PRICES.openai
    assert openai.usage("whisper-1", {"transcription_s": 60}) == (0.006, ())
    assert openai.usage(MODEL, {"transcription_s": 60}) == (0.0045, ())
    strange = openai.usage("scribe", {"transcription_s": 60})
    assert strange == (0.0045, ("scribe at the price of gpt-transcribe",))
    tokens = {
        "transcription_input_tokens": 1e6,
        "transcription_output_tokens": 1e6,
    }
    assert openai.usage("gpt-4o-mini-transcribe", tokens) == (6.25, ())
    assert openai.usage("scribe", tokens) is None


def test_minutes_of_connection() -> None:
    price = PRICES.elevenlabs.call(90_000, [])
    assert price.usd == pytest.approx(0.18)
    assert "plan creator" in price.doubts[0]


def test_a_long_silence_costs_a_twentieth_from_its_eleventh_second_on() -> None:
    price = PRICES.elevenlabs.call(120_000, [40_000, 9000, 10_000])
    assert price.usd == pytest.approx((90 + 30 * 0.05) / 60 * 0.12)


def test_plan_burst_and_messages_count() -> None:
    text = SHIPPED.replace('plan = "creator"', 'plan = "scale"')
    prices = Prices.parse(text.replace("bursting = false", "bursting = true"))
    assert prices.elevenlabs.call(60_000, [], 2).usd == pytest.approx(0.206)


def test_silence_never_makes_a_call_cheaper_than_silence() -> None:
    chance = random.Random(1)
    for _ in range(200):
        length = chance.uniform(0, 1e6)
        silences = [chance.uniform(-1e6, 1e6) for _ in range(5)]
        usd = PRICES.elevenlabs.call(length, silences).usd
        whole = length / 60_000 * 0.12
        assert whole * 0.05 - 1e-9 <= usd <= whole + 1e-9


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("text_cached = 0.40", "text_cached = -1", "gpt-realtime-2.1.text_cached"),
        ("creator = 0.12", 'creator = "dear"', "elevenlabs.per_minute.creator"),
        ("creator = 0.12", "creator = nan", "creator|nan|JSON"),
        ('plan = "creator"', 'plan = "gold"', "elevenlabs.plan: there is no price"),
        (
            'model = "gpt-realtime-2.1"',
            'model = "x"',
            "openai.model: there is no price",
        ),
        ('= "gpt-transcribe"', '= "x"', "openai.transcription: there is no price"),
        ("[local]", "[lokal]", "lokal: there is no such key"),
        ("[local]", "[local", "not TOML"),
        ("per_minute = 0.0 ", "per_minute = 2026-11-22 #", "date"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, named: str) -> None:
    assert old in SHIPPED
    with pytest.raises(PricesError, match=named):
        Prices.parse(SHIPPED.replace(old, new, 1))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for name, content in (("bytes.toml", b"\xff"), ("long.toml", b"#" * 2**21)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PricesError, match=name):
            prices_file.read(tmp_path / name)
    with pytest.raises(PricesError, match=r"none\.toml: No such file"):
        prices_file.read(tmp_path / "none.toml")
    with pytest.raises(PricesError, match="is no path"):
        prices_file.read(tmp_path / "a\0b.toml")


def test_a_mark_of_byte_order_is_no_price(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(SHIPPED, "utf-8-sig")
    assert prices_file.read(tmp_path / "p.toml") == PRICES


def test_every_price_has_a_source_and_the_date_is_there() -> None:
    """People show this money to other people."""
    for section in SHIPPED.split("\n["):
        assert "#" in section or "models." in section, section
    assert "November 2026" in SHIPPED
