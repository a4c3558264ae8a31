"""Media on 127.0.0.1, for processes that are not Parley: it has a setting of its own.

aioice leaves loopback out of its candidates; traffic of a benchmark must stay there.
"""

from __future__ import annotations

import aioice.ice

__all__ = ["only"]


def only() -> None:
    """From now on, connections of this process gather on 127.0.0.1 alone."""
    assert hasattr(aioice.ice, "get_host_addresses"), "aioice has changed"
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
