"""Captions: a transcript as WebVTT for players and as text for people. Pure.

Both are made from the content of `transcript.json`, which may be old, torn or edited
by somebody: what is not as it should be is left out, and no text of anybody's can end
a cue or begin a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .metrics.moments import LONGEST_MS, number

__all__ = ["vtt", "words"]

VOICES = {"caller": "Caller", "agent": "Agent"}

PAUSED = "[recording paused]"

LEAST_MS = 1000
"A cue whose end is not known is shown for at least so long,"
MS_PER_LETTER = 60
"... and for so long per letter: people speak some 16 letters a second."

_BREAKS = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")
"White space and control characters: a line break would end a line of either form."


class _Cue(NamedTuple):
    start_ms: int
    end_ms: int
    voice: str
    "Empty: nobody speaks."
    text: str
    "One line, not empty."


def vtt(content: Mapping[str, Any]) -> str:
    """The transcript as WebVTT, with a voice for each party."""
    cues = (
        f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{_spoken(cue)}\n"
        for cue in _cues(content)
    )
    return "\n".join(["WEBVTT\n", *cues])


def words(content: Mapping[str, Any]) -> str:
    """The transcript as lines for people: `[01:05] Caller: Hello.`"""
    lines = []
    for cue in _cues(content):
        seconds = cue.start_ms // 1000
        hours, minutes = seconds // 3600, seconds // 60 % 60
        at = f"{minutes:02}:{seconds % 60:02}"
        at = f"{hours}:{at}" if hours else at
        who = f"{cue.voice}: " if cue.voice else ""
        lines.append(f"[{at}] {who}{cue.text}\n")
    return "".join(lines)


def _cues(content: Mapping[str, Any]) -> list[_Cue]:
    """Turns and pauses in the order in which they begin."""
    found = [cue for turn in _objects(content, "turns") if (cue := _turn(turn))]
    found += [cue for pause in _objects(content, "pauses") if (cue := _pause(pause))]
    return sorted(found, key=lambda cue: cue.start_ms)


def _objects(content: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    value = content.get(key)
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            yield item


def _turn(turn: Mapping[str, Any]) -> _Cue | None:
    start_ms, text = _ms(turn, "start_ms"), _line(turn.get("text"))
    who = turn.get("who")
    if start_ms is None or not text or not isinstance(who, str) or who not in VOICES:
        return None
    end_ms = _ms(turn, "end_ms")
    if end_ms is None or end_ms <= start_ms:
        end_ms = start_ms + max(LEAST_MS, MS_PER_LETTER * len(text))
    if turn.get("interrupted") is True:
        text += " —"
    return _Cue(start_ms, end_ms, VOICES[who], text)


def _pause(pause: Mapping[str, Any]) -> _Cue | None:
    start_ms, end_ms = _ms(pause, "start_ms"), _ms(pause, "end_ms")
    if start_ms is None:
        return None
    if end_ms is None or end_ms <= start_ms:
        end_ms = start_ms + LEAST_MS
    return _Cue(start_ms, end_ms, "", PAUSED)


def _ms(fields: Mapping[str, Any], key: str) -> int | None:
    """A time within a call; None for anything else."""
    value = number(fields, key)
    return round(value) if value is not None and 0 <= value <= LONGEST_MS else None


def _line(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # Half a surrogate pair can be in a JSON file, but not in UTF-8.
    whole = value.encode("utf-8", "replace").decode("utf-8")
    return _BREAKS.sub(" ", whole).strip()


def _spoken(cue: _Cue) -> str:
    # WebVTT section 6.4: in a cue only these two begin something; `-->` must not be in
    # its text at all, so the third goes, too.
    text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<v {cue.voice}>{text}" if cue.voice else text


def _clock(ms: int) -> str:
    """As WebVTT writes it: two or more digits of hours."""
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
