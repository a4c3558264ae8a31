"""What the caller thinks of the agent's replies."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.browser import far
from tests.browser.chromium import PHONE, Pages
from tests.browser.conftest import Site
from tests.browser.steps import button, call, lines, state


async def replies(end: far.FarEnd, *numbers: int) -> None:
    for number in numbers:
        text = f"reply {number}"
        await end.say("transcript.agent", text=text, final=True, reply=number)


def thumbs(page: Page) -> Locator:
    return page.locator("#lines").get_by_role("button")


async def test_a_reply_is_liked_and_not(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    await replies(end, 1, 2)
    await end.say("transcript.user", text="and so on", final=True)
    await end.say("transcript.agent", text="a guess", final=False, reply=3)
    await expect(lines(page)).to_have_count(4)
    await expect(thumbs(page)).to_have_count(4)  # two for each final reply
    good = button(page, "Good reply").last
    bad = button(page, "Bad reply").last
    await good.click()
    await expect(good).to_have_attribute("aria-pressed", "true")
    await bad.click()
    await expect(good).to_have_attribute("aria-pressed", "false")
    await expect(bad).to_have_attribute("aria-pressed", "true")
    await bad.click()
    await expect(bad).to_have_attribute("aria-pressed", "false")
    await button(page, "Good reply").first.click()
    assert await end.received(4) == [
        {"type": "feedback", "reply": reply, "liked": liked}
        for reply, liked in ((2, True), (2, False), (2, None), (1, True))
    ]
    await end.say("conversation.ended", reason="time-limit")
    await state(page, "ended")
    # What was said stands, and nothing can be added.
    await expect(thumbs(page).and_(page.locator(":visible"))).to_have_count(1)
    await expect(button(page, "Good reply").first).to_be_disabled()
    assert browser_page.errors == []


async def test_a_reply_of_several_lines_is_judged_once(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("transcript.agent", text="One.", final=True, reply=1)
    await button(page, "Good reply").click()
    await end.say("transcript.agent", text="Two.", final=True, reply=1)
    last = lines(page).last.get_by_role("button")
    await expect(last).to_have_count(2)
    await expect(thumbs(page)).to_have_count(2)
    await expect(last.first).to_have_attribute("aria-pressed", "true")
    # Interrupted, only one line is left.
    await end.say("transcript.corrected", reply=1, text="One.")
    await expect(lines(page)).to_have_count(1)
    await expect(thumbs(page)).to_have_count(2)
    await expect(thumbs(page).first).to_have_attribute("aria-pressed", "true")
    # Words that belong to no reply cannot be judged.
    await end.say("transcript.agent", text="Whose?", final=True)
    await page.wait_for_timeout(900)
    await expect(thumbs(page)).to_have_count(2)


async def test_they_show_for_who_points_at_them(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await replies(end, 1)
    good = button(page, "Good reply")
    await expect(good).to_have_css("opacity", "0")
    await page.get_by_text("reply 1").hover()
    await expect(good).to_have_css("opacity", "1")
    await page.mouse.move(0, 0)
    await good.click()
    await page.mouse.move(0, 0)
    await expect(good).to_have_css("opacity", "1")  # pressed


async def test_on_a_phone_they_are_faint_and_as_large_as_a_thumb(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(
        browser_page, site.url, viewport=PHONE, has_touch=True, is_mobile=True
    )
    await replies(end, 1)
    for thumb in (button(page, "Good reply"), button(page, "Bad reply")):
        opacity = await thumb.evaluate("thumb => getComputedStyle(thumb).opacity")
        assert 0.3 < float(opacity) < 0.8
        box = await thumb.bounding_box()
        assert box and box["width"] >= 44 and box["height"] >= 44
    await button(page, "Bad reply").tap()
    assert (await end.received(1))[0]["liked"] is False


async def test_they_are_one_stop_of_the_tab_key(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await replies(end, 1, 2, 3)
    await expect(thumbs(page)).to_have_count(6)
    await page.get_by_role("log").focus()
    await page.keyboard.press("Tab")
    await expect(button(page, "Good reply").last).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await expect(button(page, "Bad reply").nth(1)).to_be_focused()
    await page.keyboard.press("Space")
    assert await end.received(1) == [{"type": "feedback", "reply": 2, "liked": False}]
    await replies(end, 4)
    await expect(thumbs(page)).to_have_count(8)
    await expect(button(page, "Bad reply").nth(1)).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Type to the agent")).to_be_focused()


async def test_they_are_not_read_aloud_with_the_words(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await replies(end, 1)
    await expect(lines(page)).to_have_text(["Agent0:00reply 1"])
    # The words come without them; they come later, into what is not live.
    assert await thumbs(page).count() == 0
    await expect(thumbs(page)).to_have_count(2)
    live = await thumbs(page).first.evaluate(
        "thumb => thumb.closest('[aria-live], [role=log]').getAttribute('aria-live')"
    )
    assert live == "off"


async def test_a_reply_that_came_last_is_not_offered_after_the_call(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await replies(end, 1)
    await button(page, "Hang up").click()
    await state(page, "ended")
    await page.wait_for_timeout(1_000)
    await expect(thumbs(page).and_(page.locator(":enabled"))).to_have_count(0)
    await expect(thumbs(page).and_(page.locator(":visible"))).to_have_count(0)
