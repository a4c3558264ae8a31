"""The page at rest: what it shows, on which screens, in which colours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser import far
from tests.browser.chromium import PHONE, Pages
from tests.browser.conftest import CONFIG, Site
from tests.browser.steps import (
    button,
    call,
    problem,
    state,
)

WEB = Path(__file__).parents[2] / "web"


async def test_idle_page_names_everything(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url)
    await expect(page).to_have_title("Parley")
    await expect(page.get_by_role("heading", name="Parley", level=1)).to_be_visible()
    await expect(page.get_by_role("heading", name="Embedded agent")).to_be_visible()
    await expect(page.get_by_role("status").first).to_have_text("Ready to call")
    await expect(page.get_by_role("log", name="Transcript")).to_be_visible()
    await expect(page.get_by_role("region", name="Call controls")).to_be_visible()
    await expect(page.get_by_role("meter", name="Your microphone")).to_be_attached()
    await expect(page.get_by_role("meter", name="Agent’s voice")).to_be_attached()
    await expect(page.get_by_label("Type to the agent")).to_have_attribute(
        "readonly", ""
    )
    for name in ("Hang up", "Mute", "Interrupt"):
        await expect(button(page, name)).to_be_hidden()
    assert await page.locator("html").get_attribute("lang") == "en"
    assert browser_page.errors == []


async def test_nothing_comes_from_elsewhere_or_inline() -> None:
    for path in WEB.rglob("*.*"):
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"""["'(]\s*(https?:)?//\w""", text), path
        inline = r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)"
        assert path.suffix != ".html" or not re.search(inline, text), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_from_its_ground(
    site: Site, browser_page: Pages, scheme: Any
) -> None:
    """WCAG 2.2 AA: 4.5 to 1."""
    page, end = await call(browser_page, site.url, color_scheme=scheme)
    await end.say("transcript.agent", text="Good morning", final=True, reply=1)
    await end.say("transcript.corrected", reply=1, text="Good")
    await end.say("transcript.user", text="and to", final=False)
    await end.say("error", code="recording-stopped", message="disk full")
    for name, failed in (("crm", True), ("book_meeting", False)):
        await end.say("tool.called", id=name, name=name, arguments={}, server=True)
        await end.say("tool.done", id=name, name=name, result="", failed=failed)
    meeting = {"start": "2026-11-26T15:00:00+01:00", "zone": "Europe/Vienna"}
    await end.say("meeting.detected", meeting=meeting)
    asked = {"id": "a", "name": "crm", "arguments": {"a": 1}, "limit_s": 60}
    await end.say("tool.approval", description="What it does", **asked)
    await end.say("call.stats", mos=2.0, mos_up=2.0, loss_up_pct=30)
    await page.locator("#quality").click()
    await button(page, "Mute").click()
    await expect(page.locator(".notice")).to_be_visible()
    await page.wait_for_timeout(300)  # colours change softly
    assert await page.evaluate(CONTRAST) == []
    await end.say("conversation.ended", reason="agent-failed")
    await state(page, "ended")
    await page.wait_for_timeout(300)
    assert await page.evaluate(CONTRAST) == []


CONTRAST = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return colour;
    }
  };
  const weak = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.matches(":disabled")) continue;
    const pair = [getComputedStyle(element).color, ground(element)].map(luminance);
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) weak.push(`${element.textContent}: ${ratio.toFixed(2)}`);
  }
  return weak;
}"""


async def test_a_small_phone_needs_no_sideways_scrolling(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url, viewport=PHONE, scripts=[far.SCRIPT])
    end = await far.FarEnd.of(page)
    await fits(page)
    await button(page, "Call").click()
    await state(page, "connected")
    await end.say("transcript.user", text="W" * 200, final=True)
    for code in ("one", "two", "three", "four", "and so on"):
        await end.say("error", code=code, message="M" * 200)
    await expect(page.locator(".notice")).to_have_count(4)
    await fits(page)
    for name in ("Mute", "Interrupt", "Hang up"):
        box = await button(page, name).bounding_box()
        assert box and box["width"] >= 44 and box["height"] >= 44
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0]
        assert box["y"] + box["height"] <= PHONE[1]
    await end.say("conversation.ended", reason="internal-error")
    await expect(page.get_by_role("alert")).to_contain_text("wrong on the server")
    await fits(page)
    await page.set_viewport_size({"width": 740, "height": 360})
    await fits(page)
    await button(page, "Call").scroll_into_view_if_needed()
    await expect(button(page, "Call")).to_be_in_viewport()


async def test_the_tips_are_read_from_the_top(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, viewport=(320, 480))
    await expect(page.locator("#version")).to_have_text("0.1.0")
    assert await page.locator("#transcript").evaluate("(log) => log.scrollTop") == 0
    await fits(page)


async def fits(page: Page) -> None:
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


async def test_agents_are_offered_when_there_is_a_choice(
    site: Site, browser_page: Pages
) -> None:
    offers: list[Any] = []

    async def refuse(route: Route) -> None:
        offers.append(route.request.post_data_json)
        await problem(route, 502, "agent-unavailable")

    page = await browser_page.open(site.url)
    await expect(page.get_by_label("Agent", exact=True)).to_be_hidden()
    agents = [*CONFIG["agents"], {"name": "eleven", "title": "ElevenLabs"}]  # type: ignore[misc]
    await page.route("**/config", lambda route: route.fulfill(json=with_agents(agents)))
    await page.route("**/offer", refuse)
    await page.goto(f"{site.url}?agent=eleven")
    choice = page.get_by_label("Agent", exact=True)
    await expect(choice).to_have_value("eleven")
    await expect(page.get_by_role("heading", name="ElevenLabs")).to_be_visible()
    await choice.select_option("local")
    await expect(page.get_by_role("heading", name="Embedded agent")).to_be_visible()
    await choice.select_option("eleven")
    await button(page, "Call").click()
    await state(page, "ended")
    assert offers[0]["agent"] == "eleven"
    assert offers[0]["type"] == "offer" and "m=audio" in offers[0]["sdp"]
    assert "m=application" in offers[0]["sdp"]


async def test_an_unknown_agent_in_the_address_is_told(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(f"{site.url}?agent=nobody")
    await expect(page.locator(".notice")).to_contain_text("does not exist")
    assert browser_page.errors == []


def with_agents(agents: Any) -> dict[str, Any]:
    return {**CONFIG, "agents": agents}
