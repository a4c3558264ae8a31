"""Standing: what becomes of a meeting's letters, as it is told everywhere. Pure.

draft     half-specified: shown to be completed, never sent
waiting   leaves after a while, unless corrected or undone
review    waits until somebody in the history approves it
queued    left, and is being delivered
sent      all its mails were accepted by the mail server
outbox    there is no mail server: they lie in a folder
failed    given up for good
off       nothing is ever sent
undone    taken back before anything left
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..post.parcel import Report

__all__ = ["STATES", "Outcome", "Role", "Standing", "State", "outcome_of"]

State: TypeAlias = Literal[
    "draft",
    "waiting",
    "review",
    "queued",
    "sent",
    "outbox",
    "failed",
    "off",
    "undone",
]

STATES: tuple[State, ...] = (
    "draft", "waiting", "review", "queued", "sent", "outbox", "failed", "off", "undone",
)  # fmt: skip

Role: TypeAlias = Literal["desk", "attendee"]

Outcome: TypeAlias = Literal["", "sent", "outbox", "failed"]
"Of letters that left; empty: they are still being delivered."


@dataclass(frozen=True, slots=True)
class Standing:
    state: State
    to: tuple[Role, ...] = ()
    "Who gets it."
    leaves_in_s: float | None = None
    "Only while waiting."
    why: str = ""
    "What went wrong, for people; never a secret."

    def to_json(self) -> dict[str, Any]:
        content: dict[str, Any] = {"state": self.state, "to": list(self.to)}
        if self.leaves_in_s is not None:
            content["leaves_in_s"] = round(max(0.0, self.leaves_in_s), 1)
        return {**content, "why": self.why} if self.why else content


def outcome_of(reports: Iterable[Report]) -> tuple[Outcome, str]:
    """What came of all mails together, and why if something is wrong.

    Webhooks count only where nothing else left: people wait for letters.
    """
    found = list(reports)
    mails = [it for it in found if it.kind == "mail"] or found
    by_state = {it.state: it.why for it in reversed(mails)}
    outcome: Outcome = ""
    if "failed" in by_state:
        outcome = "failed"
    elif mails and "waiting" not in by_state:
        outcome = "outbox" if "outbox" in by_state else "sent"
    whys = [by_state.get(state, "") for state in ("failed", "waiting", "sent")]
    return outcome, next((why for why in whys if why), "")
