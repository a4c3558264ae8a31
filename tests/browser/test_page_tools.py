"""What the agent does beside talking: tools, consent to them, and meetings."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import far
from tests.browser.chromium import DESKTOP, PHONE, Pages
from tests.browser.conftest import Site
from tests.browser.steps import button, call, lines, state


async def test_a_tool_of_the_server_is_a_line_that_says_how_it_went(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    for number, name in enumerate(("book_meeting", "crm", "end_call", "other")):
        await end.say(
            "tool.called", id=str(number), name=name, arguments={}, server=True
        )
    busy = [
        "Booking a meeting…",
        "The agent is using “crm”…",
        "The agent is ending the call…",
        "The agent is using “other”…",
    ]
    await expect(lines(page)).to_have_text(busy)
    await end.say("tool.done", id="1", name="crm", result="<b>no</b>", failed=True)
    await end.say("tool.done", id="0", name="book_meeting", result="Booked: Thursday")
    await expect(lines(page)).to_have_text(
        ["The meeting is booked.", "“crm” did not work.", *busy[2:]]
    )
    await end.say("tool.done", id="unheard of", name="crm", result="", failed=False)
    await expect(lines(page).last).to_have_text("The agent used “crm”.")
    # The page answers nothing: the next it sends is what the caller asks for.
    await button(page, "Interrupt").click()
    assert await end.received(1) == [{"type": "conversation.interrupt"}]
    await end.say("conversation.ended", reason="agent-ended")
    await state(page, "ended")
    await expect(lines(page)).to_have_text(
        [
            "The meeting is booked.",
            "“crm” did not work.",
            "The agent ended the call.",
            "The call ended while the agent used “other”.",
            "The agent used “crm”.",
        ]
    )
    assert browser_page.errors == []


async def test_a_tool_of_the_page_is_answered_at_once(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    for name in ("book_meeting", "crm"):
        await end.say(
            "tool.called", id=f"t {name}", name=name, arguments={}, server=False
        )
    answers = await end.received(2)
    assert [answer["id"] for answer in answers] == ["t book_meeting", "t crm"]
    assert {answer["type"] for answer in answers} == {"tool.result"}
    assert all(answer["error"] for answer in answers)
    told = ["The agent wants to book a meeting.", "The agent uses “crm”."]
    await expect(lines(page)).to_have_text(told)
    await end.say("conversation.ended", reason="time-limit")
    await state(page, "ended")
    await expect(lines(page)).to_have_text(told)


MEETING = {
    "start": "2026-11-26T15:00:00+01:00",
    "zone": "Europe/Vienna",
    "duration_min": 30,
    "attendee": "Nat <b>",
    "topic": "ETF products",
    "status": "agreed",
}

THURSDAY = re.compile("^Thursday,? 26 November 2026$")
"Whether there is a comma changes with the version of Unicode's data."


async def meetings(
    pages: Pages, url: str, zone: str, locale: str = "en-GB"
) -> tuple[far.FarEnd, Locator]:
    page, end = await call(pages, url, timezone_id=zone, locale=locale)
    return end, page.locator("#lines .meeting")


async def test_a_meeting_is_a_card_and_a_later_one_replaces_it(
    site: Site, browser_page: Pages
) -> None:
    end, card = await meetings(browser_page, site.url, "Europe/Berlin")
    await end.say("meeting.detected", meeting=MEETING)
    await expect(card.locator("p")).to_have_text(
        [
            "Meeting agreed",
            THURSDAY,
            re.compile(r"^15:00\s?–\s?15:30 Vienna time, GMT\+1$"),  # as in Berlin
            "ETF products",
            "With Nat <b>",
        ]
    )
    # Screen readers hear of it in one sentence.
    told = card.page.locator("#told")
    await expect(told).to_have_text(re.compile("^Meeting agreed: Thursday.*GMT.1.$"))
    await expect(card.locator("time")).to_have_attribute("datetime", MEETING["start"])
    await end.say("transcript.user", text="rather on Friday", final=True)
    later = {**MEETING, "start": "2026-11-27T09:00:00+01:00", "status": "booked"}
    await end.say("meeting.detected", meeting=later)
    await expect(card).to_have_count(1)
    await expect(card.locator("p").nth(0)).to_have_text("Meeting booked")
    await expect(card.locator("p").nth(1)).to_contain_text("27 November 2026")
    await expect(lines(card.page).first).to_have_class("card meeting")  # in place


async def test_a_meeting_is_also_told_in_the_zone_of_who_looks(
    site: Site, browser_page: Pages
) -> None:
    end, card = await meetings(browser_page, site.url, "America/New_York", "en-US")
    await end.say("meeting.detected", meeting=MEETING)
    # Which spaces stand there, narrow or none, is up to the version of Unicode's data.
    await expect(card.locator("p").nth(3)).to_have_text(
        re.compile(r"^For you: 9:00\s?–\s?9:30\sAM$")
    )
    late = {**MEETING, "start": "2026-11-26T01:00:00+01:00", "duration_min": None}
    await end.say("meeting.detected", meeting=late)
    await expect(card.locator("p").nth(2)).to_have_text(
        re.compile(r"^1:00\sAM Vienna time, GMT\+1$")
    )
    await expect(card.locator("p").nth(3)).to_have_text(
        re.compile(r"^For you: Wednesday, November 25, 2026, 7:00\sPM$")
    )


NO_MEETINGS: list[Any] = [
    None,
    7,
    {},
    {**MEETING, "start": "tomorrow at three"},
    {**MEETING, "start": "2026-11-26T15:00:00"},
    {**MEETING, "start": "2026-02-31T15:00:00+01:00"},
    {**MEETING, "start": "2026-11-26T27:00:00+01:00"},
    {**MEETING, "start": 1_795_000_000},
    {**MEETING, "zone": "Europe/Atlantis"},
    {**MEETING, "zone": 7},
]


async def test_what_is_no_date_is_no_meeting(site: Site, browser_page: Pages) -> None:
    end, card = await meetings(browser_page, site.url, "UTC")
    for meeting in NO_MEETINGS:
        await end.say("meeting.detected", meeting=meeting)
    await end.say("transcript.user", text="which one", final=True)
    await expect(lines(card.page)).to_have_count(1)
    bare = {"start": "2026-11-26T15:00Z", "duration_min": -3, "topic": {}}
    await end.say("meeting.detected", meeting=bare)
    await expect(card.locator("p")).to_have_text(["Meeting", THURSDAY, "15:00 UTC"])
    assert browser_page.errors == []


ASKED = {
    "id": "q1",
    "name": "crm.create",
    "description": "Creates a lead.",
    "arguments": {"name": "<i>Nat</i>", "tags": ["a", 1]},
    "limit_s": 30,
}


def question(page: Page) -> Locator:
    return page.get_by_role("group", name="May the agent use “crm.create”?")


@pytest.mark.parametrize(
    ("answer", "words"),
    [("Allow", "You allowed “crm.create”."), ("Refuse", "You refused “crm.create”.")],
)
async def test_consent_is_asked_for(
    site: Site, browser_page: Pages, answer: str, words: str
) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("tool.approval", **ASKED)
    card = question(page)
    await expect(card).to_contain_text("Creates a lead.")
    await expect(card.locator("dd")).to_have_text(["<i>Nat</i>", '["a",1]'])
    await expect(card.locator("i")).to_have_count(0)
    await expect(card).to_contain_text("Please answer within 30 seconds.")
    # Read at once, but not the clock, each second anew.
    box = page.locator("#approvals")
    await expect(box).to_have_attribute("aria-live", "assertive")
    await expect(card.locator(".left")).to_have_attribute("aria-hidden", "true")
    await button(page, answer).click()
    await expect(card).to_have_count(0)
    await expect(lines(page)).to_have_text([words])
    assert await end.received(1) == [
        {"type": "tool.approve", "id": "q1", "approved": answer == "Allow"}
    ]
    assert browser_page.errors == []


async def test_consent_by_keyboard(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    field = page.get_by_label("Type to the agent")
    await field.fill("I write")
    await end.say("tool.approval", **{**ASKED, "arguments": {}})
    await end.say("tool.approval", **{**ASKED, "id": "q2", "arguments": {}})
    await expect(question(page)).to_have_count(2)
    await expect(field).to_be_focused()  # nothing takes the focus from who types
    await page.keyboard.press("Shift+Tab")
    await expect(button(page, "Refuse").last).to_be_focused()
    for _ in range(3):
        await page.keyboard.press("Shift+Tab")
    await expect(button(page, "Allow").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(question(page)).to_have_count(1)
    await page.keyboard.press("Enter")  # of the same hand: answers nothing
    await page.keyboard.press("Tab")
    await expect(button(page, "Allow")).to_be_focused()
    typing, answer = await end.received(2)
    assert typing == {"type": "typing"}
    assert answer == {"type": "tool.approve", "id": "q1", "approved": True}


async def test_consent_that_comes_too_late(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    await page.clock.install(time="2026-11-24T10:00:00Z")
    end = await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    await page.clock.pause_at("2026-11-24T10:01:00Z")
    await end.say("tool.approval", **ASKED)
    await end.say("tool.approval", **{**ASKED, "id": "q2", "name": "x", "limit_s": 0})
    card = question(page)
    await expect(card.locator(".left")).to_have_text("0:30 left")
    await page.clock.fast_forward(20_500)
    await expect(card.locator(".left")).to_have_text("0:10 left")
    await page.clock.fast_forward(10_000)
    await expect(card).to_have_count(0)
    await expect(lines(page)).to_have_text(["“crm.create” was not allowed in time."])
    # The other has no limit, and goes with the call.
    other = page.get_by_role("group", name="May the agent use “x”?")
    await expect(other).to_be_visible()
    await expect(other.locator(".left")).to_have_count(0)
    await end.say("conversation.ended", reason="time-limit")
    await expect(other).to_have_count(0)
    assert await page.evaluate("far.received") == []


async def test_a_flood_of_questions_is_refused(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    for number in range(6):
        await end.say("tool.approval", **{**ASKED, "id": str(number)})
    await end.say("tool.approval", **{**ASKED, "id": "3"})  # once more, no fifth
    refused = [
        {"type": "tool.approve", "id": number, "approved": False} for number in "45"
    ]
    assert await end.received(2) == refused
    await expect(question(page)).to_have_count(4)
    assert await page.evaluate("far.received") == refused


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_a_question_hides_nothing(
    site: Site, browser_page: Pages, viewport: tuple[int, int]
) -> None:
    page, end = await call(browser_page, site.url, viewport=viewport)
    await end.say("meeting.detected", meeting={**MEETING, "topic": "T" * 90})
    before = await button(page, "Hang up").bounding_box()
    long = {f"argument {number}": "W" * 70 for number in range(20)}
    await end.say("tool.approval", **{**ASKED, "arguments": long})
    for name in ("Allow", "Refuse", "Send", "Hang up"):
        await expect(button(page, name)).to_be_in_viewport(ratio=1)
        box = await button(page, name).bounding_box()
        assert box and box["width"] >= 44 and box["height"] >= 44
    for number in range(3):
        await end.say("tool.approval", **{**ASKED, "id": str(number)})
    await expect(question(page)).to_have_count(4)
    for name in ("Send", "Hang up"):
        await expect(button(page, name)).to_be_in_viewport(ratio=1)
    assert await button(page, "Hang up").bounding_box() == before
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


async def test_a_tap_meant_for_something_else_allows_nothing(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("tool.approval", **ASKED)
    await end.say("tool.approval", **{**ASKED, "id": "q2"})
    # Playwright waits until the buttons take taps; a double tap does not.
    await button(page, "Allow").last.hover()
    await page.mouse.dblclick(*await middle(button(page, "Allow").last))
    await expect(question(page)).to_have_count(1)
    assert [answer["id"] for answer in await end.received(1)] == ["q2"]


async def middle(element: Locator) -> tuple[float, float]:
    box = await element.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
