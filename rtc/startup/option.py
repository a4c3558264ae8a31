"""Option: one setting as a person meets it, by flag, variable or TOML key.

The settings model (`rtc.startup.settings`) is the only definition of a setting; an
Option is what the readers (`sources`) and the writers (`manual`) beside it see of it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

__all__ = ["PREFIX", "About", "Option", "SettingsError", "hint", "options"]

PREFIX = "PARLEY_"
"Of the environment variables that belong to Parley alone."


class SettingsError(Exception):
    """A setting is wrong; the message is one line for the person who wrote it.

    It names the setting as it was written and what is allowed, and never holds a
    secret.
    """

    def __init__(self, message: str) -> None:
        line = message.splitlines()
        super().__init__(" ".join(part.strip() for part in line if part.strip()))


@dataclass(frozen=True, slots=True)
class About:
    """What the type of a field does not say; stands in its annotation."""

    group: str
    "Heading under which help lists the setting."
    allowed: str
    "What may be written, in words."
    variable: str = ""
    "Environment variable; empty for the usual PARLEY_NAME."
    secret: bool = False
    "Taken from the environment and .env only, never shown."
    quiet: bool = False
    "No secret, but too long or too private to repeat in a message."
    default: str = ""
    "The default in words, where the value does not say it."
    unused: bool = False
    "Known to this version but without effect yet."


@dataclass(frozen=True, slots=True)
class Option:
    """One setting as a person meets it."""

    name: str
    "In the model and in TOML."
    about: About
    description: str
    default: str
    "In words; empty when the setting has none."
    choices: tuple[str, ...] = ()
    "The fixed words among what is allowed."

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return self.about.variable or PREFIX + self.name.upper()

    def shown(self, value: object) -> str:
        """The value as a message may repeat it."""
        if self.about.secret or self.about.quiet:
            return "the value"
        text = repr(value)
        if "@" in text:  # a URL with a password in it
            return "the value"
        return text if len(text) <= 60 else text[:57] + "..."

    def refused(self, written: str, value: object, why: str) -> SettingsError:
        """`why` continues the sentence that begins with the value."""
        return SettingsError(
            f"{written}: {self.shown(value)} {why}; allowed: {self.about.allowed}"
            + ("" if value in self.choices else hint(str(value), self.choices))
        )


def options(model: type[BaseModel]) -> tuple[Option, ...]:
    """The settings of the model, in its order."""
    return tuple(_option(name, field) for name, field in model.model_fields.items())


def hint(wrong: str, right: Iterable[str]) -> str:
    """`; did you mean X?` when one of the right words is near, else nothing."""
    near = difflib.get_close_matches(wrong, list(right), n=1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else ""


def _option(name: str, field: FieldInfo) -> Option:
    about = next(entry for entry in field.metadata if isinstance(entry, About))
    default = about.default or _plain(field.get_default())
    description = " ".join((field.description or "").split())
    return Option(name, about, description, default, tuple(_words(field.annotation)))


def _words(annotation: Any) -> Iterator[str]:
    """The words of all `Literal` in a type."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for part in get_args(annotation):
            yield from _words(part)


def _plain(value: Any) -> str:
    """A default as a person would write it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
