"""The JSON Schema of a provider's messages: checks them, and makes them up."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any, ClassVar

import jsonschema

__all__ = ["Maker", "Messages"]


class Messages:
    """What a file in tests/data defines as `client.TYPE` and `server.TYPE`."""

    def __init__(self, file: str) -> None:
        text = (Path(__file__).parent / "data" / file).read_text()
        self.defs: dict[str, Any] = json.loads(text)["$defs"]
        self.server = [
            name.removeprefix("server.")
            for name in self.defs
            if name.startswith("server.")
        ]
        "Types of messages."
        self._validators: dict[str, jsonschema.Draft202012Validator] = {}

    def check_client(self, name: Any, message: dict[str, Any]) -> None:
        """Raises jsonschema.ValidationError unless a client may send this."""
        self._check("client", name, message)

    def check_server(self, message: dict[str, Any]) -> None:
        """Raises jsonschema.ValidationError unless a server may send this."""
        self._check("server", message.get("type"), message)

    def _check(self, side: str, name: Any, message: dict[str, Any]) -> None:
        key = f"{side}.{name}"
        if key not in self.defs:
            raise jsonschema.ValidationError(f"no {side} message has the type {name!r}")
        if key not in self._validators:
            # The definitions under their own root: a `$ref` is resolved from there.
            schema = {"$ref": f"#/$defs/{key}", "$defs": self.defs}
            self._validators[key] = jsonschema.Draft202012Validator(schema)
        self._validators[key].validate(message)


class Maker:
    """Makes schema-valid messages from a random source; covers what ours use.

    Optional properties come and go, unknown ones are added now and then, and integers
    are sometimes written as 5.0, which JSON Schema counts as one.
    """

    messages: ClassVar[Messages]

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def server(self, kind: str) -> dict[str, Any]:
        made = self._value(self.messages.defs[f"server.{kind}"])
        assert isinstance(made, dict)
        return made

    def _value(self, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/$defs/")
            return self._value(self.messages.defs[name])
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._chance.choice(schema["enum"])
        if "oneOf" in schema:
            return self._value(self._chance.choice(schema["oneOf"]))
        if "anyOf" in schema and "properties" not in schema:
            return self._value(self._chance.choice(schema["anyOf"]))
        kinds = schema["type"]
        kind = self._chance.choice(kinds) if isinstance(kinds, list) else kinds
        return getattr(self, f"_{kind}")(schema)

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        wanted = set(schema.get("required", []))
        if "anyOf" in schema:
            wanted.update(self._chance.choice(schema["anyOf"])["required"])
        made = {
            key: self._value(inside)
            for key, inside in schema.get("properties", {}).items()
            if key in wanted or self._chance.random() < 0.5
        }
        # Objects that the schema leaves open (arguments of tools) get something inside.
        if self._chance.random() < (0.1 if made else 0.8):
            made[f"x_{self._chance.randrange(100)}"] = self._anything()
        return made

    def _array(self, schema: dict[str, Any]) -> list[Any]:
        items = schema.get("items", {"type": "integer"})
        return [self._value(items) for _ in range(self._chance.randrange(3))]

    def _string(self, schema: dict[str, Any]) -> str:
        if schema.get("contentEncoding") == "base64":
            data = self._chance.randbytes(self._chance.randrange(40))
            return base64.b64encode(data).decode()
        return self._chance.choice(
            ["", "12", "end_call", "waiting", "Grüße 👋", "hello"]
        )

    def _integer(self, schema: dict[str, Any]) -> int | float:
        number = self._chance.randrange(50)
        return float(number) if self._chance.random() < 0.05 else number

    def _number(self, schema: dict[str, Any]) -> float:
        low, high = schema.get("minimum", 0), schema.get("maximum", 1)
        return self._chance.uniform(low, high)

    def _boolean(self, schema: dict[str, Any]) -> bool:
        return self._chance.random() < 0.5

    def _null(self, schema: dict[str, Any]) -> None:
        return None

    def _anything(self) -> Any:
        return self._chance.choice([None, True, 0, 1.5, "text", [1], {"key": "value"}])
