"""The page without a mouse, and the presses that nobody meant."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser import far
from tests.browser.chromium import PHONE, Pages
from tests.browser.conftest import Site
from tests.browser.steps import (
    button,
    call,
    state,
)


async def test_a_whole_call_by_keyboard(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    await far.FarEnd.of(page)
    await expect(page.locator("#version")).to_have_text("0.1.0")
    await page.keyboard.press("Tab")
    await expect(button(page, "Call")).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert await page.evaluate(outline) == "solid"
    await page.keyboard.press("Enter")
    await state(page, "connected")
    await expect(button(page, "Hang up")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Shift+Tab")
    await expect(button(page, "Interrupt")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Space")
    await expect(button(page, "Mute")).to_have_attribute("aria-pressed", "true")
    for _ in range(2):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("log")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Type to the agent")).to_be_focused()
    await page.keyboard.press("Escape")
    await state(page, "connected")
    await page.wait_for_timeout(550)  # Hang up takes no key while it is new
    for _ in range(2):
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Space")
    await state(page, "ended")
    await expect(button(page, "Call")).to_be_focused()


async def test_a_held_enter_does_not_hang_up(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    end = await far.FarEnd.of(page)
    await button(page, "Call").focus()
    for _ in range(10):  # the same key again without `up` is a repeat
        await page.keyboard.down("Enter")
        await page.wait_for_timeout(80)
    await page.keyboard.up("Enter")
    await state(page, "connected")
    assert end.offers == 1


async def test_a_double_tap_does_not_hang_up(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, viewport=PHONE, scripts=[far.SCRIPT])
    end = await far.FarEnd.of(page)
    await expect(page.locator("#version")).to_have_text("0.1.0")
    box = await button(page, "Call").bounding_box()
    assert box
    # Hang up appears under the right end of Call.
    await page.mouse.dblclick(box["x"] + box["width"] - 20, box["y"] + 20)
    await state(page, "connected")
    assert end.offers == 1


async def test_the_end_does_not_take_the_focus_from_who_types(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    field = page.get_by_label("Type to the agent")
    await field.fill("I was just")
    await end.say("conversation.ended", reason="time-limit")
    await state(page, "ended")
    await expect(field).to_be_focused()
    await page.keyboard.press("Enter")
    await state(page, "ended")
    await expect(field).to_have_value("I was just")
    assert end.offers == 1
