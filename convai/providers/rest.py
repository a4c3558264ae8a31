"""REST of a provider: one question, one bounded answer, no secret in any error.

What can go wrong:

    AgentRefused        the request as it is will never be granted
    AgentUnavailable    ... not now: no network, no answer in time, the server's trouble
    AgentProtocolError  an answer, but none that can be read
"""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from .. import untrusted
from ..agent import AgentProtocolError, AgentRefused, AgentUnavailable
from ..endpoint import Endpoint, refused
from ..untrusted import Fields

__all__ = ["get"]

_LIMIT_S = 10.0
"For the whole answer; the deadline of a conversation's start is usually shorter."
_MOST_BYTES = 64 * 1024
"Of an answer, unless the asker says more; a signed URL has some hundred."
_PIECE = 16 * 1024
"Bytes read at a time."


async def get(
    where: Endpoint,
    params: Mapping[str, str] | None = None,
    *,
    limit_s: float = _LIMIT_S,
    most_bytes: int = _MOST_BYTES,
) -> Fields:
    """The JSON object there. Raises AgentUnavailable, AgentProtocolError."""
    status, body = await _fetch(where, params or {}, limit_s, most_bytes)
    if status != 200:
        error = refused(status, body)
        raise type(error)(where.scrub(str(error)), code=error.code)
    if len(body) > most_bytes:
        raise AgentProtocolError(f"{where.host} gives an answer that is too long")
    return untrusted.parse(body)


async def _fetch(
    where: Endpoint, params: Mapping[str, str], limit_s: float, most_bytes: int
) -> tuple[int, bytes]:
    """The status, and the body up to a little more than `most_bytes`."""
    timeout = aiohttp.ClientTimeout(total=limit_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            # No redirects: aiohttp would take the key along to any other host.
            session.get(
                where.url, params=params, headers=where.headers, allow_redirects=False
            ) as answer,
        ):
            body = bytearray()
            async for piece in answer.content.iter_chunked(_PIECE):
                body += piece
                if len(body) > most_bytes:
                    break
            return answer.status, bytes(body)
    except (aiohttp.ClientError, OSError) as error:
        # Texts of other errors may hold the URL.
        raise AgentUnavailable(
            f"{where.host} cannot be reached: {_why(error)}"
        ) from None
    except ValueError:
        raise AgentRefused("the API key has characters that no key has") from None


def _why(error: aiohttp.ClientError | OSError) -> str:
    if isinstance(error, TimeoutError):  # which is an OSError
        return "it does not answer"
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error.strerror or "no connection"
    return "it breaks off"
