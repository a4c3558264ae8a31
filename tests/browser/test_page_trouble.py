"""What can go wrong in the middle of a call."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
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


async def test_a_connection_that_never_comes(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    await page.clock.install(time="2026-11-24T10:00:00Z")
    end = await far.FarEnd.of(page)
    end.reachable = False
    await page.clock.pause_at("2026-11-24T10:01:00Z")
    await button(page, "Call").click()
    await state(page, "connecting")
    await page.clock.fast_forward(14_000)
    await state(page, "connecting")
    await page.clock.fast_forward(2_000)
    await state(page, "ended")
    await expect(page.get_by_role("alert")).to_contain_text("could not be made")
    await eventually(page, lambda: site.deleted == [far.CALL])


async def test_a_connection_that_wavers_may_recover(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    await page.clock.install(time="2026-11-24T10:00:00Z")
    await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    await page.clock.pause_at("2026-11-24T10:01:00Z")
    await link(page, "disconnected")
    await expect(page.locator("#status")).to_contain_text("unstable")
    await link(page, "connected")
    await state(page, "connected")
    await page.clock.fast_forward(11_000)
    await state(page, "connected")
    await link(page, "disconnected")
    await page.clock.fast_forward(9_000)
    await state(page, "unstable")
    await page.clock.fast_forward(2_000)
    await state(page, "ended")
    await expect(page.get_by_role("alert")).to_contain_text("connection was lost")
    await expect(page.locator("#status")).to_have_text("Call ended")


async def link(page: Page, is_now: str) -> None:
    """Let the browser believe so: a real outage takes it 5 s to notice."""
    await page.evaluate(
        """(state) => {
          const options = { value: state, configurable: true };
          Object.defineProperty(parley.peer, "connectionState", options);
          parley.peer.dispatchEvent(new Event("connectionstatechange"));
        }""",
        is_now,
    )


async def test_a_server_that_closes_without_a_word(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("conversation.started")
    await end.leave()
    await state(page, "ended")
    await expect(page.get_by_role("alert")).to_contain_text("connection was lost")


FAREWELLS = {
    "agent-ended": ("The agent ended the call", ""),
    "caller-hung-up": ("The call was hung up", ""),
    "time-limit": ("longest time", ""),
    "agent-failed": ("Call ended", "The agent broke off"),
    "caller-vanished": ("Call ended", "stopped hearing you"),
    "server-stopping": ("Call ended", "shutting down"),
    "internal-error": ("Call ended", "wrong on the server"),
    "setup-timeout": ("Call ended", "not set up in time"),
}


async def test_each_end_has_its_own_words(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    end = await far.FarEnd.of(page)
    for reason, (status, words) in FAREWELLS.items():
        await button(page, "Call").click()
        await state(page, "connected")
        await end.say("error", code="agent-lost", message="the agent’s own words")
        await end.say("conversation.ended", reason=reason)
        if reason == "agent-ended":
            await end.leave()  # what breaks after the farewell is not the cause
        await state(page, "ended")
        await expect(page.locator("#status")).to_contain_text(status)
        alert = page.get_by_role("alert")
        await (
            expect(alert).to_contain_text(words)
            if words
            else expect(alert).to_be_empty()
        )
        if reason == "agent-failed":
            await expect(alert).to_contain_text("the agent’s own words")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("agent-quota", "The agent’s quota is used up"),
        ("agent-stalled", "The agent does not answer"),
        ("agent-of-the-future", "The agent broke off"),
    ],
)
async def test_why_the_agent_failed_is_told(
    site: Site, browser_page: Pages, code: str, words: str
) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("error", code=code, message="its own words")
    await end.say("conversation.ended", reason="agent-failed")
    alert = page.get_by_role("alert")
    await expect(alert.locator("strong")).to_have_text(words)
    await expect(alert).to_contain_text("its own words")
    await expect(page.locator(".notice")).to_have_count(0)


async def test_sound_that_the_browser_holds_back(
    site: Site, browser_page: Pages
) -> None:
    page, _ = await call(browser_page, site.url, scripts=[REFUSE_TO_PLAY])
    tap = button(page, "Tap to hear")
    await expect(tap).to_be_visible()
    await page.evaluate("refuse = false")
    await tap.click()
    await expect(tap).to_be_hidden()


REFUSE_TO_PLAY = """
window.refuse = true;
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  if (refuse) return Promise.reject(new DOMException("no gesture", "NotAllowedError"));
  return play.call(this);
};
"""


async def test_a_microphone_that_sends_zeros(
    site: Site, browser_page: Pages, tmp_path: Path
) -> None:
    path = tmp_path / "zeros.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 48_000))
    page, _ = await call(browser_page, site.url, wav=path)
    notice = page.locator("[data-code=microphone-silent]")
    await expect(notice).to_be_visible()
    await button(page, "Mute").click()  # now silence is what the caller wants
    await expect(notice).to_be_hidden()


async def test_silence_is_judged_by_what_was_heard_before(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url)
    judged = await page.evaluate(
        """async () => {
          const { SilenceWatch, measure } = await import("/web/levels.js");
          const watch = new SilenceWatch();
          const told = [0, 2900, 3000].map((ms) => watch.update(true, ms));
          told.push(watch.update(false, 3100));
          told.push(...[4000, 18900, 19000].map((ms) => watch.update(true, ms)));
          const level = (value) => measure(new Float32Array(64).fill(value));
          return { told, levels: [0, 1e-5, 0.03, 1].map(level) };
        }"""
    )
    assert judged["told"] == [False, False, True, False, False, False, True]
    zero, noise, voice, shout = judged["levels"]
    assert zero == {"level": 0, "zero": True}
    assert noise == {"level": 0, "zero": False}
    assert 0.5 < voice["level"] < 0.7
    assert shout["level"] == 1


async def test_a_microphone_that_goes_away_can_be_taken_again(
    site: Site, browser_page: Pages
) -> None:
    page, _ = await call(browser_page, site.url, scripts=[KEEP_STREAMS])
    track = "streams.at(-1).getAudioTracks()[0]"
    await page.evaluate(f"{track}.dispatchEvent(new Event('mute'))")
    await expect(page.locator(".notice")).to_contain_text("paused your microphone")
    await page.evaluate(f"{track}.dispatchEvent(new Event('unmute'))")
    await expect(page.locator(".notice")).to_have_count(0)
    await page.evaluate(f"{track}.dispatchEvent(new Event('ended'))")
    await page.evaluate("missing = true")
    again = button(page, "Use microphone again")
    await again.click()
    await expect(again).to_be_visible()
    await page.evaluate("missing = false")
    await again.click()
    await expect(page.locator(".notice")).to_have_count(0)
    assert await page.evaluate("streams.length") == 2
    assert await page.evaluate(LIVE_TRACKS) == 1
    assert await page.evaluate(f"parley.peer.getSenders()[0].track === {track}")
    await state(page, "connected")
