"""Where settings come from: flags, environment, .env and a TOML file.

Each reader returns a `Source`: values by the name of the setting, and for each the name
under which the person wrote it, so that an error can point at the right line. Reading
goes no further than that: types and ranges are the model's business. What is unknown,
or is a secret in the wrong place, is refused here.

pydantic-settings has readers of its own; they forget where a value came from, read
`os.environ` by themselves, ignore an unknown PARLEY_ variable, and offer secrets as
flags. So these plug into its sources instead.
"""

from __future__ import annotations

import io
import os
import tomllib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream  # comes with pydantic-settings
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from .option import PREFIX, Option, SettingsError, hint

__all__ = ["CONFIG", "Source", "dotenv", "environment", "flags", "read", "toml"]

CONFIG = "parley.toml"
"Read when it is there and no other file is named."


SEE_HELP = "; python server.py --help lists all settings"


class Source(PydanticBaseSettingsSource):
    """The values of one place, each with the name under which it was written."""

    def __init__(self, model: type[BaseSettings]) -> None:
        super().__init__(model)
        self.values: dict[str, Any] = {}
        self.written: dict[str, str] = {}

    def put(self, option: Option, value: Any, written: str) -> None:
        self.values[option.name] = value
        self.written[option.name] = written

    def get_field_value(
        self, field: FieldInfo, field_name: str
    ) -> tuple[Any, str, bool]:
        return self.values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return dict(self.values)


def read(
    model: type[BaseSettings],
    known: Sequence[Option],
    argv: Sequence[str],
    environ: Mapping[str, str],
    cwd: Path,
) -> list[Source]:
    """All places in which something was written, the strongest first."""
    places = [
        flags(model, known, argv),
        environment(model, known, environ),
        dotenv(model, known, cwd / ".env"),
    ]
    for place in places:
        if "config" in place.values:
            name, written = place.values["config"], place.written["config"]
            file = cwd / os.path.expanduser(name)
            if not os.path.isfile(file):  # Path.is_file() raises for a long name
                raise SettingsError(f"{written}: there is no file {name}")
            return [*places, toml(model, known, file)]
    if (cwd / CONFIG).is_file():
        places.append(toml(model, known, cwd / CONFIG))
    return places


def flags(
    model: type[BaseSettings], known: Sequence[Option], argv: Sequence[str]
) -> Source:
    """`--name VALUE` or `--name=VALUE`; of a flag given twice the last one counts."""
    source = Source(model)
    by_flag = {option.flag: option for option in known}
    words = deque(argv)
    while words:
        flag, equals, value = words.popleft().partition("=")
        option = by_flag.get(flag)
        if option is None:
            raise _unknown_flag(flag, by_flag, position=len(argv) - len(words))
        if option.about.secret:
            raise _misplaced(flag, option, "on the command line every user can see it")
        if not equals:
            if not words:
                raise SettingsError(
                    f"{flag}: a value must follow; allowed: {option.about.allowed}"
                )
            value = words.popleft()
        source.put(option, value, flag)
    return source


def environment(
    model: type[BaseSettings],
    known: Sequence[Option],
    variables: Mapping[str, str],
    place: str = "",
) -> Source:
    """Variables of Parley and of the services it uses; all others are ignored.

    An empty variable counts as not set: compose files and shells pass empty ones on.
    """
    source = Source(model)
    by_variable = {option.variable: option for option in known}
    for variable, value in variables.items():
        option = by_variable.get(variable)
        if option is not None and value:
            source.put(option, value, variable + place)
        elif option is None and variable.startswith(PREFIX):
            near = hint(variable, by_variable) or hint(
                variable.removeprefix(PREFIX), by_variable
            )
            raise SettingsError(
                f"{variable}{place}: there is no such setting{near or SEE_HELP}"
            )
    return source


def dotenv(model: type[BaseSettings], known: Sequence[Option], file: Path) -> Source:
    """Variables from a .env file; there need not be one.

    `${NAME}` stays as it is: filling it in would read the environment of the process,
    and a password may contain a dollar sign.
    """
    variables: dict[str, str] = {}
    text = _read(file, str(file)) if file.exists() else ""
    for line in parse_stream(io.StringIO(text)):
        if line.error or (line.key and line.value is None):
            raise SettingsError(
                f"{file.name}, line {line.original.line}: not understood;"
                " allowed: NAME=VALUE, a comment or an empty line"
            )
        if line.key:
            variables[line.key] = line.value or ""
    return environment(model, known, variables, place=f" in {file.name}")


def toml(model: type[BaseSettings], known: Sequence[Option], file: Path) -> Source:
    """A flat TOML file whose keys are the names of the settings."""
    source = Source(model)
    by_name = {option.name: option for option in known if option.name != "config"}
    try:
        table = tomllib.loads(_read(file, str(file)))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not valid TOML: {_gist(error)}") from None
    for key, value in table.items():
        option = by_name.get(key)
        if option is None:
            near = hint(key, by_name) or SEE_HELP
            raise SettingsError(f"{key} in {file}: there is no such setting{near}")
        if option.about.secret:
            raise _misplaced(f"{key} in {file}", option, "such files get shared")
        if value != "":  # as with variables
            source.put(option, value, f"{key} in {file}")
    return source


def _unknown_flag(flag: str, right: Iterable[str], position: int) -> SettingsError:
    if not flag.startswith("-"):
        # Not repeated: a key pasted in the wrong place is such a word.
        return SettingsError(
            f"argument {position}: not a flag; settings are given as --name VALUE"
            + SEE_HELP
        )
    return SettingsError(
        f"{flag}: there is no such flag{hint(flag, right) or SEE_HELP}"
    )


def _misplaced(written: str, option: Option, why: str) -> SettingsError:
    return SettingsError(
        f"{written}: a secret is not taken from here, since {why};"
        f" set {option.variable} in the environment or in .env"
    )


def _gist(error: tomllib.TOMLDecodeError) -> str:
    """The error without anything of the file's contents that it may quote."""
    text = str(error)
    return text[text.rfind("(at ") :].strip("()") if "(at " in text else "syntax"


def _read(file: Path, written: str) -> str:
    """Text of the file; a byte order mark, as Windows editors write it, is dropped."""
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{written}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{written}: the file is not UTF-8 text") from None
