"""Report: what the caller's receiver tells of the agent's packets. Pure."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Report"]


class Report(NamedTuple):
    """One report block of RTCP (RFC 3550 §6.4.1)."""

    fraction_lost: float
    "Share lost since the report before, 0 to 1."
    lost: int
    "Packets lost since the beginning."
    highest: int
    "The highest sequence number that came, 16 bits."
    jitter_ms: float
    rtt_ms: float | None
    "Smoothed; None before the first measurement."
