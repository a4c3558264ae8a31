"""What the tests of the page do again and again."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser import far
from tests.browser.chromium import Pages
from tests.browser.conftest import CONFIG
from tests.server_process import Server

__all__ = [
    "KEEP_STREAMS",
    "LIVE_TRACKS",
    "button",
    "call",
    "configure",
    "eventually",
    "finished",
    "lines",
    "problem",
    "refuse",
    "state",
]

expect.set_options(timeout=10_000)

KEEP_STREAMS = """
window.streams = [];
window.missing = false;
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (constraints) => {
  if (missing) throw new DOMException("Requested device not found", "NotFoundError");
  const stream = await ask(constraints);
  streams.push(stream);
  return stream;
};
"""

LIVE_TRACKS = """() => streams
  .flatMap((stream) => stream.getTracks())
  .filter((track) => track.readyState === "live").length"""


def state(page: Page, name: str) -> Awaitable[None]:
    """Wait until the call is in this state."""
    return expect(page.locator("body")).to_have_attribute("data-state", name)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


async def configure(page: Page, **more: Any) -> None:
    """Have the server offer `more`, from the next time that the page asks."""
    config = {**CONFIG, **more}
    await page.route("**/config", lambda route: route.fulfill(json=config))


async def call(pages: Pages, url: str, **options: Any) -> tuple[Page, far.FarEnd]:
    """A page in a call."""
    scripts = [far.SCRIPT, *options.pop("scripts", [])]
    page = await pages.open(url, scripts=scripts, **options)
    end = await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    return page, end


def lines(page: Page) -> Locator:
    return page.locator("#lines li")


async def eventually(page: Page, true: Callable[[], bool]) -> None:
    """Poll something that is not on the page."""
    for _ in range(100):
        if true():
            return
        await page.wait_for_timeout(50)
    pytest.fail("it did not become true within 5 s")


async def problem(route: Route, status: int, code: str) -> None:
    body = {"type": "about:blank", "title": "T", "status": status, "detail": "D"}
    await route.fulfill(
        status=status,
        content_type="application/problem+json",
        json={**body, "code": code},
    )


def refuse(status: int, code: str) -> Any:
    return lambda route: problem(route, status, code)


async def finished(server: Server) -> Path:
    """The folder of the one call, once it is complete."""
    deadline = time.monotonic() + 10
    while True:
        for meta in server.recordings.glob("*/call.json"):
            if json.loads(meta.read_text())["reason"]:
                await asyncio.sleep(0.5)  # the audio is closed right after
                return meta.parent
        assert time.monotonic() < deadline, "the call did not end"
        await asyncio.sleep(0.05)
