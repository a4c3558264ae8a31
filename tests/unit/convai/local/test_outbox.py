from __future__ import annotations

import asyncio
import json

from convai.local.messages import audio, ping
from convai.local.outbox import BYTES_LIMIT, Outbox
from tests import virtual


def rest(outbox: Outbox) -> list[str]:
    """What is left of it, which ends it."""

    async def main() -> list[str]:
        outbox.end()
        texts = []
        while (text := await outbox.next()) is not None:
            texts.append(text)
        return texts

    return virtual.run(main())


def test_in_order_and_one_waits_for_more() -> None:
    async def main() -> None:
        outbox = Outbox()
        outbox.put(ping(1, None))
        outbox.put(audio(1, ""), 1)
        kinds = [json.loads(await outbox.next() or "")["type"] for _ in range(2)]
        assert kinds == ["ping", "audio"]
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(outbox.next())
            await asyncio.sleep(1)
            assert not waiting.done()
            outbox.put(ping(2, None))
        assert json.loads(waiting.result() or "")["ping_event"]["event_id"] == 2

    virtual.run(main())


def test_an_interruption_takes_back_audio_and_nothing_else() -> None:
    outbox = Outbox()
    outbox.put(audio(1, "AAAA"), 1)
    outbox.put(ping(1, None))
    outbox.put(audio(2, "AAAA"), 2)
    outbox.put(audio(3, "AAAA"), 3)
    outbox.take_back(2)
    left = [json.loads(text)["type"] for text in rest(outbox)]
    assert left == ["ping", "audio"]
    assert outbox.taken_back == 2


def test_who_waits_is_told_of_the_end() -> None:
    async def main() -> None:
        outbox = Outbox()
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(outbox.next())
            await asyncio.sleep(1)
            outbox.end()
        assert waiting.result() is None
        assert await outbox.next() is None

    virtual.run(main())


def test_a_client_that_does_not_read_is_noticed() -> None:
    outbox = Outbox()
    piece = "A" * 1_000_000
    while not outbox.overflowing:
        outbox.put(audio(1, piece), 1)
    assert len("".join(rest(outbox))) < BYTES_LIMIT + 2 * len(piece)
    assert not outbox.overflowing
    while not outbox.overflowing:
        outbox.put(audio(1, piece), 1)
    outbox.take_back(1)
    assert not outbox.overflowing
