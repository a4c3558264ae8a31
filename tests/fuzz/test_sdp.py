"""Whatever text comes as an offer: it is taken, or BadOffer says what is wrong."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from rtc.line import Line
from rtc.media import Media, Options
from rtc.offer import check
from rtc.peer import Peer
from rtc.sdp import BadOffer, prepare

OFFERS = [
    path.read_text()
    for path in sorted((Path(__file__).parents[1] / "data" / "offers").glob("*.sdp"))
]
ROUNDS = 8_000


def mutated(dice: random.Random) -> str:
    """A real offer with lines dropped, doubled, swapped, cut or garbled."""
    lines = dice.choice(OFFERS).splitlines()
    for _ in range(dice.randrange(1, 5)):
        k = dice.randrange(len(lines))
        match dice.randrange(6):
            case 0:
                del lines[k]
            case 1:
                lines.insert(k, dice.choice(lines))
            case 2:
                other = dice.randrange(len(lines))
                lines[k], lines[other] = lines[other], lines[k]
            case 3:
                lines[k] = lines[k][: dice.randrange(len(lines[k]) + 1)]
            case 4:
                at = dice.randrange(len(lines[k]) + 1)
                junk = chr(dice.choice([0, 9, 32, 45, 58, 0x130, 0xD800, 0x1F600]))
                lines[k] = lines[k][:at] + junk + lines[k][at:]
            case 5:
                lines[k] = " ".join(dice.sample(lines[k].split(" "), k=1))
        lines = lines or ["v=0"]
    return dice.choice(["\r\n", "\n"]).join(lines)


class Unrecorded:
    def caller(self, payload: bytes, at: int) -> None: ...
    def agent(self, payload: bytes, at: int) -> None: ...
    def tick(self, at: int) -> None: ...


def line(media: Media) -> Line:
    return Line(
        0.0,
        media,
        Unrecorded(),
        input_rate=16_000,
        output_rate=16_000,
        tell=lambda event: None,
    )


@pytest.mark.parametrize("lean", [True, False])
async def test_what_passes_is_answered_or_refused_and_leaves_nothing(
    lean: bool,
) -> None:
    """aiortc is not asked to be careful: `check` is, and `stumbling` behind it."""
    dice = random.Random(20261122)
    answered = 0
    async with Media(Options(lean=lean)) as media:
        for _ in range(ROUNDS // 10):
            try:
                offer = prepare(mutated(dice))
                check(offer)
            except BadOffer:
                continue
            async with Peer(media, ice_address="127.0.0.1") as peer:
                try:
                    await peer.answer(offer, line(media))
                    answered += 1
                except BadOffer as error:
                    assert str(error)
        await asyncio.sleep(0)  # closed transports have their turn
        assert len(media.ports) == 0
    assert answered > 50


def test_only_bad_offer_comes_out() -> None:
    dice = random.Random(20261122)
    taken = 0
    for _ in range(ROUNDS):
        try:
            check(prepare(mutated(dice)))
            taken += 1
        except BadOffer as error:
            assert str(error)
    assert 0 < taken < ROUNDS
