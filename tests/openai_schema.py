"""The schema of OpenAI Realtime's messages: checks them, and makes them up.

A client's message must please two judges: the types of OpenAI's own client and the JSON
Schema derived from them, which is stricter where the live API is.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from openai.types.realtime import RealtimeClientEvent
from pydantic import BaseModel, TypeAdapter

from tests import elevenlabs_schema

__all__ = ["SERVER", "Maker", "check_client", "check_server"]

_SCHEMA = json.loads(
    (Path(__file__).parent / "data" / "openai_messages.json").read_text()
)
_DEFS: dict[str, Any] = _SCHEMA["$defs"]

CLIENT = [name.removeprefix("client.") for name in _DEFS if name.startswith("client.")]
SERVER = [name.removeprefix("server.") for name in _DEFS if name.startswith("server.")]


@cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    # The definitions under their own root: a `$ref` is resolved from there.
    schema = {"$ref": f"#/$defs/{name}", "$defs": _DEFS}
    return jsonschema.Draft202012Validator(schema)


@cache
def _official() -> TypeAdapter[Any]:
    return TypeAdapter(RealtimeClientEvent)


def check_client(message: dict[str, Any]) -> None:
    """Raises ValueError or jsonschema.ValidationError unless a client may send this."""
    name = message.get("type")
    if name not in CLIENT:
        raise jsonschema.ValidationError(f"no client message has the type {name!r}")
    _validator(f"client.{name}").validate(message)
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


def check_server(message: dict[str, Any]) -> None:
    """Raises jsonschema.ValidationError unless a server may send this."""
    name = message.get("type")
    if name not in SERVER:
        raise jsonschema.ValidationError(f"no server message has the type {name!r}")
    _validator(f"server.{name}").validate(message)


class Maker(elevenlabs_schema.Maker):
    """Makes schema-valid messages of OpenAI from a random source."""

    def server(self, kind: str) -> dict[str, Any]:
        made = self._value(_DEFS[f"server.{kind}"])
        assert isinstance(made, dict)
        return made

    def _value(self, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return self._value(_DEFS[schema["$ref"].removeprefix("#/$defs/")])
        if not set(schema) - {"description", "title"}:
            return self._anything()
        return super()._value(schema)

    def _string(self, schema: dict[str, Any]) -> str:
        # Few names, so that messages are about the same things.
        words = ["", "AAAA", "r1", "r2", "i1", "i2", "c1", "message", "function_call"]
        return self._chance.choice([*words, '{"a": 1}', "Grüße 👋", "\ud800"])
