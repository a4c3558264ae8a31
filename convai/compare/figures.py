"""Figures: what the caller's own ears tell of a call. Pure.

Voice-to-voice latency is from the end of the caller's sound to the first packet with
sound of the agent, both as the caller has them: network, server and provider included.
Packets are 20 ms, which is the resolution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .sound import FULL_SCALE, RATE, SLOT
from .take import Heard, Take
from .turns import AUDIBLE, STILL_S, Spoken

__all__ = ["measured"]

STOPPED_S = 0.6
"""Silence that shows that the agent has stopped: longer than between two sentences of
the voices we know, shorter than the time in which an agent answers again."""

SLOT_S = SLOT / RATE

DISTURBED_MS = 150.0
"""A caller that is later than this with a packet is on a machine that is too busy: what
is measured then says nothing of the agent, and is not counted."""

BUSY_S = 0.2
"Packets with sound that follow each other within this are one stretch of sound."


def measured(take: Take) -> dict[str, Any]:
    """The figures of a call, as they stand in `report.json`."""
    sound = [h.at for h in take.heard if h.level >= AUDIBLE]
    ends = [*(spoken.begin for spoken in take.spoken), take.length][1:]
    turns = [
        _turn(spoken, until, sound)
        for spoken, until in zip(take.spoken, ends, strict=True)
    ]
    return {
        "length_s": round(take.length, 2),
        "greeting_ms": _greeting(take, sound),
        "turns": turns,
        "received": _received(take.heard, take.lost),
        "caller_late_ms": round(take.late_ms, 1),
        "disturbed": take.late_ms > DISTURBED_MS,
        "talk": {
            "caller": [[round(s.begin, 2), round(s.end, 2)] for s in take.spoken],
            "agent": _stretches(sound),
        },
    }


def _greeting(take: Take, sound: Sequence[float]) -> int | None:
    """From the open line to the first sound, if that came before the caller's.

    None, too, when this machine was too busy to tell.
    """
    if take.late_before_ms > DISTURBED_MS:
        return None
    before = take.spoken[0].begin if take.spoken else take.length
    return _ms(sound[0]) if sound and sound[0] < before else None


def _turn(spoken: Spoken, until: float, sound: Sequence[float]) -> dict[str, Any]:
    """`until` is when the next turn begins."""
    figures: dict[str, Any] = {
        "turn": spoken.turn + 1,
        "begin_s": round(spoken.begin, 2),
        "end_s": round(spoken.end, 2),
        "latency_ms": None,
        "cut_in_ms": None,
        "interruption": _interruption(spoken, until, sound)
        if spoken.interrupts
        else None,
    }
    after = [at for at in sound if spoken.end <= at < until]
    busy = [at for at in sound if spoken.begin <= at < spoken.end]
    still = any(spoken.end - STILL_S < at for at in busy)
    if not spoken.interrupts and busy:
        figures["cut_in_ms"] = _ms(busy[0] - spoken.begin)
    if after and not still:
        figures["latency_ms"] = _ms(after[0] - spoken.end)
    figures["answered"] = bool(after)
    figures["answer_s"] = round(len(after) * SLOT_S, 2)
    if figures["latency_ms"] is None:
        figures["why"] = (
            "the agent was already speaking" if still else "no answer was heard"
        )
    return figures


def _interruption(
    spoken: Spoken, until: float, sound: Sequence[float]
) -> dict[str, Any]:
    """How the agent took it: when it fell silent, and what it did then."""
    later = [at for at in sound if spoken.begin <= at < until]
    last = spoken.begin
    for at in later:
        if at - last > STOPPED_S:
            break
        last = at + SLOT_S
    return {
        # Nothing at all: it was in a pause of its own, which says nothing.
        "stop_ms": _ms(last - spoken.begin) if last > spoken.begin else None,
        "went_on": last > spoken.end,
        "answered": any(at > max(last, spoken.end) for at in later),
    }


def _received(heard: Sequence[Heard], lost: int) -> dict[str, Any]:
    """How well the agent's sound came."""
    loud = [h.level**2 for h in heard if h.level >= AUDIBLE]
    level = 10 * math.log10(sum(loud) / len(loud)) if loud else None
    full = 20 * math.log10(FULL_SCALE)
    return {
        "packets": len(heard),
        "lost": lost,
        "voice_s": round(len(loud) * SLOT_S, 2),
        "level_dbfs": None if level is None else round(level - full, 1),
        "worst_delay_ms": _worst_delay(heard),
    }


def _worst_delay(heard: Sequence[Heard]) -> int | None:
    """Most that a packet with sound came later than the one that came fastest."""
    delays = [h.at - h.position / RATE for h in heard]
    voiced = [
        delay for delay, h in zip(delays, heard, strict=True) if h.level >= AUDIBLE
    ]
    return _ms(max(voiced) - min(delays)) if voiced else None


def _stretches(sound: Sequence[float]) -> list[list[float]]:
    """From when to when there was sound, for the drawing."""
    found: list[list[float]] = []
    for at in sound:
        if found and at - found[-1][1] <= BUSY_S:
            found[-1][1] = at + SLOT_S
        else:
            found.append([at, at + SLOT_S])
    return [[round(begin, 2), round(end, 2)] for begin, end in found]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
