"""Where ElevenLabs is reached: by the name of a region, or by any address. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["REGIONS", "base_url", "for_sockets"]

REGIONS = {
    "global": "https://api.elevenlabs.io",
    "us": "https://api.us.elevenlabs.io",
    "eu": "https://api.eu.residency.elevenlabs.io",
    "in": "https://api.in.residency.elevenlabs.io",
    "sg": "https://api.sg.residency.elevenlabs.io",
}
"""`global` is whatever is nearest. `eu`, `in` and `sg` are for accounts whose data must
stay there: others are not known in these places."""

_SCHEMES = {"https": "https", "wss": "https", "http": "http", "ws": "http"}


def base_url(text: str) -> str:
    """The base URL, http(s), of a region or an address. Raises ValueError."""
    text = text.strip()
    known = REGIONS.get(text.lower())
    if known:
        return known
    try:
        parts = urlsplit(text)
        usable = parts.scheme in _SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable or parts.query or parts.fragment:
        raise ValueError(
            f"must be a region ({', '.join(REGIONS)}) or an http(s) or ws(s) URL"
        )
    return f"{_SCHEMES[parts.scheme]}://{parts.netloc}{parts.path.rstrip('/')}"


def for_sockets(base: str) -> str:
    """The same place for WebSockets."""
    return "ws" + base.removeprefix("http")
