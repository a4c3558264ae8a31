"""Sarah calls, from her opening to a booked meeting: by voice, on the embedded agent.

A person who waits until she has stopped, then speaks, as one does on the telephone.
"""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from playwright.async_api import Page, expect

from convai.local import voice
from convai.local.formats import resampled
from tests.browser.chromium import Pages
from tests.browser.steps import button, finished, state
from tests.keeping import until
from tests.server_process import server

HERE = Path(__file__).parent
SCRIPTS = [(HERE / name).read_text() for name in ("listen.js", "mouth.js")]
ZONE = "Europe/Vienna"
"Of the caller's browser."

PITCH = 0.84
"The caller's voice is hers, lower: nobody talks with oneself."

QUIET_S = 0.6
"Her silence after which a person takes the turn: between sentences she makes shorter."

TURN_S = 40.0
"Longest wait for one of her turns; her opening takes fifteen seconds to say."

OPENING = (
    "Hi Nat this is Sarah from American Funds. I'm calling because we noticed you've "
    "been looking at ETF products on our webpage, and many advisors like yourself are "
    "looking for better ETF solutions. Do you have a few minutes to discuss what "
    "you're seeing with your clients right now?"
)
CALL = (
    ("Yes, I have a few minutes.", "What are your clients asking you about most"),
    ("My clients are asking for more income.", "Income comes up"),
    ("We use mutual funds for that.", "Would half an hour"),
    ("Yes, that would be useful.", "Which day would suit you best?"),
    ("On Thursday.", "What time works for you?"),
    ("At three in the afternoon.", "at 3 PM, for half an hour. Is that right?"),
    ("Yes, that's right.", "You're all set for Thursday"),
    ("No, that's all. Thank you.", "Goodbye!"),
)
"What the caller says, and what of her answer shows that she understood."

Say = Callable[[str], str]


@pytest.fixture(scope="module")
def say() -> Say:
    """Sentences of the caller, as `mouth.js` takes them."""
    speaker = voice.load()

    def spoken(text: str) -> str:
        pcm = speaker.speak(text, 1 / PITCH)
        low = resampled(pcm, round(speaker.rate * PITCH), 16_000)
        return base64.b64encode(low).decode()

    return spoken


async def events(page: Page, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate(
        "(kind) => window.events.filter((event) => event.type === kind)", kind
    )
    return found


async def said(page: Page) -> str:
    """All that she has said so far."""
    return " ".join(it["text"] for it in await events(page, "transcript.agent"))


async def her_turn_over(page: Page, words: str) -> None:
    """Wait until she has said these words, and then nothing for a while."""
    deadline = time.monotonic() + TURN_S
    quiet_since = None
    while quiet_since is None or time.monotonic() - quiet_since < QUIET_S:
        assert time.monotonic() < deadline, await page.evaluate("window.events")
        await asyncio.sleep(0.05)
        talking = [t for t in await events(page, "talking") if t["who"] == "agent"]
        silent = bool(talking) and not talking[-1]["on"]
        if not silent or words not in await said(page):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = time.monotonic()


def newest(outbox: Path) -> Any:
    """The event of the newest invitation."""
    found = []
    for path in outbox.glob("*.eml"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        parts = [it for it in mail.walk() if it.get_content_type() == "text/calendar"]
        content = parts[0].get_content()
        found += Calendar.from_ical(content).walk("VEVENT")
    assert len({str(it["UID"]) for it in found}) == 1
    return max(found, key=lambda it: int(it["SEQUENCE"]))


def next_thursday() -> datetime:
    """At three in the afternoon, in the caller's zone."""
    now = datetime.now(UTC).astimezone(ZoneInfo(ZONE))
    day = now + timedelta((3 - now.weekday()) % 7 or 7)
    return day.replace(hour=15, minute=0, second=0, microsecond=0)


@pytest.mark.timeout(300)  # a call of a minute and a half
async def test_from_opening_to_a_booked_meeting_by_voice(
    browser_page: Pages, tmp_path: Path, say: Say
) -> None:
    with server(tmp_path, "--profile", "sarah", "--meeting-delay-s", "20") as it:
        page = await browser_page.open(it.url, scripts=SCRIPTS, timezone_id=ZONE)
        await button(page, "Call").click()
        await state(page, "connected")
        await her_turn_over(page, OPENING)
        for words, answer in CALL[:-1]:
            await page.evaluate("(sound) => mouth.say(sound)", say(words))
            await her_turn_over(page, answer)
        await page.evaluate("(sound) => mouth.say(sound)", say(CALL[-1][0]))
        await state(page, "ended")

        (booked,) = await events(page, "tool.called")
        assert booked["name"] == "book_meeting"
        start = next_thursday()
        assert booked["arguments"] == {
            "date": f"{start:%Y-%m-%d}",
            "time": "15:00",
            "zone": ZONE,
            "duration_min": 30,
            "attendee": "Nat",
            "topic": "ETF solutions for income",
        }
        *_, found = await events(page, "meeting.detected")
        assert datetime.fromisoformat(found["meeting"]["start"]) == start
        assert found["meeting"]["attendee"] == "Nat"
        assert found["meeting"]["standing"]["state"] in ("waiting", "queued", "outbox")
        (ended,) = await events(page, "conversation.ended")
        assert ended["reason"] == "agent-ended"
        await expect(page.locator("#lines")).to_contain_text("Thursday")
        folder = await finished(it)
        outbox = it.recordings / "outbox"
        await until(lambda: list(outbox.glob("*.eml")), 40)
    # Whatever she said, and then booked: who reads it goes to one meeting.
    event = newest(outbox)
    assert event["DTSTART"].dt == start and "Nat" in event["SUMMARY"]
    assert json.loads((folder / "call.json").read_text())["reason"] == "agent-ended"
    told = (folder / "transcript.json").read_text()
    for sentence in (OPENING, *(answer for _, answer in CALL)):
        assert sentence in told, told
    assert browser_page.errors == []
