"""What an OpenAI response, or a transcription, is billed for. Pure.

Counted for cancelled responses too: what was made and never heard costs the same. What
comes from the cache is part of the input; only input is cached.
"""

from __future__ import annotations

from typing import Any

from ..untrusted import LARGEST, Fields

__all__ = ["of_response", "of_transcription"]


def of_response(usage: Any) -> dict[str, float]:
    """Amounts of a `response.done`; none when it tells nothing."""
    if not isinstance(usage, dict):
        return {}
    amounts: dict[str, float] = {}
    undetailed = _input(usage, amounts) | _output(usage, amounts)
    if undetailed:
        amounts["undetailed"] = 1
    return amounts if any(amounts.values()) else {}


def of_transcription(usage: Any) -> dict[str, float]:
    """Some models bill seconds, some tokens."""
    if not isinstance(usage, dict):
        return {}
    if usage.get("type") == "duration":
        found = {"transcription_s": _amount(usage, "seconds")}
    else:
        found = {
            "transcription_input_tokens": _amount(usage, "input_tokens"),
            "transcription_output_tokens": _amount(usage, "output_tokens"),
        }
    return {name: amount for name, amount in found.items() if amount}


def _input(usage: Fields, amounts: dict[str, float]) -> bool:
    """True when details are missing: then all counts as uncached sound, the dearest."""
    total = _amount(usage, "input_tokens")
    details = usage.get("input_token_details")
    if not isinstance(details, dict):
        amounts["input_audio_tokens"] = total
        return total > 0
    for kind in ("text", "audio"):
        amounts[f"input_{kind}_tokens"] = _amount(details, f"{kind}_tokens")
    cached = details.get("cached_tokens_details")
    if not isinstance(cached, dict):
        return _amount(details, "cached_tokens") > 0
    for kind in ("text", "audio"):
        most = amounts[f"input_{kind}_tokens"]
        amounts[f"cached_{kind}_tokens"] = min(most, _amount(cached, f"{kind}_tokens"))
    return False


def _output(usage: Fields, amounts: dict[str, float]) -> bool:
    total = _amount(usage, "output_tokens")
    details = usage.get("output_token_details")
    if not isinstance(details, dict):
        amounts["output_audio_tokens"] = total
        return total > 0
    for kind in ("text", "audio"):
        amounts[f"output_{kind}_tokens"] = _amount(details, f"{kind}_tokens")
    return False


def _amount(fields: Fields, key: str) -> float:
    """A number that can be added up; anything else is none."""
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return value if 0 <= value <= LARGEST else 0
