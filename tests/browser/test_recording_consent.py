"""Whether a call is recorded: asked before it, shown and paused during it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import far
from tests.browser.chromium import DESKTOP, PHONE, Pages
from tests.browser.conftest import Site
from tests.browser.steps import button, configure, finished, lines, state
from tests.server_process import server

READ_MS = 550
"Before that the question takes no answer."


async def offered(
    pages: Pages, url: str, rule: str, viewport: tuple[int, int] = DESKTOP
) -> tuple[Page, far.FarEnd]:
    """The page of a server with that rule."""
    page = await pages.open("about:blank", scripts=[far.SCRIPT], viewport=viewport)
    await configure(page, recording=rule)
    await page.goto(url)
    await expect(page.locator("#version")).to_have_text("0.1.0")
    return page, await far.FarEnd.of(page)


def question(page: Page) -> Locator:
    return page.get_by_role("dialog", name="May this call be recorded?")


async def answer(page: Page, name: str) -> None:
    await expect(question(page)).to_be_visible()
    await page.wait_for_timeout(READ_MS)
    await button(page, name).click()


def light(page: Page) -> Locator:
    return page.locator("#recording")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("on", "Calls are recorded and transcribed by this server."),
        ("off", "Calls are not recorded."),
    ],
)
async def test_where_there_is_no_choice_nobody_is_asked(
    site: Site, browser_page: Pages, rule: str, words: str
) -> None:
    page, end = await offered(browser_page, site.url, rule)
    await expect(page.locator("#recording-rule")).to_have_text(words)
    await expect(button(page, "Change")).to_be_hidden()
    await button(page, "Call").click()
    await state(page, "connected")
    assert "record" not in end.bodies[0]
    await expect(light(page)).to_be_hidden()  # the answer did not say
    assert browser_page.errors == []


@pytest.mark.parametrize(
    ("name", "record"), [("Record", True), ("Do not record", False)]
)
async def test_the_caller_is_asked_once_and_may_change_the_answer(
    site: Site, browser_page: Pages, name: str, record: bool
) -> None:
    page, end = await offered(browser_page, site.url, "ask")
    rule = page.locator("#recording-rule")
    await expect(rule).to_have_text("You choose whether a call is recorded.")
    await button(page, "Call").click()
    assert end.offers == 0
    await answer(page, name)
    await state(page, "connected")
    assert end.bodies[0]["record"] is record
    await button(page, "Hang up").click()
    await state(page, "ended")

    await page.wait_for_timeout(READ_MS)
    await button(page, "Call").click()
    await state(page, "connected")
    assert end.bodies[1]["record"] is record
    await button(page, "Hang up").click()
    await state(page, "ended")

    kept = "Your calls are recorded" if record else "Your calls are not recorded"
    await page.reload()
    await expect(rule).to_contain_text(kept)
    await button(page, "Change").click()
    await answer(page, "Do not record" if record else "Record")
    await expect(rule).not_to_contain_text(kept)
    await expect(question(page)).to_be_hidden()
    await button(page, "Call").click()
    await state(page, "connected")
    assert end.bodies[2]["record"] is not record
    assert browser_page.errors == []


async def test_the_question_by_keyboard(site: Site, browser_page: Pages) -> None:
    page, end = await offered(browser_page, site.url, "ask")
    await button(page, "Call").focus()
    for _ in range(10):  # held: it must not answer what nobody has read
        await page.keyboard.down("Enter")
        await page.wait_for_timeout(80)
    await page.keyboard.up("Enter")
    await expect(question(page)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(question(page)).to_be_hidden()
    await state(page, "idle")
    await expect(button(page, "Call")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(READ_MS)
    await page.keyboard.press("Tab")
    await expect(button(page, "Do not record")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(button(page, "Record")).to_be_focused()
    await page.keyboard.press("Space")
    await state(page, "connected")
    await expect(button(page, "Hang up")).to_be_focused()
    assert end.bodies[0]["record"] is True


async def test_a_double_tap_answers_nothing(site: Site, browser_page: Pages) -> None:
    page, end = await offered(browser_page, site.url, "ask", PHONE)
    await button(page, "Call").click()
    await page.evaluate(
        "document.querySelectorAll('#consent button').forEach((it) => it.click())"
    )
    await expect(question(page)).to_be_visible()
    assert end.offers == 0


async def test_without_a_memory_it_is_asked_with_each_page(
    site: Site, browser_page: Pages
) -> None:
    broken = """Object.defineProperty(window, "sessionStorage", {
      get() { throw new DOMException("denied", "SecurityError"); } });"""
    page = await browser_page.open("about:blank", scripts=[far.SCRIPT, broken])
    await configure(page, recording="ask")
    await page.goto(site.url)
    await expect(page.locator("#recording-rule")).to_contain_text("You choose")
    end = await far.FarEnd.of(page)
    await button(page, "Call").click()
    await answer(page, "Record")
    await state(page, "connected")
    assert end.bodies[0]["record"] is True
    assert browser_page.errors == []


async def test_the_recording_is_paused_and_resumed(
    site: Site, browser_page: Pages
) -> None:
    page, end = await offered(browser_page, site.url, "on", PHONE)
    end.recording = "kept"
    await button(page, "Call").click()
    await state(page, "connected")
    word = light(page).get_by_role("status")
    await expect(word).to_have_text("Recording")
    await button(page, "Pause recording").click()
    await button(page, "Pause recording").click()
    await expect(word).to_have_text("Recording")  # until the server says so
    assert await end.received(2) == [{"type": "recording.pause"}] * 2
    await end.say("recording.state", state="paused", by="caller")
    await expect(word).to_have_text("Recording paused")
    await button(page, "Resume recording").click()
    assert (await end.received(3))[2] == {"type": "recording.resume"}
    await end.say("recording.state", state="on", by="caller")
    await expect(word).to_have_text("Recording")
    await end.say("recording.state", state="rewound", by="server")  # by a newer server
    await expect(word).to_have_text("Recording")

    await button(page, "Pause recording").focus()
    await end.say("recording.state", state="failed", by="server")
    await end.say("error", code="recording-stopped", message="disk full")
    await expect(word).to_have_text("Recording stopped")
    await expect(light(page).get_by_role("button")).to_have_count(0)
    await expect(button(page, "Hang up")).to_be_focused()
    await expect(page.locator(".notice")).to_contain_text("no longer being recorded")
    await button(page, "Hang up").click()
    await state(page, "ended")
    await expect(light(page)).to_be_hidden()
    assert browser_page.errors == []


@pytest.mark.parametrize("kept", ["off", "declined"])
async def test_a_call_that_is_not_recorded_says_so(
    site: Site, browser_page: Pages, kept: str
) -> None:
    page, end = await offered(browser_page, site.url, "on")
    end.recording = kept
    await button(page, "Call").click()
    await state(page, "connected")
    await expect(light(page)).to_have_text("Not recorded")
    await expect(light(page).get_by_role("button")).to_have_count(0)


async def test_what_the_agent_does_to_the_recording_is_told(
    site: Site, browser_page: Pages
) -> None:
    page, end = await offered(browser_page, site.url, "on")
    await button(page, "Call").click()
    await state(page, "connected")
    use = {"id": "t1", "name": "pause_recording"}
    await end.say("tool.called", **use, arguments={}, server=True)
    await end.say("tool.done", **use, result="x", failed=False)
    await expect(lines(page)).to_have_text(["The agent paused the recording."])


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
async def test_question_and_light_fit_the_screen(
    site: Site, browser_page: Pages, viewport: tuple[int, int]
) -> None:
    page, end = await offered(browser_page, site.url, "ask", viewport)
    end.recording = "kept"
    await button(page, "Call").click()
    await answer(page, "Record")
    await state(page, "connected")
    await expect(button(page, "Pause recording")).to_be_in_viewport(ratio=1)
    await expect(button(page, "Hang up")).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.body.scrollWidth") <= viewport[0]
    box = await button(page, "Pause recording").bounding_box()
    assert box is not None and box["height"] >= 44


async def test_a_refusal_is_respected_by_the_server(
    tmp_path: Path, browser_page: Pages
) -> None:
    with server(tmp_path, "--recording", "ask") as running:
        page = await browser_page.open(running.url)
        await button(page, "Call").click()
        await answer(page, "Do not record")
        await state(page, "connected")
        await expect(light(page)).to_have_text("Not recorded")
        await page.wait_for_timeout(1500)
        await button(page, "Hang up").click()
        folder = await finished(running)
        meta = json.loads((folder / "call.json").read_text())
        assert meta["recording"]["state"] == "declined"
        assert not (folder / "recording.mka").exists()
        assert not (folder / "transcript.json").exists()
        assert "transcript." not in (folder / "events.jsonl").read_text()


async def test_a_pause_in_a_real_call(tmp_path: Path, browser_page: Pages) -> None:
    with server(tmp_path, "--recording", "ask") as running:
        page = await browser_page.open(running.url)
        await button(page, "Call").click()
        await answer(page, "Record")
        await state(page, "connected")
        await button(page, "Pause recording").click()
        await expect(light(page).get_by_role("status")).to_have_text("Recording paused")
        await button(page, "Resume recording").click()
        await expect(light(page).get_by_role("status")).to_have_text("Recording")
        await button(page, "Hang up").click()
        folder = await finished(running)
        transcript = json.loads((folder / "transcript.json").read_text())
        (pause,) = transcript["pauses"]
        assert 0 < pause["start_ms"] < pause["end_ms"]
        assert (folder / "recording.mka").stat().st_size > 1000
