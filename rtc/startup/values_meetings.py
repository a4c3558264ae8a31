"""Values of the settings of meetings and mail; see `rtc.startup.values`. Pure."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from convai.mail.address import address

from .values import check_url, secret_url

__all__ = [
    "Address",
    "Addresses",
    "MailUrl",
    "SigningKey",
    "WebUrl",
    "WebhookUrl",
]

LEAST_SIGNING_KEY = 16
"Characters."
MOST_ADDRESSES = 20
"Each mail goes to all of them at once, and servers refuse long lists."


def email_address(value: str) -> str:
    found = address(value, intranet=True)
    if found is None:
        raise ValueError("is not an e-mail address")
    return found


def addresses(value: Any) -> tuple[str, ...]:
    """Of e-mail, as a text with commas or (from TOML) as a list; () is the default."""
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(
        isinstance(text, str) for text in texts
    ):
        raise ValueError("is not a list of e-mail addresses")
    found = tuple(dict.fromkeys(email_address(text) for text in texts))
    if len(found) > MOST_ADDRESSES:
        raise ValueError(f"are more than {MOST_ADDRESSES} addresses")
    return found


def web_url(value: str) -> str:
    """Encrypted, unless it is of this machine; without the slash at its end."""
    check_url(value, ("https", "http"))
    parts = urlsplit(value)
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password")
    if parts.fragment:
        raise ValueError("must not have a # part")
    if parts.scheme == "http" and not _of_this_machine(parts.hostname or ""):
        raise ValueError("must begin with https:// unless it is of this machine")
    return value.rstrip("/")


def public_url(value: str) -> str:
    if urlsplit(value).query:
        raise ValueError("must not have a ? part")
    return web_url(value)


def webhook_url(value: SecretStr) -> SecretStr:
    """A secret: services put their keys into such addresses."""
    url = value.get_secret_value()
    web_url(url)
    if not url.isascii():
        raise ValueError("holds a character beyond ASCII")
    return value


def signing_key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < LEAST_SIGNING_KEY:
        raise ValueError(f"is shorter than {LEAST_SIGNING_KEY} characters")
    return value


def _of_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Address: TypeAlias = Annotated[str, AfterValidator(email_address)]
Addresses: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(addresses)]
MailUrl: TypeAlias = Annotated[SecretStr, secret_url("smtp", "smtps")]
SigningKey: TypeAlias = Annotated[SecretStr, AfterValidator(signing_key)]
WebUrl: TypeAlias = Annotated[str, AfterValidator(public_url)]
WebhookUrl: TypeAlias = Annotated[SecretStr, AfterValidator(webhook_url)]
