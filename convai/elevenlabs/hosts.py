"""Where ElevenLabs is reached: by the name of a region, or by any address. Pure."""

from __future__ import annotations

from ..endpoint import http_base

__all__ = ["REGIONS", "base_url"]

REGIONS = {
    "global": "https://api.elevenlabs.io",
    "us": "https://api.us.elevenlabs.io",
    "eu": "https://api.eu.residency.elevenlabs.io",
    "in": "https://api.in.residency.elevenlabs.io",
    "sg": "https://api.sg.residency.elevenlabs.io",
}
"""`global` is whatever is nearest. `eu`, `in` and `sg` are for accounts whose data must
stay there: others are not known in these places."""


def base_url(text: str) -> str:
    """The base URL, http(s), of a region or an address. Raises ValueError."""
    if known := REGIONS.get(text.strip().lower()):
        return known
    try:
        return http_base(text)
    except ValueError as error:
        names = ", ".join(REGIONS)
        raise ValueError(f"must be a region ({names}) or {error}") from None
