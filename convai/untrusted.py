"""JSON of a peer, read field by field: the wanted type, or AgentProtocolError.

Python's `json` lets through what would hurt later: NaN and infinities, integers that no
other reader of JSON can hold, lone surrogates that cannot be written as UTF-8, and
nesting deep enough to end in RecursionError. None of it gets past this file. What is
wrong is named by its key only, since values may be long or private.
"""

from __future__ import annotations

import binascii
import json
import math
from typing import Any, TypeAlias

from .agent import AgentProtocolError

__all__ = [
    "LARGEST",
    "Fields",
    "base64",
    "flag",
    "inner",
    "optional_inner",
    "optional_text",
    "parse",
    "plain",
    "text",
    "whole",
]

Fields: TypeAlias = dict[str, Any]

LARGEST = 2**53 - 1
"RFC 8259 section 6: beyond this, readers of JSON do not agree on an integer's value."
_DEEPEST = 32
"Levels of nesting kept; deeper than any tool's arguments, far from the stack's end."


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


_decoder = json.JSONDecoder(parse_constant=lambda name: None, parse_float=_finite)


def parse(message: str | bytes) -> Fields:
    """The object that a message is. NaN and infinities count as null."""
    try:
        if isinstance(message, bytes):
            message = message.decode()
        value = _decoder.decode(message)
    except (ValueError, RecursionError):
        # ValueError: not UTF-8, not JSON, or an integer of thousands of digits.
        raise AgentProtocolError("a message is not JSON") from None
    if not isinstance(value, dict):
        raise AgentProtocolError("a message is not a JSON object")
    return value


def inner(fields: Fields, key: str) -> Fields:
    value = fields.get(key)
    if not isinstance(value, dict):
        raise AgentProtocolError(f"{key} is missing or not an object")
    return value


def optional_inner(fields: Fields, key: str) -> Fields:
    """The object, or an empty one when there is none."""
    return {} if fields.get(key) is None else inner(fields, key)


def text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str):
        raise AgentProtocolError(f"{key} is missing or not text")
    return _writable(value)


def base64(fields: Fields, key: str) -> bytes:
    try:
        return binascii.a2b_base64(text(fields, key), strict_mode=True)
    except ValueError:  # binascii.Error, or letters beyond ASCII
        raise AgentProtocolError(f"{key} is not base64") from None


def optional_text(fields: Fields, key: str) -> str:
    """The text, or an empty one for anything else: for what only people read."""
    value = fields.get(key)
    return _writable(value) if isinstance(value, str) else ""


def whole(fields: Fields, key: str) -> int:
    """A whole number; 5.0 is one (JSON Schema draft 2020-12), true is none."""
    value = fields.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or abs(value) > LARGEST:
        raise AgentProtocolError(f"{key} is missing or not a whole number")
    return value


def flag(fields: Fields, key: str, *, default: bool) -> bool:
    value = fields.get(key)
    return value if isinstance(value, bool) else default


def plain(value: Any, levels: int = _DEEPEST) -> Any:
    """A copy that can be written as JSON and UTF-8 anywhere."""
    if isinstance(value, str):
        return _writable(value)
    if isinstance(value, dict | list) and not levels:
        raise AgentProtocolError("a message is nested too deeply")
    if isinstance(value, dict):
        return {_writable(k): plain(v, levels - 1) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(item, levels - 1) for item in value]
    return value


def _writable(value: str) -> str:
    """Lone surrogates, which JSON can escape but UTF-8 cannot hold, become `?`."""
    return value if value.isascii() else value.encode(errors="replace").decode()
