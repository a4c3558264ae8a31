"""Whom to call: profiles beside agents, and who the page says is on the line."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser import far
from tests.browser.chromium import PHONE, Pages
from tests.browser.conftest import Site
from tests.browser.steps import button, call, configure, lines, state

AGENTS = [
    {"name": "local", "title": "Embedded agent"},
    {"name": "openai", "title": "OpenAI"},
    {"name": "elevenlabs", "title": "ElevenLabs"},
]
PROFILES = [
    {"name": "default", "title": "Host"},
    {"name": "sarah", "title": "Sarah"},
]


async def offered(pages: Pages, url: str, query: str = "", **more: Any) -> Page:
    """The page of a server that offers these agents, and `more`."""
    page = await pages.open(
        "about:blank", scripts=[far.SCRIPT], timezone_id="Pacific/Auckland"
    )
    await configure(page, agents=AGENTS, **more)
    await page.goto(f"{url}{query}")
    await expect(page.get_by_label("Agent", exact=True)).to_be_visible()
    return page


def profile(page: Page) -> Locator:
    return page.get_by_label("Profile", exact=True)


async def test_a_profile_is_chosen_on_the_page(site: Site, browser_page: Pages) -> None:
    page = await offered(browser_page, site.url, profiles=PROFILES, profile="default")
    end = await far.FarEnd.of(page)
    await expect(profile(page)).to_have_value("default")
    await profile(page).select_option("sarah")
    agent = page.get_by_label("Agent", exact=True)
    await expect(agent).to_have_value("local")
    await agent.select_option("openai")
    await expect(page.get_by_role("heading", name="OpenAI")).to_be_visible()
    end.agent = "openai"
    await button(page, "Call").click()
    await state(page, "connected")
    await expect(profile(page)).to_be_hidden()
    (body,) = end.bodies
    assert (body["agent"], body["profile"]) == ("openai", "sarah")
    assert body["zone"] == "Pacific/Auckland"
    assert browser_page.errors == []


async def test_the_address_chooses_a_profile(site: Site, browser_page: Pages) -> None:
    offer = {"profiles": PROFILES, "profile": "default"}
    page = await offered(browser_page, site.url, "?profile=sarah", **offer)
    await expect(profile(page)).to_have_value("sarah")
    await expect(page.locator(".notice")).to_have_count(0)
    await page.goto(f"{site.url}?profile=nobody&agent=elevenlabs")
    await expect(page.locator(".notice")).to_contain_text("profile in this page’s")
    await expect(profile(page)).to_have_value("default")
    await expect(page.get_by_label("Agent", exact=True)).to_have_value("elevenlabs")


async def test_one_profile_is_no_choice(site: Site, browser_page: Pages) -> None:
    page = await offered(
        browser_page, site.url, profiles=PROFILES[:1], profile="default"
    )
    await expect(profile(page)).to_be_hidden()


async def test_a_server_without_profiles(site: Site, browser_page: Pages) -> None:
    page = await offered(browser_page, site.url)
    end = await far.FarEnd.of(page)
    await expect(profile(page)).to_be_hidden()
    await button(page, "Call").click()
    await state(page, "connected")
    assert end.bodies[0]["agent"] == "local"
    assert "profile" not in end.bodies[0]
    assert browser_page.errors == []


async def test_the_heading_says_who_answered(site: Site, browser_page: Pages) -> None:
    page = await offered(browser_page, site.url)
    end = await far.FarEnd.of(page)
    end.agent = "elevenlabs"  # the one that was asked for is down
    await button(page, "Call").click()
    await state(page, "connected")
    await expect(page.get_by_role("heading", name="ElevenLabs")).to_be_visible()
    await button(page, "Hang up").click()
    await state(page, "ended")
    await page.route("**/offer", lambda route: route.abort())
    await button(page, "Call").click()
    await expect(page.get_by_role("heading", name="Embedded agent")).to_be_visible()


HANDOVERS = [
    ("openai", "local", "agent-lost",
     "The line to OpenAI was lost; the embedded agent goes on.", "Embedded agent"),
    ("local", "local", "renewed", "", "Embedded agent"),
    ("local", "elevenlabs", "agent-stalled",
     "The embedded agent did not answer; ElevenLabs goes on.", "ElevenLabs"),
    ("elevenlabs", "elevenlabs", "agent-lost",
     "The line to ElevenLabs was lost; it is back.", "ElevenLabs"),
    ("elevenlabs", "new one", "constructor",
     "ElevenLabs had to stop; new one goes on.", "new one"),
]  # fmt: skip


async def test_another_agent_goes_on(site: Site, browser_page: Pages) -> None:
    page = await offered(browser_page, site.url)
    end = await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    told = []
    for previous, agent, why, words, heading in HANDOVERS:
        await end.say("agent.changed", agent=agent, previous=previous, why=why)
        told += [words] if words else []
        await expect(lines(page)).to_have_text(told)
        await expect(page.get_by_role("heading", name=heading)).to_be_visible()


async def test_what_troubled_the_agent_before_is_over(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url, viewport=PHONE)
    await end.say("error", code="agent-quota", message="Quota of key 7 exceeded.")
    notice = page.locator(".notice")
    await expect(notice).to_have_text(
        "The agent’s quota is used up. Quota of key 7 exceeded."
    )
    await end.say("error", code="recording-stopped", message="disk full")
    await end.say("agent.changed", agent="local", previous="x", why="agent-quota")
    await expect(notice).to_have_count(1)
    await expect(notice).to_contain_text("no longer being recorded")
    await end.say("conversation.ended", reason="agent-failed")
    await expect(page.get_by_role("alert")).to_contain_text("The agent broke off")
    await expect(page.get_by_role("alert")).not_to_contain_text("key 7")


async def test_a_long_title_does_not_push_anything_off_a_phone(
    site: Site, browser_page: Pages
) -> None:
    long = {"name": "long", "title": "Sarah, ETF specialist at American Funds, again"}
    page = await browser_page.open("about:blank", viewport=PHONE)
    await configure(page, agents=AGENTS, profiles=[long, *PROFILES], profile="long")
    await page.goto(site.url)
    await expect(profile(page)).to_be_visible()
    box = await button(page, "Call").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= PHONE[0]
    assert await page.evaluate("document.body.scrollWidth") <= PHONE[0]
