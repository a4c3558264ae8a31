"""The sound of one call and its words, in Chromium, on a real history."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.chromium import PHONE, Pages
from tests.browser.past import THERE, Past, history
from tests.browser.playing import look, turn, whole
from tests.browser.steps import button

PLACE_MS = "1000 * document.getElementById('audio').currentTime"

SLOWLY = """Object.assign(document.getElementById("audio"), {
  defaultPlaybackRate: 0.25, playbackRate: 0.25,
})"""
"So that a turn of one second is there for four."

INK = """([id, from, to]) => {
  const canvas = document.getElementById(id);
  const { width, height } = canvas;
  const top = Math.round(height * from);
  const pen = canvas.getContext("2d");
  const { data } = pen.getImageData(0, top, width, Math.round(height * to) - top);
  const drawn = data.filter((value, at) => at % 4 === 3 && value > 0).length;
  return drawn / (width * height);
}"""
"Share of the canvas that is drawn on, between two heights."


@pytest_asyncio.fixture(loop_scope="module")
async def past(tmp_path: Path) -> AsyncIterator[Past]:
    async with history(tmp_path) as made:
        yield made


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Position in the call")


async def place(page: Page) -> float:
    """Milliseconds."""
    found: float = await page.evaluate(PLACE_MS)
    return found


async def beyond(page: Page, ms: float) -> None:
    """Wait until the sound is there."""
    for _ in range(100):
        if await place(page) > ms:
            return
        await page.wait_for_timeout(50)
    pytest.fail(f"the sound did not get beyond {ms} ms: {await place(page)}")


async def near(page: Page, ms: float, tolerance_ms: float = 400) -> None:
    """Wait until the sound is about there."""
    for _ in range(100):
        if abs(await place(page) - ms) <= tolerance_ms:
            return
        await page.wait_for_timeout(50)
    pytest.fail(f"the sound is not at {ms} ms: {await place(page)}")


async def test_it_plays_and_pauses(past: Past, browser_page: Pages) -> None:
    page = await look(browser_page, past, await whole(past))
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("Wednesday,? 20 November 2019, 14:05")
    )
    await expect(page.locator("#summary")).to_have_text("local20 sCaller hung up")
    assert (await page.title()).endswith("20 November 2019, 14:05, local – Parley")
    await button(page, "Play").click()
    await beyond(page, 800)
    await expect(button(page, "Pause")).to_be_visible()
    await expect(slider(page)).to_have_attribute(
        "aria-valuetext", re.compile("of 0:20")
    )
    # The space bar does the same, but where it means something else.
    await page.get_by_role("heading", level=1).click()
    await page.keyboard.press("Space")
    await expect(button(page, "Play")).to_be_visible()
    stood = await place(page)
    await page.get_by_label("Note", exact=True).press("Space")
    await expect(button(page, "Play")).to_be_visible()
    assert await place(page) == stood
    await slider(page).press("Space")
    await beyond(page, stood + 300)
    await page.get_by_label("Speed").select_option("2×")
    assert await page.evaluate("document.getElementById('audio').playbackRate") == 2
    assert browser_page.errors == []


async def test_the_waveform_shows_both_and_seeks(
    past: Past, browser_page: Pages
) -> None:
    page = await look(browser_page, past, await whole(past))
    # Bars on either side of the middle, hatches where it was paused.
    for half in ((0.0, 0.45), (0.55, 1.0)):
        assert await page.evaluate(INK, ["wave-ahead", *half]) > 0.05
    box = await slider(page).bounding_box()
    assert box is not None
    await slider(page).click(position={"x": box["width"] * 0.6, "y": 20})
    await near(page, 12_000)
    await expect(slider(page)).to_have_attribute("aria-valuenow", "12")
    await expect(turn(page, "number 12.")).to_have_attribute("aria-current", "true")
    await expect(page.locator("#now")).to_have_text("0:12")
    # Dragged, it goes along.
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 40, steps=4)
    await page.mouse.up()
    await near(page, 6_000)
    await slider(page).press("ArrowRight")
    await near(page, 11_000)
    await slider(page).press("ArrowLeft")
    await near(page, 6_000)
    await slider(page).press("Home")
    await near(page, 0)
    await slider(page).press("End")
    await near(page, 20_000)
    assert browser_page.errors == []


async def test_a_thumb_seeks_too(past: Past, browser_page: Pages) -> None:
    call = await whole(past)
    page = await look(browser_page, past, call, viewport=PHONE, has_touch=True)
    box = await slider(page).bounding_box()
    assert box is not None
    await page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 50)
    await near(page, 10_000)
    assert browser_page.errors == []


async def test_words_and_sound_follow_each_other(
    past: Past, browser_page: Pages
) -> None:
    page = await look(browser_page, past, await whole(past))
    await page.evaluate(SLOWLY)
    await turn(page, "number 9.").locator("p").click()
    await beyond(page, 9_000)
    await expect(turn(page, "number 9.")).to_have_attribute("aria-current", "true")
    await expect(turn(page, "number 10.")).to_have_attribute("aria-current", "true")
    await expect(page.locator("[aria-current=true].turn")).to_have_count(1)
    time = page.get_by_role("button", name="Play from 0:02, Caller")
    await time.focus()
    await page.keyboard.press("Enter")
    await near(page, 2_000, 900)
    await expect(turn(page, "The invoice")).to_have_attribute("aria-current", "true")
    # The arrow keys walk through the turns, the Tab key leaves them.
    await time.focus()
    await page.keyboard.press("ArrowDown")
    third = page.get_by_role("button", name="Play from 0:04, Agent")
    await expect(third).to_be_focused()
    await expect(time).to_have_attribute("tabindex", "-1")
    await button(page, "Pause").click()
    await button(page, "Next turn").click()
    await near(page, 4_000)
    await button(page, "Previous turn").click()
    await near(page, 2_000)
    assert browser_page.errors == []


async def test_who_scrolls_away_is_left_in_peace(
    past: Past, browser_page: Pages
) -> None:
    page = await look(browser_page, past, await whole(past), viewport=(1280, 1200))
    box = page.locator("#turns-box")
    await turn(page, "greeting").locator("p").click()
    await button(page, "Pause").click()
    await box.hover()
    await page.mouse.wheel(0, 3000)
    follow = button(page, "Follow the sound")
    await expect(follow).to_be_visible()
    read = "document.getElementById('turns-box').scrollTop"
    await expect(turn(page, "number 19.")).to_be_in_viewport()
    scrolled = await page.evaluate(read)
    assert scrolled > 50
    await slider(page).press("ArrowRight")
    await expect(turn(page, "the other one")).to_have_attribute("aria-current", "true")
    assert await page.evaluate(read) == scrolled
    await follow.press("Enter")
    await expect(follow).to_be_hidden()
    await expect(turn(page, "the other one")).to_be_in_viewport()
    await expect(turn(page, "the other one").get_by_role("button")).to_be_focused()
    # And so it goes on.
    await slider(page).press("End")
    await expect(turn(page, "number 19.")).to_be_in_viewport()
    assert browser_page.errors == []


async def test_what_happened_is_marked(past: Past, browser_page: Pages) -> None:
    page = await look(browser_page, past, await whole(past))
    cut = turn(page, "Of course")
    await expect(cut).to_contain_text("cut off, heard for 900 ms")
    remarks = page.locator("#turns .remark")
    await expect(remarks).to_have_text(
        [
            "The recording was paused for 2 s.",
            "Something went wrong: it went",
            "Another agent took over: second",
        ]
    )
    marks = page.get_by_role("toolbar", name="Marked in this call")
    await expect(marks.get_by_role("button")).to_have_count(3)
    interruption = marks.get_by_role("button").first
    await interruption.hover()
    await expect(page.get_by_role("tooltip")).to_have_text(
        re.compile(r"0:04\s+The caller interrupted the agent")
    )
    await page.mouse.move(0, 0)
    await expect(page.locator("#tip")).to_be_hidden()
    # One stop of the Tab key; then the arrow keys.
    await slider(page).focus()
    await page.keyboard.press("Tab")
    await expect(interruption).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tooltip")).to_contain_text("it went")
    await page.keyboard.press("Enter")
    await beyond(page, 7_400)
    legend = page.get_by_role("list", name="What the marks mean")
    await expect(legend).to_contain_text("interruption")
    await expect(legend).to_contain_text("other agent")
    assert browser_page.errors == []


async def test_each_leg_can_be_heard_alone(past: Past, browser_page: Pages) -> None:
    page = await look(browser_page, past, await whole(past))
    await slider(page).press("ArrowRight")
    await near(page, 5_000)
    await button(page, "Play").click()
    await beyond(page, 5_200)
    for leg in ("Caller only", "Agent only", "Mixed"):
        before = await place(page)
        await page.get_by_label("Who is heard").select_option(leg)
        await beyond(page, before)
        assert await place(page) < before + 4_000
    source = await page.evaluate("document.getElementById('audio').currentSrc")
    assert source.endswith("?leg=mix")
    assert browser_page.errors == []


async def test_a_long_call_may_take_its_time(past: Past, browser_page: Pages) -> None:
    # A sixth of the page's patience.
    hasty = """const timeout = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (ms) => timeout(ms / 6);"""
    call = await whole(past)
    page = await browser_page.open("about:blank", scripts=[hasty], **THERE)

    async def slow(route: Route) -> None:
        await asyncio.sleep(3)
        await route.continue_()

    await page.route("**/peaks.json", slow)
    await page.goto(f"{past.url}calls/{call}")
    await expect(slider(page)).to_be_visible()
    await expect(page.get_by_role("alert").first).to_be_empty()


async def test_another_format_is_tried(past: Past, browser_page: Pages) -> None:
    call = await whole(past)
    page = await browser_page.open("about:blank", **THERE)
    await page.route("**/recording.mp3*", lambda route: route.fulfill(status=500))
    await page.goto(f"{past.url}calls/{call}")
    await button(page, "Play").click()
    await beyond(page, 300)
    source = await page.evaluate("document.getElementById('audio').currentSrc")
    assert re.search(r"recording\.(m4a|wav)\?leg=both$", source)
