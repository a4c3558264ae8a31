"""Settings: everything that can be said about a server before it starts.

This model is the one definition of each setting; help, the README's table and the two
example files are written from it (`rtc.startup.manual`). A flag beats the environment,
that beats .env, that beats the TOML file, that beats the default.

Importing this module reads nothing and neither does `Settings(port=0)`: only `load`
looks outside, at what it is handed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from . import manual, sources
from .option import About, SettingsError, options
from .settings_agents import AGENT, AgentSettings
from .settings_history import HISTORY, HistorySettings
from .settings_media import MEDIA, MediaSettings
from .settings_meetings import MEETINGS, MeetingSettings
from .values import (
    BrokerUrl,
    Count,
    Folder,
    Host,
    LogLevel,
    Port,
    Seconds,
    Tls,
    blank_is_none,
)

__all__ = ["OPTIONS", "Settings", "SettingsError"]

# Headings of the help, in the order in which they appear.
SERVER = "Page and signaling"
CALLS = "Calls"
LATER = "Accepted, but not used yet"
GROUPS = (SERVER, AGENT, CALLS, HISTORY, MEETINGS, MEDIA, LATER)

_blank = BeforeValidator(blank_is_none)


class Settings(MediaSettings, MeetingSettings, HistorySettings, AgentSettings):
    """Typed, checked and frozen: nothing may change under a running call."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    host: Annotated[Host, About(SERVER, "an IP address or a host name")] = "0.0.0.0"
    "Address to listen on. 127.0.0.1 keeps the page on this machine."

    port: Annotated[Port, About(SERVER, "0 to 65535; 0 takes any free port")] = 8443
    "TCP port of the page and of signaling."

    tls: Annotated[Tls, About(SERVER, "self, off, or CERT.pem:KEY.pem")] = "self"
    """HTTPS with a self-signed certificate, none at all (behind a proxy; browsers then
    give the microphone on localhost only), or with your own certificate and key."""

    certificates: Annotated[Folder, About(SERVER, "a folder")] = Path(
        ".cache/certificates"
    )
    "Where the self-signed certificate and its key are kept."

    config: Annotated[
        Folder | None,
        About(SERVER, "a file", default=f"{sources.CONFIG}, if there is one"),
    ] = None
    "TOML file with settings; a key is a flag's name with _ for -."

    log_level: Annotated[LogLevel, About(SERVER, "debug, info, warning or error")] = (
        "info"
    )
    "The least important messages that are still logged."

    max_calls: Annotated[Count, Field(ge=1, le=10_000), About(CALLS, "1 to 10000")] = (
        100
    )
    "Calls at one time; further callers are told that the server is full."

    setup_timeout_s: Annotated[
        Seconds, Field(ge=1, le=120), About(CALLS, "1 to 120")
    ] = 15
    "Seconds until a call that is not connected is given up."

    silence_timeout_s: Annotated[
        Seconds, Field(ge=2, le=120), About(CALLS, "2 to 120")
    ] = 8
    "Seconds without a packet from the caller until they count as gone."

    max_call_s: Annotated[
        Seconds, Field(le=86_400), About(CALLS, "0 to 86400; 0 sets no limit")
    ] = 3600
    "Seconds after which a call is ended."

    drain_s: Annotated[Seconds, Field(le=3600), About(CALLS, "0 to 3600")] = 10
    "Seconds that running calls are given to end when the server stops."

    nats_url: Annotated[
        BrokerUrl | None,
        _blank,
        About(
            LATER,
            "nats://HOST:PORT, or tls, ws, wss",
            variable="NATS_URL",
            secret=True,
            unused=True,
        ),
    ] = None
    "NATS server that joins several machines."

    _written: dict[str, str] = PrivateAttr(default_factory=dict)
    "Setting -> its name as the person wrote it."

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing outside is read unless `load` says so."""
        return (init_settings,)

    @classmethod
    def load(
        cls,
        argv: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path = Path(),
    ) -> Self:
        """The settings of a command line; raises SettingsError with one line.

        `--help` and `--version` are answered on stdout and end the program. Files are
        looked for in `cwd`; relative paths in settings stay relative.
        """
        if {"--help", "-h"} & set(argv):
            sys.stdout.write(manual.help_text(OPTIONS))
            raise SystemExit(0)
        if "--version" in argv:
            sys.stdout.write(f"parley {manual.version()}\n")
            raise SystemExit(0)
        return cls._merged(sources.read(cls, OPTIONS, argv, environ, cwd))

    @classmethod
    def _merged(cls, places: Sequence[sources.Source]) -> Self:
        """The settings of several places, of which an earlier one beats a later."""
        written: dict[str, str] = {}
        for place in reversed(places):
            written |= place.written
        try:
            settings = cls(_build_sources=(tuple(places), {}))  # type: ignore[call-arg]
        except ValidationError as error:
            values: dict[str, Any] = {}
            for place in reversed(places):
                values |= place.values
            raise _in_words(error, values, written) from None
        settings._written = written
        return settings

    def wrong(self, name: str, why: str) -> SettingsError:
        """A setting that turned out wrong later, named as the person wrote it."""
        return SettingsError(f"{self._written.get(name, BY_NAME[name].flag)}: {why}")

    def unused(self) -> list[str]:
        """What is set without having an effect in this version, as it was written."""
        return [
            self._written.get(option.name, option.variable)
            for option in OPTIONS
            if option.about.unused and option.name in self.model_fields_set
        ]


OPTIONS = tuple(sorted(options(Settings), key=lambda it: GROUPS.index(it.about.group)))
"Every setting, in the order of the help."

BY_NAME = {option.name: option for option in OPTIONS}


def _in_words(
    error: ValidationError, values: Mapping[str, Any], written: Mapping[str, str]
) -> SettingsError:
    """The first thing that is wrong: setting, value, reason, what is allowed."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    option = BY_NAME[name]
    why = "is not allowed"
    if first["type"] == "value_error":
        why = str(first["ctx"]["error"])
    return option.refused(written[name], values[name], why)
