"""PCM and its few constants.

PCM in Parley is `bytes`: mono, signed 16 bit, little endian. WebRTC's Opus clock runs
at 48 kHz whatever the audio's own rate (RFC 7587 §4.1), so positions in a call are
counted in samples of `CLOCK_HZ`.
"""

from __future__ import annotations

__all__ = ["CLOCK_HZ", "SLOT"]

CLOCK_HZ = 48_000
"Hz of the RTP clock of Opus, and of every position on a call's timeline."

SLOT = 960
"Samples of `CLOCK_HZ` in one 20 ms packet."
