"""Whatever comes as the body of POST /offer: a problem with a code, never a 500."""

from __future__ import annotations

import json
import random
from pathlib import Path

from tests.integration.rtc.test_signaling import OFFERS, serving

ROUNDS = 400


def body(dice: random.Random) -> bytes:
    good = json.dumps({"sdp": "v=0\r\n", "type": "offer", "agent": "agent"}).encode()
    match dice.randrange(5):
        case 0:
            return dice.randbytes(dice.randrange(200))
        case 1:
            data = bytearray(good)
            for _ in range(dice.randrange(1, 6)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            return bytes(data)
        case 2:
            junk = dice.choice([None, 5, [], {}, "x", True, 1e308, "\ud800"])
            return json.dumps({"sdp": junk, "type": "offer"}).encode()
        case 3:
            return b"[" * dice.randrange(1, 100_000)
        case _:
            lines = OFFERS[0].read_text().splitlines()
            dice.shuffle(lines)
            return json.dumps({"sdp": "\r\n".join(lines), "type": "offer"}).encode()


async def test_every_body_is_answered_with_a_problem(tmp_path: Path) -> None:
    dice = random.Random(20261122)
    json_type = {"Content-Type": "application/json"}
    async with serving(tmp_path, "http://127.0.0.1:1") as http:
        for _ in range(ROUNDS):
            status, content = await http.offer(None, data=body(dice), headers=json_type)
            if content["code"] == "agent-unavailable":
                continue  # the offer was good after all
            assert 400 <= status < 500, content
            assert content["code"] in ("bad-request", "bad-offer", "no-audio")
