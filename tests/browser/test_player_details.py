"""What else is on the page of one call, in Chromium, on a real history."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.chromium import DESKTOP, PHONE, Pages
from tests.browser.past import THERE, Past, history, said
from tests.browser.playing import TURNS, look, turn, whole
from tests.browser.steps import button


@pytest_asyncio.fixture(loop_scope="module")
async def past(tmp_path: Path) -> AsyncIterator[Past]:
    async with history(tmp_path) as made:
        yield made


async def test_figures_and_files(past: Past, browser_page: Pages) -> None:
    metrics = {
        "voice_to_voice_ms": {"n": 3, "p50": 812.0, "p90": 1400.0, "max": 2500},
        "talk": {"caller_ms": 4000, "agent_ms": 6000, "overlap_ms": 0, "silence_ms": 0},
        "cost": {"usd": 0.0421, "usd_per_min": 0.1, "estimated": True},
    }
    figures = {"mos": 4.31, "loss_up_pct": 0.84, "rtt_ms": 48.0}
    call = await whole(past, metrics=metrics, figures=figures)
    page = await look(browser_page, past, call)
    report = page.locator("#figures")
    for name, value in (
        ("Half of them within", "812 ms"),
        ("The slowest after", "2.5 s"),
        ("Quality (MOS, 1 to 4.5)", "4.3, good"),
        ("Lost from the caller", "0.8 %"),
        ("Both in step to within", "1.5 ms"),
        ("Estimated", "$0.042"),
    ):
        line = report.locator("dl div").filter(has_text=name)
        await expect(line.locator("dd")).to_have_text(value)
    await expect(report).to_contain_text("Caller 40 %")
    await page.get_by_label("Sound of").select_option("caller")
    for name in ("MP3", "M4A", "WAV", "Matroska", "Transcript", "Subtitles (WebVTT)"):
        link = page.get_by_role("link", name=name, exact=True)
        async with page.expect_download() as coming:
            await link.click()
        file = await (await coming.value).path()
        assert Path(file).stat().st_size > 50
        assert call in (await coming.value).suggested_filename
    assert browser_page.errors == []


async def test_a_rating_is_kept(past: Past, browser_page: Pages) -> None:
    call = await whole(past)
    page = await look(browser_page, past, call)
    save = button(page, "Save")
    await expect(save).to_be_disabled()
    await page.get_by_text("★").nth(3).click()
    await page.get_by_label("Note", exact=True).fill("Quick, but cold.")
    await save.click()
    await expect(page.locator("#rating-status")).to_have_text("Saved.")
    await expect(save).to_be_disabled()
    await page.reload()
    await expect(page.get_by_role("radio", name="4 stars")).to_be_checked()
    await expect(page.get_by_label("Note", exact=True)).to_have_value(
        "Quick, but cold."
    )
    # By keyboard.
    await page.get_by_role("radio", name="4 stars").press("ArrowRight")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#rating-status")).to_have_text("Saved.")
    content = json.loads((past.recordings / call / "call.json").read_text())
    assert content["rating"] == {"stars": 5, "note": "Quick, but cold."}
    assert browser_page.errors == []


async def test_deleting_asks_and_goes_back(past: Past, browser_page: Pages) -> None:
    call = await whole(past)
    await past.add(1)
    page = await browser_page.open(f"{past.url}calls?agent=local", **THERE)
    rows = page.locator("#days .row")
    await rows.first.click()
    await expect(turn(page, "greeting")).to_be_visible()
    await button(page, "Delete this call…").click()
    dialog = page.get_by_role("dialog", name="Delete this call for good?")
    await expect(button(page, "Keep it")).to_be_focused()
    await button(page, "Keep it").click()
    await expect(dialog).to_be_hidden()
    assert (past.recordings / call).is_dir()
    await button(page, "Delete this call…").press("Enter")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await button(page, "Delete this call…").click()
    await button(page, "Delete for good").click()
    await expect(rows).to_have_count(1)
    assert page.url == f"{past.url}calls?agent=local"
    assert await past.archive.get(call) is None
    assert not (past.recordings / call).exists()
    assert browser_page.errors == []


async def test_found_words_are_seen(past: Past, browser_page: Pages) -> None:
    await whole(past)
    page = await browser_page.open(f"{past.url}calls?q=invoice", **THERE)
    await page.locator("#days .row").click()
    await expect(page.locator("#turns mark")).to_have_text(["invoice"])
    await page.get_by_role("link", name="Back to the list").click()
    await expect(page.get_by_label("Words that were said")).to_have_value("invoice")
    assert browser_page.errors == []


async def test_a_call_that_was_not_recorded(past: Past, browser_page: Pages) -> None:
    call = await past.add(0, recording={"state": "declined"})
    page = await browser_page.open(f"{past.url}calls/{call}", **THERE)
    await expect(page.locator("#no-sound")).to_contain_text(
        "The caller did not want to be recorded"
    )
    await expect(page.locator("#turns")).to_contain_text("There is no transcript")
    await expect(page.locator("#sound")).to_be_hidden()
    await expect(page.get_by_role("link", name="MP3")).to_be_hidden()
    await expect(page.get_by_role("link", name="Events (JSON lines)")).to_be_visible()
    assert browser_page.errors == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("kept", "Its recording is not where it should be, or it holds nothing."),
        ("failed", "Recording it failed before there was anything to hear."),
    ],
)
async def test_a_recording_that_is_gone(
    past: Past, browser_page: Pages, state: str, why: str
) -> None:
    call = await whole(past, seconds=0, recording={"state": state})
    page = await look(browser_page, past, call)
    told = f"There is no sound of this call {why}"
    await expect(page.locator("#no-sound")).to_have_text(told)
    await expect(page.locator("#sound")).to_be_hidden()
    await expect(turn(page, "greeting").get_by_role("button")).to_have_count(0)


async def test_a_running_call_grows(past: Past, browser_page: Pages) -> None:
    call = past.begin()
    folder = past.recordings / call
    folder.mkdir()
    words = folder / "transcript.json"
    words.write_text(json.dumps({"turns": TURNS[:1]}))
    page = await look(browser_page, past, call)
    await expect(page.locator("#live")).to_contain_text("On the line for 0:0")
    await expect(page.locator("#sound")).to_be_hidden()
    await expect(button(page, "Delete this call…")).to_be_hidden()
    words.write_text(json.dumps({"turns": TURNS[:2]}))
    await expect(turn(page, "The invoice")).to_be_visible()
    # It is over: the rest is there.
    past.live.clear()
    over = {"call": call, "agent": "local", "reason": "agent-ended", "length_ms": 9000}
    (folder / "call.json").write_text(json.dumps(over))
    await expect(page.locator("#summary")).to_contain_text("Agent ended the call")
    await expect(page.locator("#live")).to_be_hidden()
    await expect(turn(page, "The invoice")).to_be_visible()


async def test_a_call_that_there_is_not(past: Past, browser_page: Pages) -> None:
    url = f"{past.url}calls/20191120-130509-ffffffffffff"
    page = await browser_page.open(url, **THERE)
    await expect(page.get_by_role("alert").first).to_contain_text(
        "There is no such call"
    )
    await expect(page.locator("#details")).to_be_hidden()
    back = page.get_by_role("link", name="Back to the list")
    await expect(back).to_have_attribute("href", "/calls")


async def test_words_are_never_markup(past: Past, browser_page: Pages) -> None:
    text = "greeting <img src=x onerror=alert(1)>"
    call = await whole(past, turns=[said("agent", text, 0)], agent=text)
    page = await look(browser_page, past, call)
    await expect(page.locator("#turns p")).to_have_text(text)
    assert await page.locator("img:not([src^='/web/'])").count() == 0
    assert browser_page.errors == []


async def test_there_is_room_for_it(past: Past, browser_page: Pages) -> None:
    call = await whole(past)
    for size in ((320, 640), PHONE, DESKTOP):
        page = await look(browser_page, past, call, viewport=size)
        await expect(button(page, "Play")).to_be_visible()
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide == size[0]
    assert browser_page.errors == []
