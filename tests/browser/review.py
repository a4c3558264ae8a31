"""Meetings in a made-up history: what the server tells of a call's, and does with them.

review = await Review.of(page, call, [agreed("review")])
await page.goto(...)
assert review.acts == [("ID", {"action": "approve"})]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page, Route

from tests.browser.desk import agreed, changed, refuse, undone

__all__ = ["Review"]

MAY = {
    "approve": ("review",),
    "discard": ("draft", "review", "waiting"),
    "resend": ("failed",),
    "correct": (
        "draft",
        "review",
        "waiting",
        "queued",
        "sent",
        "outbox",
        "failed",
        "off",
    ),
}
"Acts, and the standings in which they can be done."


@dataclass
class Review:
    """Answers for one call; all else is up to the real server."""

    call: str
    meetings: list[dict[str, Any]]
    acts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    "Ids of meetings, and what the page asked for."
    looks: int = 0
    "How often the page asked for the call."
    refusal: tuple[int, str, str] | None = None
    "Status, code and detail of the answer to the next act."

    @classmethod
    async def of(cls, page: Page, call: str, meetings: list[dict[str, Any]]) -> Review:
        review = cls(call, meetings)
        await page.route(f"**/calls/{call}", review.tell)
        await page.route(f"**/calls/{call}/meetings/*", review.answer)
        return review

    async def tell(self, route: Route) -> None:
        if route.request.headers["accept"] != "application/json":
            await route.continue_()
            return
        self.looks += 1
        response = await route.fetch()
        settled = [it for it in self.meetings if it["status"] == "agreed"]
        last = settled[-1] if settled else None
        more = {"meetings": self.meetings, "meeting": last}
        await route.fulfill(json={**await response.json(), **more})

    async def answer(self, route: Route) -> None:
        """Do as the page asks."""
        assert route.request.method == "POST"
        assert route.request.headers["content-type"] == "application/json"
        id_, act = route.request.url.rsplit("/", 1)[1], route.request.post_data_json
        self.acts.append((id_, act))
        at = next(at for at, it in enumerate(self.meetings) if it["id"] == id_)
        meeting = self.meetings[at]
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            await refuse(route, *refusal)
            return
        if meeting["standing"]["state"] not in MAY[act["action"]]:
            await refuse(route, 409, "meeting-settled", "its letters have left")
            return
        self.meetings[at] = done(meeting, act)
        await route.fulfill(json={"meeting": self.meetings[at]})


def done(meeting: dict[str, Any], act: dict[str, Any]) -> dict[str, Any]:
    if act["action"] == "correct":
        return changed(meeting, act)
    assert list(act) == ["action"]
    if act["action"] == "discard":
        return undone(meeting)
    return {**meeting, "standing": agreed("queued")["standing"]}
