"""The far end of a call inside the page itself: server and agent in one, see far.js."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route

__all__ = ["SCRIPT", "FarEnd", "loopback"]

SCRIPT = (Path(__file__).parent / "far.js").read_text()
"Must be among the scripts that the page was opened with."

CALL = "c1"
"The id that every call here gets."


@dataclass
class FarEnd:
    """Answers the page's calls, speaks, and says what it received."""

    page: Page
    offers: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    "Of the offers, as the page sent them."
    agent: str = "local"
    "Who is said to be on the line."
    recording: str = ""
    "What the answer says becomes of the recording; an older server does not say."
    reachable: bool = True
    "False: the answer names no address, so that no connection comes about."

    @classmethod
    async def of(cls, page: Page) -> FarEnd:
        far = cls(page)
        await page.route("**/offer", far.answer)
        return far

    async def answer(self, route: Route) -> None:
        self.offers += 1
        offer = route.request.post_data_json
        self.bodies.append(offer)
        sdp = await self.page.evaluate("sdp => far.answer(sdp)", offer["sdp"])
        if not self.reachable:
            lines = sdp.split("\r\n")
            kept = [line for line in lines if not line.startswith("a=candidate:")]
            sdp = "\r\n".join(kept)
            await self.page.evaluate("far.peer.close()")
        answer = {"sdp": sdp, "type": "answer", "call": CALL, "agent": self.agent}
        answer["profile"] = offer.get("profile", "default")
        if self.recording:
            answer["recording"] = self.recording
        await route.fulfill(json=answer)

    async def say(self, type_: str, **fields: Any) -> None:
        """Send one event to the page."""
        message = {"type": type_, "at_ms": 0, **fields}
        await self.page.evaluate("message => far.send(message)", message)

    async def speak(self, loudness: float = 0.25) -> None:
        """A tone for the agent's voice; 1 is as loud as sound can be, 0 is silence."""
        await self.page.evaluate("gain => { far.gain.gain.value = gain }", loudness)

    async def leave(self) -> None:
        """Close the connection without a word."""
        await self.page.evaluate("far.peer.close()")

    async def received(self, count: int) -> list[dict[str, Any]]:
        """What the page sent on the events channel, once there are `count`."""
        messages: list[dict[str, Any]] = []
        while len(messages) < count:
            await self.page.wait_for_timeout(20)
            messages = await self.page.evaluate("far.received")
        return messages


def loopback(sdp: str) -> str:
    """The description with its candidates on 127.0.0.1 only."""
    lines = sdp.splitlines(keepends=True)
    return "".join(
        line
        for line in lines
        if not line.startswith("a=candidate:") or " 127.0.0.1 " in line
    )
