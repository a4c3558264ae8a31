"""A browser, a page to look at, and a server to call.

`browser_page` opens pages in the system's Chromium, `site` serves `web/` alone with the
server's own routes and headers, `parley_server` is the real `server.py`:

    async def test_call(parley_server, browser_page):
        page = await browser_page.open(parley_server.url, wav=Path("speech.wav"))
        await page.get_by_role("button", name="Call").click()
        await expect(page.locator("body")).to_have_attribute("data-state", "connected")
        report = await page.evaluate("async () => [...(await parley.peer.getStats())]")

The page's policy forbids `eval`: use `evaluate` and `expect`, not `wait_for_function`.

All tests of a module share one event loop, so that they can share one browser.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Playwright, async_playwright

from rtc.pages import page_routes, secure
from tests.browser.chromium import Pages, launch
from tests.server_process import Server, server

CONFIG = {
    "iceServers": [],
    "agents": [{"name": "local", "title": "Embedded agent"}],
    "agent": "local",
    "version": "0.1.0",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_browser(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await launch(playwright)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def browser_page(
    playwright: Playwright, shared_browser: Browser
) -> AsyncIterator[Pages]:
    """`await browser_page.open(url, ...)`; every page is gone after the test."""
    pages = Pages(playwright, shared_browser)
    try:
        yield pages
    finally:
        await pages.close()


@dataclass
class Site:
    """The folder `web/` behind a server that knows nothing of calls."""

    url: str
    "With a slash at the end."
    port: int
    deleted: list[str] = field(default_factory=list)
    "Ids of the calls that the page hung up."


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[Site]:
    deleted: list[str] = []
    runner = web.AppRunner(site_app(deleted), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        yield Site(f"http://127.0.0.1:{port}/", port, deleted)
    finally:
        await runner.cleanup()


def site_app(deleted: list[str]) -> web.Application:
    async def config(_: web.Request) -> web.Response:
        return web.json_response(CONFIG)

    async def hang_up(request: web.Request) -> web.Response:
        deleted.append(request.match_info["id"])
        return web.Response(status=204)

    app = web.Application(middlewares=[secure])
    app.add_routes(page_routes())
    app.router.add_get("/config", config)
    app.router.add_delete("/calls/{id}", hang_up)
    return app


@pytest.fixture
def parley_server(tmp_path: Path) -> Iterator[Server]:
    """The real server on loopback, with a certificate and recordings of its own."""
    with server(tmp_path) as running:
        yield running
