"""Accept: whether an answer is for a person's browser or for a program. Pure."""

from __future__ import annotations

import re

__all__ = ["prefers_html"]

_QUALITY = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.ASCII | re.IGNORECASE)

MOST = 50
"Media ranges that are looked at; a browser sends eight."


def prefers_html(accept: str) -> bool:
    """Whether HTML is liked better than JSON; who likes both the same gets JSON."""
    return _quality(accept, "text", "html") > _quality(accept, "application", "json")


def _quality(accept: str, kind: str, subtype: str) -> float:
    """How much a type is wanted, by the most exact range that fits (RFC 9110, 12.5.1).

    0 where nothing fits, as where the type is refused.
    """
    order = [f"{kind}/{subtype}", f"{kind}/*", "*/*"]
    found: dict[str, float] = {}
    for part in accept.split(",", MOST)[:MOST]:
        media, *parameters = part.split(";")
        media = media.strip().lower()
        if media in order and media not in found:
            matches = [m for p in parameters if (m := _QUALITY.fullmatch(p))]
            found[media] = float(matches[0][1]) if matches else 1.0
    return next((found[media] for media in order if media in found), 0.0)
