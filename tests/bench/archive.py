"""The call history with 100,000 calls: how long a page takes to be found.

Calls of 30 turns with words as common and as rare as in real talk; the same greeting in
each. They are written in bulk, the last thousand one by one as a server does.

    python -m tests.bench.archive [--calls N] [--url URL]     five minutes; a table
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path

from rtc import call_id
from rtc.archive import tables
from rtc.archive.archive import Archive
from rtc.archive.query import Query
from rtc.archive.row import KEPT, Row

__all__ = ["calls", "fill", "main"]

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
APART_S = 300
"Between two calls: 100,000 of them fill a year."

GREETING = (
    "Hello and thank you for calling, this is Sarah. This conversation is recorded. "
    "How can I help you today?"
)
COMMON = """
    the I you to and a it that is of in we for on so yes no have do what not can be
    would with just that's okay right know me my our your like think well if at but
    about there will time one from good how all get they are was or this as really
    meeting week call send company email tomorrow monday tuesday price
"""
SYLLABLES = "ba ro ti me ch al in er on st co de wa lo pi nu ge fa su ki pre tion"
VOCABULARY = 12_000
TURNS, WORDS_PER_TURN = 30, 14
BULK = 1000
"Rows in a transaction when many are written."

RARE = "serendipity"
"Said in one of a thousand calls."

ROUNDS = 40
"Of each query, of which the 50th and 99th percentiles are shown."


def calls(count: int, *, turns: int = TURNS, seed: int = 1) -> Iterator[Row]:
    """Made-up calls, oldest first; the same for a seed."""
    die = random.Random(seed)
    words = _vocabulary(die)
    weights = list(accumulate(1 / (place + 3) for place in range(len(words))))
    for place in range(count):
        said = die.choices(words, cum_weights=weights, k=turns * WORDS_PER_TURN)
        rare = RARE if place % 1000 == 7 else ""
        began = FIRST + timedelta(seconds=place * APART_S)
        yield Row(
            call=call_id.make(began, f"{die.getrandbits(48):012x}"),
            agent=_one_of(die, {"elevenlabs": 70, "openai": 29.9, "local": 0.1}),
            profile=_one_of(die, {"sarah": 90, "default": 10}),
            began_ms=round(began.timestamp() * 1000),
            length_ms=die.randrange(5_000, 600_000),
            reason=_one_of(die, {"caller-left": 80, "agent-ended": 19, "failed": 1}),
            recording=KEPT[0] if die.random() < 0.95 else die.choice(KEPT[1:]),
            meeting_ms=None if place % 20 else round(began.timestamp() * 1000) + 9**9,
            turns=turns,
            latency_ms=die.randrange(400, 2000),
            cost_usd=die.random(),
            text=" ".join([GREETING, rare, *said]),
        )


def _one_of(die: random.Random, shares: Mapping[str, float]) -> str:
    return die.choices(list(shares), list(shares.values()))[0]


def _vocabulary(die: random.Random) -> list[str]:
    """Words, the commonest first."""
    syllables = SYLLABLES.split()
    made = (
        "".join(die.choices(syllables, k=die.choice((2, 2, 3, 4))))
        for _ in range(3 * VOCABULARY)
    )
    return list(dict.fromkeys([*COMMON.split(), *made]))[:VOCABULARY]


async def fill(archive: Archive, rows: Iterator[Row]) -> None:
    """Write many rows at once."""
    await archive._ready()
    while some := list(islice(rows, BULK)):
        writes = [tables.put(row, sqlite=archive._sqlite) for row in some]
        # A deadline is for a call, not for a thousand.
        async with archive._transaction() as connection:
            for same in zip(*writes, strict=True):
                await connection.execute(same[0][0], [values for _, values in same])


def _days(first: datetime, count: int) -> dict[str, int]:
    since_ms = round(first.timestamp() * 1000)
    return {"since_ms": since_ms, "until_ms": since_ms + count * 86_400_000}


def queries(count: int) -> dict[str, Query]:
    """What people ask for, by what it is called in the table."""
    middle = FIRST + timedelta(seconds=count // 2 * APART_S)
    before = call_id.make(middle, "0" * 12)
    day = _days(middle, 1)
    return {
        "newest": Query(),
        "a page in the middle": Query(before=before),
        "agent, common": Query(agent="elevenlabs"),
        "agent, 0.1 %": Query(agent="local"),
        "agent, unknown": Query(agent="nobody"),
        "profile": Query(profile="default"),
        "reason, 1 %": Query(reason="failed"),
        "recording, 1 %": Query(recording="refused"),
        "meeting": Query(meeting=True),
        "no meeting": Query(meeting=False),
        "a day": Query(**day),
        "a month": Query(**_days(middle, 30)),
        "a day, agent 0.1 %": Query(agent="local", **day),
        "four filters": Query(
            agent="local", profile="default", reason="failed", meeting=True
        ),
        "word, in every call": Query(text="conversation"),
        "word, common": Query(text="tomorrow"),
        "word, 0.1 %": Query(text=RARE),
        "word, nowhere": Query(text="zyzzyva"),
        "a letter": Query(text="t"),
        "three letters": Query(text="con"),
        "six letters": Query(text="record"),
        "five common words": Query(text="thank you for calling tomorrow"),
        "common and rare word": Query(text=f"{RARE} the"),
        "common word, agent 0.1 %": Query(text="the", agent="local"),
        "common word, agent unknown": Query(text="the", agent="nobody"),
        "common word, a day": Query(text="the", **day),
        "common word, long ago": Query(text="the", before=before),
        "rare word, agent 0.1 %": Query(text=RARE, agent="local"),
        "word and four filters": Query(
            text="tomorrow", agent="local", reason="failed", profile="default",
            meeting=True,
        ),
    }  # fmt: skip


async def measure(archive: Archive, count: int) -> str:
    """A row for each query: calls found, ms at the 50th and 99th percentile."""
    lines = ["| query | found | p50 ms | p99 ms |", "|---|--:|--:|--:|"]
    for name, query in queries(count).items():
        took = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            page = await archive.page(query)
            took.append((time.perf_counter() - begin) * 1000)
        found = f"{len(page.rows)}{'+' if page.next else ''}"
        lines.append(
            f"| {name} | {found} | {_share(took, 0.5)} | {_share(took, 0.99)} |"
        )
    begin = time.perf_counter()
    await archive.choices()
    lines.append(f"| choices | | {(time.perf_counter() - begin) * 1000:.1f} | |")
    return "\n".join(lines)


def _share(took: Sequence[float], share: float) -> str:
    return f"{sorted(took)[round(share * (len(took) - 1))]:.1f}"


async def run(url: str, count: int) -> str:
    """Fill a database and measure it; what to print."""
    async with Archive(url) as archive:
        rows = calls(count)
        begin = time.perf_counter()
        await fill(archive, islice(rows, max(0, count - BULK)))
        bulk_s = time.perf_counter() - begin
        puts = []
        for row in rows:
            begin = time.perf_counter()
            await archive.put(row)
            puts.append((time.perf_counter() - begin) * 1000)
        table = await measure(archive, count)
    alone = f"{_share(puts, 0.5)} ms (p99 {_share(puts, 0.99)}, max {max(puts):.1f})"
    return (
        f"{count} calls, written in {bulk_s:.0f} s, one alone in {alone}\n\n{table}\n"
    )


def main(args: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.archive")
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--url", help="an empty database; otherwise a new SQLite file")
    wish = parser.parse_args(args)
    with tempfile.TemporaryDirectory() as folder:
        url = wish.url or f"sqlite:///{Path(folder, 'history.sqlite')}"
        sys.stdout.write(asyncio.run(run(url, wish.calls)))
        if not wish.url:
            size = Path(folder, "history.sqlite").stat().st_size
            sys.stdout.write(f"\n{size / wish.calls / 1000:.1f} kB a call on disk\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
