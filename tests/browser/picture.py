"""The picture of the page in the README. To take it again:

    python -m tests.browser.picture docs/page.png

The page is the real one, in a real call; what is said comes from here, so that the
picture shows a whole little conversation and comes out the same each time.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiohttp import web
from playwright.async_api import async_playwright

from tests.browser import far
from tests.browser.chromium import Pages, launch
from tests.browser.conftest import site_app

__all__ = ["take"]

SCALE = 1.5
"Pixels per CSS pixel: sharp in a README and still a small file."

# What the embedded agent really says.
GREETING = (
    "Hello, this is Parley. Ask me what Parley is, let me tell you a story, or fix a "
    "meeting with me."
)
STORY = "All right, here is a story. Many years ago, a lighthouse keeper lived ..."
HEARD = "All right, here is a story. Many years ago, a lighthouse keeper"

WORDS = (
    # kind, ms since the call began, reply, text
    ("transcript.agent", 100, 1, GREETING),
    ("transcript.user", 7_900, 0, "tell me a story"),
    ("transcript.agent", 8_300, 2, STORY),
    ("transcript.corrected", 13_900, 2, HEARD),
    ("transcript.user", 14_400, 0, "wait can you hear me well"),
    ("transcript.agent", 15_100, 3, "Yes, I can hear you loud and clear."),
    ("transcript.user", 17_300, 0, "let us fix a meeting"),
    ("transcript.agent", 17_700, 4, "Gladly. Which day suits you?"),
)


async def take(path: Path) -> None:
    """Write the picture to `path`, a PNG."""
    runner = web.AppRunner(site_app([]), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with async_playwright() as playwright:
            pages = Pages(playwright, browser := await launch(playwright))
            try:
                await photograph(pages, runner.addresses[0][1], path)
            finally:
                await pages.close()
                await browser.close()
    finally:
        await runner.cleanup()


async def photograph(pages: Pages, port: int, path: Path) -> None:
    page = await pages.open(
        f"http://127.0.0.1:{port}/",
        viewport=(1200, 800),
        device_scale_factor=SCALE,
        color_scheme="light",
        scripts=[far.SCRIPT],
    )
    await page.clock.install()
    end = await far.FarEnd.of(page)
    await page.get_by_role("button", name="Call").click()
    await page.locator("body[data-state=connected]").wait_for()
    for kind, at_ms, reply, text in WORDS:
        await end.say(kind, at_ms=at_ms, reply=reply, text=text, final=True)
    await end.say("talking", who="agent", on=True)
    await end.speak(0.03)
    await page.clock.fast_forward(18_000)
    await end.say("call.stats", mos=4.34)
    await page.mouse.move(0, 0)
    await page.evaluate("document.activeElement.blur()")
    await page.locator("#agent-level[aria-valuenow='0']").wait_for(state="hidden")
    await page.screenshot(path=path)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
