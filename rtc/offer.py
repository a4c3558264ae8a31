"""Offer: what aiortc would make of an SDP offer, found out before it acts on it.

`rtc.sdp` has read the text for what Parley needs; here aiortc's own parser reads it,
and whatever would make aiortc stumble later is refused by name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from aiortc import InvalidAccessError, InvalidStateError
from aiortc.exceptions import OperationError
from aiortc.sdp import MediaDescription, SessionDescription

from .sdp import BadOffer, NoAudio

__all__ = ["check", "stumbling"]

log = logging.getLogger(__name__)

STUMBLES = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    StopIteration,
    TypeError,
    ValueError,
)
"aiortc documents no errors of its SDP parser: these are what it raises."


def check(offer: str) -> None:
    """Read the offer as aiortc will. Raises BadOffer where aiortc would stumble."""
    try:
        description = SessionDescription.parse(offer)
    except STUMBLES as error:
        raise BadOffer("the SDP cannot be read") from error
    for media in description.media:
        _check_media(media)
    _check_session(description)


def _check_session(description: SessionDescription) -> None:
    """What must be right of the sections together, and of the one that we answer."""
    names = [media.rtp.muxId for media in description.media]
    if not all(names) or len(set(names)) < len(names):
        raise BadOffer("every media section needs a mid of its own")
    for group in description.group:
        if group.semantic == "BUNDLE" and not set(group.items) <= set(names):
            raise BadOffer("the BUNDLE group names a section that is not there")
    kinds = [media.kind for media in description.media]
    if "audio" not in kinds:
        raise NoAudio("the offer has no audio section")
    if kinds.count("application") > 1:
        raise BadOffer("there is more than one application section")
    audio = description.media[kinds.index("audio")]
    if not audio.port or "opus" not in {c.name.lower() for c in audio.rtp.codecs}:
        raise NoAudio("the first audio section must be in use and have Opus")
    if audio.direction not in ("sendrecv", "recvonly"):
        raise NoAudio("the first audio section must be one that the caller listens to")


def _check_media(media: MediaDescription) -> None:
    name = f"the {media.kind} section"
    if media.kind not in ("audio", "video", "application"):
        raise BadOffer(f"{name} is of no kind that WebRTC knows")
    if not (media.ice and media.ice.usernameFragment and media.ice.password):
        raise BadOffer(f"{name} has no ICE credentials (ice-ufrag, ice-pwd)")
    if media.dtls is None or not media.dtls.fingerprints:
        raise BadOffer(f"{name} has no DTLS fingerprint or setup role")
    if media.dtls.role not in ("auto", "client"):
        raise BadOffer(f"{name} must offer setup:actpass or setup:active")
    if media.kind == "application" and not (media.sctp_port or media.sctpmap):
        raise BadOffer(f"{name} has no sctp-port")
    if media.kind != "application" and not media.rtcp_mux:
        raise BadOffer(f"{name} does not multiplex RTCP (rtcp-mux)")


@contextmanager
def stumbling() -> Iterator[None]:
    """Turn what aiortc raises over an offer that `check` let pass into BadOffer."""
    try:
        yield
    except (*STUMBLES, InvalidAccessError, InvalidStateError, OperationError) as error:
        log.warning("aiortc stumbled over an offer: %r", error)
        raise BadOffer("one of the media sections cannot be answered") from error
