"""Peer: what the page may send, and what is kept for it until it listens."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from rtc import peer as module
from rtc.peer import MOST_MESSAGE, MOST_WAITING, Peer
from tests.media import virtual_media


class FakeChannel:
    """The server's end of a data channel."""

    label = "events"
    readyState = "open"

    def __init__(self) -> None:
        self.bufferedAmount = 0
        self.sent: list[dict[str, Any]] = []

    def on(self, event: str, listener: Any) -> None:
        self.listener = listener

    def send(self, text: str) -> None:
        self.sent.append(json.loads(text))


async def peer_and_channel() -> tuple[Peer, FakeChannel]:
    return Peer(virtual_media()), FakeChannel()


async def test_events_wait_for_the_channel_and_keep_their_order() -> None:
    peer, channel = await peer_and_channel()
    for k in range(MOST_WAITING + 2):
        peer.send({"type": "x", "k": k})
    peer._channel_opened(channel)  # type: ignore[arg-type]
    peer.send({"type": "x", "k": -1})
    kept = [message["k"] for message in channel.sent]
    assert kept == [*range(MOST_WAITING), -1]
    assert peer.dropped == 2
    async with peer:
        pass


async def test_a_page_that_takes_nothing_loses_events_not_the_servers_memory() -> None:
    peer, channel = await peer_and_channel()
    peer._channel_opened(channel)  # type: ignore[arg-type]
    channel.bufferedAmount = module.MOST_BUFFERED + 1
    peer.send({"type": "x"})
    assert (channel.sent, peer.dropped) == ([], 1)
    async with peer:
        pass


async def test_other_channels_are_not_ours() -> None:
    peer, channel = await peer_and_channel()
    channel.label = "chat"
    peer._channel_opened(channel)  # type: ignore[arg-type]
    peer.send({"type": "x"})
    assert channel.sent == []
    async with peer:
        pass


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "5",
        '{"type": 5}',
        b"\xff\xfe",
        "[" * 100_000,
        '{"type": "' + "x" * MOST_MESSAGE + '"}',
    ],
)
async def test_what_makes_no_sense_is_dropped(text: str | bytes) -> None:
    peer, channel = await peer_and_channel()
    peer._channel_opened(channel)  # type: ignore[arg-type]
    channel.listener(text)
    channel.listener('{"type": "text.input", "text": "hello"}')
    assert await peer.message() == {"type": "text.input", "text": "hello"}
    assert peer.dropped == 1
    async with peer:
        pass


async def test_what_could_not_be_written_to_disk_does_not_get_in() -> None:
    """A lone surrogate, which JSON may have and UTF-8 not, once ended recordings."""
    peer, channel = await peer_and_channel()
    peer._channel_opened(channel)  # type: ignore[arg-type]
    channel.listener(r'{"type": "text.input", "text": "\ud83d"}')
    assert await peer.message() == {"type": "text.input", "text": "?"}
    async with peer:
        pass


async def test_a_flood_of_messages_is_bounded() -> None:
    peer, channel = await peer_and_channel()
    peer._channel_opened(channel)  # type: ignore[arg-type]
    for _ in range(MOST_WAITING + 10):
        channel.listener('{"type": "x"}')
    assert peer.dropped == 10
    async with peer:
        pass


async def test_flushing_has_a_deadline() -> None:
    peer, channel = await peer_and_channel()
    peer._channel_opened(channel)  # type: ignore[arg-type]
    channel.bufferedAmount = 1
    loop = asyncio.get_running_loop()
    started = loop.time()
    await peer.flush(0.1)
    assert loop.time() - started < 5
    async with peer:
        pass
