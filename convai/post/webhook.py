"""Webhook: parcels of JSON to a URL of the user's, signed.

The URL may hold a token: it is in no error and no log, of which the host is all that
one needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp

from .parcel import Carried, Later, Never, Parcel
from .signature import signature

__all__ = ["Webhook"]

LIMIT_S = 20.0
"Seconds for the whole; who has more to do should answer first."

MOST_BYTES = 64 * 1024
"Of the answer, which nobody reads: it is read on so that its sender is not cut off."

PATIENT = {408, 409, 425, 429}
"Statuses of 4xx that may be others the next time (RFC 9110, 15.5; RFC 6585, 4)."

_EVENT = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


def _now() -> datetime:
    return datetime.now(UTC)


class Webhook:
    """A carrier of webhooks."""

    def __init__(
        self, url: str, secret: str, *, now: Callable[[], datetime] = _now
    ) -> None:
        """`secret` signs, unless it is empty."""
        self._url = url
        self._secret = secret
        self._now = now
        self._host = _host(url)

    async def carry(self, parcel: Parcel) -> Carried:
        """Raises Later, Never."""
        try:
            status = await self._post(parcel)
        except (aiohttp.ClientError, OSError) as error:
            # Texts of other errors may hold the URL.
            raise Later(f"{self._host} {_trouble(error)}") from None
        except ValueError:
            raise Later("the webhook's URL is none", slow=True) from None
        if 200 <= status < 300:
            return "sent"
        if 300 <= status < 400:
            raise Later(f"{self._host} redirects ({status}), which is not followed")
        if 400 <= status < 500 and status not in PATIENT:
            raise Never(f"{self._host} refuses it ({status})")
        raise Later(f"{self._host} answers with status {status}")

    async def _post(self, parcel: Parcel) -> int:
        timeout = aiohttp.ClientTimeout(total=LIMIT_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(
                self._url,
                data=parcel.body,
                headers=self._headers(parcel),
                allow_redirects=False,
            ) as answer,
        ):
            status = answer.status
            try:
                await answer.content.read(MOST_BYTES)
            except (aiohttp.ClientError, OSError):
                pass  # it has the parcel, and has said so
            return status

    def _headers(self, parcel: Parcel) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Parley",
            "Parley-Event": _event(parcel.body),
            # The same at each try: by it the receiver knows what it has already.
            "Parley-Delivery": parcel.id,
        }
        if self._secret:
            signed = signature(self._secret, parcel.body, self._now())
            headers["Parley-Signature"] = signed
        return headers


def _event(body: bytes) -> str:
    """What it tells of: its `event`, if it has one that a header can hold."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    kind = content.get("event") if isinstance(content, dict) else None
    return kind if isinstance(kind, str) and _EVENT.fullmatch(kind) else "meeting"


def _trouble(error: aiohttp.ClientError | OSError) -> str:
    if isinstance(error, TimeoutError):  # which is an OSError
        return "does not answer"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "has a certificate that is not good"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot be reached: {error.os_error.strerror or 'no connection'}"
    return "breaks off"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the webhook"
    except ValueError:
        return "the webhook"
