"""The schema of OpenAI Realtime's messages: checks them, and makes them up.

A client's message must please two judges: the types of OpenAI's own client and the JSON
Schema derived from them, which is stricter where the live API is.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from openai.types.realtime import RealtimeClientEvent
from pydantic import BaseModel, TypeAdapter

from tests import message_schema

__all__ = ["SERVER", "Maker", "check_client", "check_server"]

_MESSAGES = message_schema.Messages("openai_messages.json")

SERVER = _MESSAGES.server

check_server = _MESSAGES.check_server


@cache
def _official() -> TypeAdapter[Any]:
    return TypeAdapter(RealtimeClientEvent)


def check_client(message: dict[str, Any]) -> None:
    """Raises ValueError or jsonschema.ValidationError unless a client may send this."""
    name = message.get("type")
    _MESSAGES.check_client(name, message)
    if unknown := _unknown(_official().validate_python(message), name):
        raise ValueError(f"OpenAI's types do not know {unknown}")


def _unknown(value: Any, where: str) -> list[str]:
    """Fields that the official types let through without knowing them."""
    if isinstance(value, BaseModel):
        found = [f"{where}.{key}" for key in value.model_extra or {}]
        for key in type(value).model_fields:
            found += _unknown(getattr(value, key), f"{where}.{key}")
        return found
    if isinstance(value, list):
        return [name for one in value for name in _unknown(one, f"{where}[]")]
    return []


class Maker(message_schema.Maker):
    """Makes schema-valid messages of OpenAI from a random source."""

    messages = _MESSAGES

    def _value(self, schema: dict[str, Any]) -> Any:
        if not set(schema) - {"description", "title"}:
            return self._anything()
        return super()._value(schema)

    def _string(self, schema: dict[str, Any]) -> str:
        # Few names, so that messages are about the same things.
        words = ["", "AAAA", "r1", "r2", "i1", "i2", "c1", "message", "function_call"]
        return self._chance.choice([*words, '{"a": 1}', "Grüße 👋", "\ud800"])
