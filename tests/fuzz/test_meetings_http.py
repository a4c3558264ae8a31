"""Whatever is sent to a meeting: an answer with a code, never a 500; and whatever comes
of it, a meeting that a letter can be written of."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from convai.desk.outgoing import parcels
from convai.desk.rules import Rules
from tests.fuzz.test_history_http import action
from tests.meetings import CALL, ID, NOW, agreed, draft, talk
from tests.unit.rtc.test_meetings import serving

ROUNDS = 1500
RULES = Rules(desk=("desk@firm.example",), webhook=True)
JSON = {"Content-Type": "application/json"}


async def test_any_action_is_answered(tmp_path: Path) -> None:
    dice = random.Random(20261126)
    statuses: dict[int, int] = {}
    async with serving(tmp_path) as client:
        for number in range(ROUNDS):
            if number % 50 == 0:
                found = draft() if number % 100 else agreed()
                moved = found.start and found.start + timedelta(minutes=number)
                meeting = agreed(topic=str(number)) if moved else draft(topic="x")
                client.bureau.desk.found(meeting, talk())
            body = action(dice) if dice.random() < 0.9 else dice.randbytes(30)
            status, _ = await client.ask(ID, data=body, headers=JSON)
            statuses[status] = statuses.get(status, 0) + 1
            (entry,) = await client.bureau.desk._entries.of(CALL)
            if entry.meeting.start is not None:
                assert len(parcels(entry.left(), "", RULES, NOW)) >= 2
    assert set(statuses) == {200, 400, 409}, statuses
