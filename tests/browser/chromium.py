"""Chromium as a caller's browser: no questions asked, a microphone of our choice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
)

__all__ = ["DESKTOP", "PHONE", "Pages", "launch"]

PHONE = (360, 740)
DESKTOP = (1280, 800)

QUIET = (
    "--allow-loopback-in-peer-connection",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-quic",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
)
"Switches that keep Chromium from talking to anybody but us."

Microphone = Literal["granted", "denied"]


async def launch(
    playwright: Playwright,
    *,
    microphone: Microphone = "granted",
    wav: Path | None = None,
    arguments: Sequence[str] = (),
) -> Browser:
    """A browser of its own; see `Pages.open` for the arguments."""
    return await playwright.chromium.launch(
        executable_path=find_chromium(),
        args=[*QUIET, *microphone_switches(microphone, wav), *arguments],
        chromium_sandbox=os.geteuid() != 0,  # Chromium refuses to sandbox root
    )


@dataclass
class Pages:
    """Opens pages for one test and closes them all at its end.

    Pages share one browser, each in a context of its own, as long as its microphone
    suits them: that is a matter of switches, and starting a browser takes a second.
    """

    playwright: Playwright
    shared: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    browsers: list[Browser] = field(default_factory=list)
    "Started for this test alone."
    errors: list[str] = field(default_factory=list)
    "What the pages wrote to the console as errors, and exceptions nobody caught."

    async def open(
        self,
        url: str,
        *,
        wav: Path | None = None,
        microphone: Microphone = "granted",
        viewport: tuple[int, int] = DESKTOP,
        scripts: Sequence[str] = (),
        arguments: Sequence[str] = (),
        **context_options: Any,
    ) -> Page:
        """Go to `url`.

        `wav`: what the microphone hears, once; without it, Chromium's beep each second.
        `scripts` run before the page's own.
        """
        browser = self.shared
        if wav or microphone != "granted" or arguments:
            browser = await launch(
                self.playwright, microphone=microphone, wav=wav, arguments=arguments
            )
            self.browsers.append(browser)
        context = await browser.new_context(
            viewport={"width": viewport[0], "height": viewport[1]},
            ignore_https_errors=True,  # the server signs its own certificate
            **context_options,
        )
        self.contexts.append(context)
        page = await context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        for script in scripts:
            await page.add_init_script(script)
        await page.goto(url)
        return page

    async def close(self) -> None:
        """Idempotent."""
        while self.contexts:
            await self.contexts.pop().close()
        while self.browsers:
            await self.browsers.pop().close()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


def find_chromium() -> str:
    """Debian calls it chromium; others call it otherwise."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.fail("no Chromium found: on Debian, `apt-get install chromium`")


def microphone_switches(microphone: Microphone, wav: Path | None) -> list[str]:
    answer = "=deny" if microphone == "denied" else ""
    switches = [
        f"--use-fake-ui-for-media-stream{answer}",
        "--use-fake-device-for-media-stream",
    ]
    if wav is not None:
        switches.append(f"--use-file-for-fake-audio-capture={wav}%noloop")
    return switches
