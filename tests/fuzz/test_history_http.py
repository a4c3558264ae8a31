"""Whatever is asked of the history: an answer with a code, never a 500, never a file
that was not asked for."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest

from rtc.history import guard
from tests.meetings import ID, agreed, talk
from tests.unit.rtc.history.desk import CALL, RUNNING, UNKNOWN, Desk, desk

ROUNDS = 2000

SECRET = b"not for anybody"

NAMES = (
    "q",
    "agent",
    "day",
    "until",
    "zone",
    "meeting",
    "recording",
    "before",
    "limit",
    "leg",
    "download",
    "x",
)

VALUES = (
    "",
    "1",
    "-1",
    "0",
    "200",
    "9" * 30,
    "yes",
    "kept",
    "2026-11-23",
    "2026-02-31",
    "0001-01-01",
    "9999-12-31",
    "Europe/Vienna",
    "../../etc/passwd",
    "/etc/localtime",
    ".",
    "UTC\0",
    "%00",
    "%ff",
    "%ed%a0%80",
    "a b",
    "+",
    "&&",
    "=",
    "%",
    "é",
    "x" * 300,
    "' OR 1=1 --",
    '"',
    "*",
    CALL,
    UNKNOWN,
    "both",
    "mix",
    "20269999-999999-0123456789ab",
)

ENDS = (
    "",
    "/",
    "/peaks.json",
    "/recording.wav",
    "/recording.mp3",
    "/recording.",
    "/rating",
    "/recording.wav/..",
    "/transcript.json",
    "/transcript.vtt",
    "/transcript.txt",
    "/events.jsonl",
    "/everything",
    "/meeting.ics",
    "/meetings/" + ID,
    "/meetings/",
    "/meetings/..",
    "/call.json",
    "/recording.%2e%2e%2fsecret",
    "/%00",
    "/transcript.%2e",
    "//",
    "/recording.mka;x",
    "/..%2f..%2fsecret",
)

CALLS = (
    CALL,
    RUNNING,
    UNKNOWN,
    "x",
    "..",
    "%2e%2e",
    "..%2f",
    "choices",
    "a" * 300,
    "%ff",
    ".spool",
    ".cache",
    CALL + "%0a",
    CALL.replace("-", "%2d"),
    "２" + CALL[1:],
)

RANGES = (
    "bytes=0-1",
    "bytes=-1",
    "bytes=5-",
    "bytes=5-4",
    "bytes=0-0,1-1",
    "bytes=",
    "x",
    "bytes=99999999999999999999-",
    "bytes=-0",
    "bytes=99999-",
    "bytes=0-" + "9" * 3000,
    "bytes=\xb2-",
    "items=0-1",
    "bytes=1-2-3",
    "",
    "BYTES=0-",
    "bytes=," * 500,
)

METHODS = ("GET",) * 6 + ("HEAD", "PUT", "DELETE", "POST", "OPTIONS", "PATCH", "BREW")


def junk(dice: random.Random, most: int = 40) -> str:
    """Letters that a header or a path may have."""
    letters = [
        chr(dice.choice((dice.randrange(33, 127), dice.randrange(161, 256))))
        for _ in range(dice.randrange(most))
    ]
    return "".join(letters)


def target(dice: random.Random) -> str:
    match dice.randrange(8):
        case 0:
            path = "/" + junk(dice)
        case 1:
            path = dice.choice(("/calls.csv", "/calls.jsonl", "/api", "/calls/choices"))
        case 2:
            path = "/calls"
        case _:
            call = CALL if dice.random() < 0.5 else dice.choice(CALLS)
            path = f"/calls/{call}{dice.choice(ENDS)}"
    if dice.random() < 0.3:
        pairs = [
            f"{dice.choice(NAMES)}={dice.choice((*VALUES, junk(dice)))}"
            for _ in range(dice.randrange(1, 4))
        ]
        path += "?" + "&".join(pairs)
    return path.replace(" ", "+").replace("\0", "%00")


def headers(dice: random.Random) -> dict[str, str]:
    found = {"Host": "localhost"}
    basic = base64.b64encode(junk(dice).encode()).decode()
    for name, values in (
        ("Range", (*RANGES, junk(dice))),
        (
            "If-Range",
            ('"x"', "*", 'W/"x"', "Mon, 23 Nov 2026 14:05:09 GMT", junk(dice)),
        ),
        ("If-None-Match", ("*", '"x"', junk(dice))),
        ("Accept", ("text/html", "*/*", "text/html;q=x", "," * 500, junk(dice))),
        ("Authorization", (f"Basic {basic}", "Basic", "Basic =", junk(dice))),
        ("Origin", ("null", "http://[", "http://localhost", junk(dice))),
        ("Sec-Fetch-Site", ("none", "cross-site", junk(dice))),
        ("Host", ("localhost:1", "[::1]", "evil.example", "[", junk(dice))),
        ("Content-Type", ("application/json", "application/json; charset=x", "x")),
    ):
        if dice.random() < (0.4 if name == "Range" else 0.15):
            found[name] = dice.choice(values)
    return found


def body(dice: random.Random) -> bytes:
    return dice.choice(
        (
            b"",
            b"{}",
            b'{"stars": 5}',
            b'{"stars": 1e400}',
            b"[" * 5000,
            b"\xff\xfe",
            b'{"stars": 5, "note": "\\ud800"}',
            action(dice),
            dice.randbytes(50),
        )
    )


THINGS: tuple[Any, ...] = (
    *(None, True, 0, -1, 5, 480, 1e300, "", "x", "\ud800", "\0", "a" * 500, [], {}),
    *("2026-11-26", "2026-02-30", "9999-12-31", "0001-01-01", "15:00", "24:00"),
    *("Europe/Vienna", "../../etc/passwd", "America", "nat@example.com", "a@b\r\nc: d"),
)

FIELDS = ("day", "time", "zone", "duration_min", "attendee", "email", "topic", "x")

ACTIONS = ("undo", "correct", "correct", "approve", "discard", "resend", "x", 5, None)


def action(dice: random.Random) -> bytes:
    """What somebody may want to be done with a meeting."""
    names = dice.sample(FIELDS, dice.randrange(len(FIELDS)))
    fields = {name: dice.choice((*THINGS, junk(dice))) for name in names}
    return json.dumps({"action": dice.choice(ACTIONS), **fields}).encode()


async def asked(found: Desk, request: bytes) -> bytes:
    """All that is answered to these bytes."""
    port = int(found.url.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


def written(dice: random.Random) -> bytes:
    """A request as somebody may write it by hand."""
    content, method, path = body(dice), dice.choice(METHODS), target(dice)
    if dice.random() < 0.1:
        method, end = dice.choice(
            (("PUT", "rating"), ("DELETE", "everything"), ("POST", f"meetings/{ID}"))
        )
        path = f"/calls/{dice.choice((CALL, RUNNING, UNKNOWN))}/{end}"
    lines = [f"{method} {path} HTTP/1.1", "Connection: close"]
    lines += [f"{name}: {text}" for name, text in headers(dice).items()]
    lines += [f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + content


async def storm(found: Desk, seed: int) -> dict[int, int]:
    """How often each status was the answer."""
    dice = random.Random(seed)
    statuses: dict[int, int] = {}
    for _ in range(ROUNDS):
        request = written(dice)
        answer = await asked(found, request)
        assert answer.startswith(b"HTTP/1."), request
        status = int(answer.split(b" ", 2)[1])
        statuses[status] = statuses.get(status, 0) + 1
        assert status < 500, (request, answer)
        assert SECRET not in answer, request
        head, _, rest = answer.partition(b"\r\n\r\n")
        if status >= 400 and rest and b"problem+json" not in head:
            # Not even HTTP: then no route and no middleware of ours was asked.
            assert status == 400, (request, answer)
    return statuses


def prepare(found: Desk, folder: Path) -> None:
    for name in ("secret", ".secret", "call.json"):
        (folder / name).write_bytes(SECRET)
    (folder.parent / "secret").write_bytes(SECRET)
    found.store.write(CALL, "call.json", SECRET)
    found.store.write(CALL, "transcript.json", {"turns": [{"who": "agent"}]})


async def test_any_request_is_answered(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    async with desk(folder) as found:
        prepare(found, folder)
        found.bureau.desk.found(agreed(), talk())
        statuses = await storm(found, 20261126)
    # All of it was reached: pages, parts of sound, refusals.
    assert {200, 204, 206, 400, 403, 404, 405, 409, 415, 416} <= statuses.keys()


async def test_behind_a_password_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "DELAY_S", 0.0)  # of which this is no test
    folder = tmp_path / "recordings"
    folder.mkdir()
    dice = random.Random(5)
    async with desk(folder, "a password that nobody guesses") as found:
        prepare(found, folder)
        requests = [written(dice) for _ in range(300)]
        for request in requests:
            answer = await asked(found, request)
            assert 400 <= int(answer.split(b" ", 2)[1]) < 500, answer
            assert SECRET not in answer
    assert found.archive.asked == []
    assert found.keeper.deleted == [] and found.keeper.rated == []
