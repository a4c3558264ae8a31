"""Signature: how the receiver of a webhook knows that it is ours. Pure."""

from __future__ import annotations

import hmac
from datetime import datetime

__all__ = ["signature"]


def signature(secret: str, body: bytes, at: datetime) -> str:
    """The header `Parley-Signature`: `t=<unix seconds>,v1=<hex>`.

    The hex is HMAC-SHA256 of the seconds, a dot and the body. The receiver computes the
    same, compares in constant time, and refuses what is older than some minutes: the
    time is signed, too, so that nobody can send an old one again.
    """
    seconds = str(int(at.timestamp()))
    signed = seconds.encode() + b"." + body
    return f"t={seconds},v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"
