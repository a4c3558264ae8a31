"""Faults: what may fail behind the history, and what is told of it over HTTP.

Details are for the log: a database's own words name machines and people.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ..archive.archive import ArchiveDown
from ..archive.store import StoreDown
from ..problem import Problem
from ..render.renders import Busy, RenderError

__all__ = ["FAULTS", "problem"]

log = logging.getLogger(__name__)

FAULTS = (ArchiveDown, StoreDown, RenderError, OSError)
"""OSError: a local disk that fails, and TimeoutError, which is one. A file that is not
there is looked after elsewhere."""

RETRY_S = 10
"What somebody is told to wait: a database comes back within seconds, or after hours."


def problem(error: Exception, headers: Mapping[str, str]) -> Problem:
    """The answer to one of the faults; the error itself is logged."""
    log.warning("the history cannot answer: %s", error)
    later = {**headers, "Retry-After": str(RETRY_S)}
    if isinstance(error, Busy):
        return Problem(503, "history-unavailable", str(error), later)
    if isinstance(error, RenderError):
        text = f"there is no sound to hear: {error}"
        return Problem(500, "render-failed", text, headers)
    what = "list of calls" if isinstance(error, ArchiveDown) else "files of the call"
    text = f"the {what} cannot be reached just now"
    return Problem(503, "history-unavailable", text, later)
