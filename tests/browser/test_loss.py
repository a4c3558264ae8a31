"""A browser whose packets get lost adds copies to them, as we asked it to."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import av
import numpy as np
from playwright.async_api import Page, Route

from rtc.repair import has_copy
from tests.browser.chromium import Pages
from tests.browser.far import loopback
from tests.browser.steps import button, finished, state
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.relay import Relay
from tests.server_process import Server, server
from tests.sound import RATE, clip, silence, write

LOSS = 0.1

HABIT_S = 6.0
"""Until Chromium has made up its mind: our reports come about once a second, and it
takes some of them to believe in a loss."""

TALK_S = 16.0


async def listens(conversation: Conversation) -> None:
    for number in range(1, 100):
        await conversation.ping(number)
        await asyncio.sleep(3)


async def test_copies_come_with_the_losses_and_mend_most_of_them(
    browser_page: Pages, tmp_path: Path
) -> None:
    words = np.concatenate([clip("librivox_0880"), clip("librivox_0930")] * 3)
    wav = write(tmp_path / "speech.wav", silence(1), words, silence(60))
    assert len(words) > RATE * (TALK_S + 2), "the caller falls silent too early"
    async with FakeElevenLabs(listens) as fake, Relay() as relay:
        fates = random.Random(3)
        relay.up.fates = iter(lambda: None if fates.random() < LOSS else 0.0, 1.0)
        hosted = {"ELEVENLABS_AGENT_ID": "a", "ELEVENLABS_BASE_URL": fake.url}
        with server(tmp_path, env=hosted) as it:
            page = await browser_page.open(it.url, wav=wav)
            await between(page, relay, it)
            await button(page, "Call").click()
            await state(page, "connected")
            await asyncio.sleep(TALK_S)
            await button(page, "Hang up").click()
            folder = await finished(it)
    packets = packets_of_the_caller(folder)
    copies = np.mean([has_copy(packet) for at, packet in packets if at > HABIT_S])
    figures = json.loads((folder / "call.json").read_text())["figures"]
    told = f"{copies=:.2f} {figures}"
    assert 0.7 * LOSS < relay.up.lost / len(relay.up.seen) < 1.3 * LOSS
    assert copies > 0.5, told
    # Chromium had to learn first: the beginning is in these figures, too.
    assert figures["recovered"] > figures["concealed"] > 0, told
    assert browser_page.errors == []


async def between(page: Page, relay: Relay, server: Server) -> None:
    """Have the page's calls pass the relay."""

    async def offer(route: Route) -> None:
        body = route.request.post_data_json
        connect = relay.through(server.connect)
        answer = await connect(loopback(body["sdp"]))
        await route.fulfill(json={"sdp": answer, "type": "answer", "call": server.call})

    await page.route("**/offer", offer)


def packets_of_the_caller(folder: Path) -> list[tuple[float, bytes]]:
    """Time in seconds and payload of those that arrived; silence is left out."""
    with av.open(str(folder / "recording.mka")) as file:
        return [
            (float(packet.pts * packet.time_base), bytes(packet))
            for packet in file.demux(file.streams.audio[0])
            if packet.size > 10
        ]
