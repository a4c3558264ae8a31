"""The corpus of telephone dialogues: each with the meeting that was agreed on, or none.

A dialogue belongs to the half that the detector was developed on, or to the one that
is held out, by the hash of its words; of the latter only the score is looked at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CORPUS = Path(__file__).parent / "data" / "meetings"


@dataclass(frozen=True)
class Dialogue:
    id: str
    now: datetime
    turns: tuple[tuple[str, str], ...]
    status: str
    start: datetime | None
    day: str
    time: str
    trap: str
    does: str
    "What each turn does, a letter each; empty where it is held out."
    stands: str
    "How things stand after each turn, a letter each."
    held_out: bool


@cache
def dialogues() -> tuple[Dialogue, ...]:
    return tuple(_read())


def _read() -> Iterator[Dialogue]:
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield _dialogue(json.loads(line))


def _dialogue(found: dict[str, Any]) -> Dialogue:
    zone = ZoneInfo(found["zone"])
    expect = found["expect"]
    start = expect.get("start") if expect["status"] == "agreed" else None
    begins = None
    if start:
        begins = datetime.fromisoformat(start)
        begins = begins if begins.tzinfo else begins.replace(tzinfo=zone)
    words = json.dumps(found["turns"]).encode()
    return Dialogue(
        id=found["id"],
        now=datetime.fromisoformat(found["now"]).replace(tzinfo=zone),
        turns=tuple((who, text) for who, text in found["turns"]),
        status=expect["status"],
        start=begins,
        day=expect.get("day") or "",
        time=expect.get("time") or "",
        trap=found.get("trap", ""),
        does=found.get("does", ""),
        stands=found.get("stands", ""),
        held_out=hashlib.sha256(words).digest()[0] % 8 in (1, 3, 5),
    )
