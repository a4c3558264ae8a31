"""The meetings of a call on its page in the history, in Chromium."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import DESKTOP, PHONE, Pages
from tests.browser.desk import ID, agreed, draft
from tests.browser.past import THERE, Past, history
from tests.browser.playing import turn, whole
from tests.browser.review import Review
from tests.browser.steps import button


@pytest_asyncio.fixture(loop_scope="module")
async def past(tmp_path: Path) -> AsyncIterator[Past]:
    async with history(tmp_path) as made:
        yield made


async def look(
    pages: Pages,
    past: Past,
    meetings: list[dict[str, Any]],
    options: dict[str, Any] | None = None,
    **more: Any,
) -> tuple[Page, Review]:
    """The page of a call with these meetings; `more` of the call."""
    call = await whole(past, **more)
    page = await pages.open(f"{past.url}calls", **THERE, **(options or {}))
    review = await Review.of(page, call, meetings)
    await page.goto(f"{past.url}calls/{call}")
    await expect(turn(page, "greeting")).to_be_visible()
    return page, review


def cards(page: Page) -> Locator:
    return page.locator("#meetings .meeting")


def save(page: Page) -> Locator:
    """Of the form, not of the rating."""
    return cards(page).get_by_role("button", name="Save")


def acts(page: Page) -> Locator:
    return cards(page).locator(".answers button")


async def test_it_says_what_was_agreed_on_and_how_that_is_known(
    past: Past, browser_page: Pages
) -> None:
    page, review = await look(browser_page, past, [agreed("sent")])
    card = cards(page)
    for words in (
        "Meeting agreed",
        "26 November 2026",
        "Vienna time, GMT+1",
        "ETF solutions for income",
        "With Nat Ito, nat@example.org",
        "Invitation sent",
        "Understood from what was said, and quite sure",
        "Perfect.",
    ):
        await expect(card).to_contain_text(words)
    await card.get_by_role("button", name="Play from 0:05, Caller").click()
    await expect(button(page, "Pause")).to_be_visible()
    now = int(await page.locator("#wave").get_attribute("aria-valuenow") or 0)
    assert 5 <= (now / 1000 if now > 100 else now) < 8
    link = page.get_by_role("link", name="Download for a calendar (.ics)")
    file = f"/calls/{review.call}/meeting.ics?id={ID}"
    await expect(link).to_have_attribute("href", file)
    await expect(link).to_have_attribute("download", "")
    assert review.acts == []
    assert browser_page.errors == []


@pytest.mark.parametrize(
    ("source", "confidence", "words"),
    [
        ("transcript", 0.75, "Understood from what was said, and fairly sure"),
        ("transcript", 0.2, "Understood from what was said, and not sure"),
        ("tool", 1.0, "Booked by the agent"),
        ("page", 1.0, "As somebody corrected it"),
    ],
)
async def test_who_says_so(
    past: Past, browser_page: Pages, source: str, confidence: float, words: str
) -> None:
    meeting = agreed("sent", source=source, confidence=confidence)
    page, _ = await look(browser_page, past, [meeting])
    await expect(cards(page).locator(".origin")).to_have_text(words)


async def test_it_is_approved(past: Past, browser_page: Pages) -> None:
    page, review = await look(browser_page, past, [agreed("review")])
    await expect(acts(page)).to_have_text(["Approve", "Correct", "Discard"])
    await button(page, "Approve").click()
    await expect(cards(page)).to_contain_text("The invitation is on its way…")
    await expect(button(page, "Correct")).to_be_focused()
    await expect(page.locator("#meeting-told")).to_contain_text("on its way…")
    # It is followed until it has arrived.
    review.meetings[0] = agreed("sent")
    await expect(cards(page)).to_contain_text("Invitation sent")
    await expect(acts(page)).to_have_text(["Correct"])
    looks = review.looks
    await page.wait_for_timeout(2_500)
    assert review.looks == looks
    assert review.acts == [(ID, {"action": "approve"})]
    assert browser_page.errors == []


async def test_it_is_discarded(past: Past, browser_page: Pages) -> None:
    page, review = await look(browser_page, past, [agreed("waiting")])
    await expect(acts(page)).to_have_text(["Correct", "Discard"])
    await expect(cards(page)).to_contain_text("The invitation leaves in")
    await button(page, "Discard").click()
    await expect(cards(page)).to_contain_text("Meeting taken back")
    await expect(acts(page)).to_have_count(0)
    await expect(page.get_by_role("link", name="calendar")).to_have_count(0)
    assert review.acts == [(ID, {"action": "discard"})]


async def test_it_is_sent_again(past: Past, browser_page: Pages) -> None:
    why = {"why": "the mail server <b>refused</b> the login"}
    page, review = await look(browser_page, past, [agreed("failed", standing=why)])
    await expect(cards(page)).to_contain_text(f"Could not be sent: {why['why']}")
    review.refusal = (409, "meeting-settled", "no letter of it failed")
    await button(page, "Send again").click()
    await expect(cards(page).get_by_role("alert")).to_have_text(
        "That is too late. No letter of it failed."
    )
    await button(page, "Send again").click()
    await expect(cards(page)).to_contain_text("The invitation is on its way…")
    await expect(cards(page).get_by_role("alert")).to_have_count(0)
    assert review.acts == [(ID, {"action": "resend"})] * 2


async def test_it_is_corrected(past: Past, browser_page: Pages) -> None:
    page, review = await look(browser_page, past, [agreed("outbox")])
    await button(page, "Correct").click()
    form = page.get_by_role("form", name="Correct the meeting")
    await form.get_by_label("Time in Vienna").fill("16:30")
    review.refusal = (400, "bad-meeting", "that time has passed")
    await save(page).click()
    await expect(form.get_by_role("alert")).to_have_text(
        "There can be no such meeting. That time has passed."
    )
    await save(page).press("Enter")
    await expect(form).to_have_count(0)
    await expect(cards(page)).to_contain_text(re.compile(r"16:30\s?–\s?17:00"))
    await expect(button(page, "Correct")).to_be_focused()
    kept = {"attendee": "Nat Ito", "email": "nat@example.org", "duration_min": 30}
    when = {"day": "2026-11-26", "time": "16:30", "zone": "Europe/Vienna"}
    assert review.acts == [(ID, {"action": "correct", **when, **kept})] * 2


async def test_what_may_not_be_kept_is_not_emptied(
    past: Past, browser_page: Pages
) -> None:
    known = agreed("waiting")
    for name in ("attendee", "email", "topic", "evidence"):
        del known[name]
    page, review = await look(browser_page, past, [known])
    await button(page, "Correct").click()
    review.refusal = (400, "bad-meeting", "no")
    await page.get_by_label("Name").fill("Ann")
    await save(page).click()
    await expect(cards(page).get_by_role("alert")).to_contain_text("No.")
    ((_, act),) = review.acts
    assert set(act) == {"action", "day", "time", "zone", "duration_min", "attendee"}


async def test_drafts_and_several_meetings(past: Past, browser_page: Pages) -> None:
    meetings = [agreed("sent", id="a"), draft(id="b"), agreed("off", id="c")]
    page, review = await look(browser_page, past, meetings)
    await expect(cards(page)).to_have_count(3)
    await expect(acts(page)).to_have_text(["Correct", "Complete", "Discard", "Correct"])
    # There is no file of a draft.
    await expect(cards(page).locator(".calendar")).to_have_count(2)
    await expect(cards(page).nth(1).locator(".calendar")).to_have_count(0)
    await button(page, "Complete").click()
    await expect(page.get_by_label("Time in Vienna")).to_be_focused()
    await page.keyboard.type("0930AM")
    await page.keyboard.press("Enter")
    await expect(cards(page).nth(1)).to_contain_text("Meeting agreed")
    assert [(id_, act["time"]) for id_, act in review.acts] == [("b", "09:30")]
    assert browser_page.errors == []


async def test_without_sound_there_is_nothing_to_play(
    past: Past, browser_page: Pages
) -> None:
    page, _ = await look(browser_page, past, [agreed("sent")], seconds=0)
    await expect(cards(page)).to_contain_text("0:05 Perfect.")
    await expect(cards(page).locator(".evidence button")).to_have_count(0)


async def test_a_call_of_an_older_server(past: Past, browser_page: Pages) -> None:
    meeting = {"start": "2019-11-22T09:00:00Z", "zone": "Europe/Vienna"}
    call = await whole(past, meeting=meeting)
    page = await browser_page.open(f"{past.url}calls/{call}", **THERE)
    await expect(cards(page)).to_contain_text("22 November 2019")
    await expect(cards(page).get_by_role("button")).to_have_count(0)
    await expect(page.get_by_role("link", name="calendar")).to_have_count(0)
    other = await past.add(1, recording={"state": "declined"})
    await page.goto(f"{past.url}calls/{other}")
    await expect(page.locator("#details")).to_be_visible()
    await expect(page.locator("#meetings")).to_be_hidden()
    assert browser_page.errors == []


async def test_there_is_room_for_it(past: Past, browser_page: Pages) -> None:
    for size in ((320, 640), PHONE, DESKTOP):
        meetings = [agreed("review", topic="T" * 90), draft(id="b")]
        call = {"viewport": size}
        page, _ = await look(browser_page, past, meetings, call)
        await button(page, "Complete").click()
        for made in await acts(page).all():
            box = await made.bounding_box()
            assert box and box["height"] >= 44 and box["width"] >= 44
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide == size[0]
        await page.close()
        (folder,) = past.recordings.glob("2019*")
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    assert browser_page.errors == []
