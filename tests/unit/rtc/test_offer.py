"""Offer: refused by name where aiortc would stumble over it."""

from __future__ import annotations

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from rtc.offer import check, stumbling
from rtc.sdp import BadOffer, prepare
from tests.peers import offered


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("a=mid:1", "a=mid:0", "mid of its own"),
        ("a=mid:1", "a=x", "mid of its own"),
        ("BUNDLE 0 1", "BUNDLE 0 7", "BUNDLE"),
        ("a=sendrecv", "a=sendonly", "listens to"),
        ("a=sendrecv", "a=inactive", "listens to"),
        ("m=audio 9", "m=audio 0", "no audio section"),
    ],
)
async def test_an_offer_that_contradicts_itself_is_refused(
    old: str, new: str, text: str
) -> None:
    pc, sdp = await offered()
    await pc.close()
    port = next(line for line in sdp.splitlines() if line.startswith("m=audio"))
    sdp = sdp.replace(port, "m=audio 9 " + port.split(" ", 2)[2])
    assert old in sdp
    with pytest.raises(BadOffer, match=text):
        check(prepare(sdp.replace(old, new)))


@pytest.mark.parametrize(
    ("cut", "text"),
    [
        ("a=ice-ufrag", "ICE credentials"),
        ("a=fingerprint", "fingerprint"),
        ("a=setup", "fingerprint or setup"),
        ("a=rtcp-mux", "rtcp-mux"),
        ("a=sctp-port", "sctp-port"),
    ],
)
async def test_an_offer_that_lacks_something_is_refused_by_name(
    cut: str, text: str
) -> None:
    pc, sdp = await offered()
    await pc.close()
    check(prepare(sdp))
    lacking = "\r\n".join(line for line in sdp.splitlines() if not line.startswith(cut))
    with pytest.raises(BadOffer, match=text):
        check(prepare(lacking))


async def test_what_aiortc_stumbles_over_all_the_same_is_a_bad_offer() -> None:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    with pytest.raises(BadOffer, match="cannot be answered"), stumbling():
        await pc.setLocalDescription(await pc.createAnswer())
    await pc.close()
