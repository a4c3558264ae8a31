"""Guard: who may see the history. It is private, whatever the server is open to.

With a password it is asked for (HTTP Basic, any user name). Without one the history is
for the person at the machine itself: the connection comes from it, the address in the
browser names it (a page of a stranger whose name was rebound to 127.0.0.1 does not),
and no proxy handed the request on for somebody else.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import unicodedata
from base64 import b64decode
from collections.abc import Iterable
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, web

from ..problem import Problem

__all__ = ["Guard", "address"]

log = logging.getLogger(__name__)

VARIABLE = "PARLEY_HISTORY_PASSWORD"

ASK = {"WWW-Authenticate": 'Basic realm="Parley history", charset="UTF-8"'}

DELAY_S = 0.5
"Seconds that a wrong password costs who tries many; who mistyped does not notice."

MOST_DELAYED = 100
"""Wrong passwords that are made to wait at once. More are answered at once: waiting
would cost us memory, and refusing to look would lock out who knows the password."""

LOG_S = 10.0
"Seconds between two lines about wrong passwords: a log is not to be filled by others."

FORWARDED = ("forwarded", "via", "x-real-ip")
"Headers of proxies; and whatever begins as the next does."
FORWARDED_BEGIN = "x-forwarded-"

SAFE = ("GET", "HEAD")


class Guard:
    """Asked before each route of the history. `check` raises Problem."""

    def __init__(self, password: str | None) -> None:
        self._digest = _digest(password) if password else None
        self._delayed = 0
        self._wrong = 0
        "Wrong passwords since the last line in the log."
        self._log_at = 0.0
        "Seconds of the loop's clock, from which there may be a line again."

    async def check(self, request: web.Request) -> None:
        """Return when the request may be answered."""
        if self._digest is None:
            _check_local(request)
        else:
            await self._check_password(request, self._digest)
        _check_site(request)

    async def _check_password(self, request: web.Request, digest: bytes) -> None:
        given = request.headers.getall("Authorization", [])
        if not given:
            raise Problem(401, "history-locked", "the history needs a password", ASK)
        password = _password(given[0]) if len(given) == 1 else None
        # Equally long, so that not even the length can be told by the time it takes.
        if password is None or not hmac.compare_digest(_digest(password), digest):
            await self._refuse(request)

    async def _refuse(self, request: web.Request) -> None:
        now = asyncio.get_running_loop().time()
        self._wrong += 1
        if now >= self._log_at:
            log.warning(
                "the history was asked for with a wrong password, %d times lately, "
                "last from %s",
                self._wrong,
                address(request),
            )
            self._wrong, self._log_at = 0, now + LOG_S
        if self._delayed < MOST_DELAYED:
            self._delayed += 1
            try:
                await asyncio.sleep(DELAY_S)
            finally:
                self._delayed -= 1
        raise Problem(401, "history-locked", "this is not the password", ASK)


def address(request: web.Request) -> str:
    """Where the connection comes from, as the kernel says; empty where it does not."""
    peer = request.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def _check_local(request: web.Request) -> None:
    hosts = request.headers.getall("Host", [])
    local = (
        _is_loopback(address(request))
        and len(hosts) == 1
        and _names_loopback(hosts[0])
        # Another name than the header's where the request was for a whole URL.
        and _names_loopback(request.host)
        and not _was_forwarded(request.headers)
        # nginx, unless told otherwise: no header says so, and Host names this machine.
        and request.version >= HttpVersion11
    )
    if not local:
        text = f"the history is for this machine only, unless {VARIABLE} is set"
        raise Problem(403, "history-locked", text)


def _check_site(request: web.Request) -> None:
    """Refuse what another site's page wants in the name of the person who looks at it.

    Browsers say where a request comes from; who says nothing is no browser. Links from
    elsewhere are fine: they show the person a page, and the other site nothing.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:
        # Browsers do not send it to plain http: there is Origin with what changes.
        origin = request.headers.get("Origin")
        host = request.headers.get("Host", "").lower()
        fine = origin is None or (_authority(origin) == host and host != "")
    else:
        shown = request.headers.get("Sec-Fetch-Dest") == "document"
        link = request.method in SAFE and shown
        fine = link or site in ("same-origin", "none")
    if not fine:
        raise Problem(403, "cross-site", "another site may not ask for this")


def _password(header: str) -> str | None:
    """What an Authorization header gives as the password; None: it is none."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = b64decode(credentials.strip(), validate=True)
    except ValueError:  # binascii.Error, or letters beyond ASCII
        return None
    _, colon, password = pair.partition(b":")
    if not colon:
        return None
    try:
        return password.decode()
    except UnicodeDecodeError:
        return password.decode("latin-1")  # as some still send it (RFC 7617, 3)


def _digest(password: str) -> bytes:
    # The same letters have several codes, and keyboards differ in which they send.
    text = unicodedata.normalize("NFC", password)
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _is_loopback(text: str) -> bool:
    try:
        found = ip_address(text)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


def _names_loopback(host: str) -> bool:
    """Whether a Host header, with or without a port, can only mean this machine."""
    try:
        split = urlsplit(f"//{host}")
        name, _ = split.hostname or "", split.port
    except ValueError:
        return False
    whole = split.netloc == host and "@" not in host
    return whole and (name == "localhost" or _is_loopback(name))


def _was_forwarded(names: Iterable[str]) -> bool:
    found = [name.lower() for name in names]
    return any(it in FORWARDED or it.startswith(FORWARDED_BEGIN) for it in found)


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
