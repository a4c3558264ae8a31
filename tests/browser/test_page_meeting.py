"""A meeting on the page of a call: its card, its clock, and what can be done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import far
from tests.browser.chromium import PHONE, Pages
from tests.browser.conftest import Site
from tests.browser.desk import Desk, agreed, draft
from tests.browser.steps import button, call, eventually, lines, state

LISTEN = """
window.told = [];
document.addEventListener("DOMContentLoaded", () => {
  const status = document.getElementById("told");
  const note = () => told.push(status.textContent);
  new MutationObserver(note).observe(status, { childList: true });
});
"""
"Keeps what screen readers are told."

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"As if another tab were in front."

VIENNA = {"locale": "en-GB", "timezone_id": "Europe/Vienna"}

CORRECTED = {
    "action": "correct",
    "day": "2026-11-27",
    "time": "10:15",
    "zone": "Europe/Vienna",
    "duration_min": 45,
    "attendee": "Nat O’Brien",
    "email": "nat@example.com",
}


async def meet(
    pages: Pages, site: Site, **options: Any
) -> tuple[Page, far.FarEnd, Desk]:
    """A page in a call, and somebody who answers for its meetings."""
    scripts = [LISTEN, *options.pop("scripts", [])]
    page, end = await call(pages, site.url, scripts=scripts, **{**VIENNA, **options})
    return page, end, await Desk.of(page)


def cards(page: Page) -> Locator:
    return page.locator("#lines .meeting")


def standing(page: Page) -> Locator:
    return cards(page).locator(".standing")


def form(page: Page) -> Locator:
    return page.get_by_role("form", name="Correct the meeting")


async def fill(page: Page, **values: str) -> None:
    for label, value in values.items():
        await form(page).get_by_label(re.compile(f"^{label}")).fill(value)


async def correct(page: Page) -> None:
    """Fill in `CORRECTED`."""
    await fill(page, Day="2026-11-27", Time="10:15", Name=" Nat O’Brien ")
    await fill(page, **{"E-mail": "nat@example.com"})
    await form(page).get_by_label("Length").select_option("45 min")


STANDINGS = [
    ("review", "", "Waits to be looked through before it is sent"),
    ("queued", "", "The invitation is on its way…"),
    ("queued", "no answer", "Not sent yet: no answer. It is tried again"),
    ("sent", "", "Invitation sent"),
    ("outbox", "", "Written to the outbox folder: this server has no mail server set"),
    ("failed", "<i>no such host</i>", "Could not be sent: <i>no such host</i>"),
    ("off", "", "Not sent: this server sends no invitations"),
    ("undone", "", "Taken back: nothing was sent"),
]


async def test_it_says_what_becomes_of_the_invitation(
    site: Site, browser_page: Pages
) -> None:
    page, end, desk = await meet(browser_page, site)
    for name, why, words in STANDINGS:
        meeting = agreed(name, standing={"why": why})
        await end.say("meeting.detected", meeting=desk.put(meeting))
        await expect(standing(page).locator(".words")).to_have_text(words)
        acts = ["Correct", "Undo"] if name in ("review", "off") else []
        await expect(cards(page).get_by_role("button")).to_have_text(acts)
    await expect(cards(page)).to_have_count(1)
    await expect(cards(page).locator(".title")).to_have_text("Meeting taken back")
    await expect(cards(page).locator("i")).to_have_count(0)
    gone = agreed("sent", status="cancelled")
    await end.say("meeting.detected", meeting=gone)
    await expect(cards(page).locator(".title")).to_have_text("Meeting cancelled")
    await expect(standing(page)).to_have_text("Cancellation sent")
    assert desk.looks == 0  # The server tells by itself, as long as the call lasts.
    assert browser_page.errors == []


async def test_the_clock_runs_without_a_jump_or_a_word(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT, LISTEN], **VIENNA)
    await page.clock.install(time="2026-11-24T10:00:00Z")
    end = await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    await page.clock.pause_at("2026-11-24T10:01:00Z")
    await end.say("meeting.detected", meeting=agreed())
    words = standing(page).locator(".words")
    await expect(words).to_have_text("The invitation leaves in 30 s")
    await expect(standing(page).locator(".to")).to_have_text(
        "To nat@example.org and the office"
    )
    before = await cards(page).bounding_box()
    await page.clock.fast_forward(3_500)
    await expect(words).to_have_text("The invitation leaves in 27 s")
    await page.clock.fast_forward(20_000)
    await expect(words).to_have_text("The invitation leaves in 7 s")
    assert await cards(page).bounding_box() == before
    await page.clock.fast_forward(7_000)
    await expect(words).to_have_text("The invitation is leaving…")
    await end.say("meeting.detected", meeting=agreed("queued"))
    await end.say("meeting.detected", meeting=agreed("sent"))
    await expect(words).to_have_text("Invitation sent")
    told = await page.evaluate("told")
    assert len(told) == 2
    assert re.fullmatch(
        r"Meeting agreed: Thursday,? 26 November 2026, 15:00\s?–\s?15:30 Vienna time, "
        r"GMT\+1\. The invitation leaves in 30 seconds\. "
        r"You can correct it or undo it\.",
        told[0],
    )
    assert told[1].endswith("Invitation sent.")
    # The card itself is silent, though it stands in the log.
    await expect(cards(page)).to_have_attribute("aria-live", "off")


async def test_each_meeting_has_one_card_which_stays_where_it_is(
    site: Site, browser_page: Pages
) -> None:
    page, end, desk = await meet(browser_page, site)
    await end.say("meeting.detected", meeting=desk.put(agreed()))
    await end.say("meeting.detected", meeting=desk.put(agreed("sent", id="other")))
    await end.say("transcript.user", text="rather on Friday", final=True)
    await expect(lines(page)).to_have_count(3)
    await button(page, "Undo").focus()
    later = agreed(start="2026-11-27T15:00:00+01:00", sequence=1)
    await end.say("meeting.detected", meeting=desk.put(later))
    await expect(cards(page)).to_have_count(2)
    await expect(lines(page).first).to_contain_text("27 November")
    await expect(button(page, "Undo")).to_be_focused()
    for number in range(30):
        meeting = agreed("sent", id=f"flood {number}")
        await end.say("meeting.detected", meeting=meeting)
    await end.say("transcript.user", text="enough", final=True)
    await expect(lines(page).last).to_contain_text("enough")
    await expect(cards(page)).to_have_count(20)
    # Another call begins with none.
    await button(page, "Hang up").click()
    await state(page, "ended")
    await page.wait_for_timeout(600)
    await button(page, "Call").click()
    await state(page, "connected")
    await expect(cards(page)).to_have_count(0)
    assert browser_page.errors == []


async def test_it_is_corrected(site: Site, browser_page: Pages) -> None:
    page, end, desk = await meet(browser_page, site)
    await end.say("meeting.detected", meeting=desk.put(agreed()))
    await button(page, "Correct").click()
    await expect(form(page).get_by_label("Day")).to_be_focused()
    await expect(form(page).get_by_label("Day")).to_have_value("2026-11-26")
    await expect(form(page).get_by_label("Time in Vienna")).to_have_value("15:00")
    await expect(form(page).get_by_label("Length")).to_have_value("30")
    await correct(page)
    await button(page, "Save").click()
    await expect(form(page)).to_have_count(0)
    assert desk.acts == [CORRECTED]
    await expect(cards(page).locator(".face p")).to_have_text(
        [
            "Meeting agreed",
            re.compile("^Friday,? 27 November 2026$"),
            re.compile(r"^10:15\s?–\s?11:00 Vienna time, GMT\+1$"),
            "ETF solutions for income",
            "With Nat O’Brien, nat@example.com",
        ]
    )
    await expect(button(page, "Correct")).to_be_focused()
    assert browser_page.errors == []


async def test_what_the_server_does_not_take_is_said_at_the_form(
    site: Site, browser_page: Pages
) -> None:
    page, end, desk = await meet(browser_page, site)
    await end.say("meeting.detected", meeting=desk.put(agreed()))
    await button(page, "Correct").click()
    await fill(page, Day="")
    await button(page, "Save").click()  # The browser says what is missing.
    await expect(form(page).get_by_label("Day")).to_be_focused()
    await fill(page, Day="2027-03-28", Time="02:30")
    desk.refusal = (400, "bad-meeting", "there is no 02:30 on that day in <Vienna>")
    await button(page, "Save").click()
    trouble = form(page).get_by_role("alert")
    await expect(trouble).to_have_text("There is no 02:30 on that day in <Vienna>.")
    await expect(form(page).get_by_label("Time")).to_have_value("02:30")
    await page.route("**/meetings/*", lambda route: route.abort())
    await button(page, "Save").click()
    await expect(trouble).to_have_text(
        "The server cannot be reached. Please try again."
    )
    await page.unroute("**/meetings/*")
    await Desk.of(page)  # Which knows of no such meeting.
    await button(page, "Save").click()
    await expect(trouble).to_have_text("There is no such meeting.")
    assert len(desk.acts) == 1


async def test_a_correction_that_comes_too_late(
    site: Site, browser_page: Pages
) -> None:
    page, end, desk = await meet(browser_page, site)
    await end.say("meeting.detected", meeting=desk.put(agreed()))
    await button(page, "Correct").click()
    await fill(page, Name="Somebody")
    desk.put(agreed("sent"))
    await button(page, "Save").click()
    await expect(form(page).get_by_role("alert")).to_have_text(
        "Its invitation has left."
    )
    # It looks how things are, and what was written is not lost.
    await expect(standing(page)).to_have_text("Invitation sent")
    await expect(form(page).get_by_label("Name")).to_have_value("Somebody")
    await button(page, "Cancel").click()
    await expect(form(page)).to_have_count(0)
    await expect(cards(page)).to_be_focused()
    assert desk.looks == 1


async def test_a_form_survives_what_the_server_says(
    site: Site, browser_page: Pages
) -> None:
    page, end, desk = await meet(browser_page, site)
    for number in range(8):
        await end.say("transcript.user", text=f"line {number}", final=True)
    await end.say("meeting.detected", meeting=desk.put(agreed()))
    await button(page, "Correct").click()
    await fill(page, Name="Somebo")
    log = page.get_by_role("log")
    top = await log.evaluate("log => log.scrollTop")
    for number in range(8):
        await end.say("transcript.user", text=f"line {number}", final=True)
        await end.say("meeting.detected", meeting=desk.put(agreed()))
    await expect(lines(page)).to_have_count(17)
    await page.keyboard.type("dy")
    await expect(form(page).get_by_label("Name")).to_have_value("Somebody")
    assert abs(await log.evaluate("log => log.scrollTop") - top) < 2
    await button(page, "Save").click()
    await expect(form(page)).to_have_count(0)
    assert [act["attendee"] for act in desk.acts] == ["Somebody"]


async def test_it_is_taken_back(site: Site, browser_page: Pages) -> None:
    page, end, desk = await meet(browser_page, site)
    await end.say("meeting.detected", meeting=desk.put(agreed()))
    await button(page, "Undo").dblclick()
    await expect(cards(page).locator(".title")).to_have_text("Meeting taken back")
    await expect(standing(page)).to_have_text("Taken back: nothing was sent")
    await expect(cards(page).get_by_role("button")).to_have_count(0)
    await expect(cards(page)).to_be_focused()
    await expect(page.locator("#told")).to_contain_text("Taken back: nothing was sent.")
    assert desk.acts == [{"action": "undo"}]
    assert browser_page.errors == []


async def test_by_keyboard(site: Site, browser_page: Pages) -> None:
    page, end, desk = await meet(browser_page, site)
    await end.say("meeting.detected", meeting=desk.put(agreed()))
    await expect(cards(page)).to_be_visible()
    await page.get_by_role("log").focus()
    await page.keyboard.press("Tab")
    await expect(button(page, "Correct")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(button(page, "Correct")).to_have_attribute("aria-expanded", "true")
    await expect(form(page).get_by_label("Day")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(form(page)).to_have_count(0)
    await expect(button(page, "Correct")).to_be_focused()
    await expect(button(page, "Correct")).to_have_attribute("aria-expanded", "false")
    await state(page, "connected")
    await page.keyboard.press("Enter")
    await form(page).get_by_label("E-mail").fill("nat@example.com")
    await page.keyboard.press("Enter")
    await expect(form(page)).to_have_count(0)
    await page.keyboard.press("Tab")
    await expect(button(page, "Undo")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(standing(page)).to_contain_text("Taken back")
    assert [act["action"] for act in desk.acts] == ["correct", "undo"]


DRAFTS = [
    ({}, re.compile("^Thursday,? 26 November: at what time\\?$"), "Time in Vienna"),
    ({"day": None, "time": "15:00"}, "At 15:00: on which day?", "Day"),
    ({"day": None}, "On which day, and at what time?", "Day"),
    (
        {"time": "15:00"},
        re.compile("^Thursday,? 26 November at 15:00: is that agreed\\?$"),
        "Day",
    ),
]


@pytest.mark.parametrize(("known", "words", "asked"), DRAFTS)
async def test_a_draft_is_completed(
    site: Site, browser_page: Pages, known: dict[str, Any], words: Any, asked: str
) -> None:
    page, end, desk = await meet(browser_page, site)
    await end.say("meeting.detected", meeting=desk.put(draft(**known)))
    await expect(cards(page).locator(".title")).to_have_text("Meeting to be completed")
    await expect(cards(page).locator(".day")).to_have_text(words)
    await expect(cards(page).locator(".hours")).to_have_count(0)
    await button(page, "Complete").click()
    await expect(form(page).get_by_label(asked)).to_be_focused()
    await correct(page)
    await button(page, "Save").click()
    await expect(cards(page).locator(".title")).to_have_text("Meeting agreed")
    await expect(button(page, "Correct")).to_be_focused()
    assert desk.acts == [CORRECTED]
    assert browser_page.errors == []


async def test_a_draft_is_dismissed(site: Site, browser_page: Pages) -> None:
    page, end, desk = await meet(browser_page, site)
    await end.say("meeting.detected", meeting={**draft(), "zone": "Europe/Atlantis"})
    await end.say("meeting.detected", meeting=desk.put(draft(day="2026-02-31")))
    await expect(cards(page).locator(".day")).to_have_text(
        "On which day, and at what time?"
    )
    await expect(page.locator("#told")).to_have_text(
        "Meeting to be completed: On which day, and at what time? You can complete it."
    )
    await button(page, "Dismiss").click()
    await expect(cards(page).locator(".title")).to_have_text("Meeting taken back")
    assert desk.acts == [{"action": "undo"}]


async def test_the_form_has_the_time_of_the_meeting_wherever_one_is(
    site: Site, browser_page: Pages
) -> None:
    far_away = {"timezone_id": "America/New_York", "locale": "en-US"}
    page, end, desk = await meet(browser_page, site, **far_away)
    start = "2026-11-25T23:30:00Z"  # as no server of ours writes it
    meeting = agreed(start=start, duration_min=25, attendee="", email="")
    await end.say("meeting.detected", meeting=desk.put(meeting))
    await button(page, "Correct").click()
    await button(page, "Save").click()
    await expect(form(page)).to_have_count(0)
    (act,) = desk.acts
    assert (act["day"], act["time"], act["zone"]) == (
        "2026-11-26",
        "00:30",
        "Europe/Vienna",
    )
    assert (act["duration_min"], act["attendee"], act["email"]) == (25, "", "")


async def test_after_the_call_it_is_followed_until_it_has_left(
    site: Site, browser_page: Pages
) -> None:
    page, end, desk = await meet(browser_page, site)
    meeting = agreed(standing={"leaves_in_s": 2.0})
    await end.say("meeting.detected", meeting=desk.put(meeting))
    await end.say("meeting.detected", meeting=desk.put(agreed("sent", id="another")))
    await expect(cards(page)).to_have_count(2)
    await button(page, "Hang up").click()
    await state(page, "ended")
    await eventually(page, lambda: desk.looks >= 2)
    await page.evaluate(HIDE, True)
    desk.put(agreed("queued"))
    await page.wait_for_timeout(300)
    looks = desk.looks
    await page.wait_for_timeout(3_500)
    assert desk.looks == looks  # Nobody sees it.
    await page.evaluate(HIDE, False)
    await expect(standing(page).first).to_contain_text("on its way")
    desk.put(agreed("outbox"))
    await expect(standing(page).first).to_contain_text("Written to the outbox folder")
    looks = desk.looks
    await page.wait_for_timeout(3_500)
    assert desk.looks == looks  # Nothing will happen any more.
    assert browser_page.errors == []


async def test_after_the_call_it_can_still_be_changed(
    site: Site, browser_page: Pages
) -> None:
    page, end, desk = await meet(browser_page, site)
    await end.say("meeting.detected", meeting=desk.put(agreed()))
    await button(page, "Correct").click()
    await correct(page)
    await end.say("conversation.ended", reason="time-limit")
    await state(page, "ended")
    await button(page, "Save").click()
    await expect(cards(page)).to_contain_text("27 November")
    await button(page, "Undo").click()
    await expect(standing(page)).to_have_text("Taken back: nothing was sent")
    assert desk.acts == [CORRECTED, {"action": "undo"}]


async def test_it_does_not_look_for_ever(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT], **VIENNA)
    await page.clock.install()
    end, desk = await far.FarEnd.of(page), await Desk.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    await end.say("meeting.detected", meeting=desk.put(agreed("queued")))
    await expect(cards(page)).to_be_visible()
    await end.say("conversation.ended", reason="time-limit")
    await state(page, "ended")
    for _ in range(400):
        await page.clock.fast_forward(31_000)
        await page.wait_for_timeout(50)
        if desk.looks >= 40:
            break
    for _ in range(3):
        await page.clock.fast_forward(31_000)
        await page.wait_for_timeout(200)
    assert desk.looks == 40
    desk.meetings.clear()  # Who undoes now is told that there is nothing to undo.


async def test_what_waits_out_of_sight_is_led_to(
    site: Site, browser_page: Pages
) -> None:
    page, end, desk = await meet(browser_page, site, viewport=PHONE)
    await end.say("meeting.detected", meeting=desk.put(agreed()))
    lead = button(page, "An invitation is about to leave")
    await expect(button(page, "Undo")).to_be_in_viewport()
    await expect(lead).to_be_hidden()
    for number in range(6):
        text = f"Line {number} of all that is said after it was agreed on."
        await end.say("transcript.user", text=text, final=True)
    await lead.click()
    await expect(button(page, "Undo")).to_be_in_viewport()
    await expect(button(page, "Correct")).to_be_focused()
    await expect(lead).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(form(page).get_by_label("Day")).to_be_in_viewport(ratio=1)
    await expect(lead).to_be_hidden()
    await button(page, "Cancel").click()
    await page.get_by_role("log").evaluate("log => log.scrollTo(0, 9999)")
    await expect(lead).to_be_visible()
    await end.say("meeting.detected", meeting=desk.put(agreed("sent")))
    await expect(lead).to_be_hidden()


async def test_a_draft_is_led_to_when_the_call_did_not_complete_it(
    site: Site, browser_page: Pages
) -> None:
    page, end, desk = await meet(browser_page, site, viewport=PHONE)
    await end.say("meeting.detected", meeting=desk.put(draft()))
    for number in range(6):
        text = f"Line {number} of all that is said after it came up."
        await end.say("transcript.user", text=text, final=True)
    lead = button(page, "A meeting is to be completed")
    await expect(cards(page)).not_to_be_in_viewport()
    await expect(lead).to_be_hidden()
    await end.say("conversation.ended", reason="time-limit")
    await lead.click()
    await expect(button(page, "Complete")).to_be_focused()
    await expect(button(page, "Complete")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 360, 390])
async def test_there_is_room_for_the_form_on_a_phone(
    site: Site, browser_page: Pages, width: int
) -> None:
    page, end, desk = await meet(
        browser_page, site, viewport=(width, 740), has_touch=True, is_mobile=True
    )
    long = {
        "attendee": "N" * 200,
        "email": f"{'n' * 60}@example.org",
        "topic": "T" * 90,
    }
    await end.say("meeting.detected", meeting=desk.put(agreed(**long)))
    await button(page, "Correct").tap()
    desk.refusal = (400, "bad-meeting", "W" * 90)
    for box in await form(page).locator("input, select").all():
        size = await box.bounding_box()
        assert size and size["height"] >= 44
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    log = page.get_by_role("log")
    assert await log.evaluate("log => log.scrollWidth - log.clientWidth") <= 0
    await button(page, "Save").tap()
    await expect(form(page).get_by_role("alert")).to_be_in_viewport(ratio=0.9)
    await expect(button(page, "Hang up")).to_be_in_viewport(ratio=1)
    for name in ("Save", "Cancel", "Correct", "Undo"):
        size = await button(page, name).bounding_box()
        assert size and size["height"] >= 44 and size["width"] >= 44
    assert await log.evaluate("log => log.scrollWidth - log.clientWidth") <= 0
