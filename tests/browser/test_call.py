"""Whole calls: real Chromium, real HTTPS, real server, real speech."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Page, expect

from rtc.render.export import to_wav
from tests.browser.chromium import PHONE, Pages
from tests.browser.steps import finished
from tests.fake_elevenlabs import Conversation, FakeElevenLabs
from tests.server_process import Server, server
from tests.sound import RATE, chirp, clip, place, read, silence, spoken, write

LISTEN = (Path(__file__).parent / "listen.js").read_text()
MIRROR = (Path(__file__).parent / "mirror.js").read_text()
AMIABLE = "he might even have been made amiable himself"
"What a person reads in `librivox_0930`."

LOUD = 0.02
"Root mean square above which a level is speech, not noise; full scale is 1."


async def events(page: Page, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate(
        "(kind) => window.events.filter((event) => event.type === kind)", kind
    )
    return found


async def until(
    page: Page, kind: str, limit: float = 20, **more: Any
) -> dict[str, Any]:
    """Wait for an event of that type with those values."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        for event in await events(page, kind):
            if more.items() <= event.items():
                return event
        await asyncio.sleep(0.05)
    raise AssertionError(f"no {kind} {more}: {await page.evaluate('window.events')}")


async def heard(page: Page) -> np.ndarray:
    """Rows of time in ms and level."""
    return np.array(await page.evaluate("window.heard"))


async def loud_share(page: Page, since: dict[str, Any]) -> float:
    """How much of the time since an event the agent was heard, 0 to 1."""
    levels = await heard(page)
    return float(np.mean(levels[levels[:, 0] > since["at"], 1] > LOUD))


async def call(page: Page) -> float:
    """Tap Call; returns the seconds until connected."""
    begun = time.monotonic()
    await page.get_by_role("button", name="Call", exact=True).click()
    await expect(page.locator("body")).to_have_attribute("data-state", "connected")
    return time.monotonic() - begun


