"""TomlModel: what a TOML file of users may say, and what is wrong where. Pure.

TomlError    the text says something else
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator
from datetime import date, time
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["TomlError", "TomlModel"]


class TomlError(ValueError):
    """The first thing that is wrong, with the key where there is one."""


class TomlModel(BaseModel):
    """A part of a file, or the whole; keys that it does not name are errors."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )

    @classmethod
    def of(cls, text: str, **more: object) -> Self:
        """What the text says, and `more`, which it must not say. Raises TomlError."""
        try:
            fields = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise TomlError(f"not TOML: {error}") from None
        if given := next((key for key in more if key in fields), None):
            raise TomlError(f"{given}: known without, and not written in the file")
        if odd := next(_unsayable(fields), None):
            raise TomlError(odd)
        try:
            # Strict models take lists for tuples only from JSON.
            return cls.model_validate_json(json.dumps({**fields, **more}))
        except ValidationError as error:
            raise TomlError(_in_words(error)) from None
        except ValueError as error:  # a lone surrogate
            raise TomlError(str(error)) from None


def _unsayable(fields: Any, path: str = "") -> Iterator[str]:
    """What TOML can say and JSON cannot: where, and why."""
    if isinstance(fields, dict | list):
        pairs = fields.items() if isinstance(fields, dict) else enumerate(fields)
        for key, value in pairs:
            yield from _unsayable(value, f"{path}.{key}" if path else str(key))
    elif isinstance(fields, float) and not math.isfinite(fields):
        yield f"{path}: input should be a number that there is"
    elif isinstance(fields, date | time):  # a datetime is a date
        yield f"{path}: a date or time is written in quotes, as text"


def _in_words(error: ValidationError) -> str:
    """The first thing that is wrong: where, and why."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{where}: there is no such key"
    if first["type"] == "value_error":
        return f"{where}: {first['ctx']['error']}"
    return f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}"
