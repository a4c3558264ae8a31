"""The agent's voice as Chromium's own statistics see it: nothing made up, no delay."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Page, expect

from tests.browser.chromium import Pages
from tests.browser.steps import button, state
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.server_process import server
from tests.sound import silence, write

LISTEN = (Path(__file__).parent / "listen.js").read_text()

ROUNDS = 6
TALK_S = 2.0
ROUND_S = 4.0
"Half of it is talk: the pauses are what jitter buffers take for delay."

MOST_MADE_UP = 0.005
"Share of all samples that Chromium had to make up."

MOST_DELAY_MS = 60.0
"Mean time that sound waits in Chromium's jitter buffer."

BUSY = 20
"""How many times worse the call as a whole may be. A machine with other things to do
holds a process up now and then, for longer than any buffer: what the server does is
judged by the median of the rounds."""

FIGURES = """async () => {
  for (const report of (await parley.peer.getStats()).values()) {
    if (report.type === "inbound-rtp") return report;
  }
}"""


def tone() -> bytes:
    """Steady, at 16 kHz: what is missing of it shows."""
    t = np.arange(round(16_000 * TALK_S)) / 16_000
    return (8000 * np.sin(2 * np.pi * 400 * t)).astype(np.int16).tobytes()


async def in_rounds(conversation: Conversation) -> None:
    await conversation.expect_audio(500)
    begun = asyncio.get_running_loop().time()
    for turn in range(ROUNDS):
        await conversation.speak(turn + 1, tone())
        ends = begun + (turn + 1) * ROUND_S
        await asyncio.sleep(ends - asyncio.get_running_loop().time())
    await conversation.until_gone(timeout=60)


async def test_nothing_is_made_up_and_nothing_waits(
    browser_page: Pages, tmp_path: Path
) -> None:
    """2 s of talk and 2 s of silence in turn: the rhythm of every conversation."""
    wav = write(tmp_path / "quiet.wav", silence(60))
    async with FakeElevenLabs(in_rounds) as fake:
        hosted = {"ELEVENLABS_AGENT_ID": "a", "ELEVENLABS_BASE_URL": fake.url}
        with server(tmp_path, env=hosted) as it:
            page = await browser_page.open(it.url, wav=wav, scripts=[LISTEN])
            await button(page, "Call").click()
            await state(page, "connected")
            await expect(page.locator("#activity")).to_have_text("Speaking")
            figures = await watch(page)
            await expect(button(page, "Connection: Good")).to_be_visible()
            levels = np.array(await page.evaluate("window.heard"))
    rounds = [changes(*pair) for pair in zip(figures, figures[1:], strict=False)]
    made_up, delay_ms = np.median(rounds, axis=0)
    whole = changes(figures[0], figures[-1])
    told = f"{rounds} in all {whole}"
    assert made_up < MOST_MADE_UP and delay_ms < MOST_DELAY_MS, told
    assert whole[0] < BUSY * MOST_MADE_UP and whole[1] < BUSY * MOST_DELAY_MS, told
    spurts = split(levels)
    assert len(spurts) == ROUNDS
    lengths, dips = zip(*map(length_and_dip, spurts), strict=True)
    assert abs(np.median(lengths) - TALK_S) < 0.1, lengths
    assert np.median(dips) > 0.7, dips
    assert browser_page.errors == []


async def watch(page: Page) -> list[dict[str, Any]]:
    """Chromium's figures at the beginning and at the end of each round."""
    figures = [await page.evaluate(FIGURES)]
    for _ in range(ROUNDS):
        await asyncio.sleep(ROUND_S)
        figures.append(await page.evaluate(FIGURES))
    return figures


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[float, float]:
    """Share made up, and ms that a sample waited on average, between two looks."""

    def grown(name: str) -> float:
        return float(after[name] - before.get(name, 0))

    made_up = grown("concealedSamples") / grown("totalSamplesReceived")
    waited_s = grown("jitterBufferDelay") / grown("jitterBufferEmittedCount")
    return made_up, 1000 * waited_s


def split(levels: np.ndarray) -> list[np.ndarray]:
    """The spurts of talk, a second or more apart, as rows of ms and level."""
    loud = levels[levels[:, 1] > 0.02]
    starts = np.flatnonzero(np.diff(loud[:, 0]) > 1000) + 1
    edges = [(part[0, 0], part[-1, 0]) for part in np.split(loud, starts)]
    times = levels[:, 0]
    return [levels[(times >= first) & (times <= last)] for first, last in edges]


def length_and_dip(spurt: np.ndarray) -> tuple[float, float]:
    """Seconds that it lasts, and its lowest level as a share of the usual one."""
    inner = spurt[5:-5, 1]  # without its two edges, of 50 ms each
    length_s = (spurt[-1, 0] - spurt[0, 0]) / 1000
    return length_s, float(inner.min() / np.median(inner))
