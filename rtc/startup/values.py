"""Values of settings that are more than a number or a word.

Each function takes what a person wrote and returns the value, or raises ValueError with
words that continue the sentence "VALUE ...". No message repeats the value itself: the
caller knows whether it may be shown.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from convai.elevenlabs.hosts import REGIONS

from .option import hint

__all__ = [
    "Agents",
    "Announcement",
    "BrokerUrl",
    "Count",
    "DatabaseUrl",
    "Folder",
    "Host",
    "HttpUrl",
    "IceServers",
    "LocalAddress",
    "LogLevel",
    "Pair",
    "Password",
    "Port",
    "Region",
    "SecretKey",
    "Seconds",
    "StoreUrl",
    "Tls",
    "Word",
    "blank_is_none",
    "check_url",
    "secret_url",
]

HOST_NAME = re.compile(
    r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*"
)
"RFC 1123, section 2.1."

WORD = re.compile(r"[A-Za-z0-9_.-]+")
"Goes into a URL without quoting."

AGENTS = ("local", "elevenlabs", "openai")
HTTP_SCHEMES = ("https", "http", "wss", "ws")
LEAST_PASSWORD = 8
ICE_SCHEMES = ("stun", "stuns", "turn", "turns")
ICE_KEYS = {"urls", "username", "credential"}


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate of one's own: chain and key, both PEM files."""

    certificate: Path
    key: Path


def not_bool(value: Any) -> Any:
    """TOML's `true` is no number, although Python thinks it is 1."""
    if isinstance(value, bool):
        raise ValueError("is not a number")
    return value


def blank_is_none(value: Any) -> Any:
    return None if value == "" else value


def folder(value: Any) -> Path:
    if not isinstance(value, str | Path) or not str(value).strip():
        raise ValueError("is not a path")
    if "\0" in str(value):
        raise ValueError("holds a zero byte")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("names a home folder that does not exist") from None


