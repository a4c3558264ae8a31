"""A call on the page, from the tap to the end; its far end is in the page too."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page, expect

from tests.browser import far
from tests.browser.chromium import Pages
from tests.browser.conftest import Site
from tests.browser.steps import (
    KEEP_STREAMS,
    LIVE_TRACKS,
    button,
    call,
    eventually,
    state,
)


async def test_a_call_from_tap_to_hang_up(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT, KEEP_STREAMS])
    await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    await expect(page.locator("#status")).to_have_text("Connected")
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^0:0[1-9]$"))
    await expect(button(page, "Call")).to_be_hidden()
    assert await page.evaluate("parley.call") == far.CALL
    assert await page.evaluate("parley.peer.connectionState") == "connected"
    settings = await page.evaluate("streams[0].getAudioTracks()[0].getSettings()")
    assert settings["echoCancellation"] and settings["noiseSuppression"]
    assert settings["autoGainControl"]

    await button(page, "Hang up").click()
    await state(page, "ended")
    await expect(page.locator("#status")).to_have_text("You hung up")
    await expect(page.get_by_role("alert")).to_be_empty()
    assert await page.evaluate("parley.peer.connectionState") == "closed"
    assert await page.evaluate(LIVE_TRACKS) == 0
    await eventually(page, lambda: site.deleted == [far.CALL])
    assert browser_page.errors == []


async def test_three_calls_in_a_row_each_with_a_fresh_microphone(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT, KEEP_STREAMS])
    end = await far.FarEnd.of(page)
    for number in (1, 2, 3):
        await button(page, "Call").click()
        await state(page, "connected")
        await end.say("transcript.agent", text=f"call {number}", final=True, reply=1)
        await expect(page.get_by_role("listitem")).to_have_text(
            [f"Agent0:00call {number}"]
        )
        assert await page.evaluate("streams.length") == number
        assert await page.evaluate(LIVE_TRACKS) == 1
        await button(page, "Hang up").click()
        await state(page, "ended")
    assert await page.evaluate(LIVE_TRACKS) == 0
    assert browser_page.errors == []


async def test_both_voices_move_their_meters_and_the_agents_is_played(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await expect(meter(page, "agent")).to_have_attribute("aria-valuenow", "0")
    high = re.compile(r"^([5-9]\d|100)$")
    await expect(meter(page, "caller")).to_have_attribute("aria-valuenow", high)
    await end.speak()
    await expect(meter(page, "agent")).to_have_attribute("aria-valuenow", high)
    playing = (
        "(() => { const a = document.querySelector('audio'); return !a.paused })()"
    )
    assert await page.evaluate(playing)
    await end.speak(0)
    await expect(meter(page, "agent")).to_have_attribute("aria-valuenow", "0")


def meter(page: Page, who: str) -> Any:
    return page.locator(f"#{who}-level")


async def test_mute_closes_the_microphone_and_says_so(
    site: Site, browser_page: Pages
) -> None:
    page, _ = await call(browser_page, site.url, scripts=[KEEP_STREAMS])
    enabled = "streams[0].getAudioTracks()[0].enabled"
    mute = button(page, "Mute")
    await mute.click()
    await expect(mute).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("meter", name="Microphone is off")).to_be_attached()
    await expect(page.locator("#activity")).to_have_text("You are muted")
    assert await page.evaluate(enabled) is False
    await mute.click()
    await expect(mute).to_have_attribute("aria-pressed", "false")
    assert await page.evaluate(enabled) is True


async def test_who_is_talking_is_shown(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    activity = page.locator("#activity")
    await expect(activity).to_have_text("Listening")
    await end.say("talking", who="agent", on=True)
    await expect(activity).to_have_text("Speaking")
    await end.say("talking", who="agent", on=False)
    await end.say("talking", who="caller", on=True)
    await expect(activity).to_have_text("Listening to you")


async def test_the_queue_is_told(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("conversation.queued", status="waiting")
    await expect(page.locator("#status")).to_contain_text("Waiting for a free agent")
    await end.say("conversation.queued", status="admitted")
    await expect(page.locator("#status")).to_have_text("Connected")


async def test_the_screen_stays_on_during_the_call(
    site: Site, browser_page: Pages
) -> None:
    page, _ = await call(browser_page, site.url, scripts=[KEEP_LOCKS])
    assert await page.evaluate("locks.map((lock) => lock.released)") == [False]
    # The system takes the lock away with the page, and the page comes back.
    await page.evaluate("locks[0].released = true")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert await page.evaluate("locks.map((lock) => lock.released)") == [True, False]
    await button(page, "Hang up").click()
    await state(page, "ended")
    assert await page.evaluate("locks.map((lock) => lock.released)") == [True, True]


KEEP_LOCKS = """
window.locks = [];
const request = async () => {
  const lock = { released: false, async release() { this.released = true; } };
  locks.push(lock);
  return lock;
};
Object.defineProperty(navigator, "wakeLock", { value: { request } });
"""


async def test_leaving_the_page_hangs_up(site: Site, browser_page: Pages) -> None:
    page, _ = await call(browser_page, site.url)
    await page.goto("about:blank")
    await eventually(page, lambda: site.deleted == [far.CALL])
