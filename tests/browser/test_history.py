"""The list of calls, in Chromium, on a real history."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.chromium import PHONE, Pages
from tests.browser.past import THERE, Past, history, said
from tests.browser.steps import button, problem

ASKED = re.compile(r"/calls\?.*zone=")
"What the page asks the server for the list."

DAYS = (("Wednesday", 20), ("Tuesday", 19))
"Whether there is a comma behind the weekday depends on the browser."

WIDTH = "document.documentElement.scrollWidth"


@pytest_asyncio.fixture(loop_scope="module")
async def past(tmp_path: Path) -> AsyncIterator[Past]:
    async with history(tmp_path) as made:
        yield made


def rows(page: Page) -> Locator:
    return page.locator("#days .row")


async def look(pages: Pages, past: Past, search: str = "", **options: Any) -> Page:
    return await pages.open(f"{past.url}calls{search}", **THERE, **options)


async def few(past: Past) -> list[str]:
    """Three calls of three kinds, the newest first."""
    invoice = said("caller", "It is about the invoice, please.", 1000)
    return [
        await past.add(
            0,
            turns=[said("agent", "Hello", 0, interrupted=True), invoice],
            agent="openai",
            profile="sarah",
            meeting={"start": "2019-11-22T09:00:00Z"},
            rating={"stars": 4, "note": ""},
            metrics={
                "voice_to_voice_ms": {"p50": 812.0},
                "interruptions": {"voice": 1, "typed": 0, "button": 0},
            },
        ),
        await past.add(1, reason="agent-failed", trouble="agent-stalled"),
        await past.add(40, recording={"state": "declined"}, length_ms=3_723_000),
    ]


async def test_calls_stand_under_their_days(past: Past, browser_page: Pages) -> None:
    newest, failed, declined = await few(past)
    page = await look(browser_page, past)
    await expect(rows(page)).to_have_count(3)
    headings = page.locator("#days h2")
    await expect(headings).to_have_text(
        [re.compile(f"{day},? {at} November 2019") for day, at in DAYS]
    )
    first, second, third = [rows(page).nth(at) for at in range(3)]
    await expect(first).to_have_attribute("href", f"/calls/{newest}")
    for text in ("14:05", "openai", "sarah", "Caller hung up", "Interrupted 1×"):
        await expect(first).to_contain_text(text)
    await expect(first).to_contain_text(re.compile("Meeting Fri,? 22 Nov, 10:00"))
    await expect(first).to_contain_text("answers in 812 ms")
    await expect(first.get_by_role("img", name="Rated 4 of 5")).to_be_visible()
    await expect(second).to_have_attribute("href", f"/calls/{failed}")
    await expect(second).to_contain_text("Agent failed")
    await expect(second).to_contain_text("The agent does not answer")
    await expect(third).to_have_attribute("href", f"/calls/{declined}")
    await expect(third).to_contain_text("Recording declined")
    await expect(third).to_contain_text("1 h 02 min")
    await expect(page.locator("#live")).to_be_hidden()
    await expect(button(page, "Older calls")).to_be_hidden()
    assert browser_page.errors == []


async def test_a_time_has_room_for_am_and_pm(past: Past, browser_page: Pages) -> None:
    await few(past)
    american = {**THERE, "locale": "en-US", "viewport": (1280, 800)}
    page = await browser_page.open(f"{past.url}calls", **american)
    times = page.locator("time.when")
    await expect(times.first).to_have_text("02:05 PM")
    spare = "all => all.map(it => it.clientWidth - it.scrollWidth)"
    assert set(await times.evaluate_all(spare)) == {0}
    assert browser_page.errors == []


async def test_words_are_found_and_kept_in_the_address(
    past: Past, browser_page: Pages
) -> None:
    newest, *_ = await few(past)
    page = await look(browser_page, past)
    await expect(rows(page)).to_have_count(3)
    await page.get_by_label("Words that were said").press_sequentially("invoice")
    await expect(page).to_have_url(f"{past.url}calls?q=invoice")
    await expect(rows(page)).to_have_count(1)
    await expect(rows(page)).to_have_attribute("href", f"/calls/{newest}")
    await page.reload()
    await expect(page.get_by_label("Words that were said")).to_have_value("invoice")
    await expect(rows(page)).to_have_count(1)
    # All the typing was one step.
    await page.go_back()
    await expect(rows(page)).to_have_count(3)
    assert page.url == f"{past.url}calls"
    assert browser_page.errors == []


async def test_filters_narrow_and_go_back(past: Past, browser_page: Pages) -> None:
    await few(past)
    page = await look(browser_page, past)
    await page.get_by_label("Agent", exact=True).select_option("openai")
    await expect(rows(page)).to_have_count(1)
    await page.get_by_label("Meeting", exact=True).select_option("no")
    await expect(page.locator("#empty")).to_contain_text("No call fits")
    assert page.url.endswith("/calls?agent=openai&meeting=no")
    await page.go_back()
    await expect(rows(page)).to_have_count(1)
    await expect(page.get_by_label("Meeting", exact=True)).to_have_value("")
    await expect(page.get_by_label("Agent", exact=True)).to_have_value("openai")
    await button(page, "Clear filters").click()
    await expect(rows(page)).to_have_count(3)
    await page.get_by_label("How it ended", exact=True).select_option(
        label="Agent failed"
    )
    await expect(rows(page)).to_have_count(1)
    await page.get_by_label("How it ended", exact=True).select_option("")
    await page.get_by_label("Recording", exact=True).select_option(
        label="Recording declined"
    )
    await expect(rows(page)).to_have_count(1)
    assert browser_page.errors == []


async def test_a_day_is_a_day_where_one_is(past: Past, browser_page: Pages) -> None:
    # 23:05 in UTC, which is tomorrow in Vienna
    late = await past.add(28)
    await past.add(40)
    page = await look(browser_page, past, "?day=2019-11-20")
    await expect(rows(page)).to_have_count(1)
    await expect(rows(page)).to_have_attribute("href", f"/calls/{late}")
    await expect(page.locator("#days h2")).to_have_text(
        re.compile("Wednesday,? 20 November 2019")
    )
    await page.get_by_label("Day", exact=True).fill("2019-11-19")
    await expect(rows(page)).not_to_have_attribute("href", f"/calls/{late}")
    await page.get_by_label("Until", exact=True).fill("2019-11-20")
    await expect(rows(page)).to_have_count(2)
    assert "day=2019-11-19&until=2019-11-20" in page.url
    await expect(page.locator("#csv")).to_have_attribute(
        "href", re.compile(r"calls\.csv\?day=2019-11-19.*zone=Europe%2FVienna")
    )
    assert browser_page.errors == []


async def test_older_calls_come_when_asked_for(past: Past, browser_page: Pages) -> None:
    for number in range(60):
        await past.add(number)
    page = await look(browser_page, past)
    await expect(rows(page)).to_have_count(50)
    await button(page, "Older calls").press("Enter")
    await expect(rows(page)).to_have_count(60)
    await expect(button(page, "Older calls")).to_be_hidden()
    await expect(rows(page).nth(50)).to_be_focused()
    # From a call one comes back to where one was.
    last = rows(page).nth(58)
    await last.scroll_into_view_if_needed()
    before = await page.evaluate("scrollY")
    assert before > 500
    await last.click()
    await page.wait_for_url("**/calls/2*")  # loaded: before, it is but a link
    await page.get_by_role("link", name="Back to the list").click()
    await expect(rows(page)).to_have_count(60)
    await expect(last).to_be_in_viewport()
    assert abs(await page.evaluate("scrollY") - before) < 40


async def test_after_a_rush_no_call_is_missing(past: Past, browser_page: Pages) -> None:
    await few(past)
    page = await look(browser_page, past)
    await expect(rows(page)).to_have_count(3)
    # More between two refreshes than fit on a page, as when a tab was not looked at.
    await page.route(ASKED, lambda route: route.abort())
    for number in range(1, 61):
        await past.add(-number)
    await page.unroute(ASKED)
    await expect(rows(page)).to_have_count(50)
    await button(page, "Older calls").click()
    await expect(rows(page)).to_have_count(63)


async def test_exports_have_what_is_found(past: Past, browser_page: Pages) -> None:
    newest, failed, _ = await few(past)
    page = await look(browser_page, past, "?agent=openai")
    await expect(rows(page)).to_have_count(1)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="CSV").click()
    content = Path(await (await coming.value).path()).read_text()
    assert newest in content and failed not in content
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="JSON lines").click()
    content = Path(await (await coming.value).path()).read_text()
    assert newest in content and content.count("\n") == 1


async def test_running_calls_come_and_go(past: Past, browser_page: Pages) -> None:
    await few(past)
    page = await look(browser_page, past)
    await expect(rows(page)).to_have_count(3)
    call = past.begin("openai")
    live = page.locator("#live-calls .row")
    await expect(live).to_have_count(1)
    await expect(page.locator("#live h2")).to_have_text("On the line now")
    await expect(live).to_have_attribute("href", f"/calls/{call}")
    await expect(live).to_contain_text(re.compile(r"openai\s*[3-9] s"))
    # What is refreshed keeps the focus where it was.
    await rows(page).nth(1).focus()
    past.live.clear()
    await past.add(-1)
    await expect(rows(page)).to_have_count(4)
    await expect(page.locator("#live")).to_be_hidden()
    await expect(rows(page).nth(2)).to_be_focused()
    assert browser_page.errors == []


async def test_an_empty_history_says_so(past: Past, browser_page: Pages) -> None:
    page = await look(browser_page, past)
    await expect(page.locator("#empty")).to_contain_text("No calls yet")
    way = page.locator("#empty").get_by_role("link", name="Make a call")
    await expect(way).to_have_attribute("href", "/")
    await expect(page.locator("#exports")).to_be_hidden()
    # The first call appears by itself.
    await past.add(0)
    await expect(rows(page)).to_have_count(1)
    await expect(page.locator("#empty")).to_be_hidden()
    assert browser_page.errors == []


async def test_a_database_that_is_down_is_tried_again(
    past: Past, browser_page: Pages
) -> None:
    await few(past)
    page = await look(browser_page, past, "?agent=nobody")
    await expect(page.locator("#empty")).to_be_visible()

    async def down(route: Route) -> None:
        await problem(route, 503, "history-unavailable")

    await page.route(ASKED, down)
    await page.get_by_label("Agent", exact=True).select_option("openai")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("The history cannot be read at the moment")
    await page.unroute(ASKED)
    await button(page, "Try again").click()
    await expect(rows(page)).to_have_count(1)
    await expect(alert).to_be_empty()
    assert page.url.endswith("?agent=openai")


async def test_a_refusal_is_told_in_the_servers_words(
    past: Past, browser_page: Pages
) -> None:
    page = await look(browser_page, past, "?meeting=perhaps")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("does not understand these filters")
    await expect(alert).to_contain_text("meeting: 'perhaps'; allowed: yes, no")
    await page.route(ASKED, lambda route: problem(route, 403, "history-locked"))
    await button(page, "Clear filters").click()
    await expect(alert).to_contain_text("The history is locked")


async def test_names_are_never_markup(past: Past, browser_page: Pages) -> None:
    name = "<img src=x onerror=alert(1)>"
    await past.add(0, agent=name, reason=name, trouble=name, profile=name)
    page = await look(browser_page, past)
    await expect(rows(page).locator("b")).to_have_text(name)
    assert await page.locator("img:not([src^='/web/'])").count() == 0
    assert browser_page.errors == []


async def test_a_phone_has_room_for_it(past: Past, browser_page: Pages) -> None:
    await few(past)
    for width in (320, PHONE[0]):
        page = await look(browser_page, past, viewport=(width, 640), has_touch=True)
        await expect(rows(page)).to_have_count(3)
        await expect(page.get_by_label("Agent", exact=True)).to_be_hidden()
        await button(page, "Filters").tap()
        await page.get_by_label("Agent", exact=True).select_option("openai")
        await expect(rows(page)).to_have_count(1)
        await expect(button(page, "Filters (1)")).to_be_visible()
        assert await page.evaluate(WIDTH) == width
    assert browser_page.errors == []