async def test_a_person_talks_is_understood_interrupts_and_hangs_up(
    parley_server: Server, browser_page: Pages, tmp_path: Path
) -> None:
    wav = write(
        tmp_path / "speech.wav",
        silence(13),  # the greeting lasts seven; after eight more it asks who is there
        clip("librivox_0930"),
        silence(6),  # the agent repeats what it heard
        spoken("Tell me a story."),
        silence(5),
        spoken("Stop, please stop, I have heard enough of this story."),
        silence(60),
    )
    page = await browser_page.open(parley_server.url, wav=wav, scripts=[LISTEN])
    assert await call(page) < 5.0

    # The greeting is heard, and its words are on the page.
    begun = await until(page, "talking", who="agent", on=True)
    await expect(page.locator("#lines")).to_contain_text("Hello, this is Parley")
    await asyncio.sleep(4)  # two sentences, with most of a second between them
    assert await loud_share(page, begun) > 0.3

    # The caller's words appear (a small recogniser may get one or two of them wrong).
    understood = await until(page, "transcript.user", final=True)
    assert len(set(understood["text"].split()) & set(AMIABLE.split())) >= 6
    await expect(page.locator("#lines")).to_contain_text(understood["text"])

    # Speaking over the agent cuts it.
    await until(page, "transcript.user", text="tell me a story", final=True)
    cut = await until(page, "conversation.interrupted")
    assert cut["heard_ms"] > 500
    await asyncio.sleep(0.6)
    levels = await heard(page)
    loud = levels[levels[:, 1] > LOUD][:, 0]
    before = loud[(loud > cut["at"] - 1000) & (loud < cut["at"])]
    after = loud[(loud > cut["at"]) & (loud < cut["at"] + 600)]
    assert len(before) > 20, "the agent was not heard before it was cut"
    assert not len(after) or after.max() - cut["at"] < 300
    await expect(page.locator("#lines")).to_contain_text("heard enough", timeout=15_000)

    # Hanging up ends it, on both sides.
    await page.get_by_role("button", name="Hang up").click()
    await expect(page.locator("body")).to_have_attribute("data-state", "ended")
    folder = await finished(parley_server)
    meta = json.loads((folder / "call.json").read_text())
    assert meta["reason"] == "caller-hung-up"
    said = json.dumps(json.loads((folder / "transcript.json").read_text()))
    assert understood["text"] in said and "Hello, this is Parley" in said
    kinds = [
        json.loads(line)["type"]
        for line in (folder / "events.jsonl").read_text().splitlines()
    ]
    assert kinds[0] == "conversation.started" and kinds[-1] == "conversation.ended"
    to_wav(folder / "recording.mka", tmp_path / "both.wav")
    both = read(tmp_path / "both.wav").astype(float) / 32768
    assert abs(len(both) / 48_000 - meta["length_ms"] / 1000) < 1.0
    for leg in (0, 1):
        slots = both[: len(both) // 960 * 960, leg].reshape(-1, 960)
        spoken_s = np.sum(np.sqrt(np.mean(slots**2, axis=1)) > LOUD) * 0.02
        assert spoken_s > 3.0, f"leg {leg} has only {spoken_s} s of sound"
    assert browser_page.errors == []


async def test_a_phone_types_mutes_and_the_agent_says_goodbye(
    parley_server: Server, browser_page: Pages, tmp_path: Path
) -> None:
    wav = write(tmp_path / "quiet.wav", silence(60))
    page = await browser_page.open(
        parley_server.url, wav=wav, viewport=PHONE, scripts=[LISTEN]
    )
    await call(page)
    await until(page, "talking", who="agent", on=True)
    await page.get_by_role("button", name="Interrupt").click()
    await until(page, "conversation.interrupted")
    await page.get_by_role("button", name="Mute").click()
    await expect(page.get_by_role("button", name="Mute")).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.get_by_label("Type to the agent").fill("goodbye")
    await page.keyboard.press("Enter")
    await until(page, "conversation.ended", reason="agent-ended")
    goodbye = await until(page, "talking", who="agent", on=False)
    assert goodbye
    await expect(page.locator("body")).to_have_attribute("data-state", "ended")
    folder = await finished(parley_server)
    assert json.loads((folder / "call.json").read_text())["reason"] == "agent-ended"
    assert browser_page.errors == []


async def test_a_closed_tab_ends_the_call_at_once(
    parley_server: Server, browser_page: Pages, tmp_path: Path
) -> None:
    wav = write(tmp_path / "quiet.wav", silence(60))
    page = await browser_page.open(parley_server.url, wav=wav, scripts=[LISTEN])
    await call(page)
    await until(page, "conversation.started")
    await page.close(run_before_unload=True)
    folder = await finished(parley_server)
    reason = json.loads((folder / "call.json").read_text())["reason"]
    assert reason in ("caller-hung-up", "caller-left")


async def test_three_calls_in_a_row_from_one_page(
    parley_server: Server, browser_page: Pages, tmp_path: Path
) -> None:
    """The second call on an iPhone is silent elsewhere; here each is heard."""
    wav = write(tmp_path / "quiet.wav", silence(60))
    page = await browser_page.open(parley_server.url, wav=wav, scripts=[LISTEN])
    for _ in range(3):
        await page.evaluate("window.heard.length = window.events.length = 0")
        await call(page)
        begun = await until(page, "talking", who="agent", on=True)
        await asyncio.sleep(1)
        assert await loud_share(page, begun) > 0.3
        await page.get_by_role("button", name="Hang up").click()
        await expect(page.locator("body")).to_have_attribute("data-state", "ended")
    assert browser_page.errors == []


async def test_both_legs_are_aligned_within_20_ms(
    browser_page: Pages, tmp_path: Path
) -> None:
    """A chirp of the agent comes back from the page packet by packet.

    The page knows how long each packet waited there; the rest of the time between the
    two legs is the way there and back (loopback) and what the recording added.
    """

    async def chirps(conversation: Conversation) -> None:
        await conversation.expect_audio(1500)
        for reply in (1, 2, 3):
            await conversation.speak(reply, chirp(16_000).tobytes())
            await asyncio.sleep(2)
        await conversation.end_call(3)

    wav = write(tmp_path / "noise.wav", spoken("Some sound for the encoder. ") // 4)
    async with FakeElevenLabs(chirps) as fake:
        hosted = {"ELEVENLABS_AGENT_ID": "a", "ELEVENLABS_BASE_URL": fake.url}
        with server(tmp_path, env=hosted) as it:
            page = await browser_page.open(it.url, wav=wav, scripts=[MIRROR, LISTEN])
            await call(page)
            await until(page, "conversation.ended", reason="agent-ended")
            waited = np.array(await page.evaluate("window.waited"))
            folder = await finished(it)
    to_wav(folder / "recording.mka", tmp_path / "both.wav")
    both = read(tmp_path / "both.wav")
    lines = (folder / "events.jsonl").read_text().splitlines()
    starts = [
        event["at_ms"] * RATE // 1000
        for event in map(json.loads, lines)
        if event["type"] == "talking" and event["who"] == "agent" and event["on"]
    ]
    assert len(starts) == 3
    voiced = waited[waited[:, 0] > 10, 1]
    errors = []
    for start, there in zip(starts, np.array_split(voiced, 3), strict=True):
        caller, agent = both[start - RATE // 10 : start + 3 * RATE // 2].T
        behind_ms = (place(caller, chirp()) - place(agent, chirp())) * 1000 / RATE
        errors.append(behind_ms - np.median(there))
    # A busy browser is now and then slow to hand packets over, which is no fault of the
    # recording: of three the median counts.
    assert np.median(np.abs(errors)) < 20, errors
