"""What a conversation with an ElevenLabs agent really cost, asked after its end.

The provider works it out some seconds after the conversation, so it is asked again and
again, ever more slowly, until the record is final. It costs nobody anything if that
fails: the price is then estimated elsewhere, and a line in the log says why.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable
from typing import Any, TypeGuard
from urllib.parse import quote

from ..agent import AgentError, AgentRefused
from ..elevenlabs.hosts import base_url as at
from ..endpoint import Endpoint
from ..events import Usage
from ..untrusted import Fields
from . import rest

__all__ = ["PAUSES_S", "bill"]

log = logging.getLogger(__name__)

LIMIT_S = 60.0
"For all questions together; a record that is not final by then is given up."
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 12.0, 15.0, 15.0)
"Before each question. The first finds most records."
_MOST_BYTES = 16 * 1024 * 1024
"Of a record: the transcript is in it, with every tool's answer."
_FINAL = {"done", "failed"}
"Of a record's `status`; a failed conversation costs what it took until then."


async def bill(
    base_url: str,
    api_key: str,
    conversation: str,
    *,
    limit_s: float = LIMIT_S,
    pauses_s: Iterable[float] = PAUSES_S,
) -> Usage | None:
    """The cost of a conversation that is over; None when it cannot be known.

    `base_url` is a region or an address, see `elevenlabs.hosts`.
    """
    why = "its record does not become final"
    try:
        where = _record(base_url, api_key, conversation)
        async with asyncio.timeout(limit_s):
            for pause in pauses_s:
                await asyncio.sleep(pause)
                try:
                    record = await rest.get(where, most_bytes=_MOST_BYTES)
                except AgentRefused as error:
                    if error.code == "agent-auth":  # the key will not get better
                        raise
                    why = str(error)  # not there yet, perhaps
                except AgentError as error:
                    why = str(error)
                else:
                    if record.get("status") in _FINAL:
                        return _usage(record)
    except TimeoutError:
        why = f"{why} (within {limit_s:.0f} s)"
    except (AgentError, ValueError) as error:
        why = str(error)
    log.warning("the cost of conversation %.80r is not known: %s", conversation, why)
    return None


def _record(base_url: str, api_key: str, conversation: str) -> Endpoint:
    url = f"{at(base_url)}/v1/convai/conversations/{quote(conversation, safe='')}"
    return Endpoint(url, headers={"xi-api-key": api_key.strip()})


def _usage(record: Fields) -> Usage | None:
    metadata = _inner(record, "metadata")
    charging = _inner(metadata, "charging")
    found = {
        "cost_usd": metadata.get("cost_fiat"),
        "credits": metadata.get("cost"),
        "call_s": metadata.get("call_duration_secs"),
        "llm_usd": charging.get("llm_price"),
    }
    amounts = {name: float(value) for name, value in found.items() if _is_amount(value)}
    return Usage(amounts) if amounts else None


def _inner(fields: Fields, key: str) -> Fields:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _is_amount(value: Any) -> TypeGuard[float]:
    """JSON from outside: no truth values, nothing negative, nothing absurd."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value < 1e12
        and math.isfinite(value)
    )
