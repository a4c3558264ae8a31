"""Schedule: when a parcel that could not be delivered is tried again. Pure."""

from __future__ import annotations

__all__ = ["LONGEST_S", "slow_wait_s", "wait_s"]

_MINUTE = 60.0
_HOUR = 3600.0

WAITS_S = (
    # A dropped connection, a restart, then greylisting, which wants 5 to 15 minutes.
    10.0, 30.0, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR,
    # 48 hours in all. RFC 5321, 4.5.4.1 has four to five days: after those, most
    # meetings would be over.
    *[2 * _HOUR] * 23,
)  # fmt: skip

SLOW_S = 30 * _MINUTE
"""Until somebody has mended a setting. Each try is a login with a wrong password, and
servers lock out who does that every minute."""

JITTER = 0.2
"Of a wait, either way: what failed together is not tried again together."

LONGEST_S = max(*WAITS_S, SLOW_S) * (1 + JITTER)


def wait_s(failures: int, chance: float) -> float | None:
    """Seconds after so many failures; None: it is given up.

    `chance`: 0 to 1.
    """
    if failures > len(WAITS_S):
        return None
    return _jittered(WAITS_S[failures - 1], chance)


def slow_wait_s(chance: float) -> float:
    """Seconds until it is tried whether a person has mended it."""
    return _jittered(SLOW_S, chance)


def _jittered(seconds: float, chance: float) -> float:
    return seconds * (1 - JITTER + 2 * JITTER * chance)
