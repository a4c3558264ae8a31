"""A call about a pension in which a meeting was agreed on, and what is known of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from convai.mail.occasion import Occasion
from convai.meeting.meeting import Evidence, Meeting
from convai.turn import Turn

__all__ = ["NOW", "TURNS", "meeting", "occasion"]

NOW = datetime(2026, 11, 24, 9, 6, tzinfo=UTC)

WORDS = [
    ("agent", "Hello, this is Sarah from Acme Pensions. Am I speaking with Ann Lee?"),
    ("caller", "Yes, hi. You wrote to me about my company pension."),
    ("agent", "That's right. Your employer is moving the pension plan to a new fund."),
    ("caller", "I saw that. What happens to the money I have paid into the old fund?"),
    (
        "agent",
        "It stays yours. You can leave it in the old fund, or move it to the new"
        " pension plan without any fee until the end of March.",
    ),
    (
        "caller",
        "without a fee okay i would like to see the numbers for both before i move"
        " anything from the old fund",
    ),
    ("agent", "Of course. Our adviser can go through the numbers with you."),
    ("agent", "Would Thursday afternoon work for you?"),
    ("caller", "Thursday is good, but not before two."),
    ("agent", "Then let's say Thursday, the twenty-sixth, at three."),
    ("caller", "Perfect, Thursday at three."),
    ("agent", "You will get an invitation by mail. Thank you, Ann, and goodbye."),
]

TURNS = tuple(
    Turn(who, text, 7_000 * number, 7_000 * number + 5_000, final=True)  # type: ignore[arg-type]
    for number, (who, text) in enumerate(WORDS)
)


def meeting(**changes: Any) -> Meeting:
    evidence = tuple(
        Evidence(it.who, it.text, it.start_ms, it.end_ms) for it in TURNS[9:11]
    )
    found = Meeting(
        status="agreed",
        zone="Europe/Vienna",
        start=datetime(2026, 11, 26, 15, tzinfo=ZoneInfo("Europe/Vienna")),
        attendee="Ann Lee",
        email="ann.lee@example.com",
        topic="Pension plan",
        confidence=0.94,
        evidence=evidence,
        id="5f0c6d2a9b7e4c1d8a3f0e9d7c6b5a41",
    )
    return replace(found, **changes)


def occasion(**changes: Any) -> Occasion:
    found = Occasion(
        call="20261124-090512-5f0c6d2a9b7e",
        agent="Sarah",
        profile="Acme Pensions",
        began=datetime(2026, 11, 24, 9, 5, 12, tzinfo=UTC),
        length_s=83.4,
        link="https://calls.example.com/history#20261124-090512-5f0c6d2a9b7e",
        turns=TURNS,
        sender="Parley <parley@example.com>",
        desk=("desk@example.com",),
    )
    return replace(found, **changes)