def host(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        # A number that is no address ("127.0.0") must not pass as a name.
        if not HOST_NAME.fullmatch(value) or value.split(".")[-1].isdigit():
            raise ValueError("is neither an IP address nor a host name") from None
    return value


def local_address(value: str) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise ValueError("is not an IP address") from None
    if address.is_unspecified or address.is_multicast:
        raise ValueError("is not the address of one machine")
    return str(address)


def tls(value: Any) -> Literal["self", "off"] | Pair:
    if isinstance(value, Pair) or value in ("self", "off"):
        return value  # type: ignore[no-any-return]
    if not isinstance(value, str) or ":" not in value:
        raise ValueError("is not allowed")
    certificate, _, key = value.rpartition(":")
    if not certificate or not key:
        raise ValueError("lacks a file before or after the colon")
    return Pair(folder(certificate), folder(key))


def word(value: str) -> str:
    if not WORD.fullmatch(value):
        raise ValueError("holds other characters than letters, digits, and _.-")
    return value


def http_url(value: str) -> str:
    """Base of a provider's URLs, without the slash at its end."""
    check_url(value, HTTP_SCHEMES)
    parts = urlsplit(value)
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password")
    if parts.query or parts.fragment:
        raise ValueError("must not have a ? or # part")
    return value.rstrip("/")


def agents(value: Any) -> tuple[str, ...]:
    """Names of agents, as a text with commas or (from TOML) as a list."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(
        isinstance(n, str) for n in names
    ):
        raise ValueError("is not a list of names")
    found = tuple(name.strip() for name in names)
    for name in found:
        if name not in AGENTS:
            raise ValueError("is not allowed" + hint(name, AGENTS))
    if len(set(found)) < len(found):
        raise ValueError("names an agent twice")
    return found


def region(value: str) -> str:
    """A base URL; ElevenLabs' own by the name of their region."""
    return REGIONS.get(value.lower()) or http_url(value)


def secret_key(value: SecretStr) -> SecretStr:
    """It travels in an HTTP header, and a pasted line break would split that."""
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise ValueError("holds a space, a line break or a character beyond ASCII")
    return value


def secret_url(*schemes: str) -> AfterValidator:
    """A URL that may hold a password; of any scheme when none is given."""

    def check(value: SecretStr) -> SecretStr:
        check_url(value.get_secret_value(), schemes)
        return value

    return AfterValidator(check)


def announcement(value: Any) -> Literal["off", "beep"] | Path:
    if value in ("off", "beep"):
        return value  # type: ignore[no-any-return]
    return folder(value)


def password(value: SecretStr) -> SecretStr:
    """Somebody types it."""
    if len(value.get_secret_value()) < LEAST_PASSWORD:
        raise ValueError(f"is shorter than {LEAST_PASSWORD} characters")
    if not value.get_secret_value().isprintable():
        raise ValueError("holds a line break or another control character")
    return value


def store_url(value: str) -> str:
    """Where files go, without the slash at its end."""
    parts = urlsplit(value)
    if len(parts.scheme) < 2:
        raise ValueError("is not a URL")
    if parts.password:
        raise ValueError("must not hold a password")
    if re.search(r"\s", value):
        raise ValueError("holds a space or a line break")
    return value.rstrip("/")


def ice_servers(value: Any) -> list[dict[str, Any]]:
    """RTCIceServer dictionaries, as a JSON text or (from TOML) as a list."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("is not valid JSON") from None
    if not isinstance(value, list):
        raise ValueError("is not a list")
    return [_ice_server(entry, number) for number, entry in enumerate(value, 1)]


def _ice_server(entry: Any, number: int) -> dict[str, Any]:
    if not isinstance(entry, dict) or not entry.get("urls"):
        raise ValueError(f'has no "urls" in entry {number}')
    unknown = sorted(str(key) for key in entry.keys() - ICE_KEYS)
    if unknown:
        raise ValueError(f'has an unknown key "{unknown[0]}" in entry {number}')
    urls = entry["urls"] if isinstance(entry["urls"], list) else [entry["urls"]]
    schemes = {_ice_scheme(url, number) for url in urls}
    if schemes & {"turn", "turns"}:
        # The browser throws InvalidAccessError for a TURN server without both.
        for key in ("username", "credential"):
            if not isinstance(entry.get(key), str):
                raise ValueError(f'has no "{key}" for TURN in entry {number}')
    return entry


def _ice_scheme(url: Any, number: int) -> str:
    scheme, _, rest = str(url).partition(":")
    if not isinstance(url, str) or scheme not in ICE_SCHEMES or not rest:
        wanted = ", ".join(f"{scheme}:" for scheme in ICE_SCHEMES)
        raise ValueError(f"has a URL in entry {number} that is none of {wanted}")
    return scheme


def check_url(value: str, schemes: Sequence[str]) -> None:
    """Raises ValueError unless it is a URL of one of these schemes; none means any."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  (a wrong port is only noticed when asked for)
    except ValueError:
        raise ValueError("is not a URL") from None
    if not parts.scheme:
        raise ValueError("is not a URL")
    if schemes and parts.scheme not in schemes:
        raise ValueError(
            "does not start with " + " or ".join(f"{s}://" for s in schemes)
        )
    # An SQLite URL has a path instead of a host.
    if not (parts.hostname or (parts.scheme == "sqlite" and parts.path)):
        raise ValueError("names no host")
    if re.search(r"\s", value):
        raise ValueError("holds a space or a line break")


_lower = BeforeValidator(
    lambda value: value.lower() if isinstance(value, str) else value
)
_number = BeforeValidator(not_bool)

Port: TypeAlias = Annotated[int, _number, Field(ge=0, le=65535)]
Count: TypeAlias = Annotated[int, _number]
Seconds: TypeAlias = Annotated[float, _number, Field(ge=0, allow_inf_nan=False)]
Folder: TypeAlias = Annotated[Path, BeforeValidator(folder)]
Host: TypeAlias = Annotated[str, AfterValidator(host)]
LocalAddress: TypeAlias = Annotated[str, AfterValidator(local_address)]
LogLevel: TypeAlias = Annotated[Literal["debug", "info", "warning", "error"], _lower]
Tls: TypeAlias = Annotated[Literal["self", "off"] | Pair, BeforeValidator(tls)]
Agents: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(agents)]
Announcement: TypeAlias = Annotated[
    Literal["off", "beep"] | Path, BeforeValidator(announcement)
]
Password: TypeAlias = Annotated[SecretStr, AfterValidator(password)]
StoreUrl: TypeAlias = Annotated[str, AfterValidator(store_url)]
Region: TypeAlias = Annotated[str, AfterValidator(region)]
Word: TypeAlias = Annotated[str, AfterValidator(word)]
HttpUrl: TypeAlias = Annotated[str, AfterValidator(http_url)]
SecretKey: TypeAlias = Annotated[SecretStr, AfterValidator(secret_key)]
DatabaseUrl: TypeAlias = Annotated[SecretStr, secret_url()]
BrokerUrl: TypeAlias = Annotated[SecretStr, secret_url("nats", "tls", "ws", "wss")]
IceServers: TypeAlias = Annotated[list[dict[str, Any]], BeforeValidator(ice_servers)]
