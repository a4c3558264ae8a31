"""What an offer must be, and what is left out of it before aiortc sees it. Pure.

aiortc waits a second for each `.local` name and gives up on an offer that says
"no more candidates" when it could use none of them, though the caller's own
connectivity checks would reach us a moment later (RFC 8445 §7.3.1.3).
"""

from __future__ import annotations

import ipaddress
import re

__all__ = ["BadOffer", "NoAudio", "prepare", "with_opus"]

OPUS = re.compile(r"a=rtpmap:\d+ opus/48000/2", re.IGNORECASE)

MOST_LINES = 1500
"A browser that also offers video and a screen sends some 600; aiortc takes n² steps."

MOST_SECTIONS = 8
"Each costs aiortc a transport of its own until it is bundled."

MOST_CANDIDATES = 32
"More than a machine with many networks has; each is sent checks, whoever it may be."

LEAST_CANDIDATE = 8
"Fields of the shortest candidate line (RFC 8839 §5.1)."


OPUS_BIT_RATES = {8_000: 24_000, 16_000: 32_000, 24_000: 32_000}
"""Bits per second of the caller's speech by the agent's rate in Hz. More than RFC 7587
§3.1.1 has for speech: redundancy takes a share. Chromium sends it at 24 kbit/s as well;
libopus as others use it leaves it out below some 30, until a tenth is lost."""

MOST_BIT_RATE = 40_000
"For full-band speech."


class BadOffer(ValueError):
    """The text is not an SDP offer that can be answered."""

    code = "bad-offer"


class NoAudio(BadOffer):
    """The offer has no audio section with Opus in it."""

    code = "no-audio"


def prepare(offer: str) -> str:
    """The offer as aiortc should see it. Raises BadOffer or NoAudio.

    Removed: candidates that cannot be used from here (`.local` names, TCP, malformed
    ones) and every `end-of-candidates`. Who cannot be reached is given up by the
    setup deadline.
    """
    lines = [line.strip() for line in offer.replace("\r", "\n").split("\n")]
    lines = [line for line in lines if line]
    if not lines or lines[0] != "v=0":
        raise BadOffer("an SDP offer begins with v=0")
    if any("=" not in line[1:2] for line in lines):
        raise BadOffer("every line of an SDP offer has the form x=...")
    if len(lines) > MOST_LINES:
        raise BadOffer(f"an offer has at most {MOST_LINES} lines")
    if sum(line.startswith("m=") for line in lines) > MOST_SECTIONS:
        raise BadOffer(f"an offer has at most {MOST_SECTIONS} media sections")
    audio = _sections(lines, "audio")
    if not audio:
        raise NoAudio("the offer has no audio section")
    if not any(OPUS.match(line) for section in audio for line in section):
        raise NoAudio("the offer's audio section has no Opus")
    wanted = [line for line in lines if _wanted(line)]
    candidates = [line for line in wanted if line.startswith("a=candidate:")]
    surplus = set(candidates[MOST_CANDIDATES:])
    return "\r\n".join(line for line in wanted if line not in surplus) + "\r\n"


def _sections(lines: list[str], kind: str) -> list[list[str]]:
    """The media sections of that kind which the caller has not refused (port 0)."""
    sections: list[list[str]] = []
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        if sections:
            sections[-1].append(line)
    return [
        section
        for section in sections
        if section[0].startswith(f"m={kind} ")
        and not section[0].startswith("m=audio 0 ")
    ]


def _wanted(line: str) -> bool:
    if line.startswith("a=end-of-candidates"):
        return False
    return not line.startswith("a=candidate:") or _usable(line)


def _usable(line: str) -> bool:
    fields = line.removeprefix("a=candidate:").split()
    if len(fields) < LEAST_CANDIDATE or fields[2].lower() != "udp":
        return False
    component, priority, port = fields[1], fields[3], fields[5]
    if not all(field.isascii() and field.isdigit() for field in (priority, port)):
        return False
    try:
        ipaddress.ip_address(fields[4])
    except ValueError:
        return False
    # Parley bundles RTP and RTCP, so there is one component (RFC 8843, RFC 5761).
    return component == "1" and 0 < int(port) < 65536 and fields[6] == "typ"


def with_opus(answer: str, rate: int) -> str:
    """The answer, with what we want of the caller's Opus encoder (RFC 7587 §6.1).

    `rate` in Hz is that at which the agent hears: to send more would be in vain.
    Redundancy is asked for; browsers add it when our reports tell of losses.
    """
    bits = next((b for hz, b in OPUS_BIT_RATES.items() if rate <= hz), MOST_BIT_RATE)
    lines = answer.splitlines()
    kinds = {line[9:].split()[0] for line in lines if OPUS.match(line)}
    wished = (
        "minptime=10;useinbandfec=1;stereo=0;sprop-stereo=0"
        f";maxplaybackrate={rate};maxaveragebitrate={bits}"
    )
    told: list[str] = []
    for line in lines:
        name, _, value = line.partition(":")
        if name == "a=fmtp" and value.split()[0] in kinds:
            continue
        told.append(line)
        if OPUS.match(line):
            told.append(f"a=fmtp:{line[9:].split()[0]} {wished}")
    return "\r\n".join(told) + "\r\n"
