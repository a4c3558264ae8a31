"""Calls that do not come about, and what the page says then."""

from __future__ import annotations

from playwright.async_api import Route, expect

from tests.browser import far
from tests.browser.chromium import Pages
from tests.browser.conftest import Site
from tests.browser.steps import (
    KEEP_STREAMS,
    LIVE_TRACKS,
    button,
    eventually,
    refuse,
    state,
)

REFUSALS = {
    "server-full": (503, "All lines are busy"),
    "server-stopping": (503, "shutting down"),
    "agent-unavailable": (502, "The agent cannot be reached"),
    "agent-refused": (502, "does not take this call"),
    "unknown-agent": (404, "There is no such agent"),
    "setup-timeout": (504, "not set up in time"),
    "unknown-profile": (404, "There is no such profile"),
    "agent-auth": (502, "does not know this server"),
    "agent-quota": (502, "quota is used up"),
    "agent-override": (502, "does not allow a setting"),
    "agent-misconfigured": (502, "not set up correctly"),
    "agent-busy": (502, "The agent is busy"),
    "agent-stalled": (502, "The agent does not answer"),
    "agent-time-limit": (502, "time is up"),
    "agent-expired": (502, "session has expired"),
    "agent-error": (502, "had an error"),
    "agent-lost": (502, "broke off"),
    "agent-protocol": (502, "what nobody understands"),
    "no-audio": (400, "no sound"),
    "bad-offer": (400, "does not understand this browser"),
    "bad-request": (400, "does not understand this page"),
    "too-large": (413, "too large"),
    "internal-error": (500, "wrong on the server"),
    "a-code-of-the-future": (500, "The call did not work"),
}


async def test_each_refusal_has_its_own_words(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[KEEP_STREAMS])
    for code, (status, words) in REFUSALS.items():
        await page.unroute_all()
        await page.route("**/offer", refuse(status, code))
        await button(page, "Call").click()
        await expect(page.get_by_role("alert")).to_contain_text(words)
        if code.startswith(("agent-", "unknown-")):
            # What the server itself says of it: which key, which name.
            said = page.get_by_role("alert").locator("p").last
            await expect(said).to_have_text("D")
        await state(page, "ended")
        await expect(page.locator("#status")).to_have_text("No call")
        await expect(button(page, "Call")).to_be_visible()
    assert await page.evaluate(LIVE_TRACKS) == 0
    assert site.deleted == []


async def test_a_server_out_of_reach(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url)
    alert = page.get_by_role("alert")
    await page.route("**/offer", lambda route: route.abort())
    await button(page, "Call").click()
    await expect(alert).to_contain_text("The server cannot be reached")
    # A proxy that lost its server answers with a page of its own.
    await page.unroute_all()
    await page.route("**/offer", lambda route: route.fulfill(status=502, body="<h1>"))
    await button(page, "Call").click()
    await expect(page.locator("#status")).to_have_text("No call")
    await expect(alert).to_contain_text("The server cannot be reached")
    await page.route("**/config", lambda route: route.abort())
    await page.reload()
    await expect(alert).to_contain_text("The server cannot be reached")


async def test_a_denied_microphone(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, microphone="denied")
    await button(page, "Call").click()
    await expect(page.get_by_role("alert")).to_contain_text("The microphone is blocked")
    await expect(button(page, "Call")).to_be_focused()
    assert browser_page.errors == []


MICROPHONES = {
    ("NotAllowedError", "Permission dismissed"): "was not allowed",
    ("NotAllowedError", "Permission denied by system"): "The system blocks",
    ("NotFoundError", "Requested device not found"): "No microphone was found",
    ("NotReadableError", "Could not start audio source"): "The microphone is in use",
}


async def test_each_trouble_with_the_microphone_has_its_own_words(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url)
    for (name, message), words in MICROPHONES.items():
        await page.evaluate(
            """([name, message]) => {
              navigator.mediaDevices.getUserMedia = () =>
                Promise.reject(new DOMException(message, name));
            }""",
            [name, message],
        )
        await button(page, "Call").click()
        await expect(page.get_by_role("alert")).to_contain_text(words)
    assert browser_page.errors == []


async def test_an_insecure_page_says_so_at_once(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(
        f"http://parley.test:{site.port}/",
        arguments=["--host-resolver-rules=MAP parley.test 127.0.0.1"],
    )
    assert await page.evaluate("navigator.mediaDevices === undefined")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("https://")
    await button(page, "Call").click()
    await expect(page.locator("#status")).to_have_text("No call")
    await expect(alert).to_contain_text("needs a secure connection")


async def test_a_browser_without_webrtc(site: Site, browser_page: Pages) -> None:
    script = "delete window.RTCPeerConnection"
    page = await browser_page.open(site.url, scripts=[script])
    await expect(page.get_by_role("alert")).to_contain_text("cannot make calls")


async def test_hanging_up_while_the_server_still_answers(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT, KEEP_STREAMS])
    end = await far.FarEnd.of(page)
    held: list[Route] = []
    await page.route("**/offer", lambda route: held.append(route))
    await button(page, "Call").click()
    await state(page, "offering")
    await expect(page.locator("#status")).to_have_text("Calling…")
    await button(page, "Hang up").click()
    await state(page, "ended")
    assert await page.evaluate(LIVE_TRACKS) == 0
    assert site.deleted == []
    await end.answer(held[0])
    # The call that nobody wants any more is given back.
    await eventually(page, lambda: site.deleted == [far.CALL])
    assert browser_page.errors == []
