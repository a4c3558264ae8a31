"""A call with everything, and its page."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import Pages
from tests.browser.past import THERE, Past, said

__all__ = ["TURNS", "look", "turn", "whole"]

SECONDS = 20

TURNS = [
    said("agent", "Hello, this is the greeting.", 0),
    said("caller", "The invoice, please.", 2_000),
    said("agent", "Of course, I will", 4_000, interrupted=True, heard_ms=900),
    said("caller", "No, the other one.", 5_000),
    *(said("agent", f"Sentence number {at}.", at * 1000) for at in range(8, 20)),
]
"Longer than its box is high."

EVENTS = [
    {"at_ms": 0, "type": "conversation.started", "conversation": "c"},
    {"at_ms": 4_900, "type": "conversation.interrupted", "reply": 2, "heard_ms": 900},
    {"at_ms": 9_000, "type": "error", "code": "agent-lost", "message": "it went"},
    {
        "at_ms": 9_500,
        "type": "agent.changed",
        "agent": "second",
        "previous": "local",
        "why": "agent-lost",
    },
]


async def whole(past: Past, **more: Any) -> str:
    """A call with everything."""
    pauses = [{"start_ms": 6_000, "end_ms": 7_500}]
    known = {"turns": TURNS, "events": EVENTS, "pauses": pauses, "seconds": SECONDS}
    return await past.add(0, **{**known, **more})


async def look(pages: Pages, past: Past, call: str, **options: Any) -> Page:
    page = await pages.open(f"{past.url}calls/{call}", **THERE, **options)
    await expect(turn(page, "greeting")).to_be_visible()
    return page


def turn(page: Page, words: str) -> Locator:
    return page.locator("#turns .turn").filter(has_text=words)
