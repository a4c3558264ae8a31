"""A WebSocket to a provider: how it is opened, and how it is closed for certain."""

from __future__ import annotations

import asyncio
import functools
import logging
import socket
import ssl

import websockets.asyncio.client as client
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from .agent import AgentRefused, AgentUnavailable
from .endpoint import Endpoint, refused

__all__ = ["close", "connect"]

_log = logging.getLogger(__name__)
_frames = logging.getLogger(__name__ + ".frames")
# At DEBUG websockets logs the request with its URL and headers, that is, with secrets.
_frames.setLevel(logging.INFO)

_LARGEST_MESSAGE = 16 * 1024 * 1024
"Bytes; the limit of ElevenLabs' own client. A whole turn may come in one message."
_SEND_BUFFER = 16 * 1024
"Bytes that wait below us: as little as possible, since nothing can overtake them."


async def connect(
    endpoint: Endpoint, *, keepalive: float, leave: float
) -> ClientConnection:
    """Open it. Has no deadline of its own. Raises AgentUnavailable, TimeoutError.

    `keepalive` and `leave` are in seconds, see `convai.wire.Deadlines`.
    """
    try:
        connection = await client.connect(
            endpoint.url,
            additional_headers=dict(endpoint.headers),
            subprotocols=[Subprotocol(name) for name in endpoint.subprotocols] or None,
            ssl=await asyncio.to_thread(_tls) if endpoint.secure else None,
            compression=None,  # base64 of speech hardly shrinks and costs every call
            proxy=None,  # only server.py reads the environment
            open_timeout=None,
            ping_interval=keepalive,
            ping_timeout=keepalive,
            close_timeout=leave / 2,
            max_size=_LARGEST_MESSAGE,
            write_limit=_SEND_BUFFER,
            logger=_frames,
        )
    except InvalidStatus as refusal:
        response = refusal.response
        error = refused(response.status_code, bytes(response.body or b""))
        raise type(error)(endpoint.scrub(str(error)), code=error.code) from None
    except InvalidHandshake:
        raise AgentUnavailable(f"{endpoint.host} does not speak WebSocket") from None
    except TimeoutError:
        raise
    except OSError as error:
        raise AgentUnavailable(_unreachable(endpoint, error)) from None
    except (InvalidURI, ValueError):
        # ValueError: a port or host name that cannot be, a header with a line break.
        raise AgentRefused("the agent's address is not a WebSocket URL") from None
    _keep_send_buffer_short(connection)
    return connection


async def close(connection: ClientConnection, *, within: float) -> None:
    """Close it in good order if the peer plays along, and in any case.

    websockets' own `close` first waits until everything is written, without a deadline:
    for a peer that does not read that is never (`close_timeout` comes after it).
    """
    try:
        # Not `asyncio.timeout`: before Python 3.11.4 it takes no notice of its own
        # deadline in a task that was cancelled once, and such tasks come here to close.
        await asyncio.wait_for(connection.close(), within * 4 / 5)
    except TimeoutError:
        _log.info("the peer did not close within %.1f s", within)
    finally:
        connection.transport.abort()
        await connection.wait_closed()  # the loop's next turns: nobody is asked


def _unreachable(endpoint: Endpoint, error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"its certificate is not trusted ({error.verify_message})"
    elif isinstance(error, socket.gaierror):
        why = "its name is not known"
    else:
        why = error.strerror or str(error)
    return endpoint.scrub(f"{endpoint.host} cannot be reached: {why}")


@functools.cache
def _tls() -> ssl.SSLContext:
    # Made once and off the loop: reading the system's certificates takes 25 ms, more
    # than a whole tick of every call's audio.
    return ssl.create_default_context()


def _keep_send_buffer_short(connection: ClientConnection) -> None:
    """Otherwise the kernel takes 90 s of audio for a peer that reads nothing."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # Linux, macOS
    if option is not None:
        tcp = connection.transport.get_extra_info("socket")
        tcp.setsockopt(socket.IPPROTO_TCP, option, _SEND_BUFFER)
