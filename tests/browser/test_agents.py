"""Agents in the page, with the real server: two at once, one that goes on, none."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
from playwright.async_api import expect

from tests.browser.chromium import Pages
from tests.browser.steps import button, lines, state
from tests.fake_openai import Answer, Asked, FakeOpenAi, Line
from tests.server_process import server
from tests.sound import silence, write

KEY = "test-key-0123456789"
PROFILE = 'first_message = "Good morning, this is Ann."\nbridge = "Where were we?"\n'


def answers(asked: Asked) -> Answer:
    """A tone of two seconds, whatever was asked."""
    at = np.arange(2 * 24_000) / 24_000
    pcm = (8_000 * np.sin(2 * np.pi * 300 * at)).astype("<i2").tobytes()
    return Answer(lines=(Line(asked.text or "Of course.", pcm),))


def flags(tmp_path: Path, agents: str) -> tuple[str, ...]:
    profile = tmp_path / "ann.toml"
    profile.write_text(PROFILE)
    return ("--tls", "off", "--agent", agents, "--profile", str(profile))


def quiet(tmp_path: Path) -> Path:
    """A microphone in a silent room: the browser's own beeps would interrupt."""
    return write(tmp_path / "silence.wav", silence(60))


async def test_two_agents_at_once_in_two_tabs(
    browser_page: Pages, tmp_path: Path
) -> None:
    async with FakeOpenAi(answers, api_key=KEY) as fake:
        env = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url}
        with server(tmp_path, *flags(tmp_path, "local,openai"), env=env) as running:
            pages = {}
            for name in ("local", "openai"):
                page = await browser_page.open(
                    f"{running.url}/?agent={name}", wav=quiet(tmp_path)
                )
                await expect(page.locator("#agent")).to_have_value(name)
                await button(page, "Call").click()
                await state(page, "connected")
                pages[name] = page
            for name, title in (
                ("local", "Embedded agent"),
                ("openai", "OpenAI Realtime"),
            ):
                await expect(pages[name].locator("#agent-name")).to_have_text(title)
                await expect(lines(pages[name]).first).to_contain_text("this is Ann")
            await pages["local"].locator("#text").fill("Can you hear me?")
            await pages["local"].locator("#text").press("Enter")
            await expect(lines(pages["local"]).last).to_contain_text("loud and clear")
            await expect(lines(pages["openai"])).to_have_count(1)
            for page in pages.values():
                await button(page, "Hang up").click()
                await state(page, "ended")
    assert len(fake.conversations) == 1


async def test_another_agent_goes_on_and_the_page_says_so(
    browser_page: Pages, tmp_path: Path
) -> None:
    async with AsyncExitStack() as provider:
        fake = await provider.enter_async_context(FakeOpenAi(answers, api_key=KEY))
        env = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url}
        with server(tmp_path, *flags(tmp_path, "openai,local"), env=env) as running:
            page = await browser_page.open(running.url, wav=quiet(tmp_path))
            await button(page, "Call").click()
            await state(page, "connected")
            await expect(lines(page).first).to_contain_text("this is Ann")
            await provider.aclose()
            title = page.locator("#agent-name")
            await expect(title).to_have_text("Embedded agent")
            # Whether it says a bridge depends on whether the greeting was all there.
            await expect(page.locator("#lines")).to_contain_text("the embedded agent")
            await page.locator("#text").fill("Can you hear me?")
            await page.locator("#text").press("Enter")
            await expect(lines(page).last).to_contain_text("loud and clear")
            await button(page, "Hang up").click()
            await state(page, "ended")


async def test_a_wrong_key_is_told_on_the_page_and_the_key_is_not(
    browser_page: Pages, tmp_path: Path
) -> None:
    async with FakeOpenAi(answers, api_key="another-key-0123456789") as fake:
        env = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url}
        with server(tmp_path, *flags(tmp_path, "openai"), env=env) as running:
            page = await browser_page.open(running.url, wav=quiet(tmp_path))
            await button(page, "Call").click()
            await expect(page.locator("#problem")).to_contain_text("key")
            assert KEY not in await page.content()
            assert KEY not in running.log.read_text()
