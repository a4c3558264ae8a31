"""How good the connection is, as the page tells it; and what it tells of an echo."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser import far
from tests.browser.chromium import DESKTOP, PHONE, Pages
from tests.browser.conftest import Site
from tests.browser.steps import button, call, state

CLEAN = {
    "mos": 4.34,
    "mos_up": 4.34,
    "mos_down": 4.34,
    "rtt_ms": 23.4,
    "jitter_up_ms": 2.2,
    "jitter_down_ms": 1.1,
    "loss_up_pct": 0.0,
    "loss_down_pct": 0.0,
    "delivered": 50,
    "recovered": 0,
    "concealed": 0,
}
"A second in which nothing happened, as `rtc.health` tells it."

LOSSY = {
    **CLEAN,
    "mos": 3.2,
    "mos_up": 3.2,
    "loss_up_pct": 8.0,
    "delivered": 46,
    "recovered": 1,
    "concealed": 3,
}

LONG = 4
"Messages, more than the page judges by."


async def tell(end: far.FarEnd, stats: dict[str, Any], times: int = LONG) -> None:
    for _ in range(times):
        await end.say("call.stats", **stats)


def quality(page: Page, word: str) -> Any:
    return button(page, f"Connection: {word}")


async def test_good_is_a_word_and_four_bars(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    await expect(page.locator("#quality")).to_be_hidden()
    await tell(end, CLEAN, 1)
    await expect(quality(page, "Good")).to_be_visible()
    await expect(page.locator("#quality")).to_have_attribute("data-bars", "4")
    await expect(page.locator("#quality-why")).to_be_empty()
    assert browser_page.errors == []


async def test_the_figures_are_there_for_who_asks(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await tell(end, {**CLEAN, "rtt_ms": 412.0, "loss_down_pct": 2.5})
    figures = page.locator("#quality-details")
    await expect(figures).to_be_hidden()
    await page.locator("#quality").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#quality")).to_have_attribute("aria-expanded", "true")
    await expect(figures.locator("dt")).to_have_text(
        ["Round trip", "Jitter", "Loss to agent", "Loss to you", "Answer after"]
    )
    await expect(figures.locator("dd")).to_have_text(
        ["412 ms", "2 ms", "0 %", "2.5 %", "–"]
    )
    answer = figures.locator("dd").last
    await end.say("turn.measured", turn=1, voice_to_voice_ms=640.2)
    await expect(answer).to_have_text("0.6 s")
    for unknown in (None, -5, "soon"):
        await end.say("turn.measured", turn=2, voice_to_voice_ms=unknown)
    await end.say("turn.measured", turn=3, voice_to_voice_ms=1_260)
    await expect(answer).to_have_text("1.3 s")
    await end.say("turn.measured", turn=4)
    await page.keyboard.press("Enter")
    await expect(figures).to_be_hidden()


async def test_it_goes_with_the_call(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    await tell(end, LOSSY)
    await page.locator("#quality").click()
    # The figures of the whole call have the same names.
    await end.say("call.stats", **{**CLEAN, "mos": 1.0}, final=True)
    await end.say("talking", who="agent", on=True)
    await expect(page.locator("#activity")).to_have_text("Speaking")
    await expect(quality(page, "Weak")).to_be_focused()
    await end.say("conversation.ended", reason="time-limit")
    await state(page, "ended")
    for part in ("#quality", "#quality-details"):
        await expect(page.locator(part)).to_be_hidden()
    await expect(page.locator("#quality-why")).to_be_empty()
    await expect(button(page, "Call")).to_be_focused()
    await expect(page.get_by_role("alert")).to_be_empty()
    # The next call is judged anew.
    await page.wait_for_timeout(550)  # Call takes no key while it is new
    await page.keyboard.press("Enter")
    await state(page, "connected")
    await expect(page.locator("#quality")).to_be_hidden()
    await tell(end, CLEAN, 1)
    await expect(quality(page, "Good")).to_be_visible()


async def test_nothing_of_it_is_read_aloud(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    await tell(end, LOSSY)
    await page.locator("#quality").click()
    live = "[aria-live], [role=status], [role=alert], [role=log], [role=timer]"
    for part in ("#quality", "#quality-why", "#quality-details"):
        inside = await page.locator(part).evaluate(
            "(element, live) => element.closest(live) !== null", live
        )
        assert not inside, part


async def test_a_server_that_tells_no_more(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    await page.clock.install()
    end = await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    await tell(end, CLEAN, 1)
    await expect(quality(page, "Good")).to_be_visible()
    await page.clock.fast_forward(6_000)
    await expect(quality(page, "None")).to_be_visible()
    await expect(page.locator("#quality")).to_have_attribute("data-bars", "0")
    await expect(page.locator("#quality-why")).not_to_be_empty()
    await tell(end, CLEAN, 1)
    await expect(quality(page, "Good")).to_be_visible()
    await expect(page.locator("#quality-why")).to_be_empty()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_no_button_moves_by_itself(
    site: Site, browser_page: Pages, viewport: tuple[int, int]
) -> None:
    page, end = await call(browser_page, site.url, viewport=viewport)

    async def places() -> list[Any]:
        names = ("Mute", "Interrupt", "Hang up")
        return [await button(page, name).bounding_box() for name in names]

    before = await places()
    await tell(end, {**LOSSY, "mos_up": 4.3, "mos_down": 3.2, "loss_down_pct": 22.0})
    await expect(page.locator("#quality-why")).to_have_text(
        "22 % of the agent’s voice is lost or late"
    )
    assert await places() == before
    box = await page.locator("#quality").bounding_box()
    assert box and box["width"] >= 44 and box["height"] >= 44
    await page.locator("#quality").click()
    await expect(page.locator("#quality-details")).to_be_visible()
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


async def judge(page: Page, messages: list[dict[str, Any]]) -> list[Any]:
    """What quality.js says after each message."""
    judged: list[Any] = await page.evaluate(
        """async (messages) => {
          const { Quality } = await import("/web/quality.js");
          const quality = new Quality();
          return messages.map((stats) => quality.update(stats));
        }""",
        messages,
    )
    return judged


async def test_one_lost_packet_is_nothing_and_many_are(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url)
    hiccup = {**CLEAN, "mos": 3.87, "mos_up": 3.87, "delivered": 49, "concealed": 1}
    readings = await judge(
        page, [*[CLEAN] * 3, hiccup, *[CLEAN] * 3, *[LOSSY] * 3, *[CLEAN] * 3]
    )
    levels = [reading["level"] for reading in readings]
    assert levels[:7] == ["good"] * 7
    assert levels[7:10] == ["fair", "weak", "weak"]
    assert levels[10:] == ["weak", "fair", "good"]
    assert readings[9]["cause"] == {"kind": "up", "amount": pytest.approx(6, abs=0.7)}
    assert readings[-1]["cause"]["kind"] == ""


async def test_a_level_is_left_at_once_and_reached_with_something_to_spare(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url)
    scores = [4.0, *[3.99] * 5, *[4.05] * 5, *[4.2] * 5]
    readings = await judge(page, [{**CLEAN, "mos": mos} for mos in scores])
    levels = [reading["level"] for reading in readings]
    assert levels[:2] == ["good", "fair"]
    assert levels[2:11] == ["fair"] * 9
    assert levels[-1] == "good"


@pytest.mark.parametrize(
    ("figures", "kind", "amount"),
    [
        # Nearly all that was lost came again as a copy: it is not what is wrong.
        (
            {"loss_up_pct": 8, "delivered": 46, "recovered": 4, "rtt_ms": 900},
            "way",
            450,
        ),
        # A long gap, of which the health counts only the first frames as concealed.
        ({"loss_up_pct": 60, "delivered": 20, "concealed": 5}, "up", 60),
        ({"mos_down": 3.1, "loss_down_pct": 12}, "down", 12),
        ({"rtt_ms": 640}, "way", 320),
        ({"jitter_down_ms": 45}, "uneven", 0),
        ({}, "", 0),
        ({"delivered": "x", "rtt_ms": None, "loss_up_pct": "much"}, "", 0),
    ],
)
async def test_the_cause_is_named(
    site: Site, browser_page: Pages, figures: dict[str, Any], kind: str, amount: float
) -> None:
    page = await browser_page.open(site.url)
    bad = {**CLEAN, "mos": 3.3, "mos_up": 3.3, **figures}
    assert (await judge(page, [bad]))[0]["cause"] == {"kind": kind, "amount": amount}


async def test_what_is_not_known_is_not_shown(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("call.stats")
    await end.say("call.stats", mos="bad", rtt_ms=[], delivered={})
    await end.say("call.stats", mos=None)
    await end.say("transcript.agent", text="Still here", final=True, reply=1)
    await expect(page.locator("#lines")).to_contain_text("Still here")
    await expect(page.locator("#quality")).to_be_hidden()
    await end.say("call.stats", mos=4.2)
    await page.locator("#quality").click()
    await expect(page.locator("#quality-details dd")).to_have_text(["–"] * 5)
    assert browser_page.errors == []


async def test_an_echo_is_told_as_long_as_it_lasts(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    await page.clock.install()
    end = await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    notice = page.locator("[data-code=echo-heard]")
    for _ in range(3):
        await end.say("error", code="echo-heard", message="the agent hears itself")
        await expect(notice).to_contain_text("Use headphones")
        await expect(notice).to_have_count(1)
        await page.clock.fast_forward(20_000)
    await expect(notice).to_be_visible()
    await page.clock.fast_forward(6_000)
    await expect(notice).to_have_count(0)
    await end.say("error", code="echo-heard", message="the agent hears itself")
    await expect(notice).to_be_visible()
    await expect(page.get_by_role("alert")).to_be_empty()
    await state(page, "connected")


async def test_an_echo_is_not_why_a_call_ends(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("error", code="agent-lost", message="the quota is used up")
    await end.say("error", code="echo-heard", message="the agent hears itself")
    await end.say("conversation.ended", reason="agent-failed")
    await state(page, "ended")
    await expect(page.get_by_role("alert")).to_contain_text("the quota is used up")
    await expect(page.locator(".notice")).to_have_count(0)
