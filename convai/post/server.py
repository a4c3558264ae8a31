"""Server: the mail server that `SMTP_URL` names. Pure.

smtps://user:password@mail.example.com        TLS from the first byte; port 465
smtp://user:password@mail.example.com         STARTTLS, or no mail; port 587
smtp://localhost:25                           on this machine: TLS if it is offered
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

__all__ = ["Security", "Server", "server"]

Security: TypeAlias = Literal["tls", "starttls", "optional"]
"TLS from the first byte; by STARTTLS, and nothing without; STARTTLS if it is offered."

_PORTS = {"smtps": 465, "smtp": 587}
"RFC 8314, section 3.3, and RFC 6409, section 3.1."


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    security: Security
    user: str = field(default="", repr=False)
    "Empty: no login."
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False, compare=False)
    "Whom to trust; None: whom the system trusts."


def server(url: str) -> Server:
    """Raises ValueError, with words that continue "SMTP_URL ..." and hold no secret."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in _PORTS:
        raise ValueError("does not start with smtp:// or smtps://")
    if not parts.hostname:
        raise ValueError("names no host")
    if parts.query or parts.fragment or parts.path not in ("", "/"):
        # Of a password with such a character, most likely.
        raise ValueError("has a /, ? or # in it: write those as %2F, %3F and %23")
    user, password = _login(parts)
    return Server(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        security=_security(parts.scheme, parts.hostname),
        user=user,
        password=password,
    )


def _login(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and not user:
        raise ValueError("has a password but no user name")
    if not (user + password).isprintable():
        raise ValueError("holds a line break or another control character")
    return user, password


def _security(scheme: str, host: str) -> Security:
    if scheme == "smtps":
        return "tls"
    return "optional" if _is_here(host) else "starttls"


def _is_here(host: str) -> bool:
    """Whether it is this machine: what is sent there passes no wire."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
