"""JSON Schema of a tool's parameters in the words that ElevenLabs has for it. Pure.

Its schema knows objects, arrays and single values, each described to the model in
words; limits, formats and choices among numbers it has no keys for. They are put into
the description: Parley checks them itself when the tool is used.

DialectError    there is no way to say it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["DialectError", "parameters"]

Schema: TypeAlias = Mapping[str, Any]

DEEPEST = 16
"Levels; a schema that refers to itself has no end."

LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
    "minLength": "characters, at least",
    "maxLength": "characters, at most",
    "minItems": "items, at least",
    "maxItems": "items, at most",
    "pattern": "matching",
    "format": "format:",
}
"How a limit is told in a description."


class DialectError(Exception):
    """ElevenLabs has no way to say this; the text names the parameter."""


def parameters(schema: Schema) -> dict[str, Any]:
    """The schema of a tool's parameters, translated. Raises DialectError."""
    return _Translation(schema.get("$defs", {})).object(schema, "parameters", 0)


class _Translation:
    """One schema's; knows its definitions."""

    def __init__(self, definitions: Schema) -> None:
        self._definitions = definitions

    def any(self, schema: Schema, name: str, depth: int) -> dict[str, Any]:
        if depth > DEEPEST:
            raise DialectError(f"{name}: nested too deep, or within itself")
        schema = self._plain(schema, name)
        kind = schema.get("type")
        if kind == "object":
            return self.object(schema, name, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in ("string", "integer", "number", "boolean"):
            return _literal(schema, name)
        raise DialectError(f"{name}: ElevenLabs has no such type of parameter")

    def object(self, schema: Schema, name: str, depth: int) -> dict[str, Any]:
        inside = {
            key: self.any(part, f"{name}.{key}" if depth else key, depth + 1)
            for key, part in schema.get("properties", {}).items()
        }
        told: dict[str, Any] = {"type": "object", "properties": inside}
        told["required"] = list(schema.get("required", ()))
        if text := schema.get("description"):
            told["description"] = text
        return told

    def _array(self, schema: Schema, name: str, depth: int) -> dict[str, Any]:
        if not isinstance(schema.get("items"), Mapping):
            raise DialectError(f"{name}: what its items are is not said in one way")
        return {
            "type": "array",
            "description": _described(schema, name),
            "items": self.any(schema["items"], f"{name}.item", depth + 1),
        }

    def _plain(self, schema: Schema, name: str) -> Schema:
        """Without references, and without the null that an optional one may be."""
        for _ in range(DEEPEST):
            if "$ref" in schema:
                inside = self._definitions.get(schema["$ref"].rpartition("/")[2], {})
            elif options := schema.get("anyOf") or schema.get("allOf"):
                real = [part for part in options if part.get("type") != "null"]
                if len(real) != 1:
                    raise DialectError(f"{name}: ElevenLabs knows no either-or")
                inside = real[0]
            else:
                return schema
            beside = {k: v for k, v in schema.items() if k not in _POINTERS}
            schema = {**inside, **beside}
        raise DialectError(f"{name}: refers to itself")


_POINTERS = ("$ref", "anyOf", "allOf", "default")


def _literal(schema: Schema, name: str) -> dict[str, Any]:
    told = {"type": schema["type"], "description": _described(schema, name)}
    choices = _choices(schema)
    if choices and schema["type"] == "string":
        told["enum"] = choices
    return told


def _choices(schema: Schema) -> list[Any]:
    return list(schema.get("enum", [schema["const"]] if "const" in schema else []))


def _described(schema: Schema, name: str) -> str:
    """Never empty: without a description the model is not asked for a value."""
    text = schema.get("description") or name.rpartition(".")[2].replace("_", " ")
    limits = [f"{say} {schema[key]}" for key, say in LIMITS.items() if key in schema]
    choices = _choices(schema)
    if choices and schema["type"] != "string":
        limits.append("one of " + ", ".join(str(choice) for choice in choices))
    return f"{text} ({'; '.join(limits)})" if limits else text
