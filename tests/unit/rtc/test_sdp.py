"""What an offer must be, and what is left out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.offer import check
from rtc.sdp import MOST_CANDIDATES, BadOffer, NoAudio, prepare

OFFERS = sorted((Path(__file__).parents[2] / "data" / "offers").glob("*.sdp"))
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n"


def candidates(sdp: str) -> list[str]:
    return [line for line in sdp.splitlines() if line.startswith("a=candidate")]


def test_there_are_offers_of_real_phones_to_test_with() -> None:
    assert len(OFFERS) >= 8


@pytest.mark.parametrize("path", OFFERS, ids=lambda path: path.stem)
def test_the_offers_of_real_phones_and_browsers_are_understood(path: Path) -> None:
    check(prepare(path.read_text()))


@pytest.mark.parametrize(
    "candidate",
    [
        "1 1 udp 2122 0a1b2c3d-0000.local 5000 typ host",
        "1 1 tcp 1518 10.0.0.1 9 typ host tcptype active",
        "1 2 udp 2122 10.0.0.1 5000 typ host",
        "1 1 udp x 10.0.0.1 5000 typ host",
        "1 1 udp 2122 10.0.0.1 0 typ host",
        "1 1 udp 2122 10.0.0.1",
        "",
    ],
)
def test_candidates_that_lead_nowhere_are_left_out(candidate: str) -> None:
    sdp = prepare(f"v=0\r\n{AUDIO}a=candidate:{candidate}\r\na=end-of-candidates\r\n")
    assert candidates(sdp) == []
    assert "end-of-candidates" not in sdp


def test_no_more_candidates_than_a_machine_can_have() -> None:
    lines = [
        f"a=candidate:{k} 1 udp 2122 10.0.{k // 256}.{k % 256} 5000 typ host"
        for k in range(500)
    ]
    sdp = prepare("\n".join(["v=0", AUDIO.strip(), *lines]))
    assert candidates(sdp) == lines[:MOST_CANDIDATES]


@pytest.mark.parametrize("many", [AUDIO * 9, AUDIO + "a=x\n" * 2000])
def test_an_offer_that_only_costs_time_is_refused(many: str) -> None:
    with pytest.raises(BadOffer, match="at most"):
        prepare("v=0\n" + many)


def test_usable_candidates_stay() -> None:
    lines = [
        "a=candidate:1 1 udp 2122 10.0.0.1 5000 typ host generation 0",
        "a=candidate:2 1 UDP 2122 fd00::1 5001 typ host",
    ]
    sdp = prepare("\n".join(["v=0", AUDIO.strip(), *lines]))
    assert candidates(sdp) == lines


@pytest.mark.parametrize("text", ["", "hello", "v=0\r\nhello", "{}", "v=0\r\nm"])
def test_what_is_no_sdp_is_refused(text: str) -> None:
    with pytest.raises(BadOffer):
        check(prepare(text))


@pytest.mark.parametrize(
    "text",
    [
        "v=0\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtpmap:0 PCMU/8000\r\n",
        "v=0\r\n" + AUDIO.replace("audio 9", "audio 0"),
    ],
)
def test_an_offer_without_opus_audio_is_refused_as_such(text: str) -> None:
    with pytest.raises(NoAudio):
        prepare(text)


@given(st.text(max_size=300))
def test_only_bad_offer_comes_out_of_any_text(text: str) -> None:
    try:
        check(prepare(text))
    except BadOffer:
        pass
