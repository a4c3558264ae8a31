"""The comparison's pages in a browser: they fit, they play, and they ask nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, Request, expect

from convai.compare.bill import bill
from convai.compare.contender import Contender
from convai.compare.figures import measured
from convai.compare.ledger import booked, understood
from convai.compare.publish import join_votes, publish
from convai.compare.script import Line
from convai.compare.sound import webm
from convai.compare.summary import summary
from convai.compare.take import Heard, Take
from convai.compare.turns import Spoken
from tests.browser.chromium import Pages
from tests.caller import tone

SIZES = [(1280, 800), (390, 844)]
AGENTS = ("elevenlabs:sarah", "openai:sarah", "local")
SAID = (
    Line("one", np.zeros(9, np.int16), 0, 9, "What is Parley?"),
    Line("two", np.zeros(9, np.int16), 0, 9, "Stop, thank you."),
)
EVENTS = [{"type": "transcript.user", "text": "what was parley stop", "final": True}]


def call(out: Path, number: int, agent: str, run: int) -> dict[str, Any]:
    """A call of 8 s: greeting, a turn, an answer that a second turn interrupts."""
    delay = 0.5 + 0.1 * number
    sound = [(0.3, 1.0), (2.5 + delay, 5.3), (6.2 + delay, 7.8)]
    heard = [
        Heard(n / 50, n * 960, 3000.0 * any(b <= n / 50 < e for b, e in sound))
        for n in range(400)
    ]
    take = Take(Contender(agent), run, length=8.0, heard=heard)
    take.spoken = [Spoken(0, 2.0, 2.5), Spoken(1, 5.0, 6.2, True)]
    audio = f"audio/{number:03d}.webm"
    (out / audio).write_bytes(webm(tone(300, 8.0), tone(500, 8.0)))
    lost = "the call ended after turn 2 of 3: The account has no quota (agent-quota)"
    return {
        "agent": agent,
        "run": run,
        "call": "x",
        "failure": lost if number == 2 else "",
        "replaced": False,
        "notes": [],
        **measured(take),
        "words": understood(EVENTS, SAID),
        "server": booked(EVENTS),
        "bill": bill(EVENTS, agent, None),
        "audio": audio,
    }


@pytest.fixture
def comparison(tmp_path: Path) -> Path:
    out = tmp_path / "comparison"
    (out / "audio").mkdir(parents=True)
    pairs = [(agent, run) for run in (1, 2) for agent in AGENTS]
    calls = [call(out, n, *pair) for n, pair in enumerate(pairs, 1)]
    caller = [
        {"turn": n, "name": line.name, "text": line.text, "speech_s": 1.0}
        for n, line in enumerate(SAID, 1)
    ]
    report = {
        "began": "2026-11-22T21:38:49+00:00",
        "server": "made up",
        "runs": 2,
        "seed": 0,
        "interrupt_turn": 2,
        "caller": caller,
        "agents": list(AGENTS),
        "calls": calls,
        "summary": summary(AGENTS, calls),
        "votes": None,
    }
    publish(out, report)
    return out


def watch(page: Page) -> list[str]:
    """Requests that leave the page from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            asked.append(request.url)

    page.on("request", note)
    return asked


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["report.html", "rate.html"])
async def test_pages_fit_and_ask_nobody(
    comparison: Path, browser_page: Pages, name: str, size: tuple[int, int], scheme: str
) -> None:
    page = await browser_page.open("about:blank", viewport=size, color_scheme=scheme)
    asked = watch(page)
    url = (comparison / name).as_uri()
    await page.goto(url)
    await page.wait_for_timeout(200)
    assert asked == [url]
    assert browser_page.errors == []
    assert await page.evaluate("document.documentElement.scrollWidth") == size[0]


async def test_a_recording_plays_from_a_turn(
    comparison: Path, browser_page: Pages
) -> None:
    page = await browser_page.open((comparison / "report.html").as_uri())
    card = page.locator(".card").first
    await card.get_by_role("button", name="5.0 s").click()
    audio = card.locator("audio")
    await expect(card).to_have_class("card agent-0 playing")
    for _ in range(50):
        now = await audio.evaluate("it => it.currentTime")
        if now > 5.1:
            break
        await page.wait_for_timeout(100)
    assert 5.1 < now < 8.1
    second = page.locator(".card").nth(1)
    await second.get_by_role("button", name="2.0 s").click()
    await expect(second).to_have_class("card agent-1 playing")
    assert await audio.evaluate("it => it.paused")
    assert browser_page.errors == []


async def test_a_rater_votes_with_the_keyboard_and_the_votes_join_the_report(
    comparison: Path, browser_page: Pages, tmp_path: Path
) -> None:
    report = json.loads((comparison / "report.json").read_text("utf-8"))
    url = (comparison / "rate.html").as_uri()
    page = await browser_page.open(url)
    await expect(page.locator("#next")).to_be_disabled()
    content = await page.content()
    assert not any(agent in content for agent in AGENTS[:2])
    for number in range(len(report["pairs"])):
        progress = f"Pair {number + 1} of {len(report['pairs'])}"
        await expect(page.locator("#progress")).to_have_text(progress)
        for key in ("a", "a", "4", "b", "b", "2", "ArrowLeft"):
            await page.keyboard.press(key)
        if number == 0:  # what was voted outlives the page
            await page.goto("about:blank")
            await page.goto(url)
            chosen = page.get_by_role("radio", name="A: 4 of 5")
            await expect(chosen).to_be_checked()
        await page.keyboard.press("Enter")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Save votes").click()
    await (await download.value).save_as(tmp_path / "votes.json")
    assert browser_page.errors == []

    join_votes(comparison, [tmp_path / "votes.json"])
    joined = json.loads((comparison / "report.json").read_text("utf-8"))["votes"]
    assert (joined["raters"], joined["votes"]) == (1, len(report["pairs"]))
    assert sum(a["preferred"] for a in joined["agents"].values()) == joined["votes"]
    await page.goto((comparison / "report.html").as_uri())
    await expect(page.locator("#rating")).to_contain_text("votes by 1 raters")
